"""Whisper by CTranslate2: the program that runs in an engine process. Nothing else imports the model's libraries.

Reads windows from its standard input and writes hypotheses to its standard output, see pipe.py. A window is encoded
once at its own length, not at the model's 30 s; words come from greedy or beam search, their times and probabilities
from one forced alignment on the same encoding. Any error ends the process; its owner starts it again.
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

from .engine import HeardWord, Hypothesis, Samples, Window
from .guards import token_cap
from .language import WITHOUT_SPACES
from .pipe import die_with, pack, pack_hypotheses, read, unpack_windows
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
        found = self._model.generate(
            encoded,
            prompts,
            beam_size=windows[0].beam,
            max_length=len(prompts[0]) + max(token_cap(len(window.samples)) for window in windows),
            return_scores=True,
            return_no_speech_prob=True,
        )
        texts = [[token for token in one.sequences_ids[0] if token < spoken[0].eot] for one in found]
        words = self._aligned(encoded, spoken, texts, windows)
        return [
            Hypothesis(tuple(heard), *guess, one.no_speech_prob, one.scores[0])
            for heard, guess, one in zip(words, guesses, found, strict=True)
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
    ) -> list[list[HeardWord]]:
        """Words with times. Windows of one batch are aligned with the first one's language, which moves nothing."""
        if not any(texts):
            return [[] for _ in texts]
        frames = [max(1, -(-len(window.samples) // _SAMPLES_A_FRAME)) for window in windows]
        aligned = self._model.align(encoded, list(spoken[0].sot_sequence), list(texts), frames)
        return [
            _words(tokens, text, one.alignments, one.text_token_probs)
            for tokens, text, one in zip(spoken, texts, aligned, strict=True)
        ]


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
    sink.write(pack({"ready": Path(options["directory"]).name}))
    sink.flush()
    serve(recogniser, sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
