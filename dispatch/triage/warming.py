"""Everything that the first calls would pay for otherwise: data files read, patterns compiled.

In: nothing. Out: how many patterns there are. No state but the caches of the other modules; safe to run again.
"""

from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.transcript import Word

from .answers import question_patterns
from .card import card_of
from .case import Case, Heard, HeardStatus, hear
from .context import cue_patterns
from .findings import catalogue_patterns
from .replies import reply_patterns
from .wording import weights

_CALL: Final = (
    (Channel.OPERATOR, "Ambulance, is the patient breathing? What is the address, and how old is she?"),
    (
        Channel.CALLER,
        "No. She's not breathing, she's sixty, we are at twelve Mill Lane, and I need the chemist's number.",
    ),
)
"""A call that touches every step: a question, an answer, an age, a place, a finding, instructions."""


def warm_up() -> int:
    """Compiles every pattern and reads every data file; returns how many patterns there are."""
    read = (catalogue_patterns(), cue_patterns(), question_patterns(), reply_patterns())
    patterns = {one.regex for part in read for one in part}
    weights()
    case = Case.new()
    for number, (channel, text) in enumerate(_CALL):
        words = tuple(Word(text=word, start_s=0.0, end_s=0.0, confidence=1.0) for word in text.split())
        case = hear(case, Heard(f"u{number}", channel, words, HeardStatus.FINAL))
    card_of(case, version=0, call_s=0.0)
    return len(patterns)
