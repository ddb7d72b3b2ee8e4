"""When each token was said: the way through a decoder's attention from the first token to the last. Pure.

In: how much each token attends to each stretch of 20 ms. Out: pairs of token and stretch, both growing. The method is
that of Whisper's word times: attention made comparable between tokens, smoothed over seven stretches, averaged over the
heads that follow the sound, and dynamic time warping through what is left.
"""

from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[Any]
_SMOOTH: Final = 7


def sharpened(attention: Floats) -> Floats:
    """Attention [heads, tokens, stretches] as one picture [tokens, stretches] of who follows what."""
    shares = attention / attention.sum(axis=-1, keepdims=True)
    spread = np.maximum(shares.std(axis=1, keepdims=True), 1e-9)
    even = (shares - shares.mean(axis=1, keepdims=True)) / spread
    side = _SMOOTH // 2
    if even.shape[-1] > side:
        even = np.median(sliding_window_view(np.pad(even, ((0, 0), (0, 0), (side, side)), "reflect"), _SMOOTH, -1), -1)
    return np.asarray(even.mean(axis=0))


def path(picture: Floats) -> list[tuple[int, int]]:
    """The brightest way through [tokens, stretches], every step one on in either or both."""
    tokens, stretches = picture.shape
    # Diagonal by diagonal, for all cells of one depend on the two before only: cell (i, j) lies on diagonal i + j.
    cost = np.full((tokens + stretches + 1, tokens + 1), np.inf)
    came = np.zeros((tokens + stretches + 1, tokens + 1), np.int8)
    cost[0, 0] = 0.0
    for diagonal in range(2, tokens + stretches + 1):
        i = np.arange(max(1, diagonal - stretches), min(tokens, diagonal - 1) + 1)
        both, token, stretch = cost[diagonal - 2, i - 1], cost[diagonal - 1, i - 1], cost[diagonal - 1, i]
        way = np.where((both < token) & (both < stretch), 0, np.where((token < both) & (token < stretch), 1, 2))
        came[diagonal, i] = way
        cost[diagonal, i] = np.choose(way, (both, token, stretch)) - picture[i - 1, diagonal - i - 1]
    return _back(came, tokens, stretches)


def _back(came: Floats, i: int, j: int) -> list[tuple[int, int]]:
    steps = []
    while i > 0 and j > 0:
        steps.append((i - 1, j - 1))
        way = int(came[i + j, i])
        i, j = i - (way != 2), j - (way != 1)
    return steps[::-1]
