"""Bytes of one frame to samples: PCM16, G.711 mu-law and A-law, and Opus.

Comes in: the payload of one frame, any size. Goes out: mono float32 in [-1, 1] at the codec's own rate, never NaN.
A payload that cannot be right raises a coded AudioError and leaves the decoder usable for the next one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from .errors import AudioError

Sound = NDArray[np.float32]
"""Mono samples in [-1, 1]."""

RATES: Final = (8000, 16000, 48000)
MAX_FRAME_S: Final = 30
"""Longest frame taken. Longer ones would hold up the other streams while they are resampled."""
_OPUS_RATE: Final = 48000
"""FFmpeg's Opus decoder always writes 48 kHz (RFC 6716 defines every mode at that clock)."""


class Encoding(StrEnum):
    """How samples are written into bytes."""

    PCM16 = "pcm16"
    """Signed 16-bit little-endian."""
    MULAW = "mulaw"
    """ITU-T G.711 mu-law."""
    ALAW = "alaw"
    """ITU-T G.711 A-law."""
    OPUS = "opus"
    """One Opus packet a frame, mono (stereo is mixed down)."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """Encoding and rate of a stream. With Opus the rate is the clock of the offsets only."""

    encoding: Encoding
    sample_rate: int

    def __post_init__(self) -> None:
        if self.sample_rate not in RATES:
            raise AudioError(f"the sample rate must be one of {RATES}", code="audio_rate")

    @property
    def decoded_rate(self) -> int:
        """Rate of the samples that the decoder gives."""
        return _OPUS_RATE if self.encoding is Encoding.OPUS else self.sample_rate


Decoder = Callable[[bytes], Sound]


def decoder(form: StreamFormat) -> Decoder:
    """A decoder for one stream; Opus remembers the packets before, the others nothing."""
    if form.encoding is Encoding.OPUS:
        return OpusDecoder().decode
    decode = {Encoding.PCM16: _pcm16, Encoding.MULAW: _mulaw, Encoding.ALAW: _alaw}[form.encoding]
    width = 2 if form.encoding is Encoding.PCM16 else 1
    limit = MAX_FRAME_S * form.sample_rate * width

    def checked(payload: bytes) -> Sound:
        if not payload:
            raise AudioError("the frame is empty", code="audio_empty")
        if len(payload) > limit:
            raise AudioError(f"a frame holds at most {MAX_FRAME_S} s", code="audio_too_long")
        if len(payload) % width:
            raise AudioError("the frame ends in the middle of a sample", code="audio_truncated")
        return decode(payload)

    return checked


def _pcm16(payload: bytes) -> Sound:
    return np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)


def _mulaw(payload: bytes) -> Sound:
    return _MULAW[np.frombuffer(payload, np.uint8)]


def _alaw(payload: bytes) -> Sound:
    return _ALAW[np.frombuffer(payload, np.uint8)]


def _mulaw_table() -> Sound:
    """G.711 table 2a: inverted bits; sign, 3 bits of segment, 4 bits of step; bias 33 at 14 bits (132 at 16)."""
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    size = (((step << 3) + 132) << segment) - 132
    return (np.where(code & 0x80, -size, size) / 32768).astype(np.float32)


def _alaw_table() -> Sound:
    """G.711 table 1a: even bits inverted; sign (1 is positive), 3 bits of segment, 4 bits of step."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    size = np.where(segment == 0, (step << 4) + 8, ((step << 4) + 264) << np.maximum(segment - 1, 0))
    return (np.where(code & 0x80, size, -size) / 32768).astype(np.float32)


_MULAW: Final = _mulaw_table()
_ALAW: Final = _alaw_table()


class OpusDecoder:
    """Opus packets to 48 kHz mono, by FFmpeg; remembers the packets before."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("opus", "r")

    def decode(self, payload: bytes) -> Sound:
        """Samples of one packet. Raises AudioError: audio_empty, audio_too_long, audio_corrupt."""
        if not payload:
            raise AudioError("the frame is empty", code="audio_empty")
        expected = opus_samples(payload)
        try:
            frames = self._codec.decode(av.Packet(payload))
        except (av.FFmpegError, ValueError) as error:
            raise AudioError("the Opus packet is broken", code="audio_corrupt") from error
        sound = np.concatenate([_mono(frame) for frame in frames]) if frames else np.zeros(0, np.float32)
        return _exactly(np.nan_to_num(np.clip(sound, -1.0, 1.0)), expected)


def opus_samples(payload: bytes) -> int:
    """Samples at 48 kHz in a packet, read off its table-of-contents byte (RFC 6716, section 3.1)."""
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        each = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        each = (480, 960)[config & 1]
    else:
        each = (120, 240, 480, 960)[config & 3]
    if code == 3 and len(payload) < 2:
        raise AudioError("the Opus packet is cut short", code="audio_truncated")
    count = payload[1] & 63 if code == 3 else (1, 2, 2)[code]
    if not 0 < count * each <= 5760:
        raise AudioError("an Opus packet holds at most 120 ms", code="audio_too_long")
    return count * each


def _mono(frame: av.AudioFrame) -> Sound:
    channels: Sound = frame.to_ndarray().astype(np.float32)
    mixed: Sound = channels.mean(axis=0)
    return mixed


def _exactly(sound: Sound, count: int) -> Sound:
    """FFmpeg holds the first packet's pre-roll back; silence in front keeps the clock right."""
    if len(sound) >= count:
        return sound[-count:]
    return np.concatenate((np.zeros(count - len(sound), np.float32), sound))
