"""Reads the weights of a CTranslate2 model file (model.bin, format 6).

In: the path. Out: arrays by name, over the file itself: nothing is read before it is looked at, and processes share
what they read. Layout: version, name of the model's kind, its revision, the variables (name, rank, sizes, type, bytes,
data), the second names of some of them; all numbers little-endian.
"""

import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import ModelError

Weights = dict[str, NDArray[Any]]
FORMAT: Final = 6
_TYPES: Final = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class _Reader:
    def __init__(self, path: Path) -> None:
        self.bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
        self._at = 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from(f"<{code}", self.bytes.data, self._at)
        self._at += struct.calcsize(f"<{code}")
        return int(value)

    def text(self) -> str:
        return bytes(self.take(self.number("H"))[:-1]).decode()

    def take(self, count: int) -> NDArray[np.uint8]:
        self._at += count
        return self.bytes[self._at - count : self._at]


def read_weights(path: Path) -> Weights:
    """All variables of a model file. Raises ModelError when it is of another format."""
    reader = _Reader(path)
    if reader.number("I") != FORMAT:
        raise ModelError("the model file has a format that this version does not read")
    reader.text()
    reader.number("I")
    weights: Weights = {}
    for _ in range(reader.number("I")):
        name, rank = reader.text(), reader.number("B")
        shape = [reader.number("I") for _ in range(rank)]
        kind = _TYPES[reader.number("B")]
        weights[name] = reader.take(reader.number("I")).view(kind).reshape(shape)
    for _ in range(reader.number("I")):
        second, first = reader.text(), reader.text()
        weights[second] = weights[first]
    return weights


def as_floats(weights: Weights, name: str) -> NDArray[np.float32]:
    """One variable as it was before it was stored: numbers of 8 bits have a scale a row beside them."""
    stored = weights[name]
    if stored.dtype != np.int8:
        return stored.astype(np.float32)
    return stored.astype(np.float32) / weights[f"{name}_scale"].astype(np.float32).reshape(-1, 1)


def row_floats(weights: Weights, name: str, rows: NDArray[Any]) -> NDArray[np.float32]:
    """Some rows of a variable, as numbers of the shape of `rows` with the row's width added."""
    stored = weights[name][rows].astype(np.float32)
    if weights[name].dtype != np.int8:
        return np.asarray(stored)
    return np.asarray(stored / weights[f"{name}_scale"].astype(np.float32).reshape(-1)[rows][..., None])
