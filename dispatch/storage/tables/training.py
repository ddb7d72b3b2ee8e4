"""Training calls as they were scored, and what people added to the scores."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index
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
