"""What can go wrong in transcription, as coded errors whose messages are safe to show.

TranscriptionError
├── AudioError      the payload of one feed() is refused; the stream and every other stream go on
├── ModelError      weights are missing, incomplete or not the pinned ones, or this machine cannot run them as asked
└── EngineLostError the engine died or hung; its work is submitted again after a restart
"""


class TranscriptionError(Exception):
    """Root. `code` is stable, `retryable` says whether the same request may succeed later."""

    code = "transcription_failed"
    retryable = False

    def __init__(self, message: str, *, code: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.retryable = self.retryable if retryable is None else retryable


class AudioError(TranscriptionError):
    """Codes: audio_{empty, truncated, corrupt, too_long, rate, offset, too_far_ahead}."""

    code = "audio_corrupt"


class ModelError(TranscriptionError):
    """Codes: model_unknown, model_missing, model_corrupt, device_missing, device_unfit."""

    code = "model_missing"


class EngineLostError(TranscriptionError):
    """Codes: engine_lost, engine_hung, engine_start_failed."""

    code = "engine_lost"
    retryable = True
