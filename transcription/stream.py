"""One live stream of a call, as its owner sees it and as the service works on it.

The owner feeds frames and gets events. The service asks for hops to listen to and for windows to decode, and brings the
answers; in between, the stream asks for its turns through the `Desk`. Invariant: sound that was taken is never dropped:
every utterance gets its final, late if need be.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from .codecs import StreamFormat
from .endpointing import Began, Ended
from .engine import Hypothesis, Window
from .events import SAMPLE_RATE, GapHeard, Importance, LanguageDetected, TranscriptEvent
from .hearing import Hearing
from .lanes import Kind
from .language import LanguageChoice
from .settings import TranscriptionSettings
from .transcript import Spoken, Transcript
from .voice import Hops, VoiceState
from .windows import bucket, joined_length

_FIRST_PARTIAL: Final = SAMPLE_RATE // 2
"""An utterance's voice before its first partial."""
_HUSH: Final = SAMPLE_RATE // 10
"""After that much quiet no partial begins: a look ahead may soon be due, which hears more."""


class Desk(Protocol):
    """Where a stream asks for its turns."""

    def ask(self, stream: "Stream", kind: Kind) -> None:
        """Queue a ticket."""

    def importance_changed(self, stream: "Stream") -> None:
        """The stream's tickets move."""

    def partial_every(self, importance: Importance) -> float | None:
        """Seconds of sound between two partials now, or None for none."""

    def final_beam(self) -> int:
        """Beam width for finals now."""

    def has_room(self) -> bool:
        """Whether work that can wait will get its turn soon."""

    def sound_came(self, stream: "Stream") -> None:
        """The voice detector has something to do."""

    def left(self, stream: "Stream") -> None:
        """The stream is over."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose sound it is."""

    stream_id: str
    call_id: str
    tenant: str
    prefix: str = "u"


@dataclass(frozen=True, slots=True)
class Work:
    """A window on its way to the engine, and where its answer belongs."""

    kind: Kind
    window: Window
    group: Sequence[Spoken] = field(default=(), repr=False)
    start: int = 0
    end: int = 0
    utterance_id: str = ""


class Stream:
    """One stream; made by TranscriptionService.open()."""

    def __init__(
        self,
        identity: Identity,
        form: StreamFormat,
        settings: TranscriptionSettings,
        desk: Desk,
        emit: Callable[[TranscriptEvent], None],
        *,
        language: str | None,
        start_sample: int,
        first_utterance: int,
    ) -> None:
        self.identity = identity
        self.importance = Importance.CRITICAL
        self.voice = VoiceState()
        self._settings = settings
        self._desk = desk
        self._emit = emit
        self._hearing = Hearing(form, settings.endpoints, start_sample)
        choice = LanguageChoice(settings.language, language, self._language_changed)
        self._transcript = Transcript(identity.stream_id, settings, choice, emit, identity.prefix, first_utterance)
        self._partial_end = 0
        self._ahead: Work | None = None
        self._ahead_to = 0
        self._voice_from = 0
        self._last_end = 0
        self._in_flight: set[Kind] = set()
        self._finishing = False
        self._heard_out = False
        self._changed = asyncio.Event()
        self.gone = False

    # The owner's side

    def feed(self, payload: bytes, offset: int) -> None:
        """A frame whose first sample is number `offset` of the stream's own rate. Raises AudioError; never blocks.

        Holes become GapHeard; sound that was fed before is ignored. After finish() or abandon() frames are ignored.
        """
        if self._finishing or self.gone:
            return
        for start, end in self._hearing.feed(payload, offset):
            self._emit(GapHeard(self.identity.stream_id, start, end))
        self._desk.sound_came(self)

    def set_importance(self, importance: Importance) -> None:
        """How much this stream matters from now on."""
        self.importance = importance
        self._desk.importance_changed(self)

    def set_language(self, language: str | None) -> None:
        """Force an ISO 639-1 language, or None to detect it."""
        self._transcript.language.force(language)

    async def finish(self) -> None:
        """No more sound comes. Returns when the last final was delivered, or after `finish_limit_s`.

        Revisions and translations may still follow; `settle()` waits for them too.
        """
        self._finishing = True
        self._desk.sound_came(self)
        await self._until(lambda: self._heard_out and not self._transcript.waiting)

    async def settle(self) -> None:
        """Finish, and wait for the last revision and translation as well, within the same limit."""
        await self.finish()
        await self._until(lambda: self.gone)

    def abandon(self) -> None:
        """Forget the stream; nothing more is reported of it."""
        if not self.gone:
            self.gone = True
            self._changed.set()
            self._desk.left(self)

    # The service's side

    @property
    def waiting_samples(self) -> int:
        """Ended speech that has no final yet."""
        return self._transcript.waiting_samples

    @property
    def taken_to(self) -> int:
        """Place up to which sound was fed."""
        return self._hearing.taken_to

    @property
    def lag_samples(self) -> int:
        """Sound that the voice detector has not heard yet."""
        return self._hearing.behind

    def hops(self) -> Hops | None:
        """Sound for the voice detector."""
        return self._hearing.hops()

    def listened(self, chances: list[float]) -> None:
        """The detector's answer; asks for the turns that follow from it."""
        for boundary in self._hearing.heard(chances):
            if isinstance(boundary, Began):
                self._transcript.begin(boundary.start, self._hearing.shift_at(boundary.start))
                self._partial_end = self._ahead_to = boundary.start
                self._voice_from = boundary.voice
            else:
                self._ended(boundary)
        self._hearing.tidy(self._transcript.open.start if self._transcript.open else None)
        self._ask_for_partial()
        self._ask_for_revision()

    def heard_out_if_finishing(self) -> int:
        """When no more sound comes and the detector has heard all of it, what is open ends; gives the odd rest."""
        if not self._finishing or self._heard_out or self.hops() is not None:
            return 0
        ended = self._hearing.stop()
        if ended is not None:
            self._ended(ended)
        self._heard_out = True
        self._step()
        return self._hearing.behind

    def work(self, kind: Kind) -> Work | None:
        """The window for a ticket whose turn has come, or None if nothing is left to do for it."""
        make = {
            Kind.PARTIAL: self._partial,
            Kind.FINAL: self._final,
            Kind.LOOK: self._look,
            Kind.REVISION: self._revision,
            Kind.TRANSLATION: self._translation,
        }[kind]
        work = make()
        if work is not None:
            self._in_flight.add(kind)
            self._ahead = work if kind is Kind.LOOK else self._ahead
        return work

    def answered(self, work: Work, heard: Hypothesis) -> None:
        """The engine's answer to work()."""
        self._landed(work)
        if self.gone:
            return
        match work.kind:
            case Kind.LOOK:
                self._transcript.ahead_answered(work.utterance_id, work.end, heard)
            case Kind.PARTIAL:
                if not self._transcript.partial_answered(work.utterance_id, work.start, work.end, heard):
                    self._partial_end = work.start
            case Kind.FINAL:
                self._transcript.finals_answered(work.group, heard)
            case Kind.REVISION:
                self._transcript.revision_answered(work.group, heard)
            case Kind.TRANSLATION:
                self._transcript.translation_answered(heard)
        self._step()

    def lost(self, work: Work) -> None:
        """The engine died over it; the ticket is queued again by the service."""
        self._landed(work)
        self._ask_for_final()
        self._transcript.revising = Kind.REVISION in self._in_flight

    def give_up(self, work: Work) -> None:
        """The engine died over it too often."""
        self._landed(work)
        match work.kind:
            case Kind.FINAL:
                self._transcript.give_up(work.group)
            case Kind.REVISION:
                self._transcript.forget(work.group)
            case Kind.TRANSLATION:
                self._transcript.foreign.popleft()
        self._step()

    def give_up_oldest(self) -> bool:
        """The backlog is full: the oldest waiting utterance goes without words. False when there is none to give."""
        if not self._transcript.waiting or Kind.FINAL in self._in_flight:
            return False
        self._transcript.give_up([self._transcript.waiting[0]])
        return True

    def report(self, event: TranscriptEvent) -> None:
        """Something that concerns the whole service."""
        self._emit(event)

    def shape(self, kind: Kind) -> Hashable | None:
        """What this stream's window would be like; equal shapes share a batch, None goes alone."""
        end = self._hearing.end
        if kind is Kind.PARTIAL and self._transcript.open is not None:
            return (self._transcript.partial_bucket(end - self._transcript.partial_from(end)), "part")
        if kind is Kind.LOOK and self._transcript.open is not None:
            return (bucket(end - self._transcript.open.start), "whole")
        group = self._transcript.final_group() if kind is Kind.FINAL else ()
        if group:
            return (bucket(joined_length([spoken.clip for spoken in group])), "whole")
        return None

    # Parts

    def _ended(self, over: Ended) -> None:
        samples = self._hearing.sound(over.start, over.end)
        self._transcript.end(over.end, over.last_voice, samples, self._hearing.chances_between(over.start, over.end))
        self._last_end = over.end
        self._step()

    def _ask_for_partial(self) -> None:
        every, end = self._desk.partial_every(self.importance), self._hearing.end
        if self._transcript.open is None or every is None:
            return
        if self._hearing.half_over:
            self._ask_for_look()
        elif Kind.PARTIAL in self._in_flight or self._hushed or end - self._voice_from < _FIRST_PARTIAL:
            return
        elif end - self._partial_end >= every * SAMPLE_RATE:
            self._desk.ask(self, Kind.PARTIAL)

    @property
    def _hushed(self) -> bool:
        return self._hearing.quiet_for > _HUSH

    def _ask_for_look(self) -> None:
        """Once a pause, when half of it is over, beside a partial that is still on its way.

        Half of the looks ahead are followed by more speech, and serve as partials then.
        """
        if Kind.LOOK not in self._in_flight and self._ahead_to < self._hearing.end - self._hearing.quiet_for:
            self._desk.ask(self, Kind.LOOK)

    def _ask_for_final(self) -> None:
        """Unless it is there already, or about to be."""
        if Kind.FINAL in self._in_flight:
            return
        self._transcript.settle_ahead()
        waiting, ahead = self._transcript.waiting, self._ahead
        if waiting and ahead and waiting[0].utterance_id == ahead.utterance_id and waiting[0].complete(ahead.end):
            return
        if waiting:
            self._desk.ask(self, Kind.FINAL)

    def _landed(self, work: Work) -> None:
        self._in_flight.discard(work.kind)
        self._ahead = None if work is self._ahead else self._ahead

    def _ask_for_revision(self) -> None:
        if Kind.REVISION in self._in_flight:
            return
        if self._to_revise():
            self._desk.ask(self, Kind.REVISION)

    def _to_revise(self) -> Sequence[Spoken]:
        """The finals to look at again now; those before them that need no second look stand."""
        hopeless = self._heard_out and not self._desk.has_room()
        while group := self._transcript.revision_group(self._revise_all):
            if self._transcript.worth_revising(group, self._hearing.end) and not hopeless:
                break
            self._transcript.forget(group)
        return group

    @property
    def _revise_all(self) -> bool:
        """Whether finals that do not fill a window shall be revised now."""
        if self._transcript.open is not None or self._transcript.waiting:
            return False
        pause = self._hearing.end - self._last_end
        return self._heard_out or pause >= self._settings.revise_after_s * SAMPLE_RATE

    def _step(self) -> None:
        """Ask for whatever is next, let go of whoever waits, and leave when all is done."""
        transcript = self._transcript
        self._ask_for_final()
        self._ask_for_partial()
        if transcript.foreign and Kind.TRANSLATION not in self._in_flight:
            self._desk.ask(self, Kind.TRANSLATION)
        self._ask_for_revision()
        busy = transcript.waiting or transcript.settled or transcript.foreign or self._in_flight
        if self._heard_out and not busy:
            self.abandon()
        self._changed.set()

    def _partial(self) -> Work | None:
        spoken = self._transcript.open
        if spoken is None or self._hushed or Kind.PARTIAL in self._in_flight:
            return None
        self._partial_end = end = self._hearing.end
        start = self._transcript.partial_from(end)
        window = self._transcript.partial_window(start, self._hearing.sound(start, end))
        return Work(Kind.PARTIAL, window, (), start, end, spoken.utterance_id)

    def _look(self) -> Work | None:
        spoken = self._transcript.open
        if spoken is None or not self._hearing.half_over or Kind.LOOK in self._in_flight:
            return None
        self._partial_end = self._ahead_to = end = self._hearing.end
        window = self._transcript.ahead_window(self._hearing.sound(spoken.start, end), self._desk.final_beam())
        return Work(Kind.LOOK, window, (), spoken.start, end, spoken.utterance_id)

    def _final(self) -> Work | None:
        group = self._transcript.final_group()
        if not group or Kind.FINAL in self._in_flight:
            return None
        return Work(Kind.FINAL, self._transcript.final_window(group, self._desk.final_beam()), group)

    def _revision(self) -> Work | None:
        group = self._to_revise() if Kind.REVISION not in self._in_flight else ()
        if not group:
            return None
        return Work(Kind.REVISION, self._transcript.revision_window(group), group)

    def _translation(self) -> Work | None:
        if not self._transcript.foreign or Kind.TRANSLATION in self._in_flight:
            return None
        return Work(Kind.TRANSLATION, self._transcript.translation_window())

    def _language_changed(self, language: str, probability: float) -> None:
        self._emit(LanguageDetected(self.identity.stream_id, language, probability))

    async def _until(self, done: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(self._settings.finish_limit_s):
                while not (done() or self.gone):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return
