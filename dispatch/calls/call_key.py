"""The key of a call's folder: everything in it that callers said is sealed with it.

In: the tenant, the folder. Out: the key, and the line that keeps it (wrapped by the tenant's key) in the folder.
"""

import json
from pathlib import Path
from typing import Final

from dispatch.storage import DataKey, KeyGone, TenantKeys

KEY_FILE: Final = "key"


def new_call_key(keys: TenantKeys, tenant: str) -> tuple[DataKey, bytes]:
    """A key for a call that starts, and what its folder's key file holds."""
    key, wrapped = keys.new(tenant)
    return key, json.dumps({"tenant": tenant, "key": wrapped}).encode()


def read_call_key(folder: Path, keys: TenantKeys) -> DataKey:
    """The key of a call's folder. Raises KeyGone when it is missing, damaged, or the tenant's key was destroyed."""
    try:
        kept = json.loads((folder / KEY_FILE).read_bytes())
        return keys.open(str(kept["tenant"]), str(kept["key"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyGone("The call's key cannot be read.") from None
