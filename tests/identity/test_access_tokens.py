"""Access tokens: believed when they are ours and fresh, and otherwise never."""

import base64
import hmac
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from dispatch.contract.base import PersonId
from dispatch.identity import (
    AccessTokens,
    Grant,
    NotAllowed,
    Principal,
    Role,
    ScopeKind,
    TokenExpired,
    TokenRefused,
    database_role,
    signing_keys,
)
from dispatch.identity.tokens import claims_of
from dispatch.storage import DatabaseRole

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
OURS = AccessTokens([KEY])
GRANTS = (Grant(Role.OPERATOR, ScopeKind.CENTRE, "centre"),)
OLIVE = Principal(PersonId("olive"), "Olive Ö", GRANTS, "session", NOW)


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def test_a_token_says_who_its_holder_is_for_ten_minutes():
    token, holder = OURS.issue(OLIVE, NOW)
    assert holder == replace(OLIVE, expires_at=NOW + timedelta(minutes=10))
    assert OURS.verify(token, NOW + timedelta(minutes=9, seconds=59)) == holder


def test_a_token_that_has_run_out_is_refused_as_expired():
    token, _ = OURS.issue(OLIVE, NOW)
    with pytest.raises(TokenExpired):
        OURS.verify(token, NOW + timedelta(minutes=10))


def test_a_token_signed_with_another_key_is_refused():
    token, _ = AccessTokens([OKPKey.generate_key("Ed25519", auto_kid=True)]).issue(OLIVE, NOW)
    with pytest.raises(TokenRefused):
        OURS.verify(token, NOW)


def test_another_key_under_our_keys_name_is_refused():
    forger = OKPKey.import_key({**OKPKey.generate_key("Ed25519").as_dict(private=True), "kid": KEY.kid})
    token, _ = AccessTokens([forger]).issue(OLIVE, NOW)
    with pytest.raises(TokenRefused):
        OURS.verify(token, NOW)


def test_a_token_without_a_signature_is_refused():
    header = encoded(json.dumps({"alg": "none"}).encode())
    payload = OURS.issue(OLIVE, NOW)[0].split(".")[1]
    for token in (f"{header}.{payload}.", f"{header}.{payload}.e30"):
        with pytest.raises(TokenRefused):
            OURS.verify(token, NOW)


def test_our_public_key_used_as_a_shared_secret_is_refused():
    parts = ({"alg": "HS256", "kid": KEY.kid}, claims_of(replace(OLIVE, expires_at=NOW + timedelta(minutes=10)), NOW))
    signed = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    token = f"{signed}.{encoded(hmac.digest(KEY.as_pem(private=False), signed.encode(), 'sha256'))}"
    with pytest.raises(TokenRefused):
        OURS.verify(token, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "other"},
        {"grants": [["root", "everything", ""]]},
        {"grants": "operator"},
        {"exp": "soon"},
        {"sub": None, "exp": None},
    ],
)
def test_a_token_of_ours_with_claims_that_make_no_sense_is_refused(change):
    claims = claims_of(replace(OLIVE, expires_at=NOW + timedelta(minutes=10)), NOW) | change
    token = jwt.encode({"alg": "Ed25519", "kid": KEY.kid}, claims, KEY, algorithms=["Ed25519"])
    with pytest.raises(TokenRefused):
        OURS.verify(token, NOW)


@given(st.text(max_size=300))
def test_garbage_is_refused_and_nothing_else_happens(garbage):
    with pytest.raises(TokenRefused):
        OURS.verify(garbage, NOW)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_token_with_one_byte_changed_is_refused(place, change):
    token = bytearray(OURS.issue(OLIVE, NOW)[0].encode())
    token[place % (len(token) - 2)] ^= change
    with pytest.raises(TokenRefused):
        OURS.verify(token.decode("latin-1"), NOW)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_token_that_differs_in_one_byte_from_one_just_believed_is_refused(place, change):
    token = OURS.issue(OLIVE, NOW)[0]
    assert OURS.verify(token, NOW)
    changed = bytearray(token.encode())
    changed[place % (len(changed) - 2)] ^= change
    with pytest.raises(TokenRefused):
        OURS.verify(changed.decode("latin-1"), NOW)


@pytest.fixture
def checks(monkeypatch):
    """How often a signature was looked at."""
    decoded, decode = [], jwt.decode
    monkeypatch.setattr(jwt, "decode", lambda *given, **more: decoded.append(given) or decode(*given, **more))
    return decoded


def test_a_signature_is_looked_at_once_in_a_tokens_life(checks):
    ours = AccessTokens([KEY])
    token, holder = ours.issue(OLIVE, NOW)
    assert [ours.verify(token, NOW + timedelta(minutes=minute)) for minute in range(10)] == [holder] * 10
    assert len(checks) == 1


def test_a_token_that_was_believed_runs_out_all_the_same(checks):
    ours = AccessTokens([KEY])
    token, _ = ours.issue(OLIVE, NOW)
    assert ours.verify(token, NOW)
    for late in (600, 601, 6000):
        with pytest.raises(TokenExpired):
            ours.verify(token, NOW + timedelta(seconds=late))
    with pytest.raises(TokenRefused):
        AccessTokens([OKPKey.generate_key("Ed25519", auto_kid=True)]).verify(token, NOW)


def test_tokens_that_were_believed_are_forgotten_by_and_by(checks, monkeypatch):
    monkeypatch.setattr("dispatch.identity.tokens.CHECKED_KEPT", 2)
    ours = AccessTokens([KEY])
    first, *others = [ours.issue(replace(OLIVE, session_id=name), NOW)[0] for name in ("a", "b", "c")]
    for token in (first, first, *others, first):
        assert ours.verify(token, NOW)
    assert len(checks) == 4


def test_a_huge_token_is_refused_without_work():
    with pytest.raises(TokenRefused):
        OURS.verify("a" * 5000, NOW)


def test_a_changed_signing_key_signs_nobody_out():
    token, holder = OURS.issue(OLIVE, NOW)
    newer = AccessTokens([OKPKey.generate_key("Ed25519", auto_kid=True), KEY])
    assert newer.verify(token, NOW) == holder


def test_the_key_file_is_kept_and_readable_by_its_owner_alone(tmp_path):
    file = tmp_path / "keys.json"
    token, holder = AccessTokens(signing_keys(file)).issue(OLIVE, NOW)
    assert AccessTokens(signing_keys(file)).verify(token, NOW) == holder
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_person_acts_only_in_roles_that_they_have():
    context = OLIVE.context(Role.OPERATOR)
    assert (context.role, context.person_id, context.centre_id) == (DatabaseRole.OPERATOR, "olive", "centre")
    assert context.covered("centre") == {"centre"}
    with pytest.raises(NotAllowed):
        OLIVE.context(Role.SUPERVISOR)


def test_every_role_has_a_database_role_of_its_own():
    assert len({database_role(role) for role in Role}) == len(Role)
