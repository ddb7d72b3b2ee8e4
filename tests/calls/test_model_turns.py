"""When a model is asked in a live call: as the talk pauses, never twice at once, never so that anything waits."""

from collections.abc import AsyncIterator

import pytest

from dispatch.calls.model_turns import PATIENCE_S, Asking, ModelTurns
from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId
from dispatch.contract.timeline import ModelProposed, ModelSummarised, TimelineBody
from dispatch.contract.transcript import Word
from dispatch.observability.clock import VirtualClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.triage import Case, Claim, Heard, HeardStatus, ModelProposal, ModelSummary, hear, narrated

pytestmark = pytest.mark.unit

PAUSE_S = 1.0
QUOTE = "his lips have gone a funny plum shade"


class Model:
    """Answers after some seconds, and keeps count."""

    def __init__(self, clock: VirtualClock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self.begun = 0
        self.finished = 0

    async def ask(self) -> None:
        self.begun += 1
        await self.clock.sleep(self.seconds)
        self.finished += 1


@pytest.fixture
async def tasks() -> AsyncIterator[TaskSupervisor]:
    async with TaskSupervisor() as supervisor:
        yield supervisor


def asking(clock: VirtualClock, tasks: TaskSupervisor, seconds: float) -> tuple[Asking, Model]:
    model = Model(clock, seconds)
    return Asking("question", "call-1", PAUSE_S, model.ask, clock, tasks), model


async def test_a_burst_of_short_answers_is_one_question(tasks: TaskSupervisor) -> None:
    clock = VirtualClock()
    question, model = asking(clock, tasks, 0.5)
    for _ in range(5):
        question.soon()
        await clock.advance(0.4)
    assert model.begun == 0
    await clock.advance(5)
    assert (model.begun, model.finished) == (1, 1)


async def test_newer_words_cancel_the_question_under_way(tasks: TaskSupervisor) -> None:
    clock = VirtualClock()
    question, model = asking(clock, tasks, 4)
    question.soon()
    await clock.advance(2)
    question.soon()
    await clock.advance(10)
    assert (model.begun, model.finished) == (2, 1)


async def test_talk_without_a_pause_still_gets_answers_and_never_two_questions_at_once(tasks: TaskSupervisor) -> None:
    clock = VirtualClock()
    question, model = asking(clock, tasks, 6)
    for _ in range(60):
        question.soon()
        await clock.advance(2)
    assert model.finished >= 120 // (PATIENCE_S + PAUSE_S + 6) - 1
    assert len(tasks) <= 1


async def test_a_question_that_fails_does_not_stop_later_ones(tasks: TaskSupervisor) -> None:
    clock = VirtualClock()

    async def fails() -> None:
        raise RuntimeError

    question = Asking("question", "call-1", PAUSE_S, fails, clock, tasks)
    question.soon()
    await clock.advance(PATIENCE_S + 10)
    question.soon()
    assert len(tasks) == 1


class Reader:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.proposal: ModelProposal | None = None
        self.summary: ModelSummary | None = None

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None:
        return self.proposal

    async def summarise(self, call_id: CallId, case: Case) -> ModelSummary | None:
        return self.summary


def spoken() -> Case:
    words = tuple(Word(text=w, start_s=n, end_s=n + 1, confidence=1) for n, w in enumerate(QUOTE.split()))
    return hear(Case.new(), Heard("c-1", Channel.CALLER, words, HeardStatus.FINAL))


class Desk:
    """A call's log, and the case that the model is asked about."""

    def __init__(self, tasks: TaskSupervisor) -> None:
        self.reader = Reader()
        self.case = spoken()
        self.log: list[TimelineBody] = []
        clock = VirtualClock()
        self.turns = ModelTurns(CallId("call-1"), self.reader, lambda: self.case, self.log.append, clock, tasks)


async def test_what_nobody_said_is_counted_and_not_kept(tasks: TaskSupervisor) -> None:
    desk = Desk(tasks)
    claims = (Claim("colour_blue", True, QUOTE), Claim("breathing_absent", True, "he stopped breathing"))
    desk.reader.proposal = ModelProposal("local", 1, claims)
    await desk.turns.call_over()
    (entry,) = desk.log
    assert isinstance(entry, ModelProposed)
    assert ([claim.quote for claim in entry.claims], entry.dropped) == ([QUOTE], 1)


async def test_the_same_proposal_twice_is_one_line_of_the_log(tasks: TaskSupervisor) -> None:
    desk = Desk(tasks)
    desk.reader.proposal = ModelProposal("local", None, (Claim("colour_blue", True, QUOTE),))
    await desk.turns.call_over()
    await desk.turns.call_over()
    assert len(desk.log) == 1


async def test_the_summary_at_the_end_says_that_it_is_the_last(tasks: TaskSupervisor) -> None:
    desk = Desk(tasks)
    desk.reader.summary = ModelSummary("local", (), 2)
    await desk.turns.call_over()
    (entry,) = desk.log
    assert isinstance(entry, ModelSummarised)
    assert (entry.final, entry.dropped) == (True, 2)


async def test_a_model_that_goes_away_takes_its_summary_with_it(tasks: TaskSupervisor) -> None:
    from dispatch.triage import ProposedSentence, grounded_sentences

    desk = Desk(tasks)
    sentences = grounded_sentences(desk.case, [ProposedSentence("His lips are blue.", (QUOTE,))])
    desk.case = narrated(desk.case, ModelSummary("local", sentences))
    await desk.turns.call_over()
    (entry,) = desk.log
    assert isinstance(entry, ModelSummarised)
    assert entry.sentences == ()
