"""Frames of every encoding and rate become one clean line of sound, and broken ones become coded errors."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from transcription import AudioError, Encoding, StreamFormat
from transcription.codecs import MAX_FRAME_S, RATES, decoder, opus_samples
from transcription.intake import Intake
from transcription.tape import MAX_S, Tape

pytestmark = pytest.mark.unit

PLAIN = [Encoding.PCM16, Encoding.MULAW, Encoding.ALAW]


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0, level: float = 0.5) -> NDArray[np.float64]:
    return level * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def encoded(sound: NDArray[np.float64], encoding: Encoding) -> bytes:
    """By FFmpeg, so that our tables are compared with somebody else's."""
    samples = (sound * 32767).astype("<i2")
    if encoding is Encoding.PCM16:
        return samples.tobytes()
    codec = av.CodecContext.create("pcm_mulaw" if encoding is Encoding.MULAW else "pcm_alaw", "w")
    codec.sample_rate, codec.layout, codec.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate = 8000
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


def opus_packets(sound: NDArray[np.float64]) -> list[bytes]:
    """20 ms packets at 48 kHz."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48000, "mono", "s16"
    packets = []
    for start in range(0, len(sound) - 959, 960):
        samples = (sound[start : start + 960] * 32767).astype("<i2")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = 48000
        packets.extend(bytes(packet) for packet in codec.encode(frame))
    return packets


def heard(form: StreamFormat, payloads: list[bytes], width: int) -> NDArray[np.float32]:
    intake, offset, parts = Intake(form), 0, []
    for payload in payloads:
        parts.extend(stretch.sound for stretch in intake.take(payload, offset))
        offset += len(payload) // width
    return np.concatenate([*parts, intake.finish().sound])


@pytest.mark.parametrize("encoding", PLAIN)
@pytest.mark.parametrize("rate", RATES)
def test_every_encoding_and_rate_gives_the_same_tone_at_16_khz(encoding: Encoding, rate: int) -> None:
    payload = encoded(tone(rate), encoding)
    width = 2 if encoding is Encoding.PCM16 else 1
    sound = heard(StreamFormat(encoding, rate), [payload], width)
    assert len(sound) == 16000
    middle = slice(1000, 15000)
    assert np.abs(sound[middle] - tone(16000)[middle]).max() < 0.03


@pytest.mark.parametrize("rate", [8000, 48000])
@pytest.mark.parametrize("frame", [1, 7, 160, 1000])
def test_frame_borders_make_no_click(rate: int, frame: int) -> None:
    samples = (tone(rate, 0.5) * 32767).astype("<i2")
    pieces = [samples[start : start + frame].tobytes() for start in range(0, len(samples), frame)]
    form = StreamFormat(Encoding.PCM16, rate)
    assert np.allclose(heard(form, pieces, 2), heard(form, [samples.tobytes()], 2), atol=1e-4)


def test_opus_packets_give_the_tone_at_its_place() -> None:
    packets = opus_packets(tone(48000))
    intake, parts = Intake(StreamFormat(Encoding.OPUS, 48000)), []
    for number, packet in enumerate(packets):
        parts.extend(stretch.sound for stretch in intake.take(packet, number * 960))
    sound = np.concatenate([*parts, intake.finish().sound])
    assert len(sound) == len(packets) * 320
    spectrum = np.abs(np.fft.rfft(sound[4000:12000]))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)
    assert np.isfinite(sound).all()


def test_opus_offsets_may_count_at_another_rate() -> None:
    packets = opus_packets(tone(48000))
    intake = Intake(StreamFormat(Encoding.OPUS, 16000))
    starts = [stretch.start for i, p in enumerate(packets) for stretch in intake.take(p, i * 320)]
    assert starts == sorted(starts)
    assert len(starts) == len(packets)


@pytest.mark.parametrize(
    ("encoding", "payload", "code"),
    [
        (Encoding.PCM16, b"", "audio_empty"),
        (Encoding.MULAW, b"", "audio_empty"),
        (Encoding.OPUS, b"", "audio_empty"),
        (Encoding.PCM16, b"\x01\x02\x03", "audio_truncated"),
        (Encoding.PCM16, bytes(2 * 8000 * MAX_FRAME_S + 2), "audio_too_long"),
        (Encoding.ALAW, bytes(8000 * 600), "audio_too_long"),
        (Encoding.OPUS, b"\x03", "audio_truncated"),
        (Encoding.OPUS, b"\x03\x3f" + bytes(10), "audio_too_long"),
        (Encoding.OPUS, b"\x7a\xff\xff\x01", "audio_corrupt"),
    ],
)
def test_a_broken_frame_is_a_coded_error(encoding: Encoding, payload: bytes, code: str) -> None:
    with pytest.raises(AudioError) as caught:
        decoder(StreamFormat(encoding, 8000))(payload)
    assert caught.value.code == code


def test_an_unknown_rate_is_refused() -> None:
    with pytest.raises(AudioError) as caught:
        StreamFormat(Encoding.PCM16, 44100)
    assert caught.value.code == "audio_rate"


@pytest.mark.parametrize("offset", [-1, 2**48])
def test_an_impossible_offset_is_refused(offset: int) -> None:
    with pytest.raises(AudioError) as caught:
        Intake(StreamFormat(Encoding.PCM16, 8000)).take(b"\0\0", offset)
    assert caught.value.code == "audio_offset"


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_at_all_can_do_worse_than_a_coded_error(payload: bytes) -> None:
    for encoding in Encoding:
        try:
            sound = decoder(StreamFormat(encoding, 48000))(payload)
        except AudioError:
            continue
        assert np.isfinite(sound).all()
        assert np.abs(sound).max(initial=0) <= 1.0


def test_a_broken_opus_packet_does_not_harm_the_next() -> None:
    packets = opus_packets(tone(48000))
    decode = decoder(StreamFormat(Encoding.OPUS, 48000))
    decode(packets[0])
    with pytest.raises(AudioError):
        decode(b"\x7a\xff\xff\x01")
    assert len(decode(packets[1])) == opus_samples(packets[1]) == 960


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), max_size=20))
@settings(deadline=None)
def test_however_frames_overlap_or_are_missing_positions_stay_true(frames: list[tuple[int, int]]) -> None:
    """Every sample says its own place, so whatever comes out shows where it came from."""
    line = np.arange(0, 4000, dtype=np.int16)
    intake, place = Intake(StreamFormat(Encoding.PCM16, 16000)), 0
    for jump, length in frames:
        offset = max(0, place + jump - 100)
        for stretch in intake.take(line[offset : offset + length].tobytes() or b"\0\0", offset):
            values = np.round(stretch.sound * 32768).astype(int)
            if offset + length <= len(line):
                assert stretch.start >= place
                assert list(values) == list(range(stretch.start, stretch.start + len(values)))
        place = max(place, offset + length)
        if place > 3000:
            return


def test_clipping_and_a_constant_offset_pass_unharmed() -> None:
    loud = np.where(tone(8000) > 0, 32767, -32768).astype("<i2").tobytes()
    sound = heard(StreamFormat(Encoding.PCM16, 8000), [loud], 2)
    assert np.abs(sound).max() <= 1.0
    level = heard(StreamFormat(Encoding.PCM16, 8000), [np.full(8000, 20000, "<i2").tobytes()], 2)
    assert np.isfinite(level).all()


def test_the_tape_keeps_what_is_needed_and_its_size() -> None:
    tape, second = Tape(100), np.full(16000, 0.5, np.float32)
    for number in range(200):
        tape.append(second)
        tape.let_go(100 + number * 16000)
    assert (tape.start, tape.end) == (100 + 199 * 16000, 100 + 200 * 16000)
    assert len(tape.between(0, tape.end)) == 16000
    assert tape._buffer.nbytes <= 32 * 16000 * 2


def test_a_producer_that_runs_too_far_ahead_is_told_to_wait() -> None:
    tape, minute = Tape(), np.zeros(60 * 16000, np.float32)
    for _ in range(MAX_S // 60):
        tape.append(minute)
    with pytest.raises(AudioError) as caught:
        tape.append(minute)
    assert caught.value.code == "audio_too_far_ahead"
    assert caught.value.retryable
