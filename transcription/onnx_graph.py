"""A small writer of ONNX models: nodes and constants in, the bytes of a model out. Pure.

Only what decoder_graph.py needs of the format (onnx.proto3 of the ONNX project, whose field numbers stand below): a
package for it would be twice as big as the recogniser. Invariant: names are made here, so that no two values share one.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FLOAT: Final = 1
INT64: Final = 7
_TYPES: Final = {np.dtype("float32"): FLOAT, np.dtype("uint8"): 2, np.dtype("int8"): 3, np.dtype("int64"): INT64}
_IR_VERSION: Final = 8
_OPSET: Final = 17
CONTRIB: Final = "com.microsoft"
"""Operators that come with onnxruntime itself."""


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(tag: int, value: int | float | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(tag << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(tag << 3 | 5) + struct.pack("<f", value)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(tag << 3 | 2) + _varint(len(raw)) + raw


def _tensor(name: str, array: Array) -> bytes:
    dims = b"".join(_field(1, size) for size in array.shape)
    return dims + _field(2, _TYPES[array.dtype]) + _field(8, name) + _field(9, array.tobytes())


def _attribute(name: str, value: int | float | list[int]) -> bytes:
    head = _field(1, name)
    if isinstance(value, int):
        return head + _field(3, value) + _field(20, 2)
    if isinstance(value, float):
        return head + _field(2, value) + _field(20, 1)
    return head + b"".join(_field(8, one) for one in value) + _field(20, 7)


def _value(name: str, kind: int, shape: list[int | str]) -> bytes:
    dims = b"".join(_field(1, _field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


@dataclass(slots=True)
class Graph:
    """A model under construction. Values are known by their names."""

    _parts: list[bytes] = field(default_factory=list)
    _made: int = 0

    def input(self, name: str, shape: list[int | str], kind: int = FLOAT) -> str:
        """What is given to each run; a size that is a word may differ from run to run."""
        self._parts.append(_field(11, _value(name, kind, shape)))
        return name

    def output(self, name: str, value: str, shape: list[int | str], kind: int = FLOAT) -> None:
        """What each run gives."""
        node = _field(1, value) + _field(2, name) + _field(3, name) + _field(4, "Identity")
        self._parts += [_field(1, node), _field(12, _value(name, kind, shape))]

    def constant(self, array: Array) -> str:
        """A value that is part of the model."""
        name = self._name()
        self._parts.append(_field(5, _tensor(name, np.ascontiguousarray(array) if array.ndim else array)))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: int | float | list[int]) -> str:
        """One operation with one result."""
        return self.nodes(operator, 1, *inputs, domain=domain, **attributes)[0]

    def nodes(
        self, operator: str, count: int, *inputs: str, domain: str = "", **attributes: int | float | list[int]
    ) -> list[str]:
        """One operation with several results."""
        results = [self._name() for _ in range(count)]
        named = b"".join(_field(1, one) for one in inputs) + b"".join(_field(2, one) for one in results)
        options = b"".join(_field(5, _attribute(key, value)) for key, value in attributes.items())
        self._parts.append(_field(1, named + _field(3, results[0]) + _field(4, operator) + options + _field(7, domain)))
        return results

    def packed(self) -> bytes:
        """The model."""
        sets = [_field(8, _field(1, domain) + _field(2, version)) for domain, version in (("", _OPSET), (CONTRIB, 1))]
        graph = b"".join(self._parts) + _field(2, "decoder")
        return _field(1, _IR_VERSION) + b"".join(sets) + _field(7, graph)

    def _name(self) -> str:
        self._made += 1
        return f"_{self._made}"
