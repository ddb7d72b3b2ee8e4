"""What of a context a statement depends on, so that it is written once for many: the role, and how much it covers.

In: a context. Out: its shape; a context of the same shape with stand-ins in the place of all ids; the ids by stand-in.
Invariants: two contexts of one shape differ in ids alone; a stand-in that ends up in a statement as it is, and not
replaced by an id, meets no row, for no text in the database holds a NUL (PostgreSQL refuses it).
"""

from typing import Any, Final

from dispatch.contract.base import CentreId, PersonId
from dispatch.storage.context import Context

Shape = tuple[str, bool, bool, tuple[tuple[str, bool], ...]]
"""Role, whether it names a person and a centre, and the kind of each place that it covers with whether it has an id."""


class StandIn(str):
    """Stands for an id of the context that comes later."""

    __slots__ = ()


PERSON: Final = StandIn("\0person")
CENTRE: Final = StandIn("\0centre")


def shape_of(context: Context) -> Shape:
    """What two contexts have in common that read with the same statement."""
    covers = tuple((kind, bool(scope_id)) for kind, scope_id in sorted(context.covers))
    return (context.role, bool(context.person_id), bool(context.centre_id), covers)


def stand_ins(context: Context) -> Context:
    """A context of the same shape, without any id."""
    covers = enumerate(sorted(context.covers))
    return Context(
        context.role,
        PersonId(PERSON) if context.person_id else None,
        CentreId(CENTRE) if context.centre_id else None,
        frozenset((kind, _place(number) if scope_id else "") for number, (kind, scope_id) in covers),
    )


def ids_of(context: Context) -> dict[Any, Any]:
    """What each stand-in stands for."""
    places = {_place(number): scope_id for number, (_, scope_id) in enumerate(sorted(context.covers))}
    return {PERSON: context.person_id, CENTRE: context.centre_id, **places}


def _place(number: int) -> StandIn:
    """Its text sorts as the ids do: as many digits as any number of places needs."""
    return StandIn(f"\0place {number:09}")
