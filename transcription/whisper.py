"""Whisper by CTranslate2: the program that runs in an engine process. Nothing else imports the model's libraries.

Reads windows from its standard input and writes hypotheses to its standard output, see pipe.py. A window is encoded
once at its own length, not at the model's 30 s; words come from greedy or beam search, their times and probabilities
from the attention to that encoding. On a CPU and in 8 bits the greedy search is our own (decoder.py, docs/adr/0305);
what is searched with a beam, and everything elsewhere, is CTranslate2's. Any error ends the process; its owner starts
it again.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer

from .decoder import Special, TextDecoder, Written
from .engine import HeardWord, Hypothesis, Samples, Window
from .guards import token_cap
from .language import WITHOUT_SPACES
from .pipe import die_with, give_back_memory, pack, pack_hypotheses, read, unpack_windows
from .weights import read_weights
from .windows import BUCKETS

_SAMPLES_A_FRAME: Final = 160
_SAMPLES_A_STEP: Final = 320
"""The encoder halves the frames: alignments come in steps of 20 ms."""


class Recogniser:
    """A loaded model."""

    def __init__(self, options: dict[str, Any]) -> None:
        directory = options["directory"]
        self._model = ctranslate2.models.Whisper(
            directory,
            device=options["device"],
            compute_type=options["compute_type"],
            intra_threads=options["threads"],
            inter_threads=1,
        )
        self._features = FeatureExtractor(feature_size=self._model.n_mels)
        self._pieces = tokenizers.Tokenizer.from_file(f"{directory}/tokenizer.json")
        self._tokenizers: dict[tuple[str, str], Tokenizer] = {}
        small = options["device"] == "cpu" and options["compute_type"].startswith("int8")
        self._decoder = self._own_decoder(Path(directory), options) if small else None

    @property
    def steps(self) -> int:
        """Steps that our own decoder made so far."""
        return self._decoder.steps if self._decoder else 0

    def warm_up(self) -> None:
        """Run every path once, so that the first caller does not wait for memory and kernels."""
        silence = np.zeros(16000, np.int16)
        self.decode([Window(silence, BUCKETS[0], "en")])
        self.decode([Window(silence, BUCKETS[0], None, beam=5)])

    def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        """Hypotheses for windows of equal bucket and beam."""
        encoded = self._model.encode(self._spectra(windows))
        guesses = self._languages(encoded, windows)
        spoken = [self._tokenizer(language, window) for (language, _, _), window in zip(guesses, windows, strict=True)]
        prompts = [[*tokens.sot_sequence, tokens.no_timestamps] for tokens in spoken]
        search = self._greedily if self._decoder and windows[0].beam == 1 else self._widely
        return [
            Hypothesis(tuple(_words(tokens, one.tokens, one.path, one.probabilities)), *guess, one.no_speech, one.score)
            for tokens, guess, one in zip(spoken, guesses, search(encoded, prompts, spoken, windows), strict=True)
        ]

    def _own_decoder(self, directory: Path, options: dict[str, Any]) -> TextDecoder:
        config = json.loads((directory / "config.json").read_text())
        end, silence = (self._number(*names) for names in (("<|endoftext|>",), ("<|nospeech|>", "<|nocaptions|>")))
        special = Special(end, silence, config["suppress_ids"], config["suppress_ids_begin"])
        heads = [(layer, head) for layer, head in config["alignment_heads"]]
        return TextDecoder(lambda: read_weights(directory / "model.bin"), special, heads, options["threads"])

    def _number(self, *names: str) -> int:
        """The token of one of these names; which it is depends on the model's age."""
        numbers = [self._pieces.token_to_id(name) for name in names]
        return next(number for number in numbers if number is not None)

    def _greedily(
        self, encoded: Any, prompts: list[list[int]], spoken: Sequence[Tokenizer], windows: Sequence[Window]
    ) -> list[Written]:
        """The likeliest tokens one by one, by our own decoder."""
        assert self._decoder, "only on a CPU"
        sound = self._decoder.listen(np.array(encoded))
        drafts = [
            tokens.encode(f" {window.draft}") if window.draft else []
            for tokens, window in zip(spoken, windows, strict=True)
        ]
        limit = _limit(prompts, windows)
        steps = [max(1, -(-len(window.samples) // _SAMPLES_A_STEP)) for window in windows]
        return self._decoder.write(sound, prompts, drafts, min(limit // 2, limit - len(prompts[0]) + 1), steps)

    def _widely(
        self, encoded: Any, prompts: list[list[int]], spoken: Sequence[Tokenizer], windows: Sequence[Window]
    ) -> list[Written]:
        """With a beam, or on another device, by CTranslate2."""
        found = self._model.generate(
            encoded,
            prompts,
            beam_size=windows[0].beam,
            max_length=_limit(prompts, windows),
            return_scores=True,
            return_no_speech_prob=True,
        )
        texts = [[token for token in one.sequences_ids[0] if token < spoken[0].eot] for one in found]
        aligned = self._aligned(encoded, spoken, texts, windows)
        return [
            Written(text, list(probabilities), list(path), one.scores[0], one.no_speech_prob)
            for text, (path, probabilities), one in zip(texts, aligned, found, strict=True)
        ]

    def _spectra(self, windows: Sequence[Window]) -> ctranslate2.StorageView:
        return ctranslate2.StorageView.from_array(np.stack([self._spectrum(window) for window in windows]))

    def _spectrum(self, window: Window) -> Any:
        sound = np.zeros(window.bucket, np.float32)
        sound[: len(window.samples)] = _float(window.samples)[: window.bucket]
        frames = self._features(sound)[:, : window.bucket // _SAMPLES_A_FRAME]
        return np.ascontiguousarray(frames, np.float32)

    def _languages(self, encoded: Any, windows: Sequence[Window]) -> list[tuple[str, str, float]]:
        """Per window: the language to decode in, the one detected, its probability."""
        if not self._model.is_multilingual:
            return [("en", "en", 1.0)] * len(windows)
        forced = [self._known(window.language) for window in windows]
        detected = self._model.detect_language(encoded) if None in forced else [[("", 1.0)]] * len(windows)
        return [
            (language, language, 1.0) if language else _language(window, *best[0])
            for language, window, best in zip(forced, windows, detected, strict=True)
        ]

    def _known(self, language: str | None) -> str | None:
        """The language if this model has a token for it: younger models know some that older ones do not."""
        return language if language and self._pieces.token_to_id(f"<|{language}|>") is not None else None

    def _tokenizer(self, language: str, window: Window) -> Tokenizer:
        key = (language, window.task.value)
        if key not in self._tokenizers:
            self._tokenizers[key] = Tokenizer(
                self._pieces, self._model.is_multilingual, task=window.task.value, language=language
            )
        return self._tokenizers[key]

    def _aligned(
        self, encoded: Any, spoken: Sequence[Tokenizer], texts: Sequence[list[int]], windows: Sequence[Window]
    ) -> list[tuple[Sequence[tuple[int, int]], Sequence[float]]]:
        """Times and probabilities. Windows of one batch are aligned with the first one's language: it moves nothing."""
        if not any(texts):
            return [((), ()) for _ in texts]
        frames = [max(1, -(-len(window.samples) // _SAMPLES_A_FRAME)) for window in windows]
        aligned = self._model.align(encoded, list(spoken[0].sot_sequence), list(texts), frames)
        return [(one.alignments, one.text_token_probs) for one in aligned]


def _limit(prompts: Sequence[Sequence[int]], windows: Sequence[Window]) -> int:
    """What CTranslate2 calls the greatest length; it writes half of that at most, and so does our own decoder."""
    return len(prompts[0]) + max(token_cap(len(window.samples)) for window in windows)


def _float(samples: Samples) -> Any:
    return samples.astype(np.float32) / np.float32(32768)


def _language(window: Window, detected: str, probability: float) -> tuple[str, str, float]:
    detected = detected.strip("<|>")
    return (detected if probability >= window.sure else window.assumed), detected, probability


def _words(
    tokens: Tokenizer, text: list[int], path: Sequence[tuple[int, int]], probabilities: Sequence[float]
) -> list[HeardWord]:
    """Tokens to words: a piece that begins with a space begins a word, in languages that have spaces."""
    if not text:
        return []
    steps: dict[int, int] = {}
    for token, step in path:
        steps.setdefault(token, step)
    last = path[-1][1] + 1 if path else 0
    starts = [steps.get(index, last) for index in range(len(text))] + [last]
    heard, at = [], 0
    for word, pieces in _grouped(tokens, text):
        chance = float(np.mean(probabilities[at : at + len(pieces)]))
        first, end = starts[at] * _SAMPLES_A_STEP, starts[at + len(pieces)] * _SAMPLES_A_STEP
        at += len(pieces)
        if word.strip():
            heard.append(HeardWord(word.strip(), first, max(first, end), chance))
    return heard


def _grouped(tokens: Tokenizer, text: list[int]) -> list[tuple[str, list[int]]]:
    pieces = list(zip(*tokens.split_tokens_on_unicode(text), strict=True))
    if tokens.language_code in WITHOUT_SPACES:
        return pieces
    groups: list[tuple[str, list[int]]] = []
    for piece, ids in pieces:
        if groups and not piece.startswith(" "):
            groups[-1] = (groups[-1][0] + piece, groups[-1][1] + ids)
        else:
            groups.append((piece, ids))
    return groups


def serve(recogniser: Recogniser, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the pipe ends."""
    while (request := read(source)) is not None:
        sink.write(pack_hypotheses(recogniser.decode(unpack_windows(*request))))
        sink.flush()


def refusal(options: dict[str, Any], gpus: Callable[[], int], able: Callable[[str], set[str]]) -> dict[str, str] | None:
    """Why this machine cannot run the model as asked; None when it can.

    `gpus` counts the GPUs, `able` names the compute types that a device is good at.
    """
    device, numbers = options["device"], options["compute_type"]
    if device == "cuda" and not gpus():
        return {"code": "device_missing", "message": "no CUDA device is here; set KIWIMESH_ENGINE_DEVICE=cpu"}
    types = able(device)
    if numbers not in types:
        message = f"{device} cannot compute in {numbers}; it can in {', '.join(sorted(types))}"
        return {"code": "device_unfit", "message": message}
    return None


def main() -> None:
    """Load the model that the first argument describes, say that it is ready, answer."""
    options = json.loads(sys.argv[1])
    die_with(options["parent"])
    os.nice(options["niceness"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pipe keeps its own descriptor: what a library prints must not get between the messages.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    refused = refusal(options, ctranslate2.get_cuda_device_count, ctranslate2.get_supported_compute_types)
    if refused:
        sink.write(pack({"refused": refused}))
        sink.flush()
        return
    recogniser = Recogniser(options)
    recogniser.warm_up()
    give_back_memory()
    sink.write(pack({"ready": Path(options["directory"]).name}))
    sink.flush()
    serve(recogniser, sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
