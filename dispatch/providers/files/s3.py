"""S3 and what speaks like it (MinIO, Ceph, R2): AWS Signature Version 4, headers and presigned uploads.

Facts: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html.
Path-style addresses, which every server of the kind takes. The content's hash is signed, so that nothing is changed on
the way.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from dispatch.observability.clock import Clock
from dispatch.providers.errors import AddressGone
from dispatch.providers.wire import Refusal, ask

from .port import FileKey, Presigned

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
EMPTY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class S3Place:
    """A bucket, and who may use it."""

    url: str
    """Of the server: `https://s3.eu-central-1.amazonaws.com`."""
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def path(self, key: FileKey) -> str:
        return quote(f"/{self.bucket}/{key.path}", safe="/-_.~")

    def scope(self, at: datetime) -> str:
        return f"{at:%Y%m%d}/{self.region}/s3/aws4_request"


def sign(
    place: S3Place, at: datetime, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str],
    content_hash: str,
) -> str:  # fmt: skip
    """The signature of a request, in hex. Pure."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    canonical = "\n".join(
        [
            method,
            path,
            canonical_query(query),
            *(f"{name}:{lower[name]}" for name in sorted(lower)),
            "",
            ";".join(sorted(lower)),
            content_hash,
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    said = "\n".join([ALGORITHM, f"{at:%Y%m%dT%H%M%SZ}", place.scope(at), digest])
    key = f"AWS4{place.secret_key}".encode()
    for part in place.scope(at).split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def canonical_query(query: Mapping[str, str]) -> str:
    """The query as it is signed and sent."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


class S3Files:
    """One bucket."""

    name = "s3"

    def __init__(self, client: httpx.AsyncClient, place: S3Place, clock: Clock) -> None:
        self._client = client
        self._place = place
        self._clock = clock

    async def put(self, key: FileKey, content: bytes, media_type: str) -> None:
        await self._ask("PUT", key, content, {"Content-Type": media_type})

    async def get(self, key: FileKey) -> bytes:
        try:
            return (await self._ask("GET", key)).content
        except Refusal as refusal:
            if refusal.answer.status_code == httpx.codes.NOT_FOUND:
                raise AddressGone("there is no such file") from None
            raise

    async def delete(self, key: FileKey) -> None:
        await self._ask("DELETE", key)

    def presign(self, key: FileKey, media_type: str, good_for_s: int = 600) -> Presigned:
        place, at = self._place, self._clock.now()
        path, headers = place.path(key), {"Host": place.host, "Content-Type": media_type}
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{place.access_key}/{place.scope(at)}",
            "X-Amz-Date": f"{at:%Y%m%dT%H%M%SZ}",
            "X-Amz-Expires": str(good_for_s),
            "X-Amz-SignedHeaders": "content-type;host",
        }
        signature = sign(place, at, "PUT", path, query, headers, UNSIGNED)
        url = f"{place.url}{path}?{canonical_query(query)}&X-Amz-Signature={signature}"
        return Presigned(url, {"Content-Type": media_type}, good_for_s)

    async def _ask(
        self, method: str, key: FileKey, content: bytes = b"", more: Mapping[str, str] | None = None
    ) -> httpx.Response:
        place, at = self._place, self._clock.now()
        content_hash = hashlib.sha256(content).hexdigest() if content else EMPTY
        headers = {
            "Host": place.host,
            "X-Amz-Content-Sha256": content_hash,
            "X-Amz-Date": f"{at:%Y%m%dT%H%M%SZ}",
            **(more or {}),
        }
        path = place.path(key)
        signature = sign(place, at, method, path, {}, headers, content_hash)
        signed = ";".join(sorted(name.lower() for name in headers))
        credential = f"{place.access_key}/{place.scope(at)}"
        headers["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"
        return await ask(self._client, self.name, method, place.url + path, headers=headers, content=content)
