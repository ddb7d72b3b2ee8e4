"""Whisper's text decoder as two ONNX models, made of a CTranslate2 model's weights. Pure.

`memory_graph`: from the encoder's output, once a window, the keys and values that every layer attends to.
`step_graph`: from the words so far one step on, for any number of rows (windows times beams) and tokens at once; gives
the likeliest next tokens. The widths of all tensors come from the weights. Matrices are held in 8 bits with a scale
for each 128 numbers (32 where the width is no multiple of 128), laid out once, when the model is loaded: CTranslate2
without MKL lays all of them out anew for every token, three quarters of its time on an AMD EPYC.

Sizes: N rows, T new tokens, P tokens before, W windows, S encoder steps, L layers, H heads, D a head's width.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .onnx_graph import CONTRIB, INT64, Graph
from .weights import Weights, as_floats

Floats = NDArray[np.float32]
_EPSILON: Final = 1e-5
_LEVELS: Final = 127
_MIDDLE: Final = 128
_ROWS_AT_ONCE: Final = 256
"""Half a megabyte stays in the processor's cache: a third of the time for a whole matrix."""
CANDIDATES: Final = 8
"""Next tokens that a step names a row; more than the widest beam."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights say of the decoder."""

    layers: int
    heads: int
    width: int

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads


def shape_of(weights: Weights) -> Shape:
    """Layers, heads and width of the decoder."""
    layers = {name.split("/")[1] for name in weights if name.startswith("decoder/layer_")}
    layers.discard("layer_norm")
    return Shape(len(layers), int(weights["decoder/num_heads"]), weights["decoder/embeddings/weight"].shape[1])


def in_blocks(matrix: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """A matrix [out, in] in 8 bits around 128, and a scale for each block of a row."""
    rows, columns = matrix.shape
    block = _block(columns)
    blocks = matrix.reshape(rows, columns // block, block)
    numbers = np.empty(blocks.shape, np.uint8)
    scales = np.empty(blocks.shape[:2], np.float32)
    for start in range(0, rows, _ROWS_AT_ONCE):
        part = blocks[start : start + _ROWS_AT_ONCE]
        scale = np.maximum(np.abs(part).max(axis=2), 1e-12) / np.float32(_LEVELS)
        scales[start : start + _ROWS_AT_ONCE] = scale
        numbers[start : start + _ROWS_AT_ONCE] = np.rint(part / scale[..., None]) + np.float32(_MIDDLE)
    return numbers, scales


def _block(columns: int) -> int:
    return next(size for size in (128, 64, 32, 16) if columns % size == 0)


def memory_graph(weights: Weights) -> bytes:
    """memory [W, S, width] -> for each layer keys k0.. [W, H, D, S] and values v0.. [W, H, S, D]."""
    shape, graph = shape_of(weights), Graph()
    names = [f"decoder/layer_{layer}/attention/linear_1" for layer in range(shape.layers)]
    matrix = np.concatenate([as_floats(weights, f"{name}/weight") for name in names])
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / _LEVELS
    numbers = np.rint(matrix / scales[:, None]).astype(np.int8).T
    bias = np.concatenate([as_floats(weights, f"{name}/bias") for name in names])
    memory = graph.input("memory", ["W", "S", shape.width])
    inputs = (memory, graph.constant(numbers), graph.constant(scales.astype(np.float32)), "", graph.constant(bias))
    joined = graph.node("DynamicQuantizeMatMul", *inputs, domain=CONTRIB)
    split = graph.constant(np.array([0, 0, 2 * shape.layers, shape.heads, shape.head], np.int64))
    apart = graph.nodes("Split", 2 * shape.layers, graph.node("Reshape", joined, split), axis=2)
    flat = graph.constant(np.array([0, 0, shape.heads, shape.head], np.int64))
    for index, one in enumerate(apart):
        heads = graph.node("Reshape", one, flat)
        layer, values = divmod(index, 2)
        turned = graph.node("Transpose", heads, perm=[0, 2, 1, 3] if values else [0, 2, 3, 1])
        sizes: list[int | str] = ["W", shape.heads, "S", shape.head] if values else ["W", shape.heads, shape.head, "S"]
        graph.output(f"{'v' if values else 'k'}{layer}", turned, sizes)
    return graph.packed()


def step_graph(weights: Weights) -> bytes:
    """One step on.

    In: x [N, T, width], mask [N, 1, T, P + T], past [2L, N, H, P, D], k and v of each layer, the places `rows` of which
    the next tokens are asked, `barred` [tokens], added to the logits; by_window [W, -1, H, D] and by_row [N, T, width].
    Out: tokens and chances [N, R, CANDIDATES], logits [N, R, tokens], new [2L, N, H, T, D], attention of each layer.
    """
    return _Step(weights).packed()


class _Step:
    """The step's graph under construction."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._shape = shape_of(weights)
        self._graph = Graph()

    def packed(self) -> bytes:
        graph, shape = self._graph, self._shape
        x = graph.input("x", ["N", "T", shape.width])
        mask = graph.input("mask", ["N", 1, "T", "A"])
        past = graph.input("past", [2 * shape.layers, "N", shape.heads, "P", shape.head])
        self._by_window = graph.input("by_window", [4], INT64)
        self._by_row = graph.input("by_row", [3], INT64)
        self._heads = graph.constant(np.array([0, 0, shape.heads, shape.head], np.int64))
        self._joined = graph.constant(np.array([0, 0, shape.width], np.int64))
        self._one = graph.constant(np.array([0], np.int64))
        before = graph.nodes("Split", 2 * shape.layers, past, axis=0)
        new: list[str] = []
        for layer in range(shape.layers):
            x = self._layer(f"decoder/layer_{layer}", x, mask, before[2 * layer : 2 * layer + 2], new, layer)
        graph.output("new", graph.node("Concat", *new, axis=0), [2 * shape.layers, "N", shape.heads, "T", shape.head])
        self._ending(x)
        return graph.packed()

    def _layer(self, name: str, x: str, mask: str, before: list[str], new: list[str], layer: int) -> str:
        x = self._add(x, self._attend_words(f"{name}/self_attention", x, mask, before, new))
        x = self._add(x, self._attend_sound(f"{name}/attention", x, layer))
        inner = self._linear(f"{name}/ffn/linear_0", self._norm(f"{name}/ffn/layer_norm", x))
        return self._add(x, self._linear(f"{name}/ffn/linear_1", self._graph.node("Gelu", inner, domain=CONTRIB)))

    def _attend_words(self, name: str, x: str, mask: str, before: list[str], new: list[str]) -> str:
        graph = self._graph
        joined = self._linear(f"{name}/linear_0", self._norm(f"{name}/layer_norm", x), queries=self._shape.width)
        query, key, value = (self._by_heads(one) for one in graph.nodes("Split", 3, joined, axis=2))
        new += [graph.node("Unsqueeze", one, self._one) for one in (key, value)]
        keys, values = (
            graph.node("Concat", graph.node("Squeeze", old, self._one), one, axis=2)
            for old, one in zip(before, (key, value), strict=True)
        )
        scores = graph.node("MatMul", query, graph.node("Transpose", keys, perm=[0, 1, 3, 2]))
        shares = graph.node("Softmax", self._add(scores, mask), axis=-1)
        heard = graph.node("Transpose", graph.node("MatMul", shares, values), perm=[0, 2, 1, 3])
        return self._linear(f"{name}/linear_1", graph.node("Reshape", heard, self._joined))

    def _attend_sound(self, name: str, x: str, layer: int) -> str:
        """Beams of one window stand side by side like more words, so that its sound is not copied for each."""
        graph, shape = self._graph, self._shape
        keys = graph.input(f"k{layer}", ["W", shape.heads, shape.head, "S"])
        values = graph.input(f"v{layer}", ["W", shape.heads, "S", shape.head])
        query = self._linear(f"{name}/linear_0", self._norm(f"{name}/layer_norm", x), queries=shape.width)
        query = graph.node("Transpose", graph.node("Reshape", query, self._by_window), perm=[0, 2, 1, 3])
        shares = graph.node("Softmax", graph.node("MatMul", query, keys), axis=-1)
        graph.output(f"attention{layer}", shares, ["W", shape.heads, "Q", "S"])
        heard = graph.node("Transpose", graph.node("MatMul", shares, values), perm=[0, 2, 1, 3])
        return self._linear(f"{name}/linear_2", graph.node("Reshape", heard, self._by_row))

    def _ending(self, x: str) -> None:
        """Logits of the asked rows, and of them the likeliest tokens that are not barred, with their probabilities."""
        graph, words = self._graph, self._weights["decoder/embeddings/weight"].shape[0]
        rows = graph.input("rows", ["R"], INT64)
        asked = graph.node("Gather", self._norm("decoder/layer_norm", x), rows, axis=1)
        logits = self._linear("decoder/projection", asked)
        graph.output("logits", logits, ["N", "R", words])
        shares = graph.node("Softmax", self._add(logits, graph.input("barred", [words])), axis=-1)
        count = graph.constant(np.array([CANDIDATES], np.int64))
        chances, tokens = graph.nodes("TopK", 2, shares, count, axis=2)
        graph.output("chances", chances, ["N", "R", CANDIDATES])
        graph.output("tokens", tokens, ["N", "R", CANDIDATES], INT64)

    def _by_heads(self, value: str) -> str:
        return self._graph.node("Transpose", self._graph.node("Reshape", value, self._heads), perm=[0, 2, 1, 3])

    def _add(self, one: str, other: str) -> str:
        return self._graph.node("Add", one, other)

    def _norm(self, name: str, x: str) -> str:
        gamma, beta = (self._graph.constant(as_floats(self._weights, f"{name}/{part}")) for part in ("gamma", "beta"))
        return self._graph.node("LayerNormalization", x, gamma, beta, axis=-1, epsilon=_EPSILON)

    def _linear(self, name: str, x: str, queries: int = 0) -> str:
        """x times the matrix, plus its bias; the first `queries` rows are queries, which are scaled beforehand."""
        matrix = as_floats(self._weights, f"{name}/weight")
        matrix[:queries] *= np.float32(self._shape.head**-0.5)
        numbers, scales = in_blocks(matrix)
        graph = self._graph
        sizes = {"K": matrix.shape[1], "N": matrix.shape[0], "bits": 8, "block_size": numbers.shape[2]}
        inputs = (x, graph.constant(numbers), graph.constant(scales.reshape(-1)))
        y = graph.node("MatMulNBits", *inputs, domain=CONTRIB, **sizes, accuracy_level=4)
        if f"{name}/bias" not in self._weights:
            return y
        bias = as_floats(self._weights, f"{name}/bias")
        bias[:queries] *= np.float32(self._shape.head**-0.5)
        return self._add(y, graph.constant(bias))
