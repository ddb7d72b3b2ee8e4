"""Codes of authenticator apps, against the RFC's own numbers."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.identity.totp import code_at, enrolment_uri, matching_step, new_secret, step_of

pytestmark = pytest.mark.unit

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds, code):
    assert code_at(RFC_SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


@given(st.integers(min_value=10**6, max_value=2 * 10**9), st.integers(min_value=-4, max_value=4))
def test_a_code_counts_half_a_minute_around_its_time_and_once(seconds, steps):
    now = datetime.fromtimestamp(seconds, UTC)
    code = code_at(RFC_SECRET, step_of(now) + steps)
    step = matching_step(RFC_SECRET, code, now, last_step=0)
    if abs(steps) <= 1:
        assert step is not None
        assert matching_step(RFC_SECRET, code, now + timedelta(seconds=1), last_step=step) is None
    else:
        assert step is None or code_at(RFC_SECRET, step) == code


@pytest.mark.parametrize("garbage", ["", "12345", "abcdef", "１２３４５６", "0000000"])
def test_garbage_is_no_code(garbage):
    assert matching_step(RFC_SECRET, garbage, datetime(2026, 1, 1, tzinfo=UTC), 0) is None


def test_an_app_is_told_the_secret_and_whose_account_it_is():
    secret = new_secret()
    assert len(base64.b32decode(secret)) == 20
    uri = enrolment_uri(secret, "olive@demo.example")
    assert uri == f"otpauth://totp/Kiwimesh%3Aolive%40demo.example?secret={secret}&issuer=Kiwimesh"
