"""What a telephone does to sound: its band, its level, the noise around the caller, mu-law, the WAV file.

In and out: mono samples at 8 kHz, full scale 1. Pure; runs in the recording environment, which has numpy.
"""

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
SPEECH_LEVEL: Final = 0.1
"""Root mean square of spoken parts, full scale 1: 20 dB below it, as telephone speech has it."""
TELEPHONE_BAND_HZ: Final = (300.0, 3400.0)
LOOP_OVERLAP_S: Final = 0.5
"""A looped noise fades over from its end into its beginning for so long."""

Sound = NDArray[np.float64]


def at_level(sound: Sound, level: float) -> Sound:
    """The sound with this root mean square."""
    scaled: Sound = sound * level / np.sqrt(np.mean(sound**2))
    return scaled


def telephone_band(sound: Sound) -> Sound:
    """What a telephone line lets through: 300 to 3400 Hz."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    low, high = TELEPHONE_BAND_HZ
    return np.fft.irfft(spectrum * ((hertz >= low) & (hertz <= high)), len(sound))


def noise_level(snr_db: float) -> float:
    """Root mean square of a noise that far below the speech."""
    return float(SPEECH_LEVEL * 10 ** (-snr_db / 20))


def room_noise(samples: int, snr_db: float, seed: int) -> Sound:
    """Pink noise in the telephone band, at the stated distance below the speech level."""
    random = np.random.default_rng(seed)
    hertz = np.fft.rfftfreq(samples, 1 / RATE)
    spectrum = np.fft.rfft(random.standard_normal(samples)) / np.sqrt(np.maximum(hertz, 1.0))
    noise = telephone_band(np.fft.irfft(spectrum, samples))
    return at_level(noise, noise_level(snr_db))


def loop(recorded: Sound, snr_db: float) -> Sound:
    """A recorded noise made endless, in the telephone band, at the stated distance below the speech level."""
    sound = telephone_band(recorded)
    overlap = round(LOOP_OVERLAP_S * RATE)
    fade = np.linspace(0.0, 1.0, overlap)
    seam = sound[:overlap] * fade + sound[-overlap:] * (1 - fade)
    return at_level(np.concatenate([seam, sound[overlap:-overlap]]), noise_level(snr_db))


def mulaw(sound: Sound) -> bytes:
    """ITU-T G.711 mu-law, one byte a sample."""
    pcm = np.clip(np.round(sound * 32767), -32635, 32635).astype(np.int32)
    sign = np.where(pcm < 0, 0x80, 0)
    magnitude = np.abs(pcm) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    codes = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return bytes(codes)


def read_wav(content: bytes) -> Sound:
    """The samples of a file that `wav` made. Raises ValueError for any other kind."""
    kind, channels, rate = struct.unpack_from("<HHI", content, 20)
    if (kind, channels, rate) != (7, 1, RATE):
        raise ValueError(f"mono mu-law at {RATE} Hz is wanted, not format {kind} at {rate} Hz")
    at = content.index(b"data") + 8
    (size,) = struct.unpack_from("<I", content, at - 4)
    code = ~np.frombuffer(content[at : at + size], np.uint8)
    level = ((((code & 15).astype(np.int64) << 3) + 132) << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -level, level) / 32768


def wav(payload: bytes) -> bytes:
    """A mono 8 kHz mu-law WAV file (format 7)."""
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    chunks = [
        (b"fmt ", form),
        (b"fact", struct.pack("<I", len(payload))),
        (b"data", payload + b"\0" * (len(payload) % 2)),
    ]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
