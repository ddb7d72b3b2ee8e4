"""One Socket.IO namespace, bound from the contract's registry: reads every event into its model, answers every command.

In: raw events. Out: calls of a subclass's `handle`. Invariants: an event that the registry does not name does not
exist; what does not fit its model is answered with a coded problem and counts as a strike; a failure of ours is
reported, answered as such, and leaves the connection as it was.
"""

import secrets
from functools import partial
from typing import Any, ClassVar, Final

import socketio
import structlog
from pydantic import ValidationError

from dispatch.contract.base import Message
from dispatch.contract.problems import Problem, ProblemCode, Refused, problem
from dispatch.contract.registry import EVENTS, Direction, EventSpec
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.observability.logs import asked_by, correlated
from dispatch.observability.supervision import TaskSupervisor

from .mailbox import Mailbox
from .sockets import BoundedServer
from .strikes import Strikes

HARMLESS: Final = frozenset(
    {
        ProblemCode.FRAME_OUT_OF_ORDER,
        ProblemCode.SUPERSEDED,
        ProblemCode.UNAVAILABLE,
        ProblemCode.CALL_ENDED,
        ProblemCode.NOT_ALLOWED,
        ProblemCode.WRONG_RESUME_TOKEN,
        ProblemCode.WRONG_STATE,
        ProblemCode.NOT_FOUND,
        ProblemCode.CALL_TAKEN,
        ProblemCode.TOKEN_EXPIRED,
    }
)
"""Refusals that a working client on a bad network, or a lost race, runs into: answered, never counted."""
SAY_AGAIN_S: Final = 1.0

_log = structlog.get_logger(__name__)


class Connection:
    """One client's connection on a namespace."""

    def __init__(self, sid: str, mailbox: Mailbox) -> None:
        self.sid = sid
        self.mailbox = mailbox
        self.strikes = Strikes()
        self.correlation_id = secrets.token_hex(8)
        """On every log line of what this connection sets going, for as long as that runs."""
        self.asker: tuple[str, str, str] | None = None
        """Person, role and tenant on these lines; a caller is nobody that we know."""
        self._said: dict[tuple[ProblemCode, int | None], float] = {}

    def tell_problem(self, told: Problem) -> None:
        self.mailbox.put("problem", told)

    def tell_once(self, told: Problem, now: float) -> None:
        """Says a problem at most once a second, so that a burst of late frames asks for one repeat, not for many."""
        said_at = self._said.get((told.code, told.expected_seq))
        if said_at is None or now - said_at >= SAY_AGAIN_S:
            self._said = {(told.code, told.expected_seq): now}
            self.tell_problem(told)


class Namespace(socketio.AsyncNamespace):  # type: ignore[misc]
    """Base of the namespaces. A subclass says how a connection begins, ends, and what each event does."""

    path: ClassVar[str]

    def __init__(self, server: BoundedServer, tasks: TaskSupervisor, clock: Clock) -> None:
        super().__init__(self.path)
        self._sio = server
        self._tasks = tasks
        self._clock = clock
        self.connections: dict[str, Connection] = {}
        self._events = {s.name: s for s in EVENTS if s.namespace == self.path and s.direction is Direction.TO_SERVER}

    async def begin(self, connection: Connection, auth: Any) -> Connection:
        """A client connects; returns the connection to keep. Raises Refused to turn it away."""
        raise NotImplementedError

    async def end(self, connection: Connection) -> None:
        """A client's connection is gone."""
        raise NotImplementedError

    async def handle(self, connection: Connection, event: str, body: Message) -> Message | None:
        """Does what an event asks; returns its acknowledgement. Raises Refused."""
        raise NotImplementedError

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """python-socketio's entrance."""
        match event:
            case "connect":
                return await self._connect(args[0], args[2] if len(args) > 2 else None)
            case "disconnect":
                connection = self.connections.pop(args[0], None)
                if connection:
                    connection.mailbox.close()
                    await self.end(connection)
                return None
            case _:
                return await self._event(args[0], event, args[1:])

    async def broken(self, sid: str, code: ProblemCode) -> None:
        """A message could not even be read."""
        connection = self.connections.get(sid)
        if connection and not connection.mailbox.closing:
            self._strike(connection, problem(code, "The message could not be read."))

    async def _connect(self, sid: str, auth: Any) -> bool:
        mailbox = Mailbox(
            lambda event, body: self._sio.say(sid, self.path, event, body),
            lambda: self._sio.depth(sid, self.path),
            self._clock,
            partial(self._sio.say_now, sid, self.path),
        )
        try:
            connection = await self.begin(Connection(sid, mailbox), auth)
        except Refused as refused:
            told = refused.problem
            raise socketio.exceptions.ConnectionRefusedError(told.code.value, told.model_dump(mode="json")) from None
        self.connections[sid] = connection
        self._tasks.start("mailbox", self._pump(sid, mailbox), subject=sid)
        return True

    async def _pump(self, sid: str, mailbox: Mailbox) -> None:
        await mailbox.run()
        if sid in self.connections:
            await self._sio.let_go(sid, self.path)

    async def _event(self, sid: str, name: str, args: tuple[Any, ...]) -> Any:
        connection, spec = self.connections.get(sid), self._events.get(name)
        if connection is None or connection.mailbox.closing:
            return None
        if spec is None:
            return self._strike(connection, problem(ProblemCode.UNKNOWN_EVENT, "There is no such event."))
        with correlated(connection.correlation_id):
            if connection.asker:
                asked_by(*connection.asker)
            try:
                answer = await self.handle(connection, name, _read(spec, args))
            except Refused as refused:
                return self._refuse(connection, spec, refused.problem)
            except Exception:  # noqa: BLE001 - the edge: reported, answered, the connection lives on
                _log.error("event failed", event_name=name, namespace=self.path, exc_info=True)
                return self._answer(connection, spec, problem(ProblemCode.INTERNAL, "The server failed at this."))
        return answer.model_dump(mode="json") if answer else None

    def _refuse(self, connection: Connection, spec: EventSpec, told: Problem) -> Any:
        if told.code in HARMLESS:
            return self._answer(connection, spec, told)
        self._strike(connection, told, silent=spec.ack is not None)
        return told.model_dump(mode="json") if spec.ack else None

    def _answer(self, connection: Connection, spec: EventSpec, told: Problem) -> Any:
        """By acknowledgement where the event has one, else as a `problem` event."""
        if spec.ack is not None:
            return told.model_dump(mode="json")
        connection.tell_once(told, self._clock.monotonic())
        return None

    def _strike(self, connection: Connection, told: Problem, *, silent: bool = False) -> None:
        metrics.STRIKES.labels(told.code.value).inc()
        if not silent:
            connection.tell_problem(told)
        if connection.strikes.strike(self._clock.monotonic()):
            connection.tell_problem(problem(ProblemCode.STRUCK_OUT, "Too many broken messages."))
            connection.mailbox.close()


def _read(spec: EventSpec, args: tuple[Any, ...]) -> Message:
    """The event's one object as its model. Raises Refused; the message names fields, never their contents."""
    if len(args) != 1 or not isinstance(args[0], dict):
        raise Refused(ProblemCode.INVALID_MESSAGE, f"{spec.name} takes one object.")
    try:
        return spec.body.model_validate(args[0])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        kind = str(first["type"])
        named = first["loc"][:-1] if kind == "extra_forbidden" else first["loc"]  # an unknown field's name is input
        where = ".".join(str(part) for part in named)[:60]
        code = _code_of(where, kind)
        raise Refused(code, f"{spec.name}: {where or 'the object'}: {str(first['msg'])[:120]}") from None


def _code_of(where: str, kind: str) -> ProblemCode:
    if where == "audio" and kind == "bytes_too_long":
        return ProblemCode.FRAME_TOO_LARGE
    if where.startswith("format."):
        return ProblemCode.UNKNOWN_CODEC
    return ProblemCode.INVALID_MESSAGE
