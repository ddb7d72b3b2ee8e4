"""Sealed bytes open with their own key alone, and a destroyed key is a deletion."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.storage import DataKey, KeyGone, TenantKeys

pytestmark = pytest.mark.property

KEY, OTHER = DataKey(bytes(32)), DataKey(bytes([1]) * 32)


@given(st.binary(max_size=400), st.binary(max_size=20))
def test_what_was_sealed_opens_again(plain: bytes, about: bytes) -> None:
    assert KEY.open(KEY.seal(plain, about), about) == plain


@given(st.binary(max_size=40), st.integers(0, 67), st.integers(1, 255))
def test_a_changed_byte_another_key_or_another_place_does_not_open(plain: bytes, at: int, change: int) -> None:
    sealed = bytearray(KEY.seal(plain, b"here"))
    for key, bytes_, about in ((OTHER, bytes(sealed), b"here"), (KEY, bytes(sealed), b"there"), (KEY, b"", b"here")):
        with pytest.raises(KeyGone):
            key.open(bytes_, about)
    sealed[at % len(sealed)] ^= change
    with pytest.raises(KeyGone):
        KEY.open(bytes(sealed), b"here")


def test_the_same_words_never_look_the_same() -> None:
    assert len({KEY.seal(b"help", b"x") for _ in range(100)}) == 100


def test_keys_survive_a_restart_and_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "tenants.json"
    key, wrapped = TenantKeys(file).new("centre-1")
    assert TenantKeys(file).open("centre-1", wrapped).open(key.seal(b"words", b""), b"") == b"words"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_destroyed_or_foreign_tenants_key_opens_nothing(tmp_path: Path) -> None:
    keys = TenantKeys(tmp_path / "tenants.json")
    _, wrapped = keys.new("centre-1")
    keys.ensure("centre-2")
    with pytest.raises(KeyGone):
        keys.open("centre-2", wrapped)
    keys.destroy("centre-1")
    for again in (keys, TenantKeys(tmp_path / "tenants.json")):
        with pytest.raises(KeyGone):
            again.open("centre-1", wrapped)
