"""Sound on the wire: encodings, channels, frames, acknowledgements.

A frame is numbered from 0 per call and channel and carries the offset of its first sample. Numbers have no holes: a
client that lost sound keeps counting frames and lets the offset jump, and the hole becomes an explicit gap. An
acknowledgement is cumulative: every frame below `next_seq` is in the call's journal on disk.
"""

from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from .base import MAX_FRAME_BYTES, CallId, Message


class Encoding(StrEnum):
    """How samples are written into bytes."""

    PCM16 = "pcm16"
    """Signed 16-bit little-endian."""
    MULAW = "mulaw"
    ALAW = "alaw"
    OPUS = "opus"
    """One Opus packet a frame, mono."""


class Channel(StrEnum):
    """The sides of a call: the caller, and whoever talks with them."""

    CALLER = "caller"
    OPERATOR = "operator"
    SECOND = "second"
    """A colleague of the operator's who talks on the call too: in a handover, or a supervisor who joined."""


SampleRate = Literal[8000, 16000, 48000]


SAMPLE_BYTES: Final = {Encoding.PCM16: 2, Encoding.MULAW: 1, Encoding.ALAW: 1}
"""Of the encodings whose samples have a size; Opus packets have none."""


class AudioFormat(Message):
    """Encoding and rate of a channel; mono always."""

    encoding: Encoding = Encoding.PCM16
    sample_rate: SampleRate = 16000


class AudioFrame(Message):
    """One piece of sound from a client."""

    seq: int = Field(ge=0, lt=2**32)
    offset: int = Field(ge=0, lt=2**48)
    """Number of the first sample on the channel's own clock."""
    audio: bytes = Field(min_length=1, max_length=MAX_FRAME_BYTES, strict=True, repr=False)


class ConsoleAudioFrame(AudioFrame):
    """One piece of an operator's voice, for the call that this console has answered."""

    call_id: CallId


class AudioAck(Message):
    """Every frame below `next_seq` is on disk."""

    channel: Channel
    next_seq: int = Field(ge=0)
    next_offset: int = Field(ge=0)


class RelayedFrame(Message):
    """The other side's voice, to be played through a small jitter buffer. Never acknowledged, never sent again."""

    call_id: CallId
    channel: Channel
    format: AudioFormat
    seq: int
    offset: int
    audio: bytes
