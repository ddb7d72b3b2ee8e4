"""The order of a channel's frames: pure, and the one place that decides what a frame number means.

In: frame numbers, sample offsets and sizes. Out: a verdict. Invariants: a frame is taken once; numbers are taken
without holes (a client that skips is told the number to send again from, which costs it nothing); offsets never run
backwards; a jump of the offset is a gap, said out loud.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Verdict(StrEnum):
    """What becomes of a frame."""

    TAKE = "take"
    DUPLICATE = "duplicate"
    """Already taken: acknowledged again, nothing else."""
    OUT_OF_ORDER = "out_of_order"
    """A frame before it is missing: send again from the expected one."""
    BACKWARDS = "backwards"
    """Its offset lies inside sound that was already taken."""


@dataclass(frozen=True)
class Gap:
    """Samples that never arrived: `start` to `end`, on the channel's clock."""

    start: int
    end: int


@dataclass(frozen=True)
class FrameOrder:
    """Where a channel stands: the next frame number and the next sample."""

    next_seq: int = 0
    next_offset: int = 0

    def judge(self, seq: int, offset: int) -> Verdict:
        """The verdict on a frame; changes nothing."""
        if seq < self.next_seq:
            return Verdict.DUPLICATE
        if seq > self.next_seq:
            return Verdict.OUT_OF_ORDER
        return Verdict.BACKWARDS if offset < self.next_offset else Verdict.TAKE

    def gap_before(self, offset: int) -> Gap | None:
        """The hole between the sound so far and a frame that starts at `offset`."""
        return Gap(self.next_offset, offset) if offset > self.next_offset else None

    def taken(self, offset: int, samples: int) -> "FrameOrder":
        """The order after the expected frame, `samples` long, was taken."""
        return replace(self, next_seq=self.next_seq + 1, next_offset=offset + samples)
