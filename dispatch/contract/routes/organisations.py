"""Routes about organisations: onboarding, reading, suspending, and who serves whom."""

from typing import Final

from dispatch.contract.base import Message
from dispatch.contract.http import PageQuery
from dispatch.contract.organisations import (
    Communities,
    Community,
    DispatchCentre,
    DispatchCentres,
    Entries,
    Hospital,
    Hospitals,
    NewCentre,
    NewOrganisation,
)
from dispatch.contract.roles import Role

from .spec import Method, RouteSpec, guarded

SUPER: Final = (Role.SUPER_ADMIN,)
HOSPITAL: Final = (Role.HOSPITAL_ADMIN, Role.NURSE, Role.PARAMEDIC)
COMMUNITY: Final = (Role.COMMUNITY_MANAGER, Role.RESIDENT)
CENTRE: Final = (Role.SUPERVISOR, Role.OPERATOR, Role.TRAINER)


def _kind(
    word: str, plural: str, path: str, readers: tuple[Role, ...], new: type[Message], one: type[Message],
    many: type[Message],
) -> tuple[RouteSpec, ...]:  # fmt: skip
    """Onboarding, listing, reading, renaming, suspending and reinstating one kind of organisation."""
    item = f"{path}/{{{word}_id}}"
    suspend, reinstate = f"suspend_{word}", f"reinstate_{word}"
    return (
        guarded(f"onboard_{word}", Method.POST, path, f"Onboards a {word}.", SUPER, request=new, answer=one,
                status=201, keyed=True),
        guarded(f"list_{plural}", Method.GET, path, f"The {plural} that the acting role reaches.", readers,
                query=PageQuery, answer=many),
        guarded(f"read_{word}", Method.GET, item, f"One {word}.", readers, answer=one),
        guarded(f"change_{word}", Method.PUT, item, f"Changes a {word}.", SUPER, request=new, answer=one,
                versioned=True),
        guarded(suspend, Method.POST, f"{item}/suspend", f"Nobody acts for the {word} from now on.", SUPER,
                answer=one, versioned=True),
        guarded(reinstate, Method.POST, f"{item}/reinstate", f"Its people act for the {word} again.", SUPER,
                answer=one, versioned=True),
    )  # fmt: skip


def _links(word: str, path: str) -> tuple[RouteSpec, ...]:
    item = f"{path}/{{{word}_id}}/communities/{{community_id}}"
    return (
        guarded(f"link_{word}", Method.PUT, item, f"The {word} serves the community.", SUPER),
        guarded(f"unlink_{word}", Method.DELETE, item, f"The {word} serves the community no longer.", SUPER),
    )


def _entries() -> tuple[RouteSpec, ...]:
    every = "/v1/centres/{centre_id}/entries"
    one = every + "/{entry_id}"
    return (
        guarded("list_entries", Method.GET, every, "By which entries calls come to the centre.", SUPER, answer=Entries),
        guarded("open_entry", Method.PUT, one, "Calls by this entry come to the centre; another gives it up.", SUPER),
        guarded("close_entry", Method.DELETE, one, "Calls by this entry go to the default centre.", SUPER),
    )


ORGANISATIONS: Final = (
    *_kind("community", "communities", "/v1/communities", (*SUPER, *COMMUNITY, *HOSPITAL), NewOrganisation,
           Community, Communities),
    *_kind("hospital", "hospitals", "/v1/hospitals", (*SUPER, *HOSPITAL, *COMMUNITY, Role.SUPERVISOR),
           NewOrganisation, Hospital, Hospitals),
    *_kind("centre", "centres", "/v1/centres", (*SUPER, *CENTRE), NewCentre, DispatchCentre, DispatchCentres),
    *_links("hospital", "/v1/hospitals"),
    *_links("centre", "/v1/centres"),
    *_entries(),
)  # fmt: skip
