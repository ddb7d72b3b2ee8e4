"""Who is rung, and when: pure. A call that nobody answers climbs, and the caller is told where else to ring.

The first step lasts 10 s, the answering goal of NFPA 1225 (2022); NENA-STA-020.1 wants 90 % answered within 15 s.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dispatch.contract.base import PersonId
from dispatch.contract.console import Seat, SeatState
from dispatch.contract.timeline import EscalationStep

STEPS: Final = tuple(EscalationStep)


@dataclass(frozen=True)
class Escalation:
    """Seconds of waiting after which each later step begins."""

    all_seats_s: float = 10.0
    supervisor_s: float = 20.0
    overflow_s: float = 30.0

    def starts_s(self, step: EscalationStep) -> float:
        """When a step begins, in seconds of waiting."""
        return (0.0, self.all_seats_s, self.supervisor_s, self.overflow_s)[STEPS.index(step)]

    def step_at(self, waited_s: float) -> EscalationStep:
        """The step that a call has reached after waiting so long."""
        return [step for step in STEPS if self.starts_s(step) <= waited_s][-1]


@dataclass(frozen=True)
class RingTarget:
    """A seat as ringing sees it."""

    seat: Seat
    centre_id: str
    supervisor: bool


def seats_of(person_id: PersonId, targets: Iterable[RingTarget]) -> tuple[RingTarget, ...]:
    """All that an exercise rings that is meant for one person. Where they are not signed in, that is nobody."""
    return tuple(target for target in targets if target.seat.person_id == person_id)


def rings_at(step: EscalationStep, target: RingTarget, centre_id: str, overflow_centre_id: str | None) -> bool:
    """Whether a call of a centre rings at this seat on this step. Each step keeps all the seats of those before."""
    busy = target.seat.state is SeatState.ON_CALL
    if target.centre_id == centre_id:
        if step is EscalationStep.READY_SEATS:
            return target.seat.state is SeatState.READY
        return not busy if step is EscalationStep.ALL_SEATS else (not busy or target.supervisor)
    overflow = step is EscalationStep.OVERFLOW_CENTRE and target.centre_id == overflow_centre_id
    return overflow and not busy


def seats_to_ring(
    step: EscalationStep, targets: Iterable[RingTarget], centre_id: str, overflow_centre_id: str | None
) -> tuple[Seat, ...]:
    """All seats at which the call rings on this step. With no seat ready, the first step rings all of them."""
    known = tuple(targets)
    chosen = tuple(t.seat for t in known if rings_at(step, t, centre_id, overflow_centre_id))
    if chosen or step is EscalationStep.OVERFLOW_CENTRE:
        return chosen
    return seats_to_ring(STEPS[STEPS.index(step) + 1], known, centre_id, overflow_centre_id)
