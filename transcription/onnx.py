"""Runs ONNX models: the only module that imports onnxruntime. One thread unless told otherwise, nothing that spins."""

import tempfile
from pathlib import Path
from typing import Any


def session(model: bytes | Path, threads: int = 1) -> Any:
    """A model, loaded. It may run in any thread, and in one at a time."""
    if isinstance(model, Path):
        return _session(model, threads)
    # By way of a file: a session keeps the bytes that it was made of, as big as the weights, for as long as it lives.
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        return _session(Path(file.name), threads)


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
