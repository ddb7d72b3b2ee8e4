"""The reference operator: a console that does what the card says, and nothing else.

In: a running server, a token, the id of a ringing call. Out: a call that was answered, questioned, confirmed, sent help
to and instructed by the card alone. It listens to nobody and has no judgement, so that what it misses is what the card
missed. Questions and steps take as long as reading them aloud would, up to a limit, and it waits for the answer.
"""

import asyncio
import secrets
import time
from typing import Final

from dispatch.client import ClientError, ConsoleClient
from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId
from dispatch.contract.card import Card, FieldName, FieldState, Instructions, InstructionStep, Question
from dispatch.contract.console import (
    AcceptField,
    AnswerCall,
    CallState,
    Command,
    DisposeCall,
    MarkHelpSent,
    MarkQuestion,
    MarkStep,
    SeatState,
    SetSeatState,
)
from dispatch.contract.timeline import CallEnded, CardUpdated, Disposition, SpeechFinal, SpeechStable

from .script import Script

SEND_FOR: Final = frozenset({1, 2, 3})
"""Categories for which help is sent; advice and bookings get none."""
READING_S: Final = 1.2
"""Longest time that reading a question or a step aloud takes here."""
LISTEN_S: Final = 9.0
"""Longest wait for an answer."""
CALM_S: Final = 1.2
"""The caller has finished when no new words came for so long."""
ASK_AGAIN: Final = 2
"""A question that the card keeps on asking is asked so often at most."""
TICK_S: Final = 0.1
LONGEST_S: Final = 260.0


class ReferenceOperator:
    """One call from answering to closing."""

    def __init__(self, url: str, token: str, script: Script) -> None:
        self._console = ConsoleClient(url, token)
        self._script = script
        self._asked: dict[str, int] = {}
        self._sent = False

    async def work(self, call_id: CallId) -> None:
        """Takes the call and works it until the caller has hung up."""
        try:
            await self._console.connect()
            await self._do(SetSeatState(command_id=_id(), state=SeatState.READY))
            await self._console.open_call(call_id)
            await self._do(AnswerCall(command_id=_id(), call_id=call_id))
            await self._listen(call_id, self._words(call_id))
            deadline = time.monotonic() + LONGEST_S
            while not self._over(call_id) and time.monotonic() < deadline:
                await self._next(call_id)
            await self._close(call_id)
        finally:
            await self._console.close()

    async def _next(self, call_id: CallId) -> None:
        """The most pressing thing that the card asks for."""
        card, words = self._card(call_id), self._words(call_id)
        if card is None:
            await asyncio.sleep(TICK_S)
        elif self._place_to_confirm(card):
            await self._do(AcceptField(command_id=_id(), call_id=call_id, name=FieldName.LOCATION))
        elif self._must_send(card):
            self._sent = True
            await self._do(MarkHelpSent(command_id=_id(), call_id=call_id))
            await self._listen(call_id, words)
        elif (step := self._step(card)) is not None:
            await self._read_step(call_id, *step)
            await self._listen(call_id, words)
        elif (question := self._question(card)) is not None:
            self._asked[question.code] = self._asked.get(question.code, 0) + 1
            await self._read(question.text)
            await self._do(MarkQuestion(command_id=_id(), call_id=call_id, code=question.code))
            await self._listen(call_id, words)
        else:
            await asyncio.sleep(TICK_S)

    def _place_to_confirm(self, card: Card) -> bool:
        place = card.field(FieldName.LOCATION)
        return place is not None and place.state is FieldState.SUGGESTED

    def _must_send(self, card: Card) -> bool:
        return not self._sent and card.category in SEND_FOR and card.field(FieldName.LOCATION) is not None

    def _question(self, card: Card) -> Question | None:
        offered = (card.next_question, *card.must_ask)
        return next((q for q in offered if q is not None and self._asked.get(q.code, 0) < ASK_AGAIN), None)

    def _step(self, card: Card) -> tuple[Instructions, InstructionStep] | None:
        """The step to read now: at once for a call that is red and on its way, else when the questions are done."""
        script = card.instructions
        if script is None or script.current is None or not self._sent:
            return None
        if card.category != 1 and self._question(card) is not None:
            return None
        if card.category == 1 and any(
            q.code in ("conscious", "breathing") and not self._asked.get(q.code) for q in card.must_ask
        ):
            return None
        return next(((script, step) for step in script.steps if step.step_id == script.current), None)

    async def _read_step(self, call_id: CallId, script: Instructions, step: InstructionStep) -> None:
        await self._read(step.text)
        scripted = self._script.step_answers.get(f"{script.script_id}/{step.step_id}")
        answer = scripted or (step.answers[0] if step.answers else None)
        await self._do(
            MarkStep(command_id=_id(), call_id=call_id, script_id=script.script_id, step_id=step.step_id, answer=answer)
        )

    async def _read(self, text: str) -> None:
        await asyncio.sleep(min(READING_S, len(text) / 15))

    async def _listen(self, call_id: CallId, before: int) -> None:
        """Waits for the caller's answer: for words, and then for no more of them."""
        started = time.monotonic()
        count, changed = before, started
        while not self._over(call_id) and time.monotonic() - started < LISTEN_S:
            now = self._words(call_id)
            if now != count:
                count, changed = now, time.monotonic()
            quiet = time.monotonic() - changed
            if count != before and quiet > CALM_S and self._settled(call_id):
                return
            await asyncio.sleep(TICK_S)

    def _words(self, call_id: CallId) -> int:
        """How much has been heard from the caller: grows with every settled word."""
        return sum(
            1
            for entry in self._console.view.entries.get(call_id, ())
            if (isinstance(entry.body, SpeechStable) and entry.body.channel is Channel.CALLER)
            or (isinstance(entry.body, SpeechFinal) and entry.body.utterance.channel is Channel.CALLER)
        )

    def _settled(self, call_id: CallId) -> bool:
        """No words of the caller are still unsettled."""
        partial = self._console.view.partials.get(call_id)
        if partial is None or not partial.partial.words:
            return True
        finals = (e.body.utterance for e in self._console.view.entries[call_id] if isinstance(e.body, SpeechFinal))
        return any(utterance.utterance_id == partial.partial.utterance_id for utterance in finals)

    def _card(self, call_id: CallId) -> Card | None:
        entries = self._console.view.entries.get(call_id, ())
        return next((entry.body.card for entry in reversed(entries) if isinstance(entry.body, CardUpdated)), None)

    def _over(self, call_id: CallId) -> bool:
        return any(isinstance(entry.body, CallEnded) for entry in self._console.view.entries.get(call_id, ())[-20:])

    async def _close(self, call_id: CallId) -> None:
        state = self._console.view.queue.get(call_id)
        if state is not None and state.state is CallState.ENDED:
            await self._do(DisposeCall(command_id=_id(), call_id=call_id, disposition=Disposition.EXERCISE))

    async def _do(self, command: Command) -> None:
        """A command that the server refuses (the call ended a moment ago) is left out: the call goes on."""
        try:
            await self._console.command(command)
        except ClientError:
            await asyncio.sleep(TICK_S)


def _id() -> str:
    return secrets.token_hex(8)
