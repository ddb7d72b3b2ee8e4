"""What of a script can be heard, as one short hash: it tells whether a recording is of this text.

Plain mappings in, so that the recording environment and the player use the same function.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

SOUND_VERSION: Final = 1
"""Counts up when the same text shall be spoken anew."""


def text_hash(persona: Mapping[str, Any], turns: Sequence[Mapping[str, Any]]) -> str:
    """Changes when the recording is out of date."""
    heard = [SOUND_VERSION, persona["voice"], persona["emotion"], persona["noise"], float(persona["snr_db"])]
    lines = [[turn["id"], turn["say"], *(turn.get(key) for key in ("voice", "emotion", "clip"))] for turn in turns]
    return hashlib.sha256(json.dumps([heard, lines]).encode()).hexdigest()[:16]
