"""What lies in a call's folder, for tests: opened with the keys of the data directory that it belongs to."""

from pathlib import Path

from dispatch.calls.call_key import read_call_key
from dispatch.calls.journal import JournalFrame, audio_path, read_journal
from dispatch.contract.audio import Channel
from dispatch.settings import TENANT_KEYS
from dispatch.storage import DataKey, TenantKeys

ANY_KEY = DataKey(bytes(32))
"""For tests of one file, where it does not matter whose key it is."""


def keys_of(data_dir: Path) -> TenantKeys:
    """The tenants' keys of a data directory."""
    (data_dir / "secrets").mkdir(mode=0o700, exist_ok=True, parents=True)
    return TenantKeys(data_dir / TENANT_KEYS)


def frames_on_disk(data_dir: Path, call_id: str, channel: Channel = Channel.CALLER) -> tuple[JournalFrame, ...]:
    """The sound of one side of a call, as its server's disk has it."""
    folder = data_dir / "calls" / call_id
    key = read_call_key(folder, keys_of(data_dir))
    return read_journal(audio_path(folder, channel), key).frames
