"""An engine process without a model: answers with one word, and misbehaves when the options' model name says so.

Run as `python -m tests.transcription.fake_child OPTIONS`, as `process.py` runs the real one.
"""

import json
import os
import sys
import time

from transcription.engine import HeardWord, Hypothesis
from transcription.pipe import die_with, pack, pack_hypotheses, read, unpack_windows

options = json.loads(sys.argv[1])
mode = options["model"]
die_with(options["parent"])
os.nice(options["niceness"])
if mode == "dead-on-arrival":
    sys.exit(1)
if mode == "refuses":
    sys.stdout.buffer.write(pack({"refused": {"code": "device_missing", "message": "no such device"}}))
    sys.exit(0)
sys.stdout.buffer.write(pack({"ready": "fake"}))
sys.stdout.buffer.flush()
while (request := read(sys.stdin.buffer)) is not None:
    windows = unpack_windows(*request)
    if mode == "hangs":
        time.sleep(3600)
    if mode == "crashes":
        os.abort()
    if mode == "nonsense":
        sys.stdout.buffer.write(b"\xff" * 64)
    if mode == "short":
        sys.stdout.buffer.write(pack_hypotheses([]))
    if mode == "well":
        answers = [
            Hypothesis((HeardWord(f"{window.bucket}", 0, int(abs(window.samples).max()), 0.5),), "en")
            for window in windows
        ]
        sys.stdout.buffer.write(pack_hypotheses(answers))
    sys.stdout.buffer.flush()
