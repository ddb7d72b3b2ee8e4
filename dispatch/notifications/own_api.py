"""What people say about how they are told: their phones, and their choice."""

import secrets
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.providers import Device, NotificationChoice, RegisterDevice
from dispatch.storage.tables import NotificationChoiceRow, PushDeviceRow


async def register_device(asked: Asked[RegisterDevice, None], session: AsyncSession) -> Answer:
    """A phone of one's own; the same token again is the same phone."""
    query = select(PushDeviceRow).where(PushDeviceRow.token == asked.body.token)
    device = (await session.scalars(query)).one_or_none()
    if device is None:
        device = PushDeviceRow(
            device_id=secrets.token_hex(8), person_id=asked.principal.person_id, token=asked.body.token
        )
        session.add(device)
    device.pruned_at = None
    return Answer(Device(device_id=device.device_id), subject=device.device_id)


async def remove_device(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """No more pushes to a phone of one's own."""
    gone = delete(PushDeviceRow).where(PushDeviceRow.device_id == asked.path["device_id"])
    if (await session.scalars(gone.returning(PushDeviceRow.device_id))).first() is None:
        raise Refused(ProblemCode.NOT_FOUND, "You have no such phone.")
    return Answer()


async def read_choice(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One's own choice; everything, where none was made."""
    row = await session.get(NotificationChoiceRow, asked.principal.person_id)
    return Answer(NotificationChoice(push=row.push, sms=row.sms) if row else NotificationChoice())


async def choose(asked: Asked[NotificationChoice, None], session: AsyncSession) -> Answer:
    """Chooses anew."""
    chosen = asked.body
    await session.merge(NotificationChoiceRow(person_id=asked.principal.person_id, push=chosen.push, sms=chosen.sms))
    return Answer(chosen)


HANDLERS: Final[dict[str, Handler]] = {
    "register_device": register_device,
    "remove_device": remove_device,
    "read_notification_choice": read_choice,
    "choose_notifications": choose,
}
