"""What the caller says next: the script against what the trainee has done so far.

In: a script, the trainee's deeds, seconds of the conversation. Out: one turn at a time. Pure: no clock, no sound.
Invariants: an answer goes before anything that the caller says of their own accord; a question that is asked again is
answered again, but not twice within a few seconds; everything else is said once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from dispatch.contract.training import DeedView

from .script import OTHER, Script, Turn

ANSWER_AFTER_S: Final = 0.4
"""A caller takes so long to begin an answer."""
AGAIN_AFTER_S: Final = 6.0
"""The same question within so long (marked and spoken) is one question."""
DONE_QUIET_S: Final = 6.0
"""All expected is done, and nobody has said or done anything for so long: the caller ends the call."""
QUIET_S: Final = 25.0
"""Nobody has said or done anything for so long: the caller ends the call anyway."""


@dataclass
class Conversation:
    """One call's course. Seconds count from the moment at which the caller can be heard."""

    script: Script
    said: dict[str, float] = field(default_factory=dict)
    """Turn ids with the second at which each was last begun."""
    asked: set[str] = field(default_factory=set)
    _answers: list[tuple[float, Turn]] = field(default_factory=list)
    _queued: dict[str, float] = field(default_factory=dict)
    last_s: float = 0.0
    """When anything last happened."""

    @property
    def told(self) -> frozenset[str]:
        """Ids of the facts that have been revealed."""
        return frozenset(fact for turn in self.script.turns if turn.id in self.said for fact in turn.reveals)

    def notice(self, deeds: Sequence[DeedView], now_s: float) -> None:
        """Takes in what the trainee has just done."""
        for deed in deeds:
            verb, _, of = deed.action.partition(":")
            if verb == "ask":
                self.asked.add(of)
            for turn in self._reaction(verb, of):
                self._queue(turn, now_s)
            if verb in ("ask", "instruct", "dispatch", "speak", "confirm"):
                self.last_s = max(self.last_s, now_s)

    def next_turn(self, now_s: float) -> Turn | None:
        """The turn to begin now, or None while the caller has nothing to say."""
        for place, (due_s, turn) in enumerate(self._answers):
            if due_s <= now_s:
                del self._answers[place]
                return self._begin(turn, now_s)
        if self._answers:
            return None
        own = next(self._of_own_accord(now_s), None)
        return self._begin(own, now_s) if own else None

    def over(self, now_s: float, *, done: bool) -> bool:
        """Whether the caller ends the call now. `done`: everything that was expected has been done."""
        quiet = DONE_QUIET_S if done else QUIET_S
        waiting = self._answers or any(self._waits(turn, now_s) for turn in self.script.turns)
        return now_s >= self.script.limit_s or (not waiting and now_s - self.last_s >= quiet)

    def spoken_until(self, now_s: float) -> None:
        """The caller's line has ended."""
        self.last_s = max(self.last_s, now_s)

    def _begin(self, turn: Turn, now_s: float) -> Turn:
        self.said[turn.id] = now_s
        self.last_s = now_s
        return turn

    def _reaction(self, verb: str, of: str) -> Iterator[Turn]:
        match verb:
            case "ask":
                yield from self._first_of(
                    t for t in self.script.turns if of in t.ask or (OTHER in t.ask and self._free(of))
                )
            case "instruct" if "/" in of:
                yield from self._first_of(self._to_step(of))
            case "dispatch":
                yield from (turn for turn in self.script.turns if turn.dispatch and turn.id not in self.said)

    def _free(self, code: str) -> bool:
        """No turn names the question."""
        return not any(code in turn.ask for turn in self.script.turns)

    def _to_step(self, step: str) -> Iterator[Turn]:
        script_id = step.partition("/")[0]
        yield from (turn for turn in self.script.turns if step in turn.instruct)
        yield from (t for t in self.script.turns if script_id in t.instruct and t.id not in self.said)
        yield from (turn for turn in self.script.turns if OTHER in turn.instruct)

    def _first_of(self, turns: Iterator[Turn]) -> Iterator[Turn]:
        turn = next(turns, None)
        if turn is not None:
            yield turn

    def _queue(self, turn: Turn, now_s: float) -> None:
        again = max(self.said.get(turn.id, -AGAIN_AFTER_S), self._queued.get(turn.id, -AGAIN_AFTER_S))
        if now_s - again >= AGAIN_AFTER_S:
            self._queued[turn.id] = now_s
            self._answers.append((now_s + ANSWER_AFTER_S, turn))

    def _of_own_accord(self, now_s: float) -> Iterator[Turn]:
        for turn in self.script.turns:
            due_s = self._due_s(turn)
            if due_s is not None and due_s <= now_s:
                yield turn

    def _due_s(self, turn: Turn) -> float | None:
        """When a turn is said unasked; None where it is not."""
        if turn.id in self.said or turn.closing:
            return None
        if turn.at_s is not None:
            return turn.at_s
        waited_for = {turn.unasked} if turn.unasked else set(turn.ask)
        return None if turn.after_s is None or waited_for & self.asked else turn.after_s

    def _waits(self, turn: Turn, now_s: float) -> bool:
        """The turn will still be said, though not for distraction alone."""
        due_s = self._due_s(turn)
        return due_s is not None and due_s > now_s and not turn.distractor and turn.unasked is None
