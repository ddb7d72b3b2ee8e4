"""Where a request is answered: checked, carried out in one transaction, written into the audit log.

In: a route and what the transport received. Out: the handler's answer, or `Refused`. Order: who asks (token), in which
role (guard), how often (budget), what (body, query, version, cursor), then one transaction with the key, the deed and
its audit entry. Invariants: a route without roles is never answered here; a request that repeats another is not carried
out again; a row of another tenant is answered as one that does not exist.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.audit import AuditEntry, record
from dispatch.contract.base import Message
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.contract.routes import ROUTES, Credential, RouteSpec
from dispatch.identity import IdentityError, NotAllowed, Principal, TokenExpired
from dispatch.observability.clock import Clock
from dispatch.observability.logs import asked_by
from dispatch.storage import Context, Database, KeyGone, OutOfScope, StoreRefused, StoreUnavailable

from .asked import Answer, Asked, Handler, Incoming
from .cursors import Cursors
from .limits import RequestBudget
from .once import Once, Stored, fingerprint, recall, remember

NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000|\0")
"""A NUL as JSON writes it, or itself: PostgreSQL holds none."""
SHORTEST_KEY: Final = 16
LONGEST_KEY: Final = 64


class HandlerMissing(Exception):  # noqa: N818 - named by what happened
    """A route that nobody answers, or a handler of no route: a mistake in the program, found when it starts."""

    code = "handler_missing"
    retryable = False


class Api:
    """Answers every guarded route of the contract. Raises HandlerMissing when one has no handler."""

    def __init__(
        self, database: Database, verify: Callable[[str], Principal], handlers: Mapping[str, Handler],
        cursors: Cursors, clock: Clock,
    ) -> None:  # fmt: skip
        self.routes: Final = tuple(route for route in ROUTES if route.credential is Credential.BEARER)
        if differing := handlers.keys() ^ {route.name for route in self.routes}:
            raise HandlerMissing(f"Routes and handlers differ in {', '.join(sorted(differing))}.")
        self._database = database
        self._verify = verify
        self._handlers = handlers
        self._cursors = cursors
        self._clock = clock
        self.budget = RequestBudget()
        """How often each person may ask; benches give a wider one."""

    async def answer(self, route: RouteSpec, incoming: Incoming) -> Answer:
        """Carries a request out. Raises Refused."""
        asked = self._asked(route, incoming)
        context = asked.principal.context(asked.role)
        asked_by(asked.principal.person_id, asked.role.value, sole_tenant(context))
        try:
            async with self._database.transaction(context) as session:
                return await self._carried_out(asked, incoming, session)
        except StoreUnavailable:
            raise Refused(ProblemCode.UNAVAILABLE, "The database is away.") from None
        except OutOfScope:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such record.") from None
        except KeyGone:
            raise Refused(ProblemCode.NOT_FOUND, "What was kept of it cannot be read any more.") from None
        except StoreRefused:
            raise Refused(ProblemCode.CONFLICT, "This does not go together with what is stored.") from None

    def _asked(self, route: RouteSpec, incoming: Incoming) -> Asked[Any, Any]:
        principal = self._principal(incoming.token)
        role = acting_role(route, principal, incoming.role)
        if self.budget.take(principal.person_id, self._clock.monotonic()) > 0:
            raise Refused(ProblemCode.TOO_MANY, "You are asking faster than anybody works.")
        query = read_query(route, incoming.query)
        asked: Asked[Any, Any] = Asked(
            route=route,
            principal=principal,
            role=role,
            path=incoming.path,
            body=read_body(route, incoming.body),
            query=query,
            version=read_version(route, incoming.version),
            after=(),
            at=self._clock.now(),
            correlation_id=incoming.correlation_id,
            cursors=self._cursors,
        )
        if isinstance(query, PageQuery) and query.cursor:
            return replace(asked, after=self._cursors.read(asked.holder, query.cursor))
        return asked

    def _principal(self, token: str) -> Principal:
        if not token:
            raise Refused(ProblemCode.NOT_SIGNED_IN, "This needs somebody who is signed in.")
        try:
            return self._verify(token)
        except TokenExpired as error:
            raise Refused(ProblemCode.TOKEN_EXPIRED, str(error)) from None
        except IdentityError:
            raise Refused(ProblemCode.NOT_SIGNED_IN, "This access token is not good.") from None

    async def _carried_out(self, asked: Asked[Any, Any], incoming: Incoming, session: AsyncSession) -> Answer:
        once = once_of(asked, incoming)
        if once and (stored := await recall(session, once)):
            return stored_answer(asked.route, stored)
        answer = await self._handlers[asked.route.name](asked, session)
        if session.in_transaction() or session.new:  # else there is nothing that only the session knows
            await session.flush()
        if asked.route.changes or asked.route.audited:
            await record(session, audit_entry(asked, answer))
        if once:
            body = answer.body.model_dump(mode="json") if answer.body else None
            await remember(session, once, Stored(body, answer.version), asked.at)
        return answer


def sole_tenant(context: Context) -> str:
    """The tenant that somebody acts for, for the log; empty where a role covers several."""
    covered = {scope_id for _, scope_id in context.covers}
    return covered.pop() if len(covered) == 1 else context.centre_id or ""


def acting_role(route: RouteSpec, principal: Principal, wanted: str | None) -> Role:
    """The role in which a person makes a request: the wanted one, or their first that the route admits.

    Raises Refused for somebody who has none of the route's roles, or not the wanted one.
    """
    allowed = [role for role in route.roles if wanted is None or role == wanted]
    try:
        principal.require(*allowed)
    except NotAllowed:
        raise Refused(ProblemCode.NOT_ALLOWED, f"This needs one of the roles: {', '.join(route.roles)}.") from None
    return next(role for role in allowed if role in principal.roles)


def read_body(route: RouteSpec, body: bytes) -> Message | None:
    """The body as the route's model. Raises Refused that names the fields, never their values."""
    if NUL.search(body):
        raise Refused(ProblemCode.INVALID_MESSAGE, "The body holds a NUL character, which no text here may.")
    if route.request is None:
        if body:
            raise Refused(ProblemCode.INVALID_MESSAGE, "This route takes no body.")
        return None
    try:
        return route.request.model_validate_json(body)
    except ValidationError as error:
        raise invalid("body", error) from None


def read_query(route: RouteSpec, query: Mapping[str, str]) -> Message | None:
    """The query as the route's model. Raises Refused that names the fields, never their values."""
    if any("\0" in value for value in query.values()):
        raise Refused(ProblemCode.INVALID_MESSAGE, "The query holds a NUL character, which no text here may.")
    if route.query is None:
        if query:
            raise Refused(ProblemCode.INVALID_MESSAGE, "This route takes no query.")
        return None
    try:
        return route.query.model_validate_strings(dict(query))
    except ValidationError as error:
        raise invalid("query", error) from None


def invalid(part: str, error: ValidationError) -> Refused:
    """What is wrong with a body or query, in field names and rules."""
    faults = [f"{'.'.join(map(str, fault['loc'])) or part}: {fault['type']}" for fault in error.errors()[:5]]
    return Refused(ProblemCode.INVALID_MESSAGE, f"The {part} is not what this route takes ({'; '.join(faults)}).")


def read_version(route: RouteSpec, given: str | None) -> int | None:
    """The version in If-Match. Raises Refused when the route wants one and there is none."""
    if not route.versioned:
        return None
    if given is None:
        raise Refused(ProblemCode.VERSION_NEEDED, "This change wants the version that you read.")
    number = given.strip('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise Refused(ProblemCode.INVALID_MESSAGE, "If-Match is not an ETag of this server.")
    return int(number)


def once_of(asked: Asked[Any, Any], incoming: Incoming) -> Once | None:
    """The key of a request that takes one. Raises Refused when it is missing or malformed."""
    if not asked.route.keyed:
        return None
    key = incoming.key or ""
    allowed = all(letter.isascii() and (letter.isalnum() or letter in "_.:-") for letter in key)
    if not (allowed and SHORTEST_KEY <= len(key) <= LONGEST_KEY):
        raise Refused(ProblemCode.INVALID_MESSAGE, "This request wants an Idempotency-Key of 16 to 64 characters.")
    path = asked.route.name + "/" + "/".join(asked.path.values())
    return Once(asked.principal.person_id, key, fingerprint(asked.route.method, path, incoming.body))


def stored_answer(route: RouteSpec, stored: Stored) -> Answer:
    """The answer of a request that was carried out before."""
    body = route.answer.model_validate(stored.body) if route.answer and stored.body is not None else None
    return Answer(body, stored.version)


def tenant_of(asked: Asked[Any, Any], answer: Answer) -> tuple[str, str]:
    """Whose record it was: the handler says so, or the one tenant in which the person acts."""
    if answer.tenant:
        return answer.tenant
    if answer.centre_id:
        return (ScopeKind.CENTRE, answer.centre_id)
    acting = (grant for grant in asked.principal.grants if grant.role is asked.role and grant.scope_id)
    return next(((grant.kind, grant.scope_id) for grant in acting), ("", ""))


def audit_entry(asked: Asked[Any, Any], answer: Answer) -> AuditEntry:
    """What the audit log says of a request: ids alone."""
    kind, _, _ = asked.route.path.removeprefix("/v1/").partition("/")
    return AuditEntry(
        at=asked.at,
        person_id=asked.principal.person_id,
        role=asked.role,
        action=asked.route.name,
        subject_kind=kind,
        subject_id=answer.subject or "/".join(asked.path.values()),
        tenant=tenant_of(asked, answer),
        correlation_id=asked.correlation_id,
    )
