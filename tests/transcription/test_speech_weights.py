"""Weights are the pinned ones or they are not used."""

import hashlib
from pathlib import Path

import pytest

from transcription import ModelError, ModelStore, known
from transcription import models as registry

pytestmark = pytest.mark.unit


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A pinned model of a few bytes in two parts."""
    package = tmp_path / "tiny_parts"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one").write_bytes(b"speech ")
    (package / "two").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    digest = hashlib.sha256(b"speech weights").hexdigest()
    pinned = registry.PinnedFile(digest, ("tiny_parts:one", "tiny_parts:two"))
    model = registry.Model("tiny", "for tests", False, {"model.bin": pinned})
    monkeypatch.setattr(registry, "known", lambda: {"tiny": model})
    return "tiny"


def test_parts_are_joined_and_checked(tiny: str, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "cache")
    assert (store.get(tiny) / "model.bin").read_bytes() == b"speech weights"
    assert store.get(tiny) == store.verify(tiny)


def test_weights_that_were_tampered_with_are_refused(tiny: str, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "cache")
    (store.get(tiny) / "model.bin").write_bytes(b"other weights!")
    with pytest.raises(ModelError) as caught:
        store.get(tiny)
    assert caught.value.code == "model_corrupt"
    assert (store.get(tiny) / "model.bin").read_bytes() == b"speech weights"


def test_a_second_look_reads_no_byte_until_the_file_changes(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ModelStore(tmp_path / "cache").get(tiny)
    monkeypatch.setattr(registry, "_sha256", lambda _file: pytest.fail("read again"))
    ModelStore(tmp_path / "cache").get(tiny)


@pytest.mark.parametrize(("name", "code"), [("no-such-model", "model_unknown"), ("", "model_unknown")])
def test_an_unknown_name_is_a_coded_error(name: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        ModelStore(tmp_path).get(name)
    assert caught.value.code == code


def test_a_directory_without_a_model_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        ModelStore(tmp_path).get(str(tmp_path))
    assert caught.value.code == "model_missing"


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = registry.PinnedFile("0" * 64, ("no_such_package:model.bin",))
    monkeypatch.setattr(registry, "known", lambda: {"x": registry.Model("x", "", True, {"model.bin": pinned})})
    with pytest.raises(ModelError, match="no_such_package"):
        ModelStore(tmp_path).get("x")


def test_the_models_that_need_no_network_are_pinned_file_by_file() -> None:
    assert {name for name, model in known().items() if model.pinned} == {"base", "tiny.en"}
    for model in known().values():
        assert model.pinned or model.hub
        assert all(len(file.sha256) == 64 for file in model.files.values())
