"""One contract, two stores: PostgreSQL and memory."""

import asyncio
import secrets

import pytest
from sqlalchemy import select

from dispatch.contract.audio import AudioFormat, Channel
from dispatch.contract.console import CallState
from dispatch.contract.timeline import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallInterrupted,
    CallReconnected,
    CardUpdated,
    ChannelOpened,
    Disposition,
    EndReason,
    NoteAdded,
)
from dispatch.storage import (
    Database,
    MemoryTimelineStore,
    PostgresTimelineStore,
    StoreRefused,
    StoreUnavailable,
    TimelineStore,
)
from dispatch.storage.tables import IncidentRow, PatientRow
from tests.fixtures_servers import renamed
from tests.storage.entries import START, card, log, started, store_keys, whole_call

pytestmark = pytest.mark.contract


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest, world) -> TimelineStore:
    if request.param == "memory":
        return MemoryTimelineStore([world.ours, world.theirs])
    return PostgresTimelineStore(request.getfixturevalue("database"), store_keys())


@pytest.fixture
def call_id() -> str:
    return f"call-{secrets.token_hex(4)}"


async def test_a_call_reads_back_exactly_as_it_was_written(store, world, call_id):
    written = whole_call(call_id, world.ours)
    await store.append(written)
    assert list(await store.entries(call_id, scope=world.scope)) == written


async def test_the_same_entries_sent_again_change_nothing(store, world, call_id):
    written = whole_call(call_id, world.ours)
    await store.append(written[:6])
    await store.append(written[:6])
    before = await store.recent_calls(world.ours)
    await store.append(written[2:5])
    assert await store.recent_calls(world.ours) == before
    await store.append(written)
    assert list(await store.entries(call_id, scope=world.scope)) == written


async def test_an_entry_twice_in_one_batch_is_written_once(store, world, call_id):
    first, second = log(call_id, started(world.ours, "i-" + call_id), CallAnswered(waited_s=1))
    await store.append([first, second, second])
    assert list(await store.entries(call_id, scope=world.scope)) == [first, second]


async def test_two_writers_of_the_same_batch_write_it_once(store, world, call_id):
    written = whole_call(call_id, world.ours)
    await asyncio.gather(*(store.append(written) for _ in range(4)))
    assert list(await store.entries(call_id, scope=world.scope)) == written


async def test_a_call_record_says_where_the_call_stands(store, world, call_id):
    await store.append(whole_call(call_id, world.ours))
    (record,) = await store.recent_calls(world.ours)
    assert record.state is CallState.CLOSED
    assert record.category == 1
    assert record.answered_by == "olive"
    assert record.seat_id == "seat-1"
    assert record.disposition is Disposition.AMBULANCE_SENT
    assert record.end_reason is EndReason.CALLER_HUNG_UP
    assert (record.answered_at - START).total_seconds() == 4
    assert record.card["fields"] == {"age": "70", "breathing": "absent"}
    assert record.last_seq == 9


async def test_entries_are_read_in_pages(store, world, call_id):
    written = whole_call(call_id, world.ours)
    await store.append(written)
    assert list(await store.entries(call_id, after_seq=2, limit=3, scope=world.scope)) == written[2:5]


async def test_the_next_batch_goes_on_where_the_last_one_ended(store, world, call_id):
    written = whole_call(call_id, world.ours)
    for entry in written:
        await store.append([entry])
    (record,) = await store.recent_calls(world.ours)
    assert record.state is CallState.CLOSED


async def test_a_call_stays_open_until_somebody_closes_it(store, world, call_id):
    written = whole_call(call_id, world.ours)
    await store.append(written[:-1])
    assert [record.state for record in await store.open_calls(world.ours)] == [CallState.ENDED]
    await store.append(written[-1:])
    assert await store.open_calls(world.ours) == ()


async def test_a_caller_who_comes_back_is_where_they_were_before(store, world, call_id):
    await store.append(
        log(
            call_id,
            started(world.ours, "i-" + call_id),
            CallAnswered(waited_s=1),
            CallHeld(),
            CallInterrupted(),
        )
    )
    assert (await store.open_calls(world.ours))[0].state is CallState.INTERRUPTED
    await store.append(log(call_id, CallReconnected(away_s=2), first_seq=5))
    assert (await store.open_calls(world.ours))[0].state is CallState.ON_HOLD


async def test_another_centre_sees_nothing_of_a_call(store, world, call_id):
    await store.append(whole_call(call_id, world.ours))
    assert await store.entries(call_id, scope=world.foreign_scope) == ()
    assert await store.open_calls(world.theirs) == ()
    assert await store.recent_calls(world.theirs) == ()


async def test_the_longest_waiting_call_comes_first_and_the_newest_call_is_the_most_recent(store, world, call_id):
    first = log(call_id + "a", started(world.ours, "i1-" + call_id))
    later = log(call_id + "b", started(world.ours, "i2-" + call_id), first_seq=1)
    later = [later[0].model_copy(update={"at": START.replace(hour=13)})]
    await store.append(later + first)
    assert [record.call_id for record in await store.open_calls(world.ours)] == [call_id + "a", call_id + "b"]
    assert [record.call_id for record in await store.recent_calls(world.ours, 1)] == [call_id + "b"]


async def test_a_call_that_never_started_is_refused_whole(store, world, call_id):
    good = whole_call(call_id, world.ours)
    with pytest.raises(StoreRefused):
        await store.append([*good, *log(call_id + "x", CallAnswered(waited_s=1), first_seq=2)])
    assert await store.recent_calls(world.ours) == ()


async def test_a_call_of_an_unknown_centre_is_refused(store, world, call_id):
    with pytest.raises(StoreRefused):
        await store.append(log(call_id, started("nowhere", "i-" + call_id)))


async def test_a_note_with_a_nul_character_is_kept(store, world, call_id):
    await store.append(
        log(
            call_id,
            started(world.ours, "i-" + call_id),
            NoteAdded(text="a\0b"),
            CardUpdated(card=card(location="12\0High Street")),
        )
    )
    assert (await store.entries(call_id, scope=world.scope))[1].body.text[0] == "a"


async def test_nothing_to_write_is_no_work(store):
    await store.append([])


async def test_a_store_that_is_away_says_try_again_and_takes_the_same_batch_later(world, call_id):
    store = MemoryTimelineStore([world.ours])
    store.away = True
    with pytest.raises(StoreUnavailable) as refusal:
        await store.append(whole_call(call_id, world.ours))
    assert refusal.value.retryable
    store.away = False
    await store.append(whole_call(call_id, world.ours))
    assert len(await store.entries(call_id, scope=world.scope)) == 9


async def test_a_database_that_is_away_says_try_again(tmp_path, call_id):
    database = Database(f"postgresql://nobody:x@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as refusal:
        await PostgresTimelineStore(database, store_keys()).append(
            log(call_id, ChannelOpened(channel=Channel.CALLER, format=AudioFormat()))
        )
    assert refusal.value.retryable
    assert not await database.answers()
    await database.close()


async def test_a_database_that_turns_connections_away_says_try_again(database_url, call_id):
    """As one does that is just starting up, or has no such database."""
    database = Database(renamed(database_url, "not_there_yet"))
    with pytest.raises(StoreUnavailable) as refusal:
        await PostgresTimelineStore(database, store_keys()).append(
            log(call_id, ChannelOpened(channel=Channel.CALLER, format=AudioFormat()))
        )
    assert refusal.value.retryable
    await database.close()


async def test_an_incident_is_as_urgent_as_its_most_urgent_call(database, world, call_id):
    store = PostgresTimelineStore(database, store_keys())
    incident = "i-" + call_id
    await store.append(log(call_id + "a", started(world.ours, incident), CardUpdated(card=card(category=3))))
    await store.append(log(call_id + "b", started(world.ours, incident), CardUpdated(card=card(category=1, age="4"))))
    await store.append(log(call_id + "b", CallEnded(reason=EndReason.CALLER_HUNG_UP), first_seq=3))
    assert await incident_row(database, world, incident) == (1, None)
    assert await patients_of(database, world, incident) == [("4", None)]


async def incident_row(database, world, incident):

    async with database.transaction(world.scope) as session:
        row = await session.scalar(select(IncidentRow).where(IncidentRow.incident_id == incident))
        return row.category, row.closed_at


async def patients_of(database, world, incident):

    async with database.transaction(world.scope) as session:
        rows = await session.scalars(select(PatientRow).where(PatientRow.incident_id == incident))
        return [(row.age, row.sex) for row in rows]
