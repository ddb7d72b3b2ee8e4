"""Where utterances begin and end, from voice probabilities. Pure: positions and probabilities in, boundaries out.

A voice begins at probability 0.3, ends below 0.2 for 500 ms, and 500 ms before its beginning belong to it. Silero's own
thresholds (0.5 and 0.35) miss half of the voice in noisy telephone sound, where noise alone stays below 0.17 (see
docs/adr/0301-voice-detector-on-telephone-sound.md). Invariants: boundaries grow,
utterances never overlap, none is longer than `longest`.
"""

from dataclasses import dataclass, replace
from typing import Final

RATE: Final = 16000
HOP: Final = 512


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """When to believe that a voice began or ended; lengths in samples at 16 kHz."""

    begin: float = 0.3
    go_on: float = 0.2
    pre_roll: int = RATE // 2
    hang_over: int = RATE // 2
    comfortable: int = 4 * RATE
    """From here to `longest` the pause that ends an utterance shrinks to a single hop: better there than in a word."""
    shortest: int = 3 * HOP
    """Voiced sound below this is a click: about 0.1 s, shorter than any syllable."""
    longest: int = 7 * RATE
    """With its tail, an utterance fits the shortest window, 8 s: its final is quick; a second look joins the parts."""
    look_back: int = 5 * RATE // 8
    """An utterance that grows too long is cut at the quietest hop within this; what lies behind the cut comes late."""


@dataclass(frozen=True, slots=True)
class Began:
    """A voice is there since `voice`; the utterance starts at `start`, pre-roll included."""

    start: int
    voice: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over at `end`; `cut` when it only grew too long and the voice goes on."""

    start: int
    end: int
    cut: bool = False
    last_voice: int = 0
    """Where the voice was heard last; the end itself when the utterance was cut."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A voice that may still be a click, or an utterance."""

    start: int
    onset: int
    voiced: int
    last_voice: int
    announced: bool
    recent: tuple[float, ...] = ()


class Endpointer:
    """The boundaries of one stream. `position` is where the next hop begins."""

    def __init__(self, rules: EndpointRules, position: int = 0) -> None:
        self._rules = rules
        self._floor = position
        self._open: _Open | None = None
        self.position = position

    @property
    def needed_from(self) -> int:
        """Sound before this is not part of anything to come."""
        if self._open is not None:
            return self._open.start
        return max(self._floor, self.position - self._rules.pre_roll)

    @property
    def quiet_for(self) -> int:
        """Samples since the last voice inside an open utterance, else since ever."""
        return self.position - (self._open.last_voice if self._open else self._floor)

    @property
    def half_over(self) -> bool:
        """Whether half of the pause that ends the open utterance has gone by."""
        return self._open is not None and 2 * self.quiet_for >= self._hang_over(self._open)

    def hear(self, chance: float) -> Began | Ended | None:
        """The next hop's voice probability."""
        self.position += HOP
        if self._open is not None:
            return self._continue(self._open, chance)
        self._begin(chance)
        return None

    def stop(self, at: int | None = None) -> Ended | None:
        """The sound breaks off here: end what is open, whatever its length."""
        opened, self._open = self._open, None
        end = self.position if at is None else at
        self._floor = end
        return Ended(opened.start, end, last_voice=opened.last_voice) if opened and opened.announced else None

    def jump(self, position: int) -> None:
        """Go on at a later place, after a hole; nothing may be open."""
        self._open, self._floor, self.position = None, position, position

    def _begin(self, chance: float) -> None:
        if chance >= self._rules.begin:
            onset = self.position - HOP
            start = max(self._floor, onset - self._rules.pre_roll)
            self._open = _Open(start, onset, HOP, self.position, announced=False, recent=(chance,))

    def _continue(self, opened: _Open, chance: float) -> Began | Ended | None:
        voiced = chance >= self._rules.go_on
        opened = replace(
            opened,
            voiced=opened.voiced + HOP * voiced,
            last_voice=self.position if voiced else opened.last_voice,
            recent=(*opened.recent, chance)[-self._rules.look_back // HOP :],
        )
        self._open = opened
        if not opened.announced and opened.voiced >= self._rules.shortest:
            self._open = replace(opened, announced=True)
            return Began(opened.start, opened.onset)
        if self.position - opened.last_voice >= self._hang_over(opened):
            return self.stop()
        if self.position - opened.start >= self._rules.longest:
            return self._cut(opened)
        return None

    def _hang_over(self, opened: _Open) -> int:
        rules = self._rules
        over = (opened.last_voice - opened.start - rules.comfortable) / (rules.longest - rules.comfortable)
        return max(HOP, round(rules.hang_over * (1 - max(0.0, over))))

    def _cut(self, opened: _Open) -> Ended:
        quietest = min(range(len(opened.recent)), key=lambda hop: (opened.recent[hop], -hop))
        end = self.position - (len(opened.recent) - quietest) * HOP + HOP // 2
        after = opened.recent[quietest + 1 :]
        self._floor = end
        self._open = _Open(end, end, len(after) * HOP, self.position, announced=False, recent=after)
        return Ended(opened.start, end, cut=True, last_voice=end)
