"""Routes of the trainers' room: exercises asked for, played, watched, disturbed and stopped."""

from typing import Final

from dispatch.contract.roles import Role
from dispatch.contract.training_exercises import (
    Claim,
    Claimed,
    ExerciseDetail,
    ExerciseLog,
    ExercisePage,
    ExerciseQuery,
    LogQuery,
    NewExercise,
    NewInjection,
    PlayerHello,
    Progress,
    ScenarioList,
    TraineeList,
)

from .spec import Method, guarded

TRAINER: Final = (Role.TRAINER,)
PATH: Final = "/v1/training/exercises"

EXERCISES: Final = (
    guarded(
        "introduce_player", Method.PUT, "/v1/training/player", "A player says what it can play.", TRAINER,
        request=PlayerHello, answer=ScenarioList, telemetry=True,
    ),
    guarded(
        "claim_exercise", Method.POST, "/v1/training/player/claim", "A player that is free takes the next exercise.",
        TRAINER, request=Claim, answer=Claimed, telemetry=True,
    ),
    guarded(
        "list_scenarios", Method.GET, "/v1/training/scenarios", "Scripts that can be played now.", TRAINER,
        answer=ScenarioList,
    ),
    guarded(
        "list_trainees", Method.GET, "/v1/training/trainees", "Operators of your centre.", TRAINER, answer=TraineeList,
    ),
    guarded(
        "request_exercise", Method.POST, PATH, "Asks for an exercise; a player rings within seconds.", TRAINER,
        request=NewExercise, answer=ExerciseDetail, status=201, keyed=True,
    ),
    guarded(
        "list_exercises", Method.GET, PATH, "Exercises of your centre, the newest first.", TRAINER,
        query=ExerciseQuery, answer=ExercisePage,
    ),
    guarded(
        "read_exercise", Method.GET, PATH + "/{exercise_id}", "One exercise with its injections.", TRAINER,
        answer=ExerciseDetail,
    ),
    guarded(
        "follow_exercise", Method.GET, PATH + "/{exercise_id}/log", "The exercise's log from a line on, as it grows.",
        TRAINER, query=LogQuery, answer=ExerciseLog,
    ),
    guarded(
        "inject_event", Method.POST, PATH + "/{exercise_id}/injections", "Makes something happen on the line.",
        TRAINER, request=NewInjection, answer=ExerciseDetail, status=201, keyed=True,
    ),
    guarded(
        "stop_exercise", Method.POST, PATH + "/{exercise_id}/stop", "Ends an exercise: the caller hangs up.", TRAINER,
        answer=ExerciseDetail, keyed=True,
    ),
    guarded(
        "report_exercise", Method.PUT, PATH + "/{exercise_id}/progress", "A player says where its exercise stands.",
        TRAINER, request=Progress, answer=ExerciseDetail, telemetry=True,
    ),
)  # fmt: skip
