"""What is known of a call so far: the fold over everything that was said, in order.

In: chunks with their speaker. Out: a `Picture`, an immutable value with the newest state of every finding and the best
age, place and telephone number. A later clear statement replaces an earlier one; an unsure or bare "yes" never clears
a red flag. Nothing here knows about categories.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.base import UtteranceId
from dispatch.contract.transcript import Word

from .answers import (
    Answer,
    Topic,
    answer_in,
    answered,
    answered_topics,
    breathing_said,
    is_weak,
    marked_topics,
    topics_of,
    unclear_of_breathing,
)
from .apart import Person, named, spoken_of
from .context import Subject, Time, names_other, names_person
from .findings import Mention, catalogue, mentions
from .people import People
from .places import best_place
from .quantities import ages, lone_age, measurements, phone_numbers
from .states import put, reassures
from .values import Quote, State, Value
from .wording import Line, Lines
from .words import Chunk

MIN_WORDS: Final = 5
"""Words by the caller before their own voice is taken as a sign that the only person known is awake."""
MAX_NOD: Final = 4
"""Longest operator chunk, in tokens, that asks nothing and leaves an earlier question open."""

NOT_OF_ONESELF: Final = frozenset({"unresponsive", "breathing_absent", "dead", "breathing_unsure"})
"""What nobody says of themselves."""
SURE_VOTES: Final = 2
WANT_NUMBERS: Final = frozenset(
    (
        *("location", "location_confirm", "callback_number", "how_many_hurt", "fit_minutes", "weeks_pregnant"),
        *("long_on_floor", "fall_height_q", "last_ate", "last_seen_well", "substance", "caller_age"),
    )
)
"""Questions that a number may answer; it is no age then."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything known, after some number of chunks."""

    states: Mapping[str, State] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    """What the operator has asked and the caller not yet answered."""
    replied: bool = True
    """Whether the caller has spoken since the operator last asked something."""
    answered: bool = False
    """Whether the caller has answered since then; what follows the answer is another thought."""
    asked: frozenset[str] = frozenset()
    """Codes of every question that has been asked."""
    age: Value | None = None
    caller_age: Value | None = None
    place: Value | None = None
    phone: Value | None = None
    people: People = field(default_factory=People)
    self_votes: int = 0
    other_votes: int = 0
    order: int = 0
    caller_words: int = 0
    person_votes: int = 0
    """Symptoms of somebody named as a person, not as an animal."""
    others_named: bool = False
    """A third person was spoken of at all."""
    speaking_of: Person | None = None
    """Who was named last."""
    lines: Lines = field(default_factory=Lines, repr=False)
    """What the wording as a whole is judged by."""

    @property
    def caller_is_patient(self) -> bool:
        """The caller speaks of their own body more than of somebody else's."""
        return self.self_votes > self.other_votes

    @property
    def only_caller_known(self) -> bool:
        """Nobody but the caller has been spoken of as ill."""
        return self.other_votes == 0 and not self.others_named and self.caller_words >= MIN_WORDS

    @property
    def animal(self) -> bool:
        """An animal is ill, and nobody has spoken of a person."""
        state = self.states.get("animal")
        return state is not None and state.counts and not (self.self_votes or self.person_votes)

    @property
    def present(self) -> frozenset[str]:
        """Codes of the findings that count now.

        Who tells of a person's symptoms, their own or another's, does not call about an animal, and whoever tells of
        themselves is awake.
        """
        counting = frozenset(code for code, state in self.states.items() if state.counts)
        counting -= {"animal"} if self.self_votes or self.person_votes else set()
        speaks_for_self = self.self_votes >= SURE_VOTES and not self.other_votes
        return counting - NOT_OF_ONESELF if speaks_for_self else counting

    @property
    def patient_age(self) -> Value | None:
        """An age that callers give of themselves unasked is the patient's, unless only others are spoken of as ill."""
        own = self.caller_is_patient or self.only_caller_known
        volunteered = not self.other_votes and "caller_age" not in self.asked
        return self.age or (self.caller_age if own or volunteered else None)

    @property
    def years(self) -> float | None:
        """The patient's age in years."""
        age = self.patient_age
        return float(age.value) if age else None


def with_state(picture: Picture, code: str, state: State) -> Picture:
    """The picture with one more statement about a finding."""
    states = dict(picture.states)
    put(states, code, state)
    return replace(picture, states=states, order=picture.order + 1)


def with_chunk(picture: Picture, chunk: Chunk, words: Sequence[Word], channel: Channel, uid: UtteranceId) -> Picture:
    """The picture after one more chunk."""
    if channel is Channel.OPERATOR:
        return _after_operator(picture, chunk)
    return _Caller(picture, chunk, words, uid).heard()


def _after_operator(picture: Picture, chunk: Chunk) -> Picture:
    """A new question replaces the open ones; "okay" and the like leave them open."""
    person = spoken_of(chunk.text, picture.speaking_of)
    picture = picture if person == picture.speaking_of else replace(picture, speaking_of=person)
    topics = topics_of(chunk)
    if not topics and not chunk.question and len(chunk.tokens) <= MAX_NOD:
        return picture
    return replace(
        picture, topics=topics, replied=False, answered=False, asked=picture.asked | {t.code for t in topics}
    )


def with_marked(picture: Picture, codes: Sequence[str]) -> Picture:
    """The picture after the operator marked questions as asked: topics for the caller's next words, like spoken ones.

    They join what was asked since the caller last spoke and replace what was asked before. A mark that comes late, when
    the value that its question asks for is known, opens nothing: the next number said would be taken for the answer.
    """
    topics = tuple(topic for topic in marked_topics(codes) if not _value_known(picture, topic.code))
    if not topics:
        return picture
    open_still = () if picture.replied else tuple(t for t in picture.topics if t not in topics)
    asked = picture.asked | {topic.code for topic in topics}
    return replace(picture, topics=(*topics, *open_still), replied=False, answered=False, asked=asked)


def _value_known(picture: Picture, code: str) -> bool:
    known = {"age": picture.age, "caller_age": picture.caller_age, "location": picture.place}
    return {**known, "callback_number": picture.phone}.get(code) is not None


@dataclass(frozen=True)
class _Caller:
    """One chunk by the caller, being folded in."""

    before: Picture
    chunk: Chunk
    words: Sequence[Word]
    uid: UtteranceId

    def heard(self) -> Picture:
        states = dict(self.before.states)
        answer = self._answer()
        for code, state in self._answered(answer):
            put(states, code, state)
        said = breathing_said(self.chunk, self.before.topics)
        if said is not None:
            quote = self._words_quote(self.chunk.first, self.chunk.last)
            put(
                states,
                said,
                State(True, Time.NOW, False, (quote,), self.before.order, about=self._about()),
            )
        found = [m for m in mentions(self.chunk, self.before.animal) if m.subject is not Subject.RELATIVE]
        people = [m for m in found if m.subject is not Subject.NOT_A_PERSON or catalogue()[m.code].kind == "call"]
        for mention in people:
            put(states, mention.code, self._state(mention))
        if answer is None and said is None and not self.before.answered:
            self._unclear(states, people)
        for code, begin, end in measurements(self.chunk.text):
            put(states, code, State(True, Time.NOW, False, (self.quote(begin, end),), self.before.order))
        return self._with_values(states, people, answer is not None)

    def _unclear(self, states: dict[str, State], people: Sequence[Mention]) -> None:
        if unclear_of_breathing(self.chunk, self.before.topics, [mention.code for mention in people]):
            quote = self._words_quote(self.chunk.first, self.chunk.last)
            put(states, "breathing_unclear", State(True, Time.NOW, True, (quote,), self.before.order))

    def _answer(self) -> Answer | None:
        """The short answer to what was asked; after one, only a clear "yes" or "no" is another."""
        answer = answer_in(self.chunk) if self.before.topics else None
        return None if self.before.answered and is_weak(self.chunk) else answer

    def _with_values(self, states: dict[str, State], people: Sequence[Mention], answered: bool) -> Picture:
        before = self.before
        asked = {topic.code for topic in before.topics}
        topics = _own_question(self.chunk) if self.chunk.question else before.topics
        symptoms = [m for m in people if m.present and catalogue()[m.code].kind in ("symptom", "sign", "mechanism")]
        picture = replace(
            before,
            states=states,
            topics=topics,
            replied=True,
            answered=(answered or before.answered) and not self.chunk.question,
            self_votes=before.self_votes + sum(m.subject is Subject.CALLER for m in symptoms),
            other_votes=before.other_votes + sum(m.subject is Subject.OTHER for m in symptoms),
            person_votes=before.person_votes + self._of_a_person(symptoms),
            order=before.order + 1,
            others_named=before.others_named or names_other(self.chunk.text),
            caller_words=before.caller_words + self.chunk.last - self.chunk.first + 1,
            speaking_of=self._named[-1][1] if self._named else before.speaking_of,
            lines=before.lines.with_line(Line(self.chunk.text, self.uid, self.chunk.first, self.chunk.last)),
        )
        known = before.people.after(self.chunk.text, people, asked, self.quote)
        return self._with_numbers(picture if known == before.people else replace(picture, people=known), asked)

    def _of_a_person(self, symptoms: Sequence[Mention]) -> int:
        """Symptoms of a named person; once the call seems to be about an animal, red flags only."""
        if not names_person(self.chunk.text):
            return 0
        others = [m for m in symptoms if m.subject is Subject.OTHER]
        return sum(1 for m in others if not self.before.animal or catalogue()[m.code].flag)

    def _with_numbers(self, picture: Picture, asked: set[str]) -> Picture:
        age, caller_age = picture.age, picture.caller_age
        for said in ages(self.chunk.text, bool(asked & {"age", "caller_age"}), self.before.animal):
            value = Value(f"{said.years:g}", 2, self.quote(said.begin, said.end))
            if said.subject is Subject.NOT_A_PERSON:
                continue
            if said.subject is Subject.CALLER:
                caller_age = value
            elif said.subject is Subject.OTHER or "age" in asked or age is None:
                age = _better(age, value)
        if age is None and caller_age is None:
            age = self._lone_age(picture, asked)
        place, phone = picture.place, picture.phone
        spot = best_place(self.chunk, self.words, "location" in asked)
        if spot is not None:
            quote = self._words_quote(spot.first, spot.last)
            place = _better(place, Value(quote.text.strip(" .,?!"), spot.score, quote))
            age = None if age is not None and _is_house_number(age, self.chunk.text) else age
        for digits, begin, end in phone_numbers(self.chunk.text):
            phone = Value(digits, 3 if "callback_number" in asked else 2, self.quote(begin, end))
        known = picture.age, picture.caller_age, picture.place, picture.phone
        if all(old is new for old, new in zip(known, (age, caller_age, place, phone), strict=True)):
            return picture  # most chunks say no number and no place
        return replace(picture, age=age, caller_age=caller_age, place=place, phone=phone)

    def _lone_age(self, picture: Picture, asked: set[str]) -> Value | None:
        """The age that a number alone is taken for until an age is said as one."""
        if asked & WANT_NUMBERS and not self.before.answered:
            return None
        said = lone_age(self.chunk.text, not picture.present.isdisjoint({"infant", "child", "born"}))
        return Value(f"{said.years:g}", 1, self.quote(said.begin, said.end)) if said else None

    def _answered(self, answer: Answer | None) -> Iterator[tuple[str, State]]:
        if answer is None:
            return
        quote = self._words_quote(self.chunk.first, self.chunk.last)
        for topic in answered_topics(self.before.topics, answer, is_weak(self.chunk)):
            for code, present in answered(topic, answer):
                if code not in NOT_OF_ONESELF or not self.before.caller_is_patient:
                    unsure, about = answer is Answer.UNSURE, self._about()
                    yield code, State(present, Time.NOW, unsure, (quote,), self.before.order, about=about)

    def _state(self, mention: Mention) -> State:
        quote = self.quote(mention.begin, mention.end)
        tells = catalogue()[mention.code].flag or reassures(mention.code)
        about = self._about(mention.end) if tells else ()
        return State(mention.present, mention.time, mention.unsure, (quote,), self.before.order, about=about)

    @cached_property
    def _named(self) -> tuple[tuple[int, Person], ...]:
        return named(self.chunk.text, self.before.speaking_of)

    def _about(self, end: int | None = None) -> tuple[Person, ...]:
        """Who was named last, in the chunk or before it; until a place in the chunk."""
        here = [person for begin, person in self._named if end is None or begin < end]
        person = here[-1] if here else self.before.speaking_of
        return () if person is None else (person,)

    def quote(self, begin: int, end: int) -> Quote:
        return self._words_quote(*self.chunk.span(begin, end))

    def _words_quote(self, first: int, last: int) -> Quote:
        words = self.words[first : last + 1]
        text = " ".join(word.text for word in words)
        return Quote(text, Channel.CALLER, self.uid, words[0].start_s, max(words[-1].end_s, words[0].start_s))


def _is_house_number(age: Value, text: str) -> bool:
    """Whether a number alone came again in what names a place: "Thirty-one. Thirty-one Pemberton Street"."""
    return age.score == 1 and f" {age.value} " in text


def _own_question(chunk: Chunk) -> tuple[Topic, ...]:
    """A caller who asks the patient aloud is answered in the next breath."""
    return topics_of(chunk) if len(chunk.tokens) <= 8 else ()


def _better(old: Value | None, new: Value) -> Value:
    if old is None or new.score > old.score:
        return new
    return new if new.score == old.score and len(new.value) > len(old.value) else old
