"""Speech for the tests: texts as the recogniser would give them, and a call fed turn by turn."""

import re
from collections.abc import Sequence

from dispatch.contract.audio import Channel
from dispatch.contract.card import Card
from dispatch.contract.transcript import Word
from dispatch.triage import Case, Heard, HeardStatus, card_of, hear

SECONDS_A_WORD = 0.3


def words(text: str, start_s: float = 0.0) -> tuple[Word, ...]:
    """The words of a text, evenly spaced."""
    return tuple(
        Word(
            text=word,
            start_s=start_s + i * SECONDS_A_WORD,
            end_s=start_s + (i + 1) * SECONDS_A_WORD,
            confidence=0.9,
        )
        for i, word in enumerate(text.split())
    )


def turns(call: str) -> list[tuple[Channel, str]]:
    """A call written on one line: the operator's turns in [brackets]."""
    parts = [part.strip() for part in re.split(r"(\[[^\]]*\])", call)]
    return [
        (Channel.OPERATOR, part[1:-1]) if part.startswith("[") else (Channel.CALLER, part) for part in parts if part
    ]


def told(call: str, case: Case | None = None) -> Case:
    """A case after a call, each turn as a final."""
    case = case or Case.new()
    for number, (channel, text) in enumerate(turns(call), start=len(case.turns)):
        case = hear(case, Heard(f"u{number}", channel, words(text, 10.0 * number), HeardStatus.FINAL))
    return case


def dribbled(call: str, size: int = 1) -> Case:
    """A case after a call whose words became stable a few at a time."""
    case = Case.new()
    for number, (channel, text) in enumerate(turns(call)):
        said = words(text, 10.0 * number)
        for at in range(0, len(said), size):
            case = hear(case, Heard(f"u{number}", channel, said[at : at + size], HeardStatus.STABLE))
    return case


def card(call: str | Case) -> Card:
    """The card after a call."""
    return card_of(told(call) if isinstance(call, str) else call, version=1, call_s=60.0)


def fields(shown: Card) -> dict[str, str]:
    """The card's values by field name."""
    return {field.name.value: field.value for field in shown.fields}


def codes(reasons: Sequence[object]) -> list[str]:
    """The codes of some reasons or findings."""
    return [str(getattr(reason, "code")) for reason in reasons]  # noqa: B009 (any view that has a code)
