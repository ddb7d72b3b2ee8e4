"""Streaming transcription: audio frames in, transcript events out.

Knows nothing of what a call means and imports nothing of the project. `TranscriptionService` is the door: it is given
an `Engine` (a recogniser behind a port), opens a `Stream` for each side of a call, and reports what was heard as
events.
"""

from .clock import Clock, LoopClock
from .codecs import Encoding, StreamFormat
from .engine import Capabilities, Engine, HeardWord, Hypothesis, Task, Window
from .errors import AudioError, EngineLostError, ModelError, TranscriptionError
from .events import (
    SAMPLE_RATE,
    EngineLost,
    EngineRestarted,
    FinalHeard,
    GapHeard,
    Importance,
    LanguageDetected,
    PartialHeard,
    Revised,
    SpeechStarted,
    StableHeard,
    Tier,
    TierChanged,
    TranscriptEvent,
    Translated,
    Utterance,
    Word,
)
from .intake import Intake
from .language import knows_language
from .lateness import BUCKETS_S, Histogram, Latencies
from .models import Model, ModelStore, known
from .process import WhisperEngine, WhisperOptions
from .scripted import ScriptedEngine, ScriptedVoice, ScriptedWord
from .service import TranscriptionService
from .settings import LanguageRules, TranscriptionSettings
from .status import EngineState, ServiceStatus, StreamStatus
from .stream import Stream
from .voice import SileroVoice, VoiceDetector

__all__ = [
    "BUCKETS_S",
    "SAMPLE_RATE",
    "AudioError",
    "Capabilities",
    "Clock",
    "Encoding",
    "Engine",
    "EngineLost",
    "EngineLostError",
    "EngineRestarted",
    "EngineState",
    "FinalHeard",
    "GapHeard",
    "HeardWord",
    "Histogram",
    "Hypothesis",
    "Importance",
    "Intake",
    "LanguageDetected",
    "LanguageRules",
    "Latencies",
    "LoopClock",
    "Model",
    "ModelError",
    "ModelStore",
    "PartialHeard",
    "Revised",
    "ScriptedEngine",
    "ScriptedVoice",
    "ScriptedWord",
    "ServiceStatus",
    "SileroVoice",
    "SpeechStarted",
    "StableHeard",
    "Stream",
    "StreamFormat",
    "StreamStatus",
    "Task",
    "Tier",
    "TierChanged",
    "TranscriptEvent",
    "TranscriptionError",
    "TranscriptionService",
    "TranscriptionSettings",
    "Translated",
    "Utterance",
    "VoiceDetector",
    "WhisperEngine",
    "WhisperOptions",
    "Window",
    "Word",
    "known",
    "knows_language",
]
