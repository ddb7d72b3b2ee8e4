"""A player at the service of trainers: claims the exercises that they ask for, plays and has them scored.

In: a running server and a trainer's login. Out: calls over the wire, what became of them over the API. Invariants: at
most `at_once` exercises at a time, the others wait with the server; an exercise that breaks says so and takes no other
with it; a server that is away is asked again; what a trainer makes happen is done in order, once.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dispatch.client import ClientError
from dispatch.contract.base import CallId, Message
from dispatch.contract.problems import ProblemCode
from dispatch.contract.training_exercises import (
    Claim,
    Claimed,
    Exercise,
    ExerciseDetail,
    ExerciseState,
    InjectionKind,
    PlayerHello,
    Progress,
    ScenarioList,
    ScenarioOffer,
    ScriptLine,
)
from dispatch.contract.training_runs import NewRun, RunDetail
from dispatch.http_client import HttpClient
from dispatch.observability.supervision import TaskSupervisor

from .ear import LogEar
from .player import Played, Player
from .reckoning import first_of
from .script import Script, ScriptError, load_script, script_ids

LOOK_EVERY_S: Final = 1.0
"""Between two looks for work, and for what a trainer makes happen."""
HELLO_EVERY_S: Final = 60.0
OVER_WITHIN_S: Final = 180.0
"""A call whose line died stays open for its caller, and for the trainee to close it; then it has no score."""
NO_SCORE: Final = "The call was not over in time, so that it has no score."
EXERCISES: Final = "/v1/training/exercises"

Say = Callable[[str], None]
AnswerT = TypeVar("AnswerT", bound=Message)


@dataclass
class Carried:
    """How far a trainer's wishes were carried out."""

    out: int = 0
    """Number of the last one."""


@dataclass
class Stage:
    """One player process."""

    client: HttpClient
    url: str
    say: Say
    speed: float = 1.0
    at_once: int = 4
    player_id: str = field(default_factory=lambda: f"player-{secrets.token_hex(6)}")

    async def run(self) -> None:
        """For ever."""
        async with TaskSupervisor() as tasks:
            said_at = -HELLO_EVERY_S
            while True:
                if len(tasks) == 0 and time.monotonic() - said_at >= HELLO_EVERY_S:
                    await self.hello()
                    said_at = time.monotonic()
                if len(tasks) < self.at_once:
                    claimed = await self._claim()
                    if exercise := claimed.exercise:
                        tasks.start("exercise", self.play(exercise, claimed.entry), subject=exercise.exercise_id)
                await asyncio.sleep(LOOK_EVERY_S)

    async def hello(self) -> None:
        """Says what can be played."""
        offers = tuple(offer_of(load_script(name)) for name in script_ids())
        hello = PlayerHello(player_id=self.player_id, scenarios=offers)
        await self._asked("PUT", "/v1/training/player", ScenarioList, hello)

    async def play(self, exercise: Exercise, entry: str) -> None:
        """One exercise from its first ring to its score. Whatever breaks, the trainer is told."""
        self.say(f"{exercise.exercise_id}: {exercise.scenario_id} rings")
        try:
            script = load_script(exercise.scenario_id)
            carried = Carried()
            played = await self._played(exercise, entry, script, carried)
            await self._tell(exercise, ExerciseState.OVER, injections_done=carried.out)
            await self._score(exercise, played)
        except* (OSError, TimeoutError, ClientError, ScriptError) as broken:
            reason = type(first_of(broken)).__name__
            self.say(f"{exercise.exercise_id}: broken ({reason})")
            with contextlib.suppress(OSError, TimeoutError, ClientError):
                await self._tell(exercise, ExerciseState.FAILED, problem=f"The player broke off ({reason}).")

    async def _claim(self) -> Claimed:
        return await self._asked("POST", "/v1/training/player/claim", Claimed, Claim(player_id=self.player_id))

    async def _played(self, exercise: Exercise, entry: str, script: Script, carried: Carried) -> Played:
        player = Player(
            self.url, lambda heard: LogEar(self.client, exercise.exercise_id, heard), script, speed=self.speed,
            trainee_id=exercise.trainee_id, entry=entry,
        )  # fmt: skip
        async with TaskSupervisor() as tasks:
            tasks.start("orders", self._orders(exercise, script, player, carried), subject=exercise.exercise_id)
            return await player.play()

    async def _orders(self, exercise: Exercise, script: Script, player: Player, carried: Carried) -> None:
        """Does what the trainer wants, while the call runs."""
        call_id = await player.opened
        lines = tuple(ScriptLine(line_id=turn.id, words=turn.say) for turn in script.turns)
        while True:
            told = await self._tell(
                exercise, ExerciseState.PLAYING, call_id=call_id, lines=lines, injections_done=carried.out
            )
            lines = ()
            for injection in told.injections[carried.out :]:
                player.disturb(injection.kind, injection.line_id)
                carried.out = injection.number
            if told.state is ExerciseState.STOPPING:
                player.disturb(InjectionKind.HANG_UP)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _score(self, exercise: Exercise, played: Played) -> None:
        """Has the server score the call, as soon as its log is whole there."""
        rubric = played.script.rubric
        deadline = time.monotonic() + OVER_WITHIN_S
        while time.monotonic() < deadline:
            try:
                new = NewRun(call_id=played.call_id, rubric=rubric)
                run = await self._asked("POST", "/v1/training/runs", RunDetail, new)
            except ClientError as error:
                if error.problem.code is ProblemCode.CONFLICT:  # nobody answered: there is nothing to score
                    await self._tell(exercise, ExerciseState.OVER, problem=error.problem.message)
                    return
                if error.problem.code not in (ProblemCode.WRONG_STATE, ProblemCode.NOT_FOUND):
                    raise
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                await self._tell(exercise, ExerciseState.OVER, run_id=run.run_id)
                self.say(f"{exercise.exercise_id}: {run.score} %")
                return
        await self._tell(exercise, ExerciseState.OVER, problem=NO_SCORE)

    async def _tell(
        self, exercise: Exercise, state: ExerciseState, *, call_id: CallId | None = None, run_id: str | None = None,
        lines: tuple[ScriptLine, ...] = (), injections_done: int = 0, problem: str = "",
    ) -> ExerciseDetail:  # fmt: skip
        told = Progress(
            player_id=self.player_id, state=state, call_id=call_id, run_id=run_id, lines=lines,
            injections_done=injections_done, problem=problem,
        )  # fmt: skip
        return await self._asked("PUT", f"{EXERCISES}/{exercise.exercise_id}/progress", ExerciseDetail, told)

    async def _asked(self, method: str, path: str, answer: type[AnswerT], body: Message) -> AnswerT:
        """Asks again while the server is away or says that trying again helps, for as long as it takes."""
        while True:
            try:
                return await self.client.ask(method, path, answer, body)
            except ClientError as error:
                if not error.problem.retryable:
                    raise
            except (OSError, TimeoutError):
                pass
            await asyncio.sleep(LOOK_EVERY_S)


async def serve(
    url: str, email: str, password: str, *, speed: float = 1.0, at_once: int = 4, say: Say = lambda _: None
) -> None:  # fmt: skip
    """A player until it is cancelled. Raises ClientError where the login is refused."""
    async with HttpClient(url, email, password) as client:
        await Stage(client, url, say, speed, at_once).run()


def offer_of(script: Script) -> ScenarioOffer:
    """What a trainer is told of a script."""
    return ScenarioOffer(
        scenario_id=script.id,
        title=script.title,
        type=script.type.value,
        category=script.gold.category,
        language=script.persona.lang,
        emotion=script.persona.emotion,
        erratic=script.persona.erratic,
        longest_s=script.limit_s,
        brief=script.brief,
    )
