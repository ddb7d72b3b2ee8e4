"""Speech weights by name: found, put together, checked, and handed out as a directory.

In: a name of models.toml, a local directory, or a hub name `owner/model`. Out: a directory that CTranslate2 can load.
Invariant: a pinned model is never handed out before the SHA-256 of each file has been compared; the result is kept in
the cache directory by size and time of change, so that a second start takes no second look.
"""

import hashlib
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from .errors import ModelError

_CHUNK: Final = 2**20
_NEEDED: Final = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of a model: where its parts lie in installed packages, and what they are joined."""

    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model that has a name."""

    name: str
    description: str
    multilingual: bool
    files: Mapping[str, PinnedFile]
    hub: str | None = None

    @property
    def pinned(self) -> bool:
        """Whether its files come from packages, with known hashes; otherwise they come from a hub."""
        return bool(self.files)


@cache
def known() -> Mapping[str, Model]:
    """The models of models.toml by name."""
    table = tomllib.loads(resources.files(__package__).joinpath("models.toml").read_text("utf-8"))
    return {name: _model(name, row) for name, row in table.items()}


def _model(name: str, row: Mapping[str, Any]) -> Model:
    files = {file: PinnedFile(one["sha256"], tuple(one["parts"])) for file, one in row.get("files", {}).items()}
    return Model(name, row["description"], row["multilingual"], files, row.get("hub"))


class ModelStore:
    """Models in a cache directory. All methods block: call them in a thread or before the loop runs."""

    def __init__(self, cache_directory: Path) -> None:
        self._cache = cache_directory

    def get(self, name: str) -> Path:
        """The directory of a model, made ready if need be.

        Raises ModelError: model_unknown, model_missing (package or network), model_corrupt (not the pinned bytes).
        """
        model = known().get(name)
        if model is not None and model.pinned:
            return self._pinned(model)
        if model is None and name and Path(name).is_dir():
            return _complete(Path(name))
        if model is None and (not name or name.count("/") != 1):
            raise ModelError(f"no model, directory or hub name {name!r}", code="model_unknown")
        return self._from_hub(name if model is None else str(model.hub))

    def verify(self, name: str) -> Path:
        """Compare every byte again, whatever was found before. Raises ModelError."""
        model = known().get(name)
        if model is not None and model.pinned:
            self._forget(self._place(model))
        return self.get(name)

    def present(self, model: Model) -> bool:
        """Whether get() would need no network."""
        parts = (part for file in model.files.values() for part in file.parts)
        return model.pinned and all(_part(part) is not None for part in parts)

    def multilingual(self, name: str) -> bool:
        """Whether a model knows more than English, by the table or by the size of its vocabulary."""
        model = known().get(name)
        if model is not None:
            return model.multilingual
        config = json.loads((self.get(name) / "config.json").read_text("utf-8"))
        return bool(config.get("lang_ids"))

    # Parts

    def _place(self, model: Model) -> Path:
        return self._cache / model.name

    def _pinned(self, model: Model) -> Path:
        place = self._place(model)
        if not all((place / file).is_file() for file in model.files):
            self._assemble(model, place)
        for file, pinned in model.files.items():
            if self._digest(place / file) != pinned.sha256:
                shutil.rmtree(place, ignore_errors=True)
                raise ModelError(f"{file} of model {model.name} is not the pinned one", code="model_corrupt")
        return place

    def _assemble(self, model: Model, place: Path) -> None:
        """Join the parts beside the place and move them there whole; of two that do it at once either may win."""
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache) as temporary:
            fresh = Path(temporary) / model.name
            fresh.mkdir()
            for file, pinned in model.files.items():
                _join(pinned.parts, fresh / file)
            shutil.rmtree(place, ignore_errors=True)
            try:
                fresh.rename(place)
            except OSError as error:
                if not place.is_dir():
                    raise ModelError("the model cache cannot be written") from error

    def _digest(self, file: Path) -> str:
        stamp = _stamp(file)
        known_digests = self._digests()
        entry = known_digests.get(str(file))
        if entry is not None and entry[:2] == stamp:
            return str(entry[2])
        digest = _sha256(file)
        self._write_digests(known_digests | {str(file): [*stamp, digest]})
        return digest

    def _forget(self, place: Path) -> None:
        kept = {file: entry for file, entry in self._digests().items() if Path(file).parent != place}
        self._write_digests(kept)

    def _digests(self) -> dict[str, list[Any]]:
        try:
            digests: dict[str, list[Any]] = json.loads((self._cache / "verified.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return digests

    def _write_digests(self, digests: Mapping[str, list[Any]]) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._cache)
        with os.fdopen(handle, "w") as file:
            json.dump(digests, file)
        Path(name).replace(self._cache / "verified.json")

    def _from_hub(self, hub: str) -> Path:
        import huggingface_hub

        try:
            found = huggingface_hub.snapshot_download(hub, cache_dir=self._cache / "hub")
        except (OSError, ValueError) as error:
            raise ModelError(f"model {hub} cannot be had from the hub", retryable=True) from error
        return _complete(Path(found))


def _complete(directory: Path) -> Path:
    missing = [file for file in _NEEDED if not (directory / file).is_file()]
    if missing:
        raise ModelError(f"the model's directory lacks {', '.join(missing)}")
    return directory


def _part(part: str) -> Path | None:
    package, _, inside = part.partition(":")
    found = find_spec(package)
    path = Path(found.origin).parent / inside if found is not None and found.origin else None
    return path if path is not None and path.is_file() else None


def _join(parts: tuple[str, ...], target: Path) -> None:
    with target.open("wb") as out:
        for part in parts:
            path = _part(part)
            if path is None:
                raise ModelError(f"the package {part.partition(':')[0]} is not installed")
            with path.open("rb") as source:
                shutil.copyfileobj(source, out, _CHUNK)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        for chunk in _chunks(source.read):
            digest.update(chunk)
    return digest.hexdigest()


def _chunks(read: Any) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk


def _stamp(file: Path) -> list[int]:
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]
