"""Scoring: the promises that hold for every log and every rubric."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.contract.timeline import HelpSent, QuestionAsked, StepDone, TimelineBody
from dispatch.contract.training import ExpectedAction, ForbiddenAction, Rubric, Verdict
from dispatch.quality import score
from tests.quality.logs import answered, log_of

pytestmark = pytest.mark.property

ACTIONS = ("ask:location", "ask:breathing", "dispatch", "instruct:cpr_adult", "answer")
seconds = st.floats(0, 300, allow_nan=False).map(lambda s: round(s, 1))
bodies = st.sampled_from(
    [
        QuestionAsked(code="location"),
        QuestionAsked(code="breathing"),
        HelpSent(),
        StepDone(script_id="cpr_adult", step_id="push"),
    ]
)
happenings = st.lists(st.tuples(seconds, bodies), max_size=12)
expected = st.builds(
    ExpectedAction,
    action=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3).map(tuple),
    by_s=st.none() | seconds,
    latest_s=st.none() | seconds,
    points=st.integers(0, 30),
    critical=st.booleans(),
)
rubrics = st.builds(
    Rubric,
    rubric_id=st.just("r"),
    title=st.just("R"),
    expect=st.lists(expected, min_size=1, max_size=6).map(tuple),
    forbid=st.lists(st.builds(ForbiddenAction, action=st.sampled_from(ACTIONS), why=st.just("no")), max_size=2).map(
        tuple
    ),
)
logs = st.tuples(seconds, happenings)


def entries(log: tuple[float, list[tuple[float, TimelineBody]]]) -> list[tuple[float, TimelineBody]]:
    at_s, happened = log
    return [answered(at_s), *happened]


@settings(max_examples=60, deadline=None)
@given(rubrics, logs)
def test_the_same_log_always_gives_the_same_sheet_within_its_bounds(
    rubric: Rubric, log: tuple[float, list[tuple[float, TimelineBody]]]
) -> None:
    first, again = (score(rubric, log_of(entries(log))) for _ in range(2))
    assert first == again
    assert 0 <= first.score <= 100
    assert all(0 <= line.points <= line.of or line.of == 0 for line in first.lines)
    assert len(first.lines) == len(rubric.expect) + len(rubric.forbid)


@settings(max_examples=60, deadline=None)
@given(rubrics, logs)
def test_nobody_passes_with_a_critical_miss_or_a_forbidden_deed(
    rubric: Rubric, log: tuple[float, list[tuple[float, TimelineBody]]]
) -> None:
    sheet = score(rubric, log_of(entries(log)))
    bad = [x for x in sheet.lines if x.verdict is Verdict.BROKEN or (x.critical and x.verdict is Verdict.MISSED)]
    assert not (sheet.passed and bad)


@settings(max_examples=60, deadline=None)
@given(rubrics, logs, st.tuples(seconds, bodies))
def test_doing_one_thing_more_never_costs_points(
    rubric: Rubric, log: tuple[float, list[tuple[float, TimelineBody]]], more: tuple[float, TimelineBody]
) -> None:
    before = score(rubric, log_of(entries(log)))
    after = score(rubric, log_of([*entries(log), more]))
    assert after.score >= before.score


@settings(max_examples=60, deadline=None)
@given(rubrics, logs)
def test_every_line_says_why_and_what_was_done_says_when_and_where(
    rubric: Rubric, log: tuple[float, list[tuple[float, TimelineBody]]]
) -> None:
    written = {entry.seq: entry for entry in log_of(entries(log))}
    for line in score(rubric, list(written.values())).lines:
        assert line.explanation
        if line.verdict in (Verdict.ON_TIME, Verdict.LATE, Verdict.BROKEN):
            assert line.seq in written
            assert written[line.seq].call_s == line.at_s
