"""Files in a folder of this machine: for one node, and for tests (it is the in-memory adapter's brother on disk)."""

import asyncio
import hashlib
import hmac
import os
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from dispatch.observability.clock import Clock
from dispatch.providers.errors import AddressGone, ProviderRefused

from .port import FileKey, Presigned


class FolderFiles:
    """Files below `root`. An upload goes to `base_url`, signed; `accept` takes it."""

    name = "folder"

    def __init__(self, root: Path, secret: str, clock: Clock, *, base_url: str = "") -> None:
        self._root = root
        self._secret = secret.encode()
        self._clock = clock
        self.base_url = base_url

    async def put(self, key: FileKey, content: bytes, media_type: str) -> None:
        del media_type
        await asyncio.to_thread(write_whole, self._root / key.path, content)

    async def get(self, key: FileKey) -> bytes:
        try:
            return await asyncio.to_thread((self._root / key.path).read_bytes)
        except FileNotFoundError:
            raise AddressGone("there is no such file") from None

    async def delete(self, key: FileKey) -> None:
        await asyncio.to_thread((self._root / key.path).unlink, missing_ok=True)

    def presign(self, key: FileKey, media_type: str, good_for_s: int = 600) -> Presigned:
        until = int(self._clock.now().timestamp()) + good_for_s
        mark = self._mark(key.path, until, media_type)
        place = f"{key.tenant_kind}/{key.tenant_id}/{quote(key.name, safe='')}"
        url = f"{self.base_url}/v1/uploads/{place}?until={until}&mark={mark}"
        return Presigned(url, {"Content-Type": media_type}, good_for_s)

    async def accept(self, url: str, media_type: str, content: bytes) -> None:
        """Takes an upload. Raises ProviderRefused unless the address was signed by this installation and is young."""
        parts = urlsplit(url)
        path = unquote(parts.path.partition("/v1/uploads/")[2])
        query = parse_qs(parts.query)
        until, mark = query.get("until", ["0"])[0], query.get("mark", [""])[0]
        right = self._mark(path, int(until) if until.isascii() and until.isdigit() else 0, media_type)
        late = self._clock.now().timestamp() > int(until if until.isascii() and until.isdigit() else 0)
        if late or not hmac.compare_digest(right.encode(), mark.encode()):
            raise ProviderRefused("this upload was not asked for here, or too long ago")
        kind, tenant, name = path.split("/", 2)
        await self.put(FileKey(kind, tenant, name), content, media_type)

    def _mark(self, path: str, until: int, media_type: str) -> str:
        said = f"{path}\n{until}\n{media_type}".encode()
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """A file that is complete or absent, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    unfinished.replace(path)
