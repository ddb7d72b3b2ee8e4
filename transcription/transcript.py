"""The word side of one stream: what was voiced, what the engine made of it, what is settled.

In: boundaries of utterances with their sound, and the engine's hypotheses. Out: events on the stream's clock, and the
windows that the engine is to hear next. It knows no queue and no time of day. Invariants: finals come in the order in
which the utterances ended; stable words of an utterance only grow; every utterance that began gets exactly one final.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from .agreement import Agreement, continuation
from .engine import Hypothesis, Samples, Task, Window
from .events import (
    SAMPLE_RATE,
    FinalHeard,
    GapHeard,
    PartialHeard,
    Revised,
    SpeechStarted,
    StableHeard,
    TranscriptEvent,
    Translated,
    Utterance,
    Word,
)
from .guards import believable, keeps_enough, runs_away, voiced, without_loops
from .language import LanguageChoice, written
from .normalise import normalised
from .settings import TranscriptionSettings
from .voice import HOP
from .windows import JOINT, Clip, bucket, fitting, in_order, partial_start, quick_bucket, shared_out

VOICE_FLOOR: Final = 0.2
"""A word during which the detector never rose above this was not spoken: the detector's own lower threshold."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was heard of a whole utterance up to a pause in it, which may turn out to be its end."""

    to: int
    heard: Hypothesis


@dataclass(slots=True)
class Spoken:
    """An utterance: open until it has its sound, waiting until it has its final. Positions are places on the tape."""

    utterance_id: str
    start: int
    shift: int
    agreement: Agreement
    end: int = 0
    samples: Samples = field(default_factory=lambda: np.zeros(0, np.int16), repr=False)
    chances: tuple[float, ...] = ()
    last_voice: int = 0
    ahead: Ahead | None = None
    wary: bool = False
    """A short window went wrong over it: only windows of the usual length from now on."""
    final: Utterance | None = None

    @property
    def final_language(self) -> str:
        """What the final was heard in."""
        return self.final.language if self.final else ""

    def complete(self, to: int) -> bool:
        """Whether a look at the sound up to there, at a pause, was a look at the whole ended utterance."""
        return self.last_voice <= to <= self.end

    @property
    def clip(self) -> Clip:
        """Where its sound lies on the tape."""
        return Clip(self.start, self.end)

    def loudest(self, first: int, last: int) -> float:
        """Highest voice probability between two places; 1 where it is not known."""
        low, high = max(0, (first - self.start) // HOP), max(1, -((self.start - last) // HOP))
        return max(self.chances[low:high], default=1.0)

    def trimmed(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words with ends no later than the last voice in them: alignments stretch the last word over the pause."""
        return tuple(replace(word, end=self._voice_end(word)) for word in words)

    def _voice_end(self, word: Word) -> int:
        low, high = (word.start - self.start) // HOP, -((self.start - word.end) // HOP)
        heard = [hop for hop in range(max(0, low), min(high, len(self.chances))) if self.chances[hop] >= VOICE_FLOOR]
        return min(word.end, self.start + (heard[-1] + 1) * HOP) if heard else word.end

    def on_clock(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words with positions on the stream's clock."""
        return tuple(replace(word, start=word.start + self.shift, end=word.end + self.shift) for word in words)


class Transcript:
    """One stream's words. Events go to `emit` as they arise."""

    def __init__(
        self,
        stream_id: str,
        settings: TranscriptionSettings,
        language: LanguageChoice,
        emit: Callable[[TranscriptEvent], None],
        prefix: str,
        first_utterance: int,
    ) -> None:
        self._stream_id = stream_id
        self._settings = settings
        self._emit = emit
        self._prefix = prefix
        self._number = first_utterance
        self.language = language
        self.open: Spoken | None = None
        self.waiting: deque[Spoken] = deque()
        self.settled: deque[Spoken] = deque()
        self.foreign: deque[Spoken] = deque(maxlen=8)
        self.revising = False

    # Boundaries

    def begin(self, start: int, shift: int) -> None:
        """A voice began."""
        utterance_id = f"{self._prefix}-{self._number}"
        self._number += 1
        self.open = Spoken(utterance_id, start, shift, Agreement(self._settings.agreement))
        self._emit(SpeechStarted(self._stream_id, utterance_id, start + shift))

    def end(self, end: int, last_voice: int, samples: Samples, chances: tuple[float, ...]) -> None:
        """The open utterance is over; its final is due."""
        spoken = self.open
        if spoken is None:
            return
        spoken.end, spoken.last_voice, spoken.samples, spoken.chances = end, last_voice, samples, chances
        self.waiting.append(spoken)
        self.open = None

    @property
    def waiting_samples(self) -> int:
        """Sound that waits for its final."""
        return sum(len(spoken.samples) for spoken in self.waiting)

    # Partials

    def partial_from(self, end: int) -> int:
        """Where the next partial's window over sound up to `end` begins."""
        spoken = self._opened()
        return partial_start(spoken.start, spoken.agreement.committed_end, end, self._settings.overlap)

    def partial_bucket(self, samples: int) -> int:
        """How long a window over so much of the open utterance is."""
        return bucket(samples) if self._opened().wary else quick_bucket(samples)

    def partial_window(self, start: int, samples: Samples) -> Window:
        """A window over the open utterance."""
        shift = self._opened().shift
        window = self._window(samples, [(start + shift, start + shift + len(samples))])
        draft = self._heard_of([self._opened()], start)
        return replace(window, bucket=self.partial_bucket(len(samples)), draft=draft)

    def ahead_window(self, samples: Samples, beam: int) -> Window:
        """A window over all of the open utterance so far, as its final would have it."""
        spoken = self._opened()
        start, draft = spoken.start + spoken.shift, self._heard_of([spoken])
        return replace(self._window(samples, [(start, start + len(samples))]), beam=beam, draft=draft)

    def partial_answered(
        self, utterance_id: str, start: int, end: int, heard: Hypothesis, *, pausing: bool = False
    ) -> bool:
        """A hypothesis over the open utterance's sound in [start, end); too late for it is fine.

        False when the decoder lost the sound in a short window: to be heard again, in a longer one.
        """
        spoken = self.open
        if spoken is None or spoken.utterance_id != utterance_id:
            return True
        words = in_order(shared_out(believable(heard), [Clip(start, end)])[0])
        if runs_away(words, end - start) and self.partial_bucket(end - start) < bucket(end - start):
            spoken.wary = True
            return False
        words = without_loops(words)
        before = spoken.agreement.rest
        settled = spoken.agreement.observe(words, end, pausing=pausing)
        if settled:
            self._emit(StableHeard(self._stream_id, utterance_id, spoken.on_clock(settled)))
        if spoken.agreement.rest != before:
            self._emit(PartialHeard(self._stream_id, utterance_id, spoken.on_clock(spoken.agreement.rest)))
        return True

    # Finals

    def ahead_answered(self, utterance_id: str, end: int, heard: Hypothesis) -> None:
        """A look at a whole utterance up to a pause: its final, if it ended there; words to go on with, if not."""
        spoken = next((one for one in (self.open, *self.waiting) if one and one.utterance_id == utterance_id), None)
        if spoken is None:
            return
        spoken.ahead = Ahead(end, heard)
        self.partial_answered(utterance_id, spoken.start, end, heard, pausing=True)

    def settle_ahead(self) -> None:
        """Finals of ended utterances that were heard whole before they ended."""
        while self.waiting and (ahead := self.waiting[0].ahead) and self.waiting[0].complete(ahead.to):
            self.finals_answered([self.waiting[0]], ahead.heard)

    def final_group(self) -> list[Spoken]:
        """The waiting utterances that one window can hold, in order."""
        waiting = list(self.waiting)
        return waiting[: fitting([spoken.clip for spoken in waiting])]

    def final_window(self, group: Sequence[Spoken], beam: int) -> Window:
        """One window over the utterances of the group."""
        return replace(self._joined(group), beam=beam, draft=self._heard_of(group))

    def finals_answered(self, group: Sequence[Spoken], heard: Hypothesis) -> None:
        """The finals of a group that final_group() gave."""
        self.language.observe(heard, sum(len(spoken.samples) for spoken in group))
        for spoken, words in zip(group, self._shares(group, heard), strict=True):
            self.waiting.popleft()
            self._settle(spoken, words, heard.language)

    def give_up(self, group: Sequence[Spoken]) -> None:
        """No engine can read these: an empty final each, and the hole is shown."""
        for spoken in group:
            self.waiting.popleft()
            self._emit(GapHeard(self._stream_id, spoken.start + spoken.shift, spoken.end + spoken.shift))
            self._settle(spoken, (), self.language.current)

    # Second looks

    def revision_group(self, everything: bool) -> list[Spoken]:
        """The finals to look at again: a full window of them, or all there are when `everything`."""
        settled = list(self.settled)
        count = fitting([spoken.clip for spoken in settled], self._settings.revise_span)
        return settled[:count] if count < len(settled) or everything else []

    def revision_window(self, group: Sequence[Spoken]) -> Window:
        """One wide window over finals. What the call said before is not given as context: see docs/adr/0302."""
        self.revising = True
        language = group[0].final_language
        return replace(self._joined(group), beam=self._settings.revision_beam, patient=True, language=language)

    def revision_answered(self, group: Sequence[Spoken], heard: Hypothesis) -> None:
        """What the second look found; nothing is reported when it changes no word or loses many."""
        self.forget(group)
        revised = [
            self._revised(spoken, words) for spoken, words in zip(group, self._shares(group, heard), strict=True)
        ]
        finals = [spoken.final for spoken in group if spoken.final is not None]
        before, after = (sum(len(one.words) for one in group) for group in (finals, revised))
        if keeps_enough(before, after) and [one.text for one in finals] != [one.text for one in revised]:
            self._emit(Revised(self._stream_id, tuple(final.utterance_id for final in finals), tuple(revised)))

    def worth_revising(self, group: Sequence[Spoken], now: int) -> bool:
        """Whether a wider look may find more: not at one utterance alone, nor at words that are sure already.

        `now` is the place up to which the stream was heard.
        """
        rules = self._settings
        late = now - group[-1].end > rules.revise_soon_s * SAMPLE_RATE
        words = [word for spoken in group if spoken.final for word in spoken.final.words]
        if len(group) < 2 or not words:
            return False
        return sum(word.probability for word in words) / len(words) < (
            rules.confident_late if late else rules.confident
        )

    def forget(self, group: Sequence[Spoken]) -> None:
        """These finals stand; their sound is not needed any more."""
        self.revising = False
        for _ in group:
            self.settled.popleft()

    def translation_window(self) -> Window:
        """The oldest utterance in another language, to be put into English."""
        spoken = self.foreign[0]
        return replace(self._joined([spoken]), task=Task.TRANSLATE, language=spoken.final_language)

    def translation_answered(self, heard: Hypothesis) -> None:
        """English for that utterance."""
        spoken = self.foreign.popleft()
        text = written(believable(heard), "en")
        if text:
            self._emit(Translated(self._stream_id, spoken.utterance_id, text, spoken.final_language))

    # Parts

    def _heard_of(self, group: Sequence[Spoken], start: int = 0) -> str:
        """The words of these utterances so far, from a place on."""
        words = [word for spoken in group for word in (*spoken.agreement.committed, *spoken.agreement.rest)]
        return written([word for word in words if word.start + word.end >= 2 * start], self.language.current)

    def _opened(self) -> Spoken:
        assert self.open is not None, "a partial needs an open utterance"
        return self.open

    def _window(self, samples: Samples, spans: Sequence[tuple[int, int]]) -> Window:
        rules = self._settings.language
        return Window(
            samples,
            bucket(len(samples)),
            self.language.to_use(),
            assumed=self.language.current,
            sure=rules.sure,
            key=self._stream_id,
            spans=tuple(spans),
        )

    def _joined(self, group: Sequence[Spoken]) -> Window:
        joint = np.zeros(JOINT, np.int16)
        parts = [part for spoken in group for part in (joint, spoken.samples)][1:]
        spans = [(spoken.start + spoken.shift, spoken.end + spoken.shift) for spoken in group]
        return self._window(np.concatenate(parts), spans)

    def _shares(self, group: Sequence[Spoken], heard: Hypothesis) -> list[tuple[Word, ...]]:
        shares = shared_out(believable(heard), [spoken.clip for spoken in group])
        return [self._cleaned(spoken, words, heard.language) for spoken, words in zip(group, shares, strict=True)]

    def _cleaned(self, spoken: Spoken, words: Sequence[Word], language: str) -> tuple[Word, ...]:
        spoken_words = voiced(without_loops(in_order(words)), spoken.loudest, VOICE_FLOOR)
        return normalised(spoken.trimmed(spoken_words), language)

    def _settle(self, spoken: Spoken, words: tuple[Word, ...], language: str) -> None:
        rest = continuation(spoken.agreement.committed, words)
        if rest:
            self._emit(StableHeard(self._stream_id, spoken.utterance_id, spoken.on_clock(rest)))
        spoken.final = self._utterance(spoken, spoken.utterance_id, words, language)
        final = spoken.final
        self._emit(
            FinalHeard(self._stream_id, final.utterance_id, final.words, final.text, language, final.start, final.end)
        )
        self.settled.append(spoken)
        self._bound_settled()
        if self._settings.translate and language != "en" and final.text:
            self.foreign.append(spoken)

    def _bound_settled(self) -> None:
        limit = self._settings.revise_at_most_s * SAMPLE_RATE
        while sum(len(spoken.samples) for spoken in self.settled) > limit and not self.revising:
            self.settled.popleft()

    def _utterance(self, spoken: Spoken, utterance_id: str, words: tuple[Word, ...], language: str) -> Utterance:
        text = written(words, language)
        start, end = spoken.start + spoken.shift, spoken.end + spoken.shift
        return Utterance(utterance_id, spoken.on_clock(words), text, language, start, end)

    def _revised(self, spoken: Spoken, words: tuple[Word, ...]) -> Utterance:
        return self._utterance(spoken, f"{spoken.utterance_id}.r", words, spoken.final_language)
