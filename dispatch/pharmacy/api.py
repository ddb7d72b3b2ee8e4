"""Residents' orders over the API."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.providers import OrderState, PharmacyLine, PharmacyOrder, PharmacyOrderPage, PlaceOrder
from dispatch.contract.roles import ScopeKind
from dispatch.jobs import NewJob, Tenant, enqueue
from dispatch.storage.tables import PharmacyOrderRow

STOPPABLE: Final = ("placed", "accepted")


async def place(asked: Asked[PlaceOrder, None], session: AsyncSession) -> Answer:
    """A new order; the pharmacy gets it from a job."""
    body, principal = asked.body, asked.principal
    mine = {grant.scope_id for grant in principal.grants if grant.kind is ScopeKind.COMMUNITY}
    if body.community_id not in mine:
        raise Refused(ProblemCode.NOT_FOUND, "You do not live in such a community.")
    row = PharmacyOrderRow(
        order_id=secrets.token_hex(8),
        person_id=principal.person_id,
        community_id=body.community_id,
        basket={"lines": [line.model_dump() for line in body.lines]},
        state="placed",
        created_at=asked.at,
        updated_at=asked.at,
    )
    session.add(row)
    await session.flush()
    tenant = Tenant("community", body.community_id)
    await enqueue(session, NewJob("pharmacy.place", row.order_id, {"order_id": row.order_id}, tenant))
    return Answer(view(row), subject=row.order_id)


async def list_orders(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """A page of one's own orders."""
    row = PharmacyOrderRow
    query = select(row).order_by(row.created_at.desc(), row.order_id.desc()).limit(asked.query.limit + 1)
    if asked.after:
        last = (datetime.fromisoformat(asked.after[0]), asked.after[1])
        query = query.where(tuple_(row.created_at, row.order_id) < last)
    found = (await session.scalars(query)).all()
    rows, cursor = asked.page(found, lambda one: (one.created_at.isoformat(), one.order_id))
    return Answer(PharmacyOrderPage(orders=tuple(map(view, rows)), next_cursor=cursor))


async def cancel(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Asks for an order to be stopped."""
    order = await session.get(PharmacyOrderRow, asked.path["order_id"])
    if order is None:
        raise Refused(ProblemCode.NOT_FOUND, "You have no such order.")
    if order.state not in STOPPABLE:
        raise Refused(ProblemCode.WRONG_STATE, f"The order is {order.state}.")
    await enqueue(session, NewJob("pharmacy.cancel", order.order_id, {"order_id": order.order_id}))
    return Answer()


def view(row: PharmacyOrderRow) -> PharmacyOrder:
    """A row as its owner sees it."""
    return PharmacyOrder(
        order_id=row.order_id,
        state=OrderState(row.state),
        lines=tuple(PharmacyLine(**line) for line in row.basket["lines"]),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


HANDLERS: Final[dict[str, Handler]] = {
    "place_pharmacy_order": place,
    "list_pharmacy_orders": list_orders,
    "cancel_pharmacy_order": cancel,
}
