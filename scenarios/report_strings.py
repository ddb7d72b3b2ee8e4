"""Every English string of the after-action report, in one place."""

from typing import Final

from dispatch.contract.training import Verdict

TITLE: Final = "After-action report"
EXERCISE: Final = "EXERCISE"
PASSED: Final = "Passed"
NOT_PASSED: Final = "Not passed"
SCORE: Final = "Score"
CALL: Final = "Call"
SCRIPT: Final = "Scenario"
BRIEF: Final = "What the call is about"
CATEGORY: Final = "Category at the end"
RIGHT: Final = "right"
WRONG: Final = "wrong, should be {gold}"
CRITICAL: Final = "Critical and missed"
FORBIDDEN: Final = "Forbidden and done"
ACTIONS: Final = "Actions"
SCORECARD: Final = "Call-taking scorecard"
FOR_A_PERSON: Final = "for a person"
TRANSCRIPT: Final = "What happened"
CARDS: Final = "How the card grew"
SOUND: Final = "Sound"
SOUND_OF: Final = {"caller": "Caller", "operator": "Operator"}
NOBODY_JUDGES: Final = "No voice is judged by its sound. What a log cannot show is left to a person."
COLUMNS: Final = ("Second", "Action", "Due", "Points", "Explanation")
VERDICTS: Final = {
    Verdict.ON_TIME: "on time",
    Verdict.LATE: "late",
    Verdict.MISSED: "missed",
    Verdict.KEPT: "kept",
    Verdict.BROKEN: "done",
}
LINE: Final = "{label}: {verdict}"
TEMPLATE: Final = "{result} with {score:.0f} %. Missed: {missed}."
NOTHING: Final = "nothing"
BY_MODEL: Final = "(in the words of {model})"
TREND: Final = "Trend"
TREND_COLUMNS: Final = ("When", "Scenario", "Score", "Result")
SIGNATURES: Final = ("Trainer", "Trainee")
ANSWERED: Final = "Answered after {waited_s:.1f} s"
QUESTION: Final = "Question: {what}"
STEP: Final = "Step: {what}"
CONFIRMED: Final = "Confirmed: {name}"
TYPED: Final = "Typed: {name} = {value}"
HELP_SENT: Final = "Help sent"
RAISED: Final = "Category {before} → {after}"
ENDED: Final = "Ended: {reason}"
