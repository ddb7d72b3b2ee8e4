"""Runs ONNX models: the only module that imports onnxruntime. One thread unless told otherwise, nothing that spins."""

from pathlib import Path
from typing import Any


def session(model: bytes | Path, threads: int = 1) -> Any:
    """A model, loaded. It may run in any thread, and in one at a time."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
