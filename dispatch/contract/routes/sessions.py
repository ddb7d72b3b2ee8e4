"""Routes of signing in, staying signed in and signing out."""

from typing import Final

from dispatch.contract.http import Session, SignIn
from dispatch.contract.people import AcceptInvitation, CodeRedemption, CodeRequest, CodeTicket

from .spec import Credential, Method, RouteSpec

SESSIONS: Final = (
    RouteSpec(
        "sign_in",
        Method.POST,
        "/v1/auth/sign-in",
        "Staff sign in; sets the refresh cookie.",
        SignIn,
        answer=Session,
        refusals=(400, 401, 413, 429, 503),
    ),
    RouteSpec(
        "request_code",
        Method.POST,
        "/v1/auth/codes",
        "Sends a one-time code to a phone, if it is somebody's; the answer never says whether it is.",
        CodeRequest,
        answer=CodeTicket,
        refusals=(400, 413, 429, 503),
    ),
    RouteSpec(
        "redeem_code",
        Method.POST,
        "/v1/auth/codes/redeem",
        "Signs in with a one-time code; sets the refresh cookie.",
        CodeRedemption,
        answer=Session,
        refusals=(400, 401, 413, 429, 503),
    ),
    RouteSpec(
        "accept_invitation",
        Method.POST,
        "/v1/auth/invitations/accept",
        "Takes an invitation up and signs in; sets the refresh cookie.",
        AcceptInvitation,
        answer=Session,
        refusals=(400, 401, 404, 409, 413, 429, 503),
    ),
    RouteSpec(
        "refresh",
        Method.POST,
        "/v1/auth/refresh",
        "A fresh access token for the refresh cookie.",
        answer=Session,
        credential=Credential.REFRESH_COOKIE,
        refusals=(401, 503),
    ),
    RouteSpec(
        "sign_out",
        Method.POST,
        "/v1/auth/sign-out",
        "Ends the session and clears the cookie.",
        status=204,
        credential=Credential.REFRESH_COOKIE,
        refusals=(503,),
    ),
)
