"""Training calls as they were scored, and what people added to the scores."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class TrainingRunRow(Row):
    """One training call of one trainee, measured against a rubric."""

    __tablename__ = "training_run"
    __table_args__ = (Index("ix_training_run_centre_id_scored_at", "centre_id", "scored_at"),)

    run_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), unique=True)
    scenario_id: Mapped[str]
    title: Mapped[str]
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    trainer_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    scored_at: Mapped[datetime] = created()
    score: Mapped[float] = mapped_column(Float)
    passed: Mapped[bool]
    rubric: Mapped[dict[str, Any]]
    sheet: Mapped[dict[str, Any]]


class TrainingOverruleRow(Row):
    """A trainer's judgement instead of the sheet's. Append-only; the last one counts."""

    __tablename__ = "training_overrule"

    overrule_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("training_run.run_id"), index=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    made_by: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    made_at: Mapped[datetime] = created()
    score: Mapped[float] = mapped_column(Float)
    passed: Mapped[bool]
    comment: Mapped[str]


class TrainingCountersignRow(Row):
    """The trainee's signature under a run. Append-only."""

    __tablename__ = "training_countersign"

    run_id: Mapped[str] = mapped_column(ForeignKey("training_run.run_id"), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    signed_at: Mapped[datetime] = created()
    comment: Mapped[str]


class TrainingPlayerRow(Row):
    """A process that plays scripts, and which ones it has."""

    __tablename__ = "training_player"

    player_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    seen_at: Mapped[datetime] = created()
    offers: Mapped[dict[str, Any]]
    """Under `scenarios`, what can be played (`ScenarioOffer`)."""


class TrainingExerciseRow(Row):
    """An exercise that a trainer asked for, and where it stands."""

    __tablename__ = "training_exercise"
    __table_args__ = (
        Index("ix_training_exercise_centre_id_requested_at", "centre_id", "requested_at"),
        Index("ix_training_exercise_open", "centre_id", postgresql_where="state NOT IN ('over', 'failed')"),
    )

    exercise_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    scenario_id: Mapped[str]
    title: Mapped[str]
    trainee_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    trainer_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    requested_at: Mapped[datetime] = created()
    state: Mapped[str] = mapped_column(server_default="requested")
    """`requested`, `playing`, `stopping`, `over` or `failed`."""
    player_id: Mapped[str | None]
    changed_at: Mapped[datetime] = created()
    """A player that has not said a word for a minute is gone, and its exercise has failed."""
    call_id: Mapped[str | None]
    """Known before the call itself is in the database."""
    run_id: Mapped[str | None] = mapped_column(ForeignKey("training_run.run_id"), index=True)
    problem: Mapped[str] = mapped_column(server_default="")
    script: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """Under `lines`, the script's lines as the player has them."""


class TrainingInjectionRow(Row):
    """Something that a trainer made happen on the line of an exercise."""

    __tablename__ = "training_injection"

    exercise_id: Mapped[str] = mapped_column(ForeignKey("training_exercise.exercise_id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    kind: Mapped[str]
    line_id: Mapped[str | None]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    made_at: Mapped[datetime] = created()
    done_at: Mapped[datetime | None]
