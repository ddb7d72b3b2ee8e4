"""Our own text decoder against plain arithmetic, on small random weights: no recogniser is loaded."""

import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transcription import ModelError
from transcription.alignment import path, sharpened
from transcription.decoder import Special, TextDecoder, Written
from transcription.decoder_graph import in_blocks, shape_of
from transcription.weights import Weights, as_floats, read_weights, row_floats

pytestmark = pytest.mark.unit

WIDTH, LAYERS, HEADS, WORDS, STEPS = 32, 2, 2, 60, 25
END, NO_SPEECH = 50, 51
SPECIAL = Special(END, NO_SPEECH, barred=(7,), barred_first=(3, END))
PROMPT = [52, 53, 54]


def weights(seed: int = 1) -> Weights:
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.standard_normal((rows, columns)).astype(np.float32) / np.float32(np.sqrt(columns))

    made: Weights = {
        "decoder/num_heads": np.array(HEADS, np.int16),
        "decoder/embeddings/weight": random.standard_normal((WORDS, WIDTH)).astype(np.float32),
        "decoder/position_encodings/encodings": random.standard_normal((40, WIDTH)).astype(np.float32),
    }
    made["decoder/projection/weight"] = made["decoder/embeddings/weight"]
    sizes = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "attention/linear_0": (WIDTH, WIDTH),
        "attention/linear_1": (2 * WIDTH, WIDTH),
        "attention/linear_2": (WIDTH, WIDTH),
        "ffn/linear_0": (4 * WIDTH, WIDTH),
        "ffn/linear_1": (WIDTH, 4 * WIDTH),
    }
    norms = ["decoder/layer_norm"]
    for layer in range(LAYERS):
        name = f"decoder/layer_{layer}"
        norms += [f"{name}/{part}/layer_norm" for part in ("self_attention", "attention", "ffn")]
        for part, (rows, columns) in sizes.items():
            made[f"{name}/{part}/weight"] = matrix(rows, columns)
            made[f"{name}/{part}/bias"] = random.standard_normal(rows).astype(np.float32) / 10
    for name in norms:
        made[f"{name}/gamma"] = 1 + random.standard_normal(WIDTH).astype(np.float32) / 10
        made[f"{name}/beta"] = random.standard_normal(WIDTH).astype(np.float32) / 10
    return made


class Plain:
    """The same decoder in plain floating point, every token read anew."""

    def __init__(self, made: Weights) -> None:
        self.made = made

    def logits(self, memory: np.ndarray, tokens: list[int]) -> np.ndarray:
        x = (
            self.made["decoder/embeddings/weight"][tokens]
            + self.made["decoder/position_encodings/encodings"][: len(tokens)]
        )
        hidden = np.triu(np.full((len(tokens), len(tokens)), -np.inf), 1)
        for layer in range(LAYERS):
            name = f"decoder/layer_{layer}"
            query, key, value = np.split(
                self.linear(f"{name}/self_attention/linear_0", self.norm(f"{name}/self_attention/layer_norm", x)),
                3,
                axis=1,
            )
            x = x + self.linear(f"{name}/self_attention/linear_1", self.attend(query, key, value, hidden))
            query = self.linear(f"{name}/attention/linear_0", self.norm(f"{name}/attention/layer_norm", x))
            key, value = np.split(self.linear(f"{name}/attention/linear_1", memory), 2, axis=1)
            x = x + self.linear(f"{name}/attention/linear_2", self.attend(query, key, value))
            inner = self.linear(f"{name}/ffn/linear_0", self.norm(f"{name}/ffn/layer_norm", x))
            x = x + self.linear(f"{name}/ffn/linear_1", gelu(inner))
        return np.asarray(self.norm("decoder/layer_norm", x) @ self.made["decoder/projection/weight"].T)

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ self.made[f"{name}/weight"].T + self.made[f"{name}/bias"])

    def norm(self, name: str, x: np.ndarray) -> np.ndarray:
        even = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        return np.asarray(even * self.made[f"{name}/gamma"] + self.made[f"{name}/beta"])

    def attend(
        self, query: np.ndarray, key: np.ndarray, value: np.ndarray, hidden: np.ndarray | float = 0.0
    ) -> np.ndarray:
        parts = []
        for head in range(HEADS):
            part = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
            scores = query[:, part] @ key[:, part].T / np.sqrt(WIDTH / HEADS) + hidden
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            parts.append(shares / shares.sum(axis=1, keepdims=True) @ value[:, part])
        return np.concatenate(parts, axis=1)


def gelu(x: np.ndarray) -> np.ndarray:
    from math import erf

    return np.asarray(x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2))))


MADE = weights()
DECODER = TextDecoder(lambda: MADE, SPECIAL, [(0, 1), (1, 0)], 1)


def sound(seed: int, windows: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((windows, STEPS, WIDTH)).astype(np.float32)


def write(memory: np.ndarray, drafts: list[list[int]], limit: int = 12) -> list[Written]:
    count = len(memory)
    return DECODER.write(DECODER.listen(memory), [PROMPT] * count, drafts, limit, [STEPS] * count)


@pytest.mark.parametrize("seed", range(6))
def test_every_token_is_one_that_plain_arithmetic_finds_likely_too(seed: int) -> None:
    memory = sound(seed)
    written = write(memory, [[]])[0]
    logits = Plain(MADE).logits(memory[0], [*PROMPT, *written.tokens])[len(PROMPT) - 1 :]
    assert written.tokens
    for place, token in enumerate(written.tokens):
        words = np.delete(logits[place], [7, *range(END + 1, WORDS), *([3, END] if place == 0 else [])])
        assert logits[place][token] > words.max() - 0.6, "8 bits move a logit by a few tenths"


@pytest.mark.parametrize("seed", range(6))
def test_a_draft_saves_steps_and_changes_no_word(seed: int) -> None:
    memory = sound(seed)
    before = DECODER.steps
    alone = write(memory, [[]])[0]
    needed = DECODER.steps - before
    drafted = write(memory, [alone.tokens])[0]
    assert drafted.tokens == alone.tokens
    assert drafted.path == alone.path
    assert DECODER.steps - before - needed <= 2 < needed


@pytest.mark.parametrize("draft", [[1, 2, 3, 4], [9] * 30, [END], [7, 7]])
def test_a_wrong_draft_changes_no_word(draft: list[int]) -> None:
    memory = sound(3)
    assert write(memory, [draft])[0].tokens == write(memory, [[]])[0].tokens


def test_a_draft_with_one_wrong_word_still_saves_the_rest() -> None:
    memory = sound(2)
    right = write(memory, [[]])[0].tokens
    wrong = [*right[:2], (right[2] + 1) % 40, *right[3:]]
    before = DECODER.steps
    assert write(memory, [wrong])[0].tokens == right
    assert DECODER.steps - before < len(right) - 2


def test_windows_of_a_batch_do_not_hear_each_other() -> None:
    together = sound(11, windows=3)
    alone = [write(together[number : number + 1], [[]])[0].tokens for number in range(3)]
    drafts = [[], alone[1], [1, 2]]
    assert [one.tokens for one in write(together, drafts)] == alone


def test_what_is_barred_is_never_written_and_the_text_does_not_begin_with_its_end() -> None:
    texts = [write(sound(seed), [[]])[0].tokens for seed in range(12)]
    assert all(texts), "a first token that is an end, or a blank, is passed over"
    assert not {token for text in texts for token in text} & {7, *range(END, WORDS)}
    assert all(text[0] != 3 for text in texts)


def test_times_and_probabilities_belong_to_the_tokens() -> None:
    for seed in range(6):
        written = write(sound(seed), [[]])[0]
        assert len(written.probabilities) == len(written.tokens)
        assert all(0 < one <= 1 for one in written.probabilities)
        tokens, steps = zip(*written.path, strict=True)
        assert list(tokens) == sorted(tokens)
        assert list(steps) == sorted(steps)
        assert set(range(len(written.tokens))) <= set(tokens)
        assert steps[-1] < STEPS
        assert 0 <= written.no_speech <= 1
        assert written.score < 0


def test_the_longest_text_is_as_long_as_is_asked() -> None:
    assert max(len(write(sound(seed), [[]], limit=3)[0].tokens) for seed in range(6)) == 3


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 60))
@pytest.mark.property
def test_a_way_through_any_attention_goes_from_the_first_to_the_last(seed: int, tokens: int, stretches: int) -> None:
    attention = np.random.default_rng(seed).random((3, tokens, stretches)) + 1e-3
    way = path(sharpened(attention))
    assert way[-1] == (tokens - 1, stretches - 1)
    assert way[0][0] == 0 or way[0][1] == 0
    for (token, stretch), (next_token, next_stretch) in itertools.pairwise(way):
        assert (next_token - token, next_stretch - stretch) in ((1, 1), (1, 0), (0, 1))


def test_the_way_follows_what_is_bright() -> None:
    picture = np.full((3, 9), -1.0)
    for token, stretch in ((0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6), (2, 7), (2, 8)):
        picture[token, stretch] = 1.0
    starts = {token: int(stretch) for token, stretch in reversed(path(picture))}
    assert starts == {0: 0, 1: 3, 2: 5}


def test_eight_bits_are_within_a_127th_of_the_largest_of_a_block() -> None:
    matrix = np.random.default_rng(1).standard_normal((4, 384)).astype(np.float32)
    numbers, scales = in_blocks(matrix)
    assert numbers.shape == (4, 3, 128)
    back = (numbers.astype(np.float32) - 128) * scales[..., None]
    assert np.abs(back.reshape(4, 384) - matrix).max() <= scales.max() * 0.51


# The file


def _file(target: Path, version: int = 6) -> Path:
    def text(word: str) -> bytes:
        return struct.pack("<H", len(word) + 1) + word.encode() + b"\0"

    half = np.arange(6, dtype=np.float16).reshape(2, 3)
    eighth = np.array([[-127, 127], [64, 0]], np.int8)
    rows = [("a/weight", half, 4), ("b/weight", eighth, 1), ("b/weight_scale", np.array([2.0, 4.0], np.float32), 0)]
    body = struct.pack("<I", version) + text("WhisperSpec") + struct.pack("<II", 3, len(rows))
    for name, array, kind in rows:
        body += text(name) + struct.pack("<B", array.ndim) + struct.pack(f"<{array.ndim}I", *array.shape)
        body += struct.pack("<BI", kind, array.nbytes) + array.tobytes()
    target.write_bytes(body + struct.pack("<I", 1) + text("c/weight") + text("a/weight"))
    return target


def test_a_model_file_is_read_with_second_names_and_scales(tmp_path: Path) -> None:
    read = read_weights(_file(tmp_path / "model.bin"))
    assert as_floats(read, "c/weight").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert as_floats(read, "b/weight").tolist() == [[-63.5, 63.5], [16, 0]]
    assert row_floats(read, "b/weight", np.array([[1], [0]])).tolist() == [[[16, 0]], [[-63.5, 63.5]]]
    assert row_floats(read, "a/weight", np.array([1])).tolist() == [[3, 4, 5]]


def test_a_model_file_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="format"):
        read_weights(_file(tmp_path / "model.bin", version=7))


def test_the_sizes_come_from_the_weights() -> None:
    shape = shape_of(MADE)
    assert (shape.layers, shape.heads, shape.width, shape.head) == (LAYERS, HEADS, WIDTH, WIDTH // HEADS)
