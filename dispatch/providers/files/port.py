"""What files need of a provider."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from dispatch.providers.errors import ProviderRefused

PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")


@dataclass(frozen=True)
class FileKey:
    """Whose file, and which. Raises ProviderRefused for parts that could lead out of the tenant's own place."""

    tenant_kind: str
    tenant_id: str
    name: str
    """May have folders."""

    def __post_init__(self) -> None:
        for part in (self.tenant_kind, self.tenant_id, *self.name.split("/")):
            if not PART.fullmatch(part) or ".." in part:
                raise ProviderRefused("a file's key has a part that is not allowed")

    @property
    def path(self) -> str:
        return f"{self.tenant_kind}/{self.tenant_id}/{self.name}"


@dataclass(frozen=True)
class Presigned:
    """How a client uploads by itself: one PUT with these headers, while it is good."""

    url: str = field(repr=False)
    headers: Mapping[str, str]
    good_for_s: int


class Files(Protocol):
    """Keeps files. Raises ProviderError; `get` raises AddressGone for a file that is not there."""

    @property
    def name(self) -> str: ...

    async def put(self, key: FileKey, content: bytes, media_type: str) -> None: ...

    async def get(self, key: FileKey) -> bytes: ...

    async def delete(self, key: FileKey) -> None:
        """A file that is not there is deleted already."""
        ...

    def presign(self, key: FileKey, media_type: str, good_for_s: int = 600) -> Presigned: ...
