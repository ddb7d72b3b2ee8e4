"""How the server and its engine process talk: messages of JSON and sound over a pair of pipes.

A message is two little-endian 32-bit lengths, a JSON object, and raw int16 samples of all its windows one after the
other. Both ends are ours and of one version; the limits only keep a broken end from asking for all memory.
"""

import contextlib
import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

import numpy as np

from .engine import HeardWord, Hypothesis, Samples, Task, Window

HEAD: Final = struct.Struct("<II")
_PR_SET_PDEATHSIG: Final = 1
_TEXT_MAX: Final = 8 * 2**20
_SOUND_MAX: Final = 256 * 2**20
_FIELDS: Final = ("bucket", "language", "task", "beam", "assumed", "sure", "draft")


class Readable(Protocol):
    """The reading end of a blocking pipe."""

    def read(self, count: int, /) -> bytes:
        """That many bytes, fewer only at the end of the pipe."""


def pack(message: dict[str, Any], sound: bytes = b"") -> bytes:
    """One message."""
    text = json.dumps(message, separators=(",", ":")).encode()
    return HEAD.pack(len(text), len(sound)) + text + sound


def lengths(head: bytes) -> tuple[int, int]:
    """Bytes of JSON and of sound that follow a head. Raises ValueError when they cannot be right."""
    text, sound = HEAD.unpack(head)
    if text > _TEXT_MAX or sound > _SOUND_MAX:
        raise ValueError("the message's head is broken")
    return text, sound


def read(source: Readable) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None at the end of the pipe."""
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text, sound = lengths(head)
    message: dict[str, Any] = json.loads(source.read(text))
    return message, source.read(sound)


def pack_windows(windows: Sequence[Window]) -> bytes:
    """A request to decode."""
    rows = [{"samples": len(w.samples)} | {name: getattr(w, name) for name in _FIELDS} for w in windows]
    return pack({"windows": rows}, b"".join(w.samples.tobytes() for w in windows))


def unpack_windows(message: dict[str, Any], sound: bytes) -> list[Window]:
    """The windows of a request."""
    line: Samples = np.frombuffer(sound, np.int16)
    windows, at = [], 0
    for row in message["windows"]:
        options = {name: row[name] for name in _FIELDS} | {"task": Task(row["task"])}
        windows.append(Window(line[at : at + row["samples"]], **options))
        at += row["samples"]
    return windows


def pack_hypotheses(heard: Sequence[Hypothesis]) -> bytes:
    """The answer to a request."""
    return pack({"hypotheses": [asdict(hypothesis) for hypothesis in heard]})


def unpack_hypotheses(message: dict[str, Any]) -> list[Hypothesis]:
    """The hypotheses of an answer."""
    return [
        Hypothesis(**(row | {"words": tuple(HeardWord(**word) for word in row["words"])}))
        for row in message["hypotheses"]
    ]


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent goes, however it goes."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")


def give_back_memory() -> None:
    """Return what was freed to the system: making a model's second form leaves as much behind as its weights take."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
