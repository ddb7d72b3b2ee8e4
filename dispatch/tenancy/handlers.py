"""Everything that the API answers about people and organisations, by route name."""

from dispatch.api import Handler
from dispatch.identity import SecondFactors

from . import (
    grants_api,
    invitations_api,
    organisations_api,
    people_api,
    register_api,
    residents_api,
    staff_api,
)
from .invitations import InvitationTokens


def people_handlers(factors: SecondFactors, tokens: InvitationTokens) -> dict[str, Handler]:
    """The handlers, with the services that some of them need."""
    return {
        **organisations_api.HANDLERS,
        **people_api.handlers(factors),
        **staff_api.HANDLERS,
        **residents_api.HANDLERS,
        **grants_api.HANDLERS,
        **invitations_api.handlers(tokens),
        **register_api.HANDLERS,
    }
