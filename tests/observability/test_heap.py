"""A process that serves does not stand still for what has been there since its start."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from dispatch.observability.heap import settle_heap

pytestmark = pytest.mark.unit


class Loop:
    """Refers to itself: only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _heap_as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_not_looked_at_again_and_garbage_still_goes() -> None:
    gone, kept = weakref.ref(Loop()), Loop()
    settle_heap()
    assert gone() is None
    assert not any(thing is kept for thing in gc.get_objects())
    later = weakref.ref(Loop())
    gc.collect()
    assert later() is None
