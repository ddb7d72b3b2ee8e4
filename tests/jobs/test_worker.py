"""What a worker makes of jobs: done once, tried again, given up, handed on."""

import asyncio

import pytest
from sqlalchemy import func, select, text

from dispatch.jobs import (
    Backoff,
    Job,
    JobFailed,
    JobKinds,
    LeaseLost,
    NewJob,
    Priority,
    Run,
    Tenant,
    in_one_transaction,
    queue,
)
from dispatch.jobs.letters import requeue
from dispatch.jobs.worker import ahead_of
from dispatch.observability.logs import current_correlation_id
from dispatch.providers.errors import ProviderAway
from dispatch.storage.context import WORKER
from dispatch.storage.tables import JobRow

from .conftest import Shop

pytestmark = pytest.mark.integration

AT_ONCE = Backoff(base_s=0, mistakes=3)


async def test_a_job_is_done_once_with_the_correlation_id_of_who_asked(shop: Shop) -> None:
    seen: list[tuple[Job, str | None]] = []

    async def handler(run: Run) -> None:
        seen.append((run.job, current_correlation_id()))

    shop.kinds.register("greet", handler)
    async with shop.working():
        await shop.ask(NewJob("greet", "a", {"id": "7"}, Tenant("centre", "c"), correlation_id="asked-1"))
        await shop.until_states("done")
    ((job, correlation),) = seen
    assert (job.payload, job.tenant, correlation) == ({"id": "7"}, Tenant("centre", "c"), "asked-1")


async def test_a_job_that_fails_is_tried_again_and_then_given_up_and_reported(shop: Shop) -> None:
    tries: list[int] = []

    async def handler(run: Run) -> None:
        tries.append(run.job.attempts)
        raise ValueError("Mrs Smith's number is 5551234")

    shop.kinds.register("broken", handler, backoff=AT_ONCE)
    async with shop.working():
        await shop.ask(NewJob("broken", "a", tenant=Tenant("hospital", "h"), correlation_id="asked-2"))
        await shop.until_states("dead")
    assert tries == [1, 2, 3]
    (letter,) = shop.dead
    assert (letter.code, letter.job.tenant, letter.job.correlation_id) == (
        "ValueError", Tenant("hospital", "h"), "asked-2",
    )  # fmt: skip
    (row,) = await shop.rows()
    assert (row.error_code, row.attempts) == ("ValueError", 3)
    assert "Smith" not in repr(vars(row))


async def test_a_failure_that_trying_again_does_not_help_is_given_up_at_once(shop: Shop) -> None:
    async def handler(run: Run) -> None:
        raise JobFailed("no_such_booking", retryable=False)

    shop.kinds.register("hopeless", handler)
    async with shop.working():
        await shop.ask(NewJob("hopeless", "a"))
        await shop.until_states("dead")
    assert shop.dead[0].code == "no_such_booking"


async def test_a_failed_job_waits_as_long_as_its_draw_says(shop: Shop) -> None:
    async def handler(run: Run) -> None:
        raise ValueError

    shop.kinds.register("later", handler, backoff=Backoff(base_s=1000, longest_s=1e6))
    async with shop.working(draw=lambda: 0.5):
        await shop.ask(NewJob("later", "a"))

        async def failed() -> bool:
            return (await shop.rows())[0].error_code is not None

        await shop.until(failed)
    async with shop.database.transaction(WORKER) as session:
        left_s = await session.scalar(select(func.extract("epoch", JobRow.run_at - func.now())))
    assert 400 < float(left_s or 0) <= 500


async def test_a_job_is_not_done_before_its_time(shop: Shop) -> None:
    done = asyncio.Event()

    async def handler(run: Run) -> None:
        done.set()

    shop.kinds.register("timer", handler)
    async with shop.working() as worker:
        async with shop.database.transaction(WORKER) as session:
            later = await session.scalar(select(func.now() + text("interval '1 hour'")))
        await shop.ask(NewJob("timer", "a", run_at=later), NewJob("timer", "b"))
        await shop.until_states("waiting", "done")
        await shop.make_due()
        worker.wake()
        await shop.until_states("done", "done")


async def test_what_a_worker_of_yesterday_wrote_is_undone_when_another_has_its_job(shop: Shop) -> None:
    await shop.ask(NewJob("slow", "a"))
    async with shop.database.transaction(WORKER) as session:
        (first,) = await queue.claim(session, "first", Priority.NORMAL, ["slow"], 1)
    await shop.lose_the_worker()
    async with shop.database.transaction(WORKER) as session:
        assert [(job.job_id, given_up) for job, given_up in await queue.reclaim(session)] == [(first.job_id, False)]
        (second,) = await queue.claim(session, "second", Priority.NORMAL, ["slow"], 1)
    assert second.fence > first.fence
    with pytest.raises(LeaseLost):
        async with shop.database.transaction(WORKER) as session:
            await queue.finish(session, first)
    async with shop.database.transaction(WORKER) as session:
        await queue.finish(session, second)


async def test_a_job_whose_worker_died_is_done_by_another(shop: Shop) -> None:
    done: list[int] = []

    async def handler(run: Run) -> None:
        done.append(run.job.attempts)

    shop.kinds.register("taken_up", handler)
    await shop.ask(NewJob("taken_up", "a"))
    async with shop.database.transaction(WORKER) as session:
        await queue.claim(session, "dead", Priority.NORMAL, ["taken_up"], 1)
    await shop.lose_the_worker()
    async with shop.working():
        await shop.until_states("done")
    assert done == [2]


async def test_a_job_that_kills_its_workers_is_given_up(shop: Shop) -> None:
    await shop.ask(NewJob("poison", "a"))
    given_up = False
    for _ in range(queue.MOST_LOST):
        await shop.make_due()
        async with shop.database.transaction(WORKER) as session:
            assert len(await queue.claim(session, "w", Priority.NORMAL, ["poison"], 1)) == 1
        await shop.lose_the_worker()
        async with shop.database.transaction(WORKER) as session:
            ((_, given_up),) = await queue.reclaim(session)
    assert given_up
    assert await shop.states() == ["dead"]


async def test_failures_do_not_count_as_workers_that_were_lost(shop: Shop) -> None:
    await shop.ask(NewJob("patient", "a"))
    for _ in range(queue.MOST_LOST + 1):
        await shop.make_due()
        async with shop.database.transaction(WORKER) as session:
            (job,) = await queue.claim(session, "w", Priority.NORMAL, ["patient"], 1)
            await queue.fail(session, job, 0.0, "provider_away", "")
    await shop.make_due()
    async with shop.database.transaction(WORKER) as session:
        assert len(await queue.claim(session, "w", Priority.NORMAL, ["patient"], 1)) == 1
    await shop.lose_the_worker()
    async with shop.database.transaction(WORKER) as session:
        ((_, given_up),) = await queue.reclaim(session)
    assert not given_up


async def test_a_provider_that_stays_away_is_given_up_by_time_and_asked_for_as_long_again_when_requeued(
    shop: Shop,
) -> None:
    tries: list[float | None] = []

    async def handler(run: Run) -> None:
        tries.append(run.job.failing_s)
        raise ProviderAway("no answer")

    shop.kinds.register("away", handler, backoff=Backoff(base_s=0, worth_s=600, mistakes=1))
    await shop.ask(NewJob("away", "a"))
    async with shop.working():

        async def tried_often() -> bool:
            return len(tries) > 5

        await shop.until(tried_often)
        assert await shop.states() != ["dead"]
        async with shop.database.transaction(WORKER) as session:
            await session.execute(text("UPDATE job SET failing_since = now() - interval '10 minutes'"))
        await shop.until_states("dead")
    assert tries[0] is None
    assert 0 <= (tries[1] or 0) < 600 <= (tries[-1] or 0)
    async with shop.database.transaction(WORKER) as session:
        again = await requeue(session, shop.dead[0].job.job_id)
    assert again is not None
    assert (again.state, again.attempts, again.lost, again.failing_since) == ("waiting", 0, 0, None)


async def test_a_lease_is_kept_while_the_work_takes_longer_than_it(shop: Shop) -> None:
    release = asyncio.Event()
    tries: list[int] = []

    async def handler(run: Run) -> None:
        tries.append(run.job.attempts)
        await release.wait()

    shop.kinds.register("long", handler)
    async with shop.working(lease_s=0.6):
        await shop.ask(NewJob("long", "a"))
        await asyncio.sleep(2)  # more than three leases, and two sweeps
        release.set()
        await shop.until_states("done")
    assert tries == [1]


async def test_a_page_to_a_crew_does_not_wait_behind_reports_and_notifications(shop: Shop) -> None:
    release = asyncio.Event()

    async def stuck(run: Run) -> None:
        await release.wait()

    async def page(run: Run) -> None:
        return

    shop.kinds.register("stuck", stuck)
    shop.kinds.register("page", page)
    others = [NewJob("stuck", f"{p}-{n}", priority=p) for p in (Priority.NORMAL, Priority.BULK) for n in range(20)]
    async with shop.working():
        await shop.ask(*others)
        await shop.ask(NewJob("page", "a", priority=Priority.URGENT))

        async def paged() -> bool:
            return (await shop.rows())[-1].state == "done"

        await shop.until(paged)
        assert (await shop.states())[:-1].count("done") == 0
        release.set()
        await shop.until_states(*["done"] * 41)


async def test_a_worker_that_is_told_to_stop_ends_what_it_holds_and_claims_nothing_more(shop: Shop) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def handler(run: Run) -> None:
        begun.set()
        await release.wait()

    shop.kinds.register("held", handler)
    async with shop.working(slots={Priority.NORMAL: 1}) as worker:
        await shop.ask(NewJob("held", "a"), NewJob("held", "b"))
        await begun.wait()
        worker.drain()
        release.set()
        await shop.until_states("done", "waiting")


async def test_a_worker_that_is_cut_off_gives_its_jobs_back_at_once(shop: Shop) -> None:
    begun = asyncio.Event()

    async def handler(run: Run) -> None:
        begun.set()
        await asyncio.Event().wait()

    shop.kinds.register("held", handler)
    async with shop.working():
        await shop.ask(NewJob("held", "a"))
        await begun.wait()
    (row,) = await shop.rows()
    assert (row.state, row.attempts) == ("waiting", 0)


async def test_a_kind_that_a_worker_does_not_know_is_left_for_others(shop: Shop) -> None:
    shop.kinds.register("known", in_one_transaction(nothing))
    async with shop.working():
        await shop.ask(NewJob("unknown", "a"), NewJob("known", "b"))
        await shop.until_states("waiting", "done")


async def nothing(job: Job, session: object) -> None:
    """A job that has nothing to do."""


async def test_what_repeats_is_asked_for_once_by_however_many_workers(shop: Shop) -> None:
    shop.kinds.register("nightly", in_one_transaction(nothing))
    shop.kinds.repeat("reconcile", "30 2 * * *", "nightly")
    async with shop.working(), shop.working():
        await shop.until_states("waiting")
        await shop.make_due()
        await shop.until_states("done")


async def test_a_try_that_takes_too_long_counts_as_failed(shop: Shop) -> None:
    async def handler(run: Run) -> None:
        await asyncio.Event().wait()

    shop.kinds.register("stuck", handler, backoff=Backoff(worth_s=0), longest_s=0.05)
    async with shop.working():
        await shop.ask(NewJob("stuck", "a"))
        await shop.until_states("dead")
    assert shop.dead[0].code == "TimeoutError"


async def test_jobs_done_long_ago_are_forgotten_and_dead_ones_are_kept(shop: Shop) -> None:
    await shop.ask(NewJob("x", "old"), NewJob("x", "fresh"), NewJob("x", "dead"))
    async with shop.database.transaction(WORKER) as session:
        await session.execute(text("UPDATE job SET state = 'done', ended_at = now() - interval '8 days'"))
        await session.execute(text("UPDATE job SET ended_at = now() WHERE idempotency_key = 'fresh'"))
        await session.execute(text("UPDATE job SET state = 'dead' WHERE idempotency_key = 'dead'"))
        await queue.forget_old(session)
    assert await shop.states() == ["done", "dead"]


def test_a_second_handler_for_a_kind_is_a_mistake() -> None:
    kinds = JobKinds()
    kinds.register("x", in_one_transaction(nothing))
    with pytest.raises(AssertionError):
        kinds.register("x", in_one_transaction(nothing))


async def test_small_jobs_are_claimed_ahead_and_given_back_where_they_are_not_begun(shop: Shop) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()
    shop.kinds.register("small", in_one_transaction(nothing))

    async def waits(run: Run) -> None:
        begun.set()
        await gate.wait()

    shop.kinds.register("waits", waits)
    async with shop.working() as worker:
        await shop.ask(*(NewJob("small", str(number)) for number in range(60)))
        await shop.until_states(*["done"] * 60)
        await shop.ask(*(NewJob("waits", str(number)) for number in range(9)))
        await begun.wait()
        worker.drain()
        gate.set()

        async def all_let_go() -> bool:
            return "running" not in await shop.states()

        await shop.until(all_let_go)
    rows = [row for row in await shop.rows() if row.kind == "waits"]
    assert {row.state for row in rows} == {"done", "waiting"}
    assert {row.attempts for row in rows if row.state == "waiting"} == {0}


@pytest.mark.parametrize(
    ("priority", "ended", "seconds", "ahead"),
    [
        (Priority.NORMAL, 100, 0.5, 32),
        (Priority.NORMAL, 10, 0.25, 10),
        (Priority.NORMAL, 1, 10.0, 0),
        (Priority.URGENT, 100, 0.5, 0),
        (Priority.BULK, 100, 0.5, 0),
    ],
)
def test_as_much_is_claimed_ahead_as_is_done_in_a_quarter_of_a_second(
    priority: Priority, ended: int, seconds: float, ahead: int
) -> None:
    assert ahead_of(priority, ended, seconds) == ahead
