"""HTTP bodies of the trainers' room: exercises that are asked for, played by a player, watched, disturbed and stopped.

A player is a process of its own (`kiwimesh scenarios serve`) that has the scripts; the server knows of them what a
player has told it. An exercise is a request that a player claims: the player rings as any caller does, over the wire.
"""

from enum import StrEnum

from pydantic import Field

from .base import CallId, Identifier, LanguageCode, LongText, Message, Moment, PersonId, Seconds, ShortText
from .card import Category
from .http import PageQuery
from .timeline import TimelineEntry


class ScenarioOffer(Message):
    """A script that a player can play."""

    scenario_id: Identifier
    title: ShortText
    type: Identifier
    category: Category
    language: LanguageCode
    emotion: int = Field(ge=1, le=5)
    """1 calm to 5 hysterical."""
    erratic: int = Field(ge=1, le=5)
    """1 to the point to 5 incoherent."""
    longest_s: Seconds
    """The caller ends the call by then."""
    brief: LongText


class PlayerHello(Message):
    """A player says that it is there, and what it can play."""

    player_id: Identifier
    scenarios: tuple[ScenarioOffer, ...] = Field(max_length=500)


class ScenarioList(Message):
    """What can be played now."""

    scenarios: tuple[ScenarioOffer, ...]
    player_seen_at: Moment | None = None
    """When a player was last heard of; None: never."""
    player_there: bool = False
    """Somebody would play what is asked for now."""


class Trainee(Message):
    """An operator of the centre."""

    person_id: PersonId
    name: ShortText = Field(repr=False)


class TraineeList(Message):
    trainees: tuple[Trainee, ...]


class ExerciseState(StrEnum):
    """Where an exercise stands."""

    REQUESTED = "requested"
    """No player has taken it yet."""
    PLAYING = "playing"
    STOPPING = "stopping"
    """A trainer has stopped it; the caller is about to hang up."""
    OVER = "over"
    FAILED = "failed"


class NewExercise(Message):
    scenario_id: Identifier
    trainee_id: PersonId
    """For whom it is meant. It rings at this person's seats and at no others."""


class InjectionKind(StrEnum):
    """What a trainer can make happen on the line."""

    HANG_UP = "hang_up"
    """The caller hangs up without a word."""
    BATTERY_LOW = "battery_low"
    """The sound comes in pieces, and then the connection is gone."""
    LINE_NOISE = "line_noise"
    """A loud hiss lies over the caller for a while."""
    LINE = "line"
    """The caller says one of the script's lines, whatever was asked."""


class NewInjection(Message):
    kind: InjectionKind
    line_id: Identifier | None = None
    """Which line, for `line`."""


class Injection(NewInjection):
    number: int = Field(ge=1)
    at: Moment
    done: bool = False


class ScriptLine(Message):
    """A line of the script: what a trainer may have said out of turn."""

    line_id: Identifier
    words: LongText


class Exercise(Message):
    """One exercise."""

    exercise_id: Identifier
    scenario_id: Identifier
    title: ShortText
    trainee_id: PersonId
    trainer_id: PersonId
    requested_at: Moment
    state: ExerciseState
    call_id: CallId | None = None
    """As soon as it rings."""
    run_id: Identifier | None = None
    """Its score, as soon as there is one."""
    problem: ShortText = ""
    """Why it failed, or has no score."""


class ExerciseDetail(Exercise):
    lines: tuple[ScriptLine, ...] = ()
    injections: tuple[Injection, ...] = ()


class ExercisePage(Message):
    exercises: tuple[Exercise, ...]
    next_cursor: str | None = None


class ExerciseQuery(PageQuery):
    """Which exercises are listed, the newest first."""

    limit: int = Field(default=20, ge=1, le=100)


class Claim(Message):
    """A player that is free asks for work, every second or so."""

    player_id: Identifier


class Claimed(Message):
    exercise: Exercise | None = None
    entry: Identifier = "exercise"
    """By which the caller comes in, so that the call is one of the exercise's centre."""


class Progress(Message):
    """What a player says of the exercise that it plays, every few seconds."""

    player_id: Identifier
    state: ExerciseState
    call_id: CallId | None = None
    run_id: Identifier | None = None
    lines: tuple[ScriptLine, ...] = Field(default=(), max_length=100)
    """Of the script, once, when it begins."""
    injections_done: int = Field(default=0, ge=0)
    """The number of the last injection that was carried out."""
    problem: ShortText = ""


class LogQuery(Message):
    after_seq: int = Field(default=0, ge=0)


class ExerciseLog(Message):
    """The next lines of the exercise's call."""

    entries: tuple[TimelineEntry, ...] = Field(repr=False)
    exercise: ExerciseDetail
