"""Two nodes share one file of tenants' keys, and neither loses what the other sealed."""

import stat
from pathlib import Path

import pytest

from dispatch.storage import TenantKeys
from dispatch.storage.errors import KeyGone

pytestmark = pytest.mark.unit


def test_a_node_that_was_started_earlier_never_writes_over_a_key_of_another(tmp_path: Path) -> None:
    file = tmp_path / "tenants.json"
    early, late = TenantKeys(file), TenantKeys(file)
    key, wrapped = late.new("c2")
    sealed = key.seal(b"words", b"call")
    early.ensure("c2")
    early.ensure("c1")
    assert TenantKeys(file).open("c2", wrapped).open(sealed, b"call") == b"words"


def test_a_node_opens_what_another_sealed_for_a_tenant_that_came_later(tmp_path: Path) -> None:
    file = tmp_path / "tenants.json"
    early, late = TenantKeys(file), TenantKeys(file)
    key, wrapped = late.new("c2")
    assert early.open("c2", wrapped).open(key.seal(b"words", b"call"), b"call") == b"words"


def test_a_destroyed_key_is_not_brought_back_by_another_node(tmp_path: Path) -> None:
    file = tmp_path / "tenants.json"
    early = TenantKeys(file)
    _, wrapped = early.new("c1")
    TenantKeys(file).destroy("c1")
    early.ensure("c2")
    with pytest.raises(KeyGone):
        early.open("c1", wrapped)


def test_only_the_owner_reads_the_file_and_its_lock(tmp_path: Path) -> None:
    TenantKeys(tmp_path / "tenants.json").ensure("c1")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
