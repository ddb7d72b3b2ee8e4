"""Routes of signing in, staying signed in and signing out."""

from typing import Final

from dispatch.contract.http import Session, SignIn

from .spec import Credential, Method, RouteSpec

SESSIONS: Final = (
    RouteSpec(
        "sign_in",
        Method.POST,
        "/v1/auth/sign-in",
        "Staff sign in; sets the refresh cookie.",
        SignIn,
        answer=Session,
        refusals=(400, 401, 429),
    ),
    RouteSpec(
        "refresh",
        Method.POST,
        "/v1/auth/refresh",
        "A fresh access token for the refresh cookie.",
        answer=Session,
        credential=Credential.REFRESH_COOKIE,
        refusals=(401,),
    ),
    RouteSpec(
        "sign_out",
        Method.POST,
        "/v1/auth/sign-out",
        "Ends the session and clears the cookie.",
        status=204,
        credential=Credential.REFRESH_COOKIE,
    ),
)
