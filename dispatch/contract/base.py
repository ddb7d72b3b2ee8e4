"""The ground of the wire contract: the frozen model that every message is, the ids, the clocks' types, and the limits.

Everything that crosses a wire is a `Message`: frozen, closed (an unknown field is an error), with plain JSON types.
Audio time is a sample count or seconds since the first sample of its channel; wall time is UTC.
"""

from functools import cache
from typing import Annotated, Any, Final, NewType, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

PROTOCOL_VERSION: Final = 1

MAX_FRAME_BYTES: Final = 32 * 1024
"""Largest audio payload of one frame: one second of 16-bit sound at 16 kHz."""
MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Largest Socket.IO message, published in every hello."""
MAX_NOTE_CHARS: Final = 4000

CallId = NewType("CallId", str)
IncidentId = NewType("IncidentId", str)
CentreId = NewType("CentreId", str)
CommunityId = NewType("CommunityId", str)
PersonId = NewType("PersonId", str)
SeatId = NewType("SeatId", str)
UtteranceId = NewType("UtteranceId", str)

IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
ShortText = Annotated[str, StringConstraints(max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARS)]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()-]{2,24}$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Moment = AwareDatetime


class Message(BaseModel):
    """Base of everything on the wire: immutable, and an unknown field is refused.

    Fields that hold personal data are declared with `repr=False`, so that no log line or traceback shows them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64")

    @classmethod
    def of_stored(cls, values: dict[str, Any]) -> Self:
        """A message of values that were checked when they were stored: all of its fields, and nothing is checked again.

        `values` is kept. A page of fifty is built in a tenth of the time that `model_construct` takes.
        """
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", values)
        object.__setattr__(made, "__pydantic_fields_set__", fields_of(cls))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


@cache
def fields_of(kind: type[Message]) -> set[str]:
    """The names of a message's fields: one set for all messages of a kind, of which pydantic makes its copies."""
    return set(kind.model_fields)


def to_wire(body: Message) -> dict[str, Any]:
    """A message as Socket.IO sends it; sound goes as a binary attachment."""
    audio = getattr(body, "audio", None)
    if isinstance(audio, bytes):
        return {**body.model_dump(mode="json", exclude={"audio"}), "audio": audio}
    return body.model_dump(mode="json")
