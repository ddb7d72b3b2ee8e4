"""The data path of one call, top to bottom:

    audio frame -> the other side's ear -> journal -> transcript -> findings -> model -> urgency -> card -> consoles

In: frames of both channels, what the recogniser hears, what operators do. Out: entries of the call's timeline, sound to
the other side, acknowledgements. Invariants: a frame is acknowledged only when it is on disk; sound is relayed before
anything else can fail; a transcript or a model that is late, wrong or absent never stops the sound or the rules; the
category on the card never falls by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.contract.audio import SAMPLE_BYTES, AudioAck, AudioFormat, AudioFrame, Channel, Encoding, RelayedFrame
from dispatch.contract.base import CallId, UtteranceId
from dispatch.contract.card import Card
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import (
    AudioGap,
    CardUpdated,
    CategoryRaised,
    ChannelOpened,
    LanguageDetected,
    LanguageSet,
    SpeechFinal,
    SpeechRevised,
    SpeechStable,
    SpeechTranslated,
    TimelineBody,
    TimelineEntry,
    TranscriptDegraded,
)
from dispatch.contract.transcript import Partial, Utterance, Word
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import DataKey, TenantKeys
from dispatch.triage import NOTHING_APPROVED, Approved, Case, act, card_of
from transcription import (
    AudioError,
    EngineLost,
    EngineRestarted,
    FinalHeard,
    GapHeard,
    Importance,
    PartialHeard,
    Revised,
    StableHeard,
    Stream,
    StreamFormat,
    Tier,
    TierChanged,
    TranscriptEvent,
    TranscriptionService,
    Translated,
)
from transcription import Encoding as StreamEncoding
from transcription import LanguageDetected as LanguageHeard
from transcription import Utterance as HeardUtterance
from transcription import Word as HeardWord

from .actions import action_of, with_model, with_words
from .disk import GroupCommit
from .ingest import FrameOrder, Verdict
from .journal import AudioJournal, JournalFrame
from .model_turns import ModelTurns
from .ports import Reader, VoiceLine
from .timeline import Timeline

SAMPLES_PER_S: Final = 16000
"""The recogniser's clock, whatever the rate on the wire."""
OPUS_SAMPLES_PER_S: Final = 48000
TIERS: Final = {
    Tier.FULL: ("live", "The transcript is live again."),
    Tier.REDUCED: ("slower", "Many calls: transcripts of routine calls come a little later."),
    Tier.ESSENTIAL: ("slow", "Many calls: transcripts of less urgent calls come late."),
    Tier.FINALS: ("finals_only", "Many calls: only the most urgent calls have live words; the others come late."),
}
"""What each tier is called on the wire, and what operators read."""
UNTOUCHED: Final = FrameOrder()


@dataclass(frozen=True)
class PathParts:
    """What the path of every call shares on a node."""

    disk: GroupCommit
    keys: TenantKeys
    transcription: TranscriptionService
    reader: Reader | None
    """The language model; None where none is configured."""
    clock: Clock
    tasks: TaskSupervisor
    approved: Callable[[str], Approved] = lambda _: NOTHING_APPROVED
    """What a centre's medical directors have signed; answers from memory."""


@dataclass
class ChannelPath:
    """One side's sound: its file, its recogniser stream, and three places in its numbering."""

    channel: Channel
    format: AudioFormat
    journal: AudioJournal
    stream: Stream
    opened_s: float
    """Second of the call at which the channel's clock starts."""
    heard: FrameOrder
    """Relayed and given to the recogniser."""
    order: FrameOrder
    """Given to the journal."""
    durable: FrameOrder
    """On disk."""


class CallPath:
    """The path of one call. All of it runs in the event loop; decoding and disk are elsewhere."""

    def __init__(
        self, call_id: CallId, tenant: str, timeline: Timeline, folder: Path, case: Case, parts: PathParts,
        key: DataKey, on_partial: Callable[[Partial], None], card: Card | None = None,
    ) -> None:  # fmt: skip
        self.call_id = call_id
        self.case = case
        self.card = card or Card(version=0)
        self.channels: dict[Channel, ChannelPath] = {}
        self.ears: dict[Channel, tuple[VoiceLine, ...]] = {}
        """Who hears a channel: everybody on the call but the one who speaks on it."""
        self.mouths: dict[Channel, VoiceLine] = {}
        """Who sends a channel and gets its acknowledgements."""
        self.tier = "live"
        self.settled = False
        """No more words will come: the call is over and both sides have been heard out."""
        self._deaf = False
        self._tenant = tenant
        self._timeline = timeline
        self._folder = folder
        self._key = key
        self._parts = parts
        self._on_partial = on_partial
        self._model = (
            ModelTurns(call_id, parts.reader, lambda: self.case, self._enter_proposal, parts.clock, parts.tasks)
            if parts.reader is not None
            else None
        )

    # --- sound ---------------------------------------------------------------------------------------------------

    def open_channel(
        self, channel: Channel, audio_format: AudioFormat, *, language: str | None = None,
        order: FrameOrder = UNTOUCHED, opened_s: float | None = None, first_utterance: int = 1,
        start_sample: int = 0,
    ) -> ChannelPath:  # fmt: skip
        """Makes a channel ready for frames; with the last four arguments, as a restart found it.

        `start_sample` counts at the channel's own rate.
        """
        stream = self._parts.transcription.open(
            f"{self.call_id}.{channel.value}",
            StreamFormat(StreamEncoding(audio_format.encoding.value), audio_format.sample_rate),
            call_id=self.call_id,
            tenant=self._tenant,
            language=language,
            on_event=lambda event: self._transcript_event(channel, event),
            start_sample=start_sample,
            first_utterance=first_utterance,
            prefix=channel.value[0],
        )
        stream.set_importance(importance_of(self.card))
        if opened_s is None:
            opened_s = self._timeline.append(ChannelOpened(channel=channel, format=audio_format)).call_s
        journal = AudioJournal(self._parts.disk, self._folder, channel, audio_format, self._key)
        path = ChannelPath(channel, audio_format, journal, stream, opened_s, order, order, order)
        self.channels[channel] = path
        return path

    def take(self, channel: Channel, frame: AudioFrame) -> None:
        """Takes one frame of a channel: heard at once, kept once it is on disk.

        Raises Refused where the client has to send it (or one before it) again. A disk that cannot keep up delays
        acknowledgements only: the sound is relayed and transcribed all the same.
        """
        path = self.channels[channel]
        after = path.order.taken(frame.offset, samples_in(path.format, frame.audio))
        if path.heard.judge(frame.seq, frame.offset) is Verdict.TAKE:
            self._hear(path, frame)
        verdict = path.order.judge(frame.seq, frame.offset)
        if verdict is Verdict.DUPLICATE:
            self._acknowledge(path)
            return
        _refuse_unless_next(path, verdict)
        journalled = JournalFrame(frame.seq, frame.offset, frame.audio)
        if not path.journal.append(journalled, lambda: self._durable(path, after)):
            raise Refused(ProblemCode.UNAVAILABLE, "The disk cannot keep up.", expected_seq=path.order.next_seq)
        path.order = after
        metrics.FRAMES.labels(channel.value).inc()

    def feed_again(self, channel: Channel, frames: list[JournalFrame]) -> None:
        """Gives journalled sound to the recogniser once more, after a restart."""
        for frame in frames:
            self._transcribe(self.channels[channel], frame.audio, frame.offset)

    def drop_unfinished(self, channel: Channel, utterance_id: UtteranceId) -> None:
        """Words of an utterance that a crash cut short are taken back: its sound is transcribed anew."""
        at_s = self._timeline.call_s
        empty = Utterance(utterance_id=utterance_id, channel=channel, words=(), start_s=at_s, end_s=at_s)
        self._enter_words(SpeechFinal(utterance=empty))

    async def finish(self) -> None:
        """The call is over: waits for the last words of both sides, better readings of them, and the last summary."""
        for path in self.channels.values():
            await path.stream.settle()
        for path in self.channels.values():
            path.stream.abandon()
        if self._model is not None:
            await self._model.call_over()
        self.settled = True

    def stop_hearing(self) -> None:
        """This server stops: sound whose words are not final yet is heard anew by whoever takes the call up."""
        self._deaf = True

    def _hear(self, path: ChannelPath, frame: AudioFrame) -> None:
        """To the other side's ear and to the recogniser, in order and once."""
        self._relay(path, frame)
        gap = path.heard.gap_before(frame.offset)
        path.heard = path.heard.taken(frame.offset, samples_in(path.format, frame.audio))
        if gap:
            rate = path.format.sample_rate
            start_s, end_s = (path.opened_s + sample / rate for sample in (gap.start, gap.end))
            self._timeline.append(AudioGap(channel=path.channel, start_s=start_s, end_s=end_s))
        self._transcribe(path, frame.audio, frame.offset)

    def _relay(self, path: ChannelPath, frame: AudioFrame) -> None:
        ears = self.ears.get(path.channel, ())
        if not ears:
            return
        relayed = RelayedFrame(
            call_id=self.call_id, channel=path.channel, format=path.format, seq=frame.seq, offset=frame.offset,
            audio=frame.audio,
        )  # fmt: skip
        for ear in ears:
            ear.relay(relayed)

    def _durable(self, path: ChannelPath, order: FrameOrder) -> None:
        path.durable = order
        self._acknowledge(path)

    def _acknowledge(self, path: ChannelPath) -> None:
        mouth = self.mouths.get(path.channel)
        if mouth is not None:
            durable = path.durable
            mouth.acknowledge(
                AudioAck(channel=path.channel, next_seq=durable.next_seq, next_offset=durable.next_offset)
            )

    def _transcribe(self, path: ChannelPath, audio: bytes, offset: int) -> None:
        try:
            path.stream.feed(audio, offset)
        except AudioError:
            metrics.UNREADABLE_FRAMES.inc()

    # --- words ---------------------------------------------------------------------------------------------------

    def _transcript_event(self, channel: Channel, event: TranscriptEvent) -> None:
        """Enters what the recogniser heard, and hands settled words on to triage."""
        if self._deaf:
            return
        match event:
            case PartialHeard():
                words = self._words(channel, event.words)
                self._on_partial(Partial(channel=channel, utterance_id=UtteranceId(event.utterance_id), words=words))
            case StableHeard():
                words = self._words(channel, event.words)
                utterance_id = UtteranceId(event.utterance_id)
                self._enter_words(SpeechStable(channel=channel, utterance_id=utterance_id, words=words))
            case FinalHeard():
                self._enter_words(SpeechFinal(utterance=self._utterance(channel, event.utterance)))
                if self._model is not None:
                    self._model.utterance_ended()
            case Revised():
                utterances = tuple(self._utterance(channel, utterance) for utterance in event.utterances)
                replaces = tuple(UtteranceId(utterance_id) for utterance_id in event.replaces)
                self._enter_words(SpeechRevised(replaces=replaces, utterances=utterances))
            case _:
                self._about_the_transcript(channel, event)

    def _enter_words(self, body: SpeechStable | SpeechFinal | SpeechRevised) -> None:
        """Settled words go into the log, and from the log to triage."""
        self.case = with_words(self.case, self._timeline.append(body))
        self.show_card()

    def _about_the_transcript(self, channel: Channel, event: TranscriptEvent) -> None:
        match event:
            case LanguageHeard():
                self._timeline.append(
                    LanguageDetected(channel=channel, language=event.language, confidence=event.probability)
                )
            case Translated():
                self._timeline.append(
                    SpeechTranslated(
                        utterance_id=UtteranceId(event.utterance_id), language=event.language, english=event.text
                    )
                )
            case TierChanged():
                self._tier(*TIERS[event.tier])
            case EngineLost():
                self._tier("waiting", "The speech engine is being restarted; the sound is safe.")
            case EngineRestarted():
                self._tier("live", "The speech engine is back.")
            case GapHeard() | _:
                """Gaps are entered where frames are taken; the start of speech is of no use to a log."""

    def _tier(self, tier: str, message: str) -> None:
        if tier != self.tier:
            self.tier = tier
            self._timeline.append(TranscriptDegraded(tier=tier, message=message[:200]))

    def _words(self, channel: Channel, words: tuple[HeardWord, ...]) -> tuple[Word, ...]:
        opened_s = self.channels[channel].opened_s
        return tuple(
            Word(
                text=word.text.strip(),
                start_s=opened_s + word.start / SAMPLES_PER_S,
                end_s=opened_s + word.end / SAMPLES_PER_S,
                confidence=min(1.0, max(0.0, word.probability)),
            )
            for word in words
        )

    def _utterance(self, channel: Channel, heard: HeardUtterance) -> Utterance:
        opened_s, normalised = self.channels[channel].opened_s, heard.normalised
        return Utterance(
            utterance_id=UtteranceId(heard.utterance_id),
            channel=channel,
            words=self._words(channel, heard.words),
            start_s=opened_s + heard.start / SAMPLES_PER_S,
            end_s=opened_s + heard.end / SAMPLES_PER_S,
            language=heard.language,
            normalised=normalised if normalised != heard.text else None,
        )

    # --- urgency -------------------------------------------------------------------------------------------------

    def decide(self, entry: TimelineEntry) -> None:
        """Takes what an operator did to the caller's recogniser, or into the case, where the card depends on it."""
        if isinstance(entry.body, LanguageSet) and Channel.CALLER in self.channels:
            self.channels[Channel.CALLER].stream.set_language(entry.body.language)
        action = action_of(entry)
        if action is None:
            return
        self.case = act(self.case, action, entry.call_s)
        self.show_card()

    def show_card(self) -> None:
        """Enters a new version of the card where anything on it has changed."""
        before, approved = self.card, self._parts.approved(self._tenant)
        drawn = card_of(self.case, version=before.version, call_s=self._timeline.call_s, approved=approved)
        now = never_lower(before, drawn)
        if now == before:
            return
        self.card = now.model_copy(update={"version": before.version + 1})
        if now.category is not None and (before.category is None or now.category < before.category):
            self._timeline.append(CategoryRaised(before=before.category, after=now.category))
        self._timeline.append(CardUpdated(card=self.card))
        for path in self.channels.values():
            path.stream.set_importance(importance_of(self.card))

    def _enter_proposal(self, body: TimelineBody) -> None:
        """What a model proposed goes into the log, and from the log to triage."""
        self.case = with_model(self.case, self._timeline.append(body))
        self.show_card()


def never_lower(before: Card, now: Card) -> Card:
    """The new card, at least as urgent as the one before unless an operator decided anew.

    Triage keeps to this by itself; this holds whatever a restart could not make out of a damaged log.
    """
    urgent_enough = before.category is None or (now.category is not None and now.category <= before.category)
    if urgent_enough or now.override != before.override:
        return now
    return now.model_copy(update={"category": before.category})


def importance_of(card: Card) -> Importance:
    """How urgently a call's words are needed. Unassessed counts as critical (architecture, safety rules)."""
    if card.category is None or card.category == 1:
        return Importance.CRITICAL
    return Importance.URGENT if card.category == 2 else Importance.ROUTINE


def samples_in(audio_format: AudioFormat, audio: bytes) -> int:
    """Samples in a frame. Raises Refused for half a sample. An Opus packet's length stands in its first byte."""
    if audio_format.encoding is Encoding.OPUS:
        return opus_samples(audio) * audio_format.sample_rate // OPUS_SAMPLES_PER_S
    size = SAMPLE_BYTES[audio_format.encoding]
    if len(audio) % size:
        raise Refused(ProblemCode.BAD_AUDIO, "The frame ends in the middle of a sample.")
    return len(audio) // size


def opus_samples(packet: bytes) -> int:
    """Samples at 48 kHz in an Opus packet (RFC 6716, section 3.1). Raises Refused for more than 120 ms."""
    configuration, frames_code = packet[0] >> 3, packet[0] & 3
    if configuration < 12:
        samples = (480, 960, 1920, 2880)[configuration & 3]
    elif configuration < 16:
        samples = (480, 960)[configuration & 1]
    else:
        samples = (120, 240, 480, 960)[configuration & 3]
    count = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[frames_code]
    if not 0 < samples * count <= 5760:
        raise Refused(ProblemCode.BAD_AUDIO, "That is not an Opus packet.")
    return samples * count


def _refuse_unless_next(path: ChannelPath, verdict: Verdict) -> None:
    if verdict is Verdict.OUT_OF_ORDER:
        raise Refused(
            ProblemCode.FRAME_OUT_OF_ORDER, "A frame before this one is missing.", expected_seq=path.order.next_seq
        )
    if verdict is Verdict.BACKWARDS:
        raise Refused(
            ProblemCode.OFFSET_BACKWARDS, "The offset lies in sound already sent.", expected_seq=path.order.next_seq
        )
