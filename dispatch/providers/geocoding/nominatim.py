"""Coordinates of an address from a Nominatim of one's own (https://nominatim.org/release-docs/latest/api/Search/).

In: the words of an address. Out: latitude and longitude, or None. Invariants: nothing goes out but the words, no id, no
name, no header of ours; nothing at all within an exercise; whatever the server does (slow, away, endless, nonsense) is
None within `WITHIN_S`; the same words are asked once a day. An operator at a map is never kept waiting by this.
"""

import asyncio
import json
import time
from collections import OrderedDict
from typing import Final

import httpx

from dispatch.jobs import in_exercise
from dispatch.observability import metrics
from dispatch.observability.clock import Clock

WITHIN_S: Final = 2.0
MOST_BYTES: Final = 64 * 1024
KEPT_S: Final = 86_400.0
ASKED_AGAIN_S: Final = 60.0
"""Words for which there was no answer; the server may be back."""
MOST_KEPT: Final = 1_000
"""The ones that were asked for longest ago are forgotten first."""

Point = tuple[float, float]


class Nominatim:
    """Asks one server. `url` is its root, such as `http://nominatim:8080`."""

    def __init__(self, client: httpx.AsyncClient, url: str, clock: Clock) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/search"
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Point | None]] = OrderedDict()

    async def __call__(self, words: str) -> Point | None:
        """Degrees (WGS 84) of the likeliest place that the words mean."""
        asked = " ".join(words.split())
        if not asked or in_exercise():
            return None
        kept = self._kept.get(asked.casefold())
        if kept is not None and self._clock.monotonic() < kept[0]:
            return kept[1]
        answered, found = await self._ask(asked)
        until = self._clock.monotonic() + (KEPT_S if answered else ASKED_AGAIN_S)
        self._keep(asked.casefold(), until, found)
        return found

    def _keep(self, words: str, until: float, found: Point | None) -> None:
        self._kept[words] = (until, found)
        self._kept.move_to_end(words)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    async def _ask(self, words: str) -> tuple[bool, Point | None]:
        """Whether the server answered as it should, and what it found."""
        began, outcome = time.monotonic(), "away"
        try:
            async with asyncio.timeout(WITHIN_S):
                content = await self._content(words)
            found = first_place(content)
            outcome = "done"
        except (httpx.HTTPError, TimeoutError, ValueError):
            return False, None
        finally:
            metrics.PROVIDER_SECONDS.labels("geocoder", outcome).observe(time.monotonic() - began)
        return True, found

    async def _content(self, words: str) -> bytes:
        """The answer's body. Raises ValueError for a failure or one that is too large."""
        asked = {"q": words, "format": "jsonv2", "limit": "1"}
        async with self._client.stream("GET", self._url, params=asked) as answer:
            if not answer.is_success:
                raise ValueError("no success")
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise ValueError("too large")
        return bytes(content)


def first_place(content: bytes) -> Point | None:
    """The first place of an answer in `jsonv2`; None for an empty one. Raises ValueError for anything else."""
    places = json.loads(content)
    if not isinstance(places, list):
        raise ValueError("no list")
    if not places:
        return None
    try:
        latitude, longitude = float(places[0]["lat"]), float(places[0]["lon"])
    except (KeyError, TypeError):
        raise ValueError("no coordinates") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("not on this planet")
    return latitude, longitude
