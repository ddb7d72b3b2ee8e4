"""Training runs: scored from the call's own log, overruled by a trainer, countersigned by the trainee.

Invariants: only an exercise can be a run, and only once; the sheet is made here from the log and never changes; the
last overrule is what counts, and every one of them stays; a trainee signs their own run, once.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Download, Handler
from dispatch.contract.base import CallId, PersonId
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import CallAnswered, TimelineEntry
from dispatch.contract.training import ScoreSheet
from dispatch.contract.training_runs import (
    Countersign,
    CountersignView,
    NewRun,
    Overrule,
    OverruleView,
    Run,
    RunDetail,
    RunPage,
    RunQuery,
)
from dispatch.quality import score
from dispatch.quality.paper import Paper, happened_on
from dispatch.storage import TenantKeys
from dispatch.storage.tables import TrainingCountersignRow, TrainingOverruleRow, TrainingRunRow

from .logs import call_of, log_of

TREND_RUNS: Final = 12
"""Of the trainee, on paper."""


class Runs:
    """Handlers of the routes of training runs."""

    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "score_training_run": self.score_run,
            "list_training_runs": list_runs,
            "read_training_run": read_run,
            "print_training_run": self.print_run,
            "overrule_training_run": overrule,
            "countersign_training_run": countersign,
        }

    async def score_run(self, asked: Asked[NewRun, None], session: AsyncSession) -> Answer:
        """The sheet of an exercise that is over."""
        call = await call_of(session, asked.body.call_id)
        if not call.exercise:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such training call.")
        known = await session.scalar(select(TrainingRunRow).where(TrainingRunRow.call_id == call.call_id))
        if known is not None:
            raise Refused(ProblemCode.CONFLICT, "This training call has been scored already.")
        entries = await log_of(session, self._keys, call)
        sheet = await asyncio.to_thread(score, asked.body.rubric, entries)
        row = TrainingRunRow(
            run_id=f"run-{secrets.token_hex(8)}",
            centre_id=call.centre_id,
            call_id=call.call_id,
            scenario_id=asked.body.rubric.rubric_id,
            title=asked.body.rubric.title,
            trainee_id=trainee_of(entries),
            trainer_id=asked.principal.person_id,
            scored_at=asked.at,
            score=sheet.score,
            passed=sheet.passed,
            rubric=asked.body.rubric.model_dump(mode="json"),
            sheet=sheet.model_dump(mode="json"),
        )
        session.add(row)
        return Answer(detail(row, (), None), subject=row.run_id, centre_id=call.centre_id)

    async def print_run(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """One run on paper, with the trainee's runs up to it."""
        run = await the_run(session, asked.path["run_id"])
        call = await call_of(session, run.call_id)
        paper = Paper(
            title=run.title,
            at=run.scored_at,
            sheet=ScoreSheet.model_validate(run.sheet),
            facts=(
                ("Call", run.call_id),
                ("Scored", f"{run.scored_at:%Y-%m-%d %H:%M} UTC"),
                ("Trainee", run.trainee_id),
            ),
            judgements=await judgements_of(session, run),
            happened=tuple(happened_on(await log_of(session, self._keys, call))),
            trend=await trend_of(session, run),
        )
        content = await asyncio.to_thread(in_pdf, paper)
        file = Download(content, "application/pdf", f"{run.run_id}.pdf")
        return Answer(download=file, centre_id=run.centre_id)


def in_pdf(paper: Paper) -> bytes:
    """The file. Its library is loaded by the first who prints."""
    from dispatch.quality.pdf import printed

    return printed(paper)


async def judgements_of(session: AsyncSession, run: TrainingRunRow) -> tuple[str, ...]:
    """What people made of the score, in words."""
    made = (await overrules_of(session, [run.run_id])).get(run.run_id, ())
    overruled = (
        f"Overruled by the trainer: {one.score:g} %, {'passed' if one.passed else 'not passed'} ({one.comment})"
        for one in made
    )
    signed = (await signatures_of(session, [run.run_id])).get(run.run_id)
    remark = f" ({signed.comment})" if signed and signed.comment else ""
    return (*overruled, *((f"Countersigned by the trainee{remark}",) if signed else ()))


async def trend_of(session: AsyncSession, run: TrainingRunRow) -> tuple[tuple[str, str, float, bool], ...]:
    """The trainee's last runs up to this one, oldest first, each as it counts."""
    query = select(TrainingRunRow).where(
        TrainingRunRow.trainee_id == run.trainee_id, TrainingRunRow.scored_at <= run.scored_at
    )
    rows = (await session.scalars(query.order_by(TrainingRunRow.scored_at.desc()).limit(TREND_RUNS))).all()
    overrules = await overrules_of(session, [row.run_id for row in rows])
    counting = ((row, overrules.get(row.run_id, (row,))[-1]) for row in reversed(rows))
    return tuple((f"{row.scored_at:%Y-%m-%d}", row.title, one.score, one.passed) for row, one in counting)


def trainee_of(entries: Sequence[TimelineEntry]) -> PersonId:
    """Who answered first. Raises Refused where nobody did."""
    for entry in entries:
        if isinstance(entry.body, CallAnswered) and entry.actor.person_id:
            return entry.actor.person_id
    raise Refused(ProblemCode.CONFLICT, "Nobody answered this training call.")


async def list_runs(asked: Asked[None, RunQuery], session: AsyncSession) -> Answer:
    """A page of runs."""
    query = select(TrainingRunRow).order_by(TrainingRunRow.scored_at.desc(), TrainingRunRow.run_id.desc())
    if asked.query.trainee_id:
        query = query.where(TrainingRunRow.trainee_id == asked.query.trainee_id)
    if asked.query.scenario_id:
        query = query.where(TrainingRunRow.scenario_id == asked.query.scenario_id)
    if asked.after:
        at, run_id = asked.after
        place = tuple_(datetime.fromisoformat(at), run_id)
        query = query.where(tuple_(TrainingRunRow.scored_at, TrainingRunRow.run_id) < place)
    found = (await session.scalars(query.limit(asked.query.limit + 1))).all()
    rows, cursor = asked.page(found, lambda row: (row.scored_at.isoformat(), row.run_id))
    ids = [row.run_id for row in rows]
    overrules = await overrules_of(session, ids)
    signed = await signatures_of(session, ids)
    runs = tuple(summary(row, overrules.get(row.run_id, ()), signed.get(row.run_id)) for row in rows)
    return Answer(RunPage(runs=runs, next_cursor=cursor))


async def read_run(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One run with everything."""
    return Answer(await the_detail(session, await the_run(session, asked.path["run_id"])))


async def overrule(asked: Asked[Overrule, None], session: AsyncSession) -> Answer:
    """A trainer's judgement; it counts from now on."""
    run = await the_run(session, asked.path["run_id"])
    session.add(
        TrainingOverruleRow(
            overrule_id=f"over-{secrets.token_hex(8)}",
            run_id=run.run_id,
            centre_id=run.centre_id,
            trainee_id=run.trainee_id,
            made_by=asked.principal.person_id,
            made_at=asked.at,
            **asked.body.model_dump(),
        )
    )
    await session.flush()
    return Answer(await the_detail(session, run), centre_id=run.centre_id)


async def countersign(asked: Asked[Countersign, None], session: AsyncSession) -> Answer:
    """The trainee's signature, once."""
    run = await the_run(session, asked.path["run_id"])
    if await session.get(TrainingCountersignRow, run.run_id) is not None:
        raise Refused(ProblemCode.CONFLICT, "The run has been countersigned already.")
    session.add(
        TrainingCountersignRow(
            run_id=run.run_id,
            centre_id=run.centre_id,
            trainee_id=run.trainee_id,
            signed_at=asked.at,
            comment=asked.body.comment,
        )
    )
    await session.flush()
    return Answer(await the_detail(session, run), centre_id=run.centre_id)


async def the_run(session: AsyncSession, run_id: str) -> TrainingRunRow:
    """A run that the acting role reaches. Raises Refused."""
    row = await session.get(TrainingRunRow, run_id)
    if row is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such training run.")
    return row


async def overrules_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, tuple[TrainingOverruleRow, ...]]:
    """The overrules of runs, oldest first."""
    query = select(TrainingOverruleRow).where(TrainingOverruleRow.run_id.in_(ids))
    found = await session.scalars(query.order_by(TrainingOverruleRow.made_at, TrainingOverruleRow.overrule_id))
    by_run: dict[str, tuple[TrainingOverruleRow, ...]] = {}
    for row in found:
        by_run[row.run_id] = (*by_run.get(row.run_id, ()), row)
    return by_run


async def signatures_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, TrainingCountersignRow]:
    """The countersignatures of runs."""
    query = select(TrainingCountersignRow).where(TrainingCountersignRow.run_id.in_(ids))
    return {row.run_id: row for row in await session.scalars(query)}


async def the_detail(session: AsyncSession, run: TrainingRunRow) -> RunDetail:
    """A run with what people added."""
    overrules = (await overrules_of(session, [run.run_id])).get(run.run_id, ())
    return detail(run, overrules, (await signatures_of(session, [run.run_id])).get(run.run_id))


def summary(
    row: TrainingRunRow, overrules: Sequence[TrainingOverruleRow], signed: TrainingCountersignRow | None
) -> Run:  # fmt: skip
    """A run's line in a list."""
    return Run(**_facts(row, overrules, signed))


def detail(
    row: TrainingRunRow, overrules: Sequence[TrainingOverruleRow], signed: TrainingCountersignRow | None
) -> RunDetail:  # fmt: skip
    """A run as it is read."""
    return RunDetail(
        **_facts(row, overrules, signed),
        sheet=ScoreSheet.model_validate(row.sheet),
        overrules=tuple(
            OverruleView(score=o.score, passed=o.passed, comment=o.comment, by=PersonId(o.made_by), at=o.made_at)
            for o in overrules
        ),
        countersignature=CountersignView(comment=signed.comment, at=signed.signed_at) if signed else None,
    )


def _facts(
    row: TrainingRunRow, overrules: Sequence[TrainingOverruleRow], signed: TrainingCountersignRow | None
) -> dict[str, Any]:  # fmt: skip
    counts = overrules[-1] if overrules else row
    return {
        "run_id": row.run_id,
        "call_id": CallId(row.call_id),
        "scenario_id": row.scenario_id,
        "title": row.title,
        "trainee_id": PersonId(row.trainee_id),
        "trainer_id": PersonId(row.trainer_id),
        "at": row.scored_at,
        "score": counts.score,
        "passed": counts.passed,
        "overruled": bool(overrules),
        "countersigned": signed is not None,
    }
