"""One lifecycle for every service: random histories over all types, and a planted fault that they find."""

from dataclasses import replace

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from dispatch.booking import ENDS, Forbidden, Responder, read_catalogue
from dispatch.booking.lifecycle import TRANSITIONS, Rules, Standing, Step, decide
from dispatch.booking.policy import ServicePolicy
from dispatch.contract.booking import BookingAction, BookingStatus

pytestmark = pytest.mark.property

A = BookingAction
S = BookingStatus
POLICIES = read_catalogue().newest
TYPES = sorted(POLICIES)
UNITS = ("u1", "u2", "u3")
WITHOUT_ANYBODY = {S.REQUESTED, *ENDS}


class Booking:
    """A booking as the database would hold it: its standing, its events, and who is on it."""

    def __init__(self, policy: ServicePolicy) -> None:
        self.policy = policy
        self.standing = Standing(S.REQUESTED, 1, 0)
        self.events = 1
        self.on_it: set[str] = set()


class Histories(RuleBasedStateMachine):
    """Anything anybody might try, on bookings of every type."""

    decide = staticmethod(decide)

    def __init__(self) -> None:
        super().__init__()
        self.bookings: list[Booking] = []

    @initialize(service_types=st.lists(st.sampled_from(TYPES), min_size=2, max_size=3))
    def book(self, service_types: list[str]) -> None:
        self.bookings = [Booking(POLICIES[service_type]) for service_type in service_types]

    @rule(data=st.data(), action=st.sampled_from(A))
    def act(self, data: st.DataObject, action: A) -> None:
        booking = data.draw(st.sampled_from(self.bookings))
        kind = min(booking.policy.responders.kinds)
        sends, leaves = action in (A.ASSIGN, A.REASSIGN), action is A.UNASSIGN and booking.on_it
        named = data.draw(st.sets(st.sampled_from(UNITS), min_size=1, max_size=2)) if sends else ()
        take = tuple(Responder(name, kind) for name in sorted(named))
        release = tuple(data.draw(st.sets(st.sampled_from(sorted(booking.on_it)), min_size=1))) if leaves else ()
        if self.taken(booking, take):
            return
        try:
            step = self.decide(booking.policy.rules, booking.standing, action, take=take, release=release)
        except Forbidden:
            return
        self.carry_out(booking, step)

    def taken(self, booking: Booking, take: tuple[Responder, ...]) -> bool:
        """What the unique indexes refuse."""
        rivals = [other for other in self.bookings if other.policy.responders.exclusive or other is booking]
        busy = set().union(*(other.on_it for other in rivals)) if booking.policy.responders.exclusive else booking.on_it
        return any(responder.responder_id in busy for responder in take)

    def carry_out(self, booking: Booking, step: Step) -> None:
        """What `transitions` does with a step."""
        kept = set() if step.release_all else booking.on_it - set(step.release)
        booking.on_it = kept | {responder.responder_id for responder in step.take}
        booking.standing = Standing(step.status, step.version, len(booking.on_it))
        booking.events += 1

    @invariant()
    def a_unit_is_on_one_booking_at_most(self) -> None:
        exclusive = [b for b in self.bookings if b.policy.responders.exclusive]
        on = [unit for booking in exclusive for unit in booking.on_it]
        assert len(on) == len(set(on))

    @invariant()
    def somebody_is_on_a_booking_exactly_while_it_is_being_served(self) -> None:
        for booking in self.bookings:
            assert (not booking.on_it) == (booking.standing.status in WITHOUT_ANYBODY)
            assert len(booking.on_it) <= booking.policy.responders.most

    @invariant()
    def a_type_stays_within_its_states_and_counts_its_events(self) -> None:
        for booking in self.bookings:
            assert booking.standing.status in booking.policy.states
            assert booking.standing.version == booking.events


SETTINGS = settings(max_examples=80, stateful_step_count=30, deadline=None)


def test_no_history_of_any_service_type_breaks_a_promise() -> None:
    run_state_machine_as_test(Histories, settings=SETTINGS)


def forgetful(rules: Rules, standing: Standing, action: A, **more: object) -> Step:
    """The planted fault: calling a booking off forgets who is on it."""
    step = decide(rules, standing, action, **more)  # type: ignore[arg-type]
    return replace(step, release_all=False) if action is A.CANCEL else step


def test_a_cancellation_that_forgets_the_unit_is_found() -> None:
    planted = type("Planted", (Histories,), {"decide": staticmethod(forgetful)})
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            planted,
            settings=settings(SETTINGS, max_examples=500, derandomize=True, database=None, phases=[Phase.generate]),
        )


@pytest.mark.parametrize("service_type", TYPES)
def test_every_type_can_be_served_to_its_end_and_only_its_own_way(service_type: str) -> None:
    policy = POLICIES[service_type]
    way = [A.ASSIGN, *([A.DEPART] if S.EN_ROUTE in policy.states else []), A.START, A.COMPLETE]
    standing = Standing(S.REQUESTED, 1, 0)
    somebody = (Responder("x", min(policy.responders.kinds)),)
    for action in way:
        step = decide(policy.rules, standing, action, take=somebody if action is A.ASSIGN else ())
        standing = Standing(step.status, step.version, 1)
    assert standing.status is S.COMPLETED
    skipped = A.START if A.DEPART in way else A.DEPART
    with pytest.raises(Forbidden):
        decide(policy.rules, Standing(S.ASSIGNED, 2, 1), skipped)


def test_nothing_leads_out_of_an_end() -> None:
    assert not [status for status, _ in TRANSITIONS if status in ENDS]
