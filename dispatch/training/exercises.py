"""The trainers' room: who can be trained with what, exercises asked for, watched, disturbed and stopped.

In: checked requests of trainers, and of players that sign in as trainers. Out: contract models. Invariants: an exercise
is claimed by one player; a player changes only what it has claimed; nothing here makes a call or plays a sound, players
do; an exercise whose player has not been heard of for `GONE_S` has failed, and says so.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CallId, CentreId, PersonId
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.contract.training_exercises import (
    Claim,
    Claimed,
    Exercise,
    ExerciseDetail,
    ExerciseLog,
    ExercisePage,
    ExerciseQuery,
    ExerciseState,
    Injection,
    InjectionKind,
    LogQuery,
    NewExercise,
    NewInjection,
    PlayerHello,
    Progress,
    ScenarioList,
    ScenarioOffer,
    ScriptLine,
    Trainee,
    TraineeList,
)
from dispatch.storage import TenantKeys, stepped_into
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import (
    CallRow,
    DispatchCentreRow,
    EntryRow,
    PersonRow,
    RoleGrantRow,
    TrainingExerciseRow,
    TrainingInjectionRow,
    TrainingPlayerRow,
)

from .logs import lines_after

S = ExerciseState
THERE_S: Final = 15.0
"""A player that was heard of so recently plays what is asked for."""
GONE_S: Final = 60.0
RUNNING: Final = frozenset({S.PLAYING, S.STOPPING})
NEXT: Final[Mapping[ExerciseState, frozenset[ExerciseState]]] = {
    S.PLAYING: frozenset({S.PLAYING, S.OVER, S.FAILED}),
    S.STOPPING: frozenset({S.OVER, S.FAILED}),
    S.OVER: frozenset({S.OVER}),
}
"""What a player may say next: a score comes when it is over already."""
MOST_INJECTIONS: Final = 50
UNKNOWN_ENTRY: Final = "exercise"
"""Nobody's, so that it leads to the default centre."""


class Exercises:
    """Handlers of the routes of exercises."""

    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "introduce_player": introduce_player,
            "claim_exercise": claim,
            "list_scenarios": list_scenarios,
            "list_trainees": list_trainees,
            "request_exercise": request_exercise,
            "list_exercises": list_exercises,
            "read_exercise": read_exercise,
            "follow_exercise": self.follow,
            "inject_event": inject,
            "stop_exercise": stop,
            "report_exercise": report,
        }

    async def follow(self, asked: Asked[None, LogQuery], session: AsyncSession) -> Answer:
        """The log from a line on. Empty while the call is not in the database yet."""
        row = await the_exercise(session, asked.path["exercise_id"])
        call = await session.get(CallRow, row.call_id) if row.call_id else None
        entries = await lines_after(session, self._keys, call, asked.query.after_seq) if call else ()
        return Answer(ExerciseLog(entries=entries, exercise=await detail(session, row)), centre_id=row.centre_id)


async def introduce_player(asked: Asked[PlayerHello, None], session: AsyncSession) -> Answer:
    """A player is there."""
    offers = {"scenarios": [offer.model_dump(mode="json") for offer in asked.body.scenarios]}
    values = {"seen_at": asked.at, "offers": offers}
    new = insert(TrainingPlayerRow).values(player_id=asked.body.player_id, centre_id=centre_of(asked), **values)
    ours = TrainingPlayerRow.centre_id == centre_of(asked)
    kept = new.on_conflict_do_update(index_elements=["player_id"], set_=values, where=ours)
    if await session.scalar(kept.returning(TrainingPlayerRow.player_id)) is None:
        raise Refused(ProblemCode.CONFLICT, "There is a player of this name already.")
    return Answer(await scenarios_of(session, asked.at))


async def claim(asked: Asked[Claim, None], session: AsyncSession) -> Answer:
    """The oldest exercise that nobody plays. Two players never get the same one."""
    player = await session.get(TrainingPlayerRow, asked.body.player_id)
    if player is None:
        raise Refused(ProblemCode.NOT_FOUND, "Introduce the player first.")
    player.seen_at = asked.at
    await fail_abandoned(session, asked.at)
    query = select(TrainingExerciseRow).where(TrainingExerciseRow.state == S.REQUESTED)
    query = query.where(TrainingExerciseRow.centre_id == player.centre_id)
    row = await session.scalar(
        query.order_by(TrainingExerciseRow.requested_at).limit(1).with_for_update(skip_locked=True)
    )
    if row is None:
        return Answer(Claimed())
    row.state, row.player_id, row.changed_at = S.PLAYING, player.player_id, asked.at
    entry = await way_in(session, CentreId(row.centre_id))
    return Answer(Claimed(exercise=view_of(row), entry=entry), centre_id=row.centre_id)


async def way_in(session: AsyncSession, centre_id: CentreId) -> str:
    """An entry whose calls come to a centre. Raises Refused where there is none."""
    async with stepped_into(session, REGISTRY):
        centre = await session.get_one(DispatchCentreRow, centre_id)
        ways_in = select(EntryRow.entry_id).where(EntryRow.centre_id == centre_id).order_by(EntryRow.entry_id)
        entry = UNKNOWN_ENTRY if centre.is_default else await session.scalar(ways_in.limit(1))
    if entry is None:
        raise Refused(ProblemCode.WRONG_STATE, "No entry leads calls to your centre, exercises neither.")
    return entry


async def fail_abandoned(session: AsyncSession, now: datetime) -> None:
    """Exercises whose player went away."""
    left = (TrainingExerciseRow.state.in_(RUNNING), TrainingExerciseRow.changed_at < now - timedelta(seconds=GONE_S))
    gone = update(TrainingExerciseRow).where(*left).values(state=S.FAILED, problem="The player went away.")
    await session.execute(gone.execution_options(synchronize_session=False))


async def list_scenarios(asked: Asked[None, None], session: AsyncSession) -> Answer:
    return Answer(await scenarios_of(session, asked.at))


async def scenarios_of(session: AsyncSession, now: datetime) -> ScenarioList:
    """What the player that was heard of last can play."""
    query = select(TrainingPlayerRow).order_by(TrainingPlayerRow.seen_at.desc()).limit(1)
    player = await session.scalar(query)
    if player is None:
        return ScenarioList(scenarios=())
    offers = tuple(ScenarioOffer.model_validate(offer) for offer in player.offers["scenarios"])
    there = (now - player.seen_at).total_seconds() < THERE_S
    return ScenarioList(scenarios=offers, player_seen_at=player.seen_at, player_there=there)


async def list_trainees(asked: Asked[None, None], session: AsyncSession) -> Answer:
    return Answer(TraineeList(trainees=await trainees_of(session, centre_of(asked))))


async def trainees_of(session: AsyncSession, centre_id: CentreId) -> tuple[Trainee, ...]:
    """The operators of a centre that the asking trainer belongs to. A trainer's own role sees nobody else."""
    grant = RoleGrantRow
    query = (
        select(PersonRow.person_id, PersonRow.display_name)
        .join(grant, grant.person_id == PersonRow.person_id)
        .where(grant.role == Role.OPERATOR, grant.scope_kind == ScopeKind.CENTRE, grant.scope_id == centre_id)
        .where(grant.lost_at.is_(None), PersonRow.suspended_at.is_(None))
    )
    async with stepped_into(session, REGISTRY):
        found = (await session.execute(query.order_by(PersonRow.display_name, PersonRow.person_id))).all()
    return tuple(Trainee(person_id=PersonId(person_id), name=name) for person_id, name in found)


async def request_exercise(asked: Asked[NewExercise, None], session: AsyncSession) -> Answer:
    """Asks for an exercise. Raises Refused for a script that no player has, or somebody who is no operator here."""
    centre_id = centre_of(asked)
    if asked.body.trainee_id not in {trainee.person_id for trainee in await trainees_of(session, centre_id)}:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such operator at your centre.")
    await way_in(session, centre_id)
    offers = await scenarios_of(session, asked.at)
    script = next((one for one in offers.scenarios if one.scenario_id == asked.body.scenario_id), None)
    if script is None:
        raise Refused(ProblemCode.NOT_FOUND, "No player has such a script.")
    row = TrainingExerciseRow(
        exercise_id=f"exercise-{secrets.token_hex(8)}",
        centre_id=centre_id,
        scenario_id=script.scenario_id,
        title=script.title,
        trainee_id=asked.body.trainee_id,
        trainer_id=asked.principal.person_id,
        requested_at=asked.at,
        state=S.REQUESTED,
        changed_at=asked.at,
        problem="",
        script={},
    )
    session.add(row)
    return Answer(await detail(session, row), subject=row.exercise_id, centre_id=centre_id)


async def list_exercises(asked: Asked[None, ExerciseQuery], session: AsyncSession) -> Answer:
    await fail_abandoned(session, asked.at)
    row = TrainingExerciseRow
    query = select(row).order_by(row.requested_at.desc(), row.exercise_id.desc())
    if asked.after:
        at, exercise_id = asked.after
        query = query.where(tuple_(row.requested_at, row.exercise_id) < tuple_(datetime.fromisoformat(at), exercise_id))
    found = (await session.scalars(query.limit(asked.query.limit + 1))).all()
    rows, cursor = asked.page(found, lambda one: (one.requested_at.isoformat(), one.exercise_id))
    return Answer(ExercisePage(exercises=tuple(map(view_of, rows)), next_cursor=cursor))


async def read_exercise(asked: Asked[None, None], session: AsyncSession) -> Answer:
    row = await the_exercise(session, asked.path["exercise_id"])
    return Answer(await detail(session, row), centre_id=row.centre_id)


async def inject(asked: Asked[NewInjection, None], session: AsyncSession) -> Answer:
    """Makes something happen, as soon as the player looks. Raises Refused."""
    row = await the_exercise(session, asked.path["exercise_id"], lock=True)
    if row.state != S.PLAYING:
        raise Refused(ProblemCode.WRONG_STATE, "The exercise is not being played.")
    known = {line["line_id"] for line in row.script.get("lines", ())}
    if asked.body.kind is InjectionKind.LINE and asked.body.line_id not in known:
        raise Refused(ProblemCode.NOT_FOUND, "The script has no such line.")
    count = await session.scalar(select(func.count()).where(TrainingInjectionRow.exercise_id == row.exercise_id))
    if (count or 0) >= MOST_INJECTIONS:
        raise Refused(ProblemCode.TOO_MANY, "Enough has happened on this line.")
    session.add(
        TrainingInjectionRow(
            exercise_id=row.exercise_id,
            number=(count or 0) + 1,
            centre_id=row.centre_id,
            kind=asked.body.kind,
            line_id=asked.body.line_id,
            made_by=asked.principal.person_id,
            made_at=asked.at,
        )
    )
    await session.flush()
    return Answer(await detail(session, row), centre_id=row.centre_id)


async def stop(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Ends an exercise, or takes the request back. One that is over stays as it is."""
    row = await the_exercise(session, asked.path["exercise_id"], lock=True)
    if row.state == S.PLAYING:
        row.state = S.STOPPING
    elif row.state == S.REQUESTED:
        row.state, row.problem = S.FAILED, "It was taken back before it rang."
    return Answer(await detail(session, row), centre_id=row.centre_id)


async def report(asked: Asked[Progress, None], session: AsyncSession) -> Answer:
    """Where an exercise stands, by the player that has it. A player that says `playing` learns of a stop."""
    row = await the_exercise(session, asked.path["exercise_id"], lock=True)
    said = asked.body
    if row.player_id != said.player_id:
        raise Refused(ProblemCode.NOT_ALLOWED, "Another player has this exercise.")
    before = S(row.state)
    stopping = before is S.STOPPING and said.state is S.PLAYING
    if not stopping and said.state not in NEXT.get(before, frozenset()):
        raise Refused(ProblemCode.WRONG_STATE, f"The exercise is {before}.")
    row.state = before if stopping else said.state
    row.changed_at = asked.at
    row.call_id = said.call_id or row.call_id
    row.run_id = said.run_id or row.run_id
    row.problem = said.problem or row.problem
    if said.lines:
        row.script = {"lines": [line.model_dump(mode="json") for line in said.lines]}
    done = (
        TrainingInjectionRow.exercise_id == row.exercise_id,
        TrainingInjectionRow.number <= said.injections_done,
        TrainingInjectionRow.done_at.is_(None),
    )
    await session.execute(update(TrainingInjectionRow).where(*done).values(done_at=asked.at))
    return Answer(await detail(session, row), centre_id=row.centre_id)


def centre_of(asked: Asked[Any, Any]) -> CentreId:
    """The centre for which the person acts in this role: the first. Raises Refused for none."""
    for grant in asked.principal.grants:
        if grant.role is asked.role and grant.kind is ScopeKind.CENTRE:
            return CentreId(grant.scope_id)
    raise Refused(ProblemCode.NOT_ALLOWED, "You train at no centre.")


async def the_exercise(session: AsyncSession, exercise_id: str, *, lock: bool = False) -> TrainingExerciseRow:
    """An exercise that the acting role reaches. Raises Refused."""
    row = await session.get(TrainingExerciseRow, exercise_id, with_for_update=lock or None)
    if row is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such exercise.")
    return row


def view_of(row: TrainingExerciseRow) -> Exercise:
    """An exercise's line in a list."""
    return Exercise(**_facts(row))


async def detail(session: AsyncSession, row: TrainingExerciseRow) -> ExerciseDetail:
    """An exercise with its script's lines and what was made to happen."""
    query = select(TrainingInjectionRow).where(TrainingInjectionRow.exercise_id == row.exercise_id)
    made = await session.scalars(query.order_by(TrainingInjectionRow.number))
    return ExerciseDetail(
        **_facts(row),
        lines=tuple(ScriptLine.model_validate(line) for line in row.script.get("lines", ())),
        injections=tuple(
            Injection(
                number=one.number, kind=InjectionKind(one.kind), line_id=one.line_id, at=one.made_at,
                done=one.done_at is not None,
            )
            for one in made
        ),
    )  # fmt: skip


def _facts(row: TrainingExerciseRow) -> dict[str, Any]:
    return {
        "exercise_id": row.exercise_id,
        "scenario_id": row.scenario_id,
        "title": row.title,
        "trainee_id": PersonId(row.trainee_id),
        "trainer_id": PersonId(row.trainer_id),
        "requested_at": row.requested_at,
        "state": S(row.state),
        "call_id": CallId(row.call_id) if row.call_id else None,
        "run_id": row.run_id,
        "problem": row.problem,
    }
