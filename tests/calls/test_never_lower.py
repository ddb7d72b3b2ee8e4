"""The category that operators see never falls by itself, whatever a restart or a model forgets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.pipeline import never_lower
from dispatch.contract.card import Card, Override

pytestmark = pytest.mark.property

categories = st.one_of(st.none(), st.integers(1, 5))


@given(categories, categories)
def test_without_an_operator_a_card_is_never_less_urgent_than_the_one_before(
    before: int | None, now: int | None
) -> None:
    shown = never_lower(Card(version=1, category=before), Card(version=1, category=now)).category
    if before is not None:
        assert shown is not None
        assert shown <= before
    else:
        assert shown == now


@given(categories, st.integers(1, 5))
def test_an_operators_new_decision_stands(before: int | None, decided: int) -> None:
    override = Override(category=decided, reason="seen it", operator="p", at=datetime(2026, 1, 1, tzinfo=UTC))
    card = Card(version=1, category=decided, override=override)
    assert never_lower(Card(version=1, category=before), card).category == decided
