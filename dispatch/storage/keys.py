"""Keys for what callers said: one key a tenant, one key a call under it, and nothing readable without both.

In: plain bytes of a call. Out: sealed bytes for disks and the database. Invariants: sealed with AES-256-GCM under a
fresh random nonce, bound to what it is (another call's bytes, or another kind's, do not open); a call's key is stored
wrapped by its tenant's key alone; destroying either key is the deletion of everything sealed under it, also where logs
are append-only.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .data_root import secret_text, write_secret
from .errors import KeyGone

NONCE_BYTES: Final = 12
"""96 bits, as NIST SP 800-38D recommends; random nonces serve 2**32 messages a key, a call has far fewer."""
OVERHEAD_BYTES: Final = NONCE_BYTES + 16
"""What sealing adds: the nonce and the tag."""
KEY_BITS: Final = 256


class DataKey:
    """The key of one call. Sealing 160 bytes takes microseconds."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Sealed bytes; `about` says what they are, and has to be said again to open them."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """The plain bytes. Raises KeyGone for bytes that this key did not seal as this."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            raise KeyGone("These bytes were sealed with another key, or changed.") from None


class TenantKeys:
    """The tenants' keys of this installation, in a file with mode 0600. Nodes of one installation share the file.

    Whoever writes it holds a lock and reads it first: a key that another node made is never written over.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys = self._read()

    def ensure(self, tenant: str) -> None:
        """Makes a tenant's key when there is none; writes the file, so not for a path that must be quick."""
        if tenant in self._keys:
            return
        with self._alone():
            if tenant not in self._keys:
                self._keys[tenant] = base64.b64encode(AESGCM.generate_key(KEY_BITS)).decode()
                write_secret(self._file, json.dumps(self._keys))

    def new(self, tenant: str) -> tuple[DataKey, str]:
        """A new key for a call of a tenant, and the same wrapped, as text to keep beside the call."""
        self.ensure(tenant)
        secret = AESGCM.generate_key(KEY_BITS)
        return DataKey(secret), base64.b64encode(self._of(tenant).seal(secret, tenant.encode())).decode()

    def open(self, tenant: str, wrapped: str) -> DataKey:
        """The key of a call. Raises KeyGone when the tenant's key was destroyed, or is another one."""
        return DataKey(self._of(tenant).open(base64.b64decode(wrapped), tenant.encode()))

    def destroy(self, tenant: str) -> None:
        """Makes everything of a tenant unreadable, for ever."""
        with self._alone():
            if self._keys.pop(tenant, None) is not None:
                write_secret(self._file, json.dumps(self._keys))

    def _read(self) -> dict[str, str]:
        return dict(json.loads(secret_text(self._file, lambda: "{}")))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other node writes the file meanwhile, and what they wrote before is known."""
        lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._keys = self._read()
            yield
        finally:
            os.close(lock)

    def _of(self, tenant: str) -> DataKey:
        if tenant not in self._keys:
            self._keys = self._read()
        if tenant not in self._keys:
            raise KeyGone("The tenant's key is gone.")
        return DataKey(base64.b64decode(self._keys[tenant]))
