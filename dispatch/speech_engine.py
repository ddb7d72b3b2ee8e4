"""Which speech engine this server runs: the settings, the model's files and the device as one set of options.

In: `Settings`. Out: `WhisperOptions`. Invariant: a model that is missing or damaged is said in the log and never keeps
a server from starting: calls go on without transcripts.
"""

from dataclasses import replace

import structlog

from dispatch.settings import MODEL_CACHE, EngineDevice, Settings
from transcription import ModelError, ModelStore, WhisperOptions

_log = structlog.get_logger(__name__)


def whisper_options(settings: Settings) -> WhisperOptions:
    """The speech model, checked. Without it the engine never comes up and calls go on without a transcript."""
    store = ModelStore(MODEL_CACHE)
    try:
        directory, multilingual = store.get(settings.model), store.multilingual(settings.model)
    except ModelError as error:
        _log.error("no speech model; calls go on without transcripts", code=error.code)
        directory, multilingual = MODEL_CACHE / "missing", True
    options = WhisperOptions(settings.model, directory, multilingual)
    if settings.engine_device is EngineDevice.CUDA:
        # One process fills a GPU; second looks take their turn in it.
        options = replace(options, device="cuda", compute_type="int8_float16", workers=1, background=False)
    return replace(
        options,
        compute_type=settings.engine_compute_type or options.compute_type,
        workers=settings.engine_processes or options.workers,
    )
