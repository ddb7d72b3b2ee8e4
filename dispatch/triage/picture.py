"""What is known of a call so far: the fold over everything that was said, in order.

In: chunks with their speaker. Out: a `Picture`, an immutable value with the newest state of every finding and the best
age, place and telephone number. A later clear statement replaces an earlier one; an unsure or bare "yes" never clears
a red flag. Nothing here knows about categories.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.base import UtteranceId
from dispatch.contract.transcript import Word

from .ages import APPOSED, GROWN, LONE, STATED, Age, ages, has_number
from .answers import (
    Answer,
    Topic,
    answer_in,
    answered,
    answered_topics,
    is_weak,
    marked_topics,
    stated_in_reply,
    topics_of,
    unclear_of_breathing,
)
from .apart import Named, Person, named
from .context import Subject, Time, names_other, names_person
from .findings import Mention, catalogue, mentions
from .people import People
from .places import Place, best_place
from .quantities import measurements, phone_numbers
from .states import put, reassures
from .told import ANSWER, NOT_OF_ONESELF, Everybody, Said
from .values import Quote, State, Value
from .wanted import NUMBER, names_child, wanted_by
from .wording import Line, Lines
from .words import Chunk

MIN_WORDS: Final = 5
"""Words by the caller before their own voice is taken as a sign that the only person known is awake."""
AWAKE_CODES: Final = frozenset({"awake", "came_round", "not_alert", "confused", "stroke_speech", "drowsy"})
PERHAPS_OUT: Final = "unresponsive_perhaps"
"""Silent, staring, not moving: of somebody who is known to be awake it says nothing of consciousness."""
OF_THINGS: Final = frozenset({"call", "hazard"})
"""Kinds of findings that hold of things: a toaster burns."""
HEARD_OF_OTHERS: Final = NOT_OF_ONESELF | {"breathing_agonal"}
"""What callers tell of others however near "I" and "me" stand: "he won't look at me", "I've had one gasp"."""
MAX_NOD: Final = 4
"""Longest operator chunk, in tokens, that asks nothing and leaves an earlier question open."""

SURE_VOTES: Final = 2
ANSWER_CHARS: Final = 24
"""A number that comes later in a chunk than this is no answer."""
_AGES: Final = frozenset({"age", "caller_age"})
_YOUNG: Final = frozenset({"infant", "child", "born"})
_CORRECTS: Final = re.compile(r" (?:sorry|i mean|no|wait|actually|correction|not) (?:[a-z0-9,]+ ){0,4}$")


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
    wanted: frozenset[str] = frozenset()
    """Codes of what was asked since the caller last spoke, in however many sentences; `NUMBER` if a number answers."""
    age: Value | None = None
    caller_age: Value | None = None
    place: Value | None = None
    read_back: Value | None = None
    """A place that the operator named, and nobody has confirmed."""
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
    child_named: bool = False
    """A child was spoken of, by either side."""
    speaking_of: Person | None = None
    """Who was named last."""
    everybody: Everybody = field(default_factory=Everybody)
    """What is told of each of several people."""
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
        """The age to show, none of an animal.

        An age that callers give of themselves unasked is the patient's, unless they are children who speak only of
        others as ill.
        """
        if self.animal:
            return None
        own = self.caller_is_patient or self.only_caller_known
        grown = self.caller_age is not None and float(self.caller_age.value) >= GROWN
        volunteered = not self.other_votes or (grown and "caller_age" not in self.asked)
        sure = self.age is not None and self.age.score > (LONE if not self.caller_is_patient else STATED)
        callers = self.caller_age if own or volunteered else None
        return self.age if sure else callers or self.age

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
        return _read_back(_wanting(_after_operator(picture, chunk), picture, chunk), chunk, words, uid)
    return _Caller(picture, chunk, words, uid).heard()


def _after_operator(picture: Picture, chunk: Chunk) -> Picture:
    """A new question replaces the open ones; "okay" and the like leave them open.

    So do an instruction, and a question that no "yes" or "no" answers, while the caller has not replied: "Is he
    breathing? Put your ear to his mouth. Where are you?"
    """
    names = named(chunk.text, picture.speaking_of)
    everybody = picture.everybody.naming(chunk.text, names)
    if names or everybody is not picture.everybody:
        person = names[-1].person if names else picture.speaking_of
        picture = replace(picture, speaking_of=person, everybody=everybody)
    topics = topics_of(chunk)
    if not topics and not chunk.question and (len(chunk.tokens) <= MAX_NOD or not picture.replied):
        return picture
    if not picture.replied and topics and not any(topic.yes or topic.no for topic in topics):
        topics = (*picture.topics, *(topic for topic in topics if topic not in picture.topics))
    return replace(
        picture, topics=topics, replied=False, answered=False, asked=picture.asked | {t.code for t in topics}
    )


def _wanting(picture: Picture, before: Picture, chunk: Chunk) -> Picture:
    """The picture with what the caller's next words may answer, and with a child whom the operator spoke of."""
    child = before.child_named or names_child(chunk.text)
    wanted = before.wanted
    if picture.topics is not before.topics or chunk.question:
        wanted = wanted_by((topic.code for topic in picture.topics), chunk.text)
        wanted |= frozenset() if before.replied else before.wanted
    same = (child, wanted) == (picture.child_named, picture.wanted)
    return picture if same else replace(picture, child_named=child, wanted=wanted)


def _read_back(picture: Picture, chunk: Chunk, words: Sequence[Word], uid: UtteranceId) -> Picture:
    """The picture with a place that the operator names: it is the caller's once they say yes to it."""
    spot = best_place(chunk, words, asked=False)
    if spot is None:
        return picture
    quote = _quote(words, spot.first, spot.last, Channel.OPERATOR, uid)
    return replace(picture, read_back=Value(quote.text.strip(" .,?!"), spot.score, quote))


def with_marked(picture: Picture, codes: Sequence[str]) -> Picture:
    """The picture after the operator marked questions as asked: topics for the caller's next words, like spoken ones.

    They join what was asked since the caller last spoke and replace what was asked before. A mark that comes late, when
    the value that its question asks for is known, opens nothing: the next number said would be taken for the answer.
    """
    topics = tuple(topic for topic in marked_topics(codes) if not _value_known(picture, topic.code))
    if not topics:
        return picture
    open_still = () if picture.replied else tuple(t for t in picture.topics if t not in topics)
    new = frozenset(topic.code for topic in topics)
    wanted = new | (frozenset() if picture.replied else picture.wanted)
    asked = picture.asked | new
    return replace(picture, topics=(*topics, *open_still), replied=False, answered=False, asked=asked, wanted=wanted)


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
        states, answer = dict(self.before.states), self._answer()
        found = [m for m in mentions(self.chunk, self.before.animal) if m.subject is not Subject.RELATIVE]
        people = [m for m in found if m.subject is not Subject.NOT_A_PERSON or catalogue()[m.code].kind in OF_THINGS]
        if any(m.code == "unreal" and m.present for m in found):
            people = [m for m in people if catalogue()[m.code].kind == "call"]
        people = self._weighed(people, answer)
        said = tuple(self._said(answer, people))
        for one in said:
            put(states, one.code, one.state)
        return self._with_values(states, people, said, answer is not None)

    def _weighed(self, people: Sequence[Mention], answer: Answer | None) -> list[Mention]:
        """The mentions; what perhaps is no response is taken for none, unless somebody is known to be awake."""
        told = {one.code for one in self._answered(answer) if one.state.present} | {*self._replied}
        told |= {m.code for m in people if m.present and m.time is Time.NOW}
        known = {code for code in AWAKE_CODES if code in self.before.states and self.before.states[code].counts}
        if not AWAKE_CODES.isdisjoint(told | known):
            return list(people)
        return [replace(m, code="unresponsive") if m.code == PERHAPS_OUT else m for m in people]

    def _said(self, answer: Answer | None, people: Sequence[Mention]) -> Iterator[Said]:
        yield from self._answered(answer)
        yield from (Said(code, self._whole(unsure=False, about=self._about())) for code in self._replied)
        yield from (Said(m.code, self._state(m), m.subject, m.begin, m.end) for m in people)
        open_still = answer is None and not self._replied and not self.before.answered
        if open_still and unclear_of_breathing(self.chunk, self.before.topics, [m.code for m in people]):
            yield Said("breathing_unclear", self._whole(unsure=True))
        for code, begin, end in measurements(self.chunk.text):
            yield Said(code, State(True, Time.NOW, False, (self.quote(begin, end),), self.before.order), end=end)

    @cached_property
    def _replied(self) -> tuple[str, ...]:
        """What the chunk states because of what was asked, besides yes and no."""
        codes = stated_in_reply(self.chunk, self.before.topics)
        normal = self.before.states.get("breathing_normal")
        settled = self.before.answered and normal is not None and normal.counts
        left_out = {"breathing_absent", "breathing_agonal"} if settled else frozenset[str]()
        left_out = left_out | NOT_OF_ONESELF if self.before.caller_is_patient else left_out
        return tuple(code for code in codes if code not in left_out)

    def _whole(self, *, unsure: bool, about: tuple[Person, ...] = ()) -> State:
        """What the whole chunk says."""
        quote = self._words_quote(self.chunk.first, self.chunk.last)
        return State(True, Time.NOW, unsure, (quote,), self.before.order, about=about)

    def _answer(self) -> Answer | None:
        """The short answer to what was asked; after one, only a clear "yes" or "no" is another."""
        answer = answer_in(self.chunk) if self.before.topics else None
        return None if self.before.answered and is_weak(self.chunk) else answer

    def _with_values(
        self, states: dict[str, State], people: Sequence[Mention], said: Sequence[Said], answered: bool
    ) -> Picture:
        before = self.before
        asked = {topic.code for topic in before.topics} | before.wanted
        topics = _own_question(self.chunk) if self.chunk.question else before.topics
        symptoms = [m for m in people if m.present and catalogue()[m.code].kind in ("symptom", "sign", "mechanism")]
        picture = replace(
            before,
            states=states,
            topics=topics,
            replied=True,
            answered=(answered or before.answered) and not self.chunk.question,
            self_votes=before.self_votes
            + sum(m.subject is Subject.CALLER and m.code not in HEARD_OF_OTHERS for m in symptoms),
            other_votes=before.other_votes + sum(m.subject is Subject.OTHER for m in symptoms),
            person_votes=before.person_votes + self._of_a_person(symptoms),
            order=before.order + 1,
            others_named=before.others_named or names_other(self.chunk.text),
            child_named=before.child_named or names_child(self.chunk.text),
            caller_words=before.caller_words + self.chunk.last - self.chunk.first + 1,
            speaking_of=self._named[-1].person if self._named else before.speaking_of,
            everybody=before.everybody.told(self.chunk.text, self._named, said, before.self_votes > 0),
            lines=before.lines.with_line(Line(self.chunk.text, self.uid, self.chunk.first, self.chunk.last)),
        )
        known = before.people.after(self.chunk.text, people, asked, self.quote)
        return self._with_numbers(picture if known == before.people else replace(picture, people=known), asked)

    def _of_a_person(self, symptoms: Sequence[Mention]) -> int:
        """Symptoms of a named person; once the call seems to be about an animal, red flags only."""
        others = [m for m in symptoms if m.subject is Subject.OTHER]
        if not others or not names_person(self.chunk.text):
            return 0
        return sum(1 for m in others if not self.before.animal or catalogue()[m.code].flag)

    def _with_numbers(self, picture: Picture, asked: set[str]) -> Picture:
        age, caller_age = self._ages(picture, asked)
        place, phone = self._confirmed(picture), picture.phone
        spot = best_place(self.chunk, self.words, "location" in asked)
        if spot is not None:
            quote = self._words_quote(spot.first, spot.last)
            place = _better(place, Value(quote.text.strip(" .,?!"), spot.score, quote))
            age = None if age is not None and _is_house_number(age, self._tokens_of(spot)) else age
        for digits, begin, end in phone_numbers(self.chunk.text):
            phone = Value(digits, 3 if "callback_number" in asked else 2, self.quote(begin, end))
        known = picture.age, picture.caller_age, picture.place, picture.phone, picture.read_back
        if all(old is new for old, new in zip(known, (age, caller_age, place, phone, None), strict=True)):
            return picture  # most chunks say no number and no place
        return replace(picture, age=age, caller_age=caller_age, place=place, phone=phone, read_back=None)

    def _confirmed(self, picture: Picture) -> Value | None:
        """The place known, or the one that the operator named and this chunk says yes to."""
        named = picture.read_back
        if named is None or answer_in(self.chunk) is not Answer.YES:
            return picture.place
        return named if picture.place is None or named.score > picture.place.score else picture.place

    def _ages(self, picture: Picture, asked: set[str]) -> tuple[Value | None, Value | None]:
        """The patient's age and the caller's, as far as they are known after this chunk."""
        age, caller_age = picture.age, picture.caller_age
        if not has_number(self.chunk.text):
            return age, caller_age
        child = picture.child_named or not picture.present.isdisjoint(_YOUNG)
        for said in ages(self.chunk.text, bool(asked & _AGES), child, self.before.animal):
            if said.subject in (Subject.NOT_A_PERSON, Subject.RELATIVE) or self._answers_another(said, asked):
                continue
            score = min(said.score, STATED) if self.before.replied else said.score
            value = Value(f"{said.years:g}", score, self.quote(said.begin, said.end))
            corrected = _CORRECTS.search(self.chunk.text[: said.begin]) is not None
            if said.subject is Subject.CALLER or self._of_caller(picture, said, asked):
                caller_age = _newer(caller_age, value, corrected)
            else:
                age = _newer(age, value, corrected)
        return age, caller_age

    def _of_caller(self, picture: Picture, said: Age, asked: set[str]) -> bool:
        """Whether the answer to "how old are you" is the age of somebody who calls for another."""
        others = picture.other_votes > 0 and not picture.caller_is_patient
        return said.subject is Subject.UNSAID and said.score >= APPOSED and "caller_age" in asked and others

    def _answers_another(self, said: Age, asked: set[str]) -> bool:
        """Whether a number alone is the answer to a question that wants another number."""
        return said.score <= LONE and NUMBER in asked and not self.before.replied and said.begin < ANSWER_CHARS

    def _answered(self, answer: Answer | None) -> Iterator[Said]:
        if answer is None:
            return
        quote = self._words_quote(self.chunk.first, self.chunk.last)
        for topic in answered_topics(self.before.topics, answer, self.chunk):
            for code, present in answered(topic, answer):
                if code not in NOT_OF_ONESELF or not self.before.caller_is_patient:
                    unsure, about = answer is Answer.UNSURE, self._about()
                    state = State(present, Time.NOW, unsure, (quote,), self.before.order, about=about)
                    yield Said(code, state, end=ANSWER)

    def _state(self, mention: Mention) -> State:
        quote = self.quote(mention.begin, mention.end)
        tells = catalogue()[mention.code].flag or reassures(mention.code)
        about = self._about(mention.end) if tells else ()
        return State(mention.present, mention.time, mention.unsure, (quote,), self.before.order, about=about)

    @cached_property
    def _named(self) -> tuple[Named, ...]:
        return named(self.chunk.text, self.before.speaking_of)

    def _about(self, end: int | None = None) -> tuple[Person, ...]:
        """Who was named last, in the chunk or before it; until a place in the chunk."""
        here = [one.person for one in self._named if end is None or one.begin < end]
        person = here[-1] if here else self.before.speaking_of
        return () if person is None else (person,)

    def _tokens_of(self, spot: Place) -> frozenset[str]:
        return frozenset(token.text for token in self.chunk.tokens if spot.first <= token.first <= spot.last)

    def quote(self, begin: int, end: int) -> Quote:
        return self._words_quote(*self.chunk.span(begin, end))

    def _words_quote(self, first: int, last: int) -> Quote:
        return _quote(self.words, first, last, Channel.CALLER, self.uid)


def _quote(words: Sequence[Word], first: int, last: int, channel: Channel, uid: UtteranceId) -> Quote:
    said = words[first : last + 1]
    text = " ".join(word.text for word in said)
    return Quote(text, channel, uid, said[0].start_s, max(said[-1].end_s, said[0].start_s))


def _newer(old: Value | None, new: Value, corrected: bool) -> Value:
    """Of two ages the surer one; of equals the first, unless the second corrects it."""
    if old is None or new.score > old.score or (corrected and new.score == old.score):
        return new
    return old


def _is_house_number(age: Value, tokens: frozenset[str]) -> bool:
    """Whether a number alone came again in what names a place: "Thirty-one. Thirty-one Pemberton Street"."""
    return age.score <= LONE and age.value in tokens


def _own_question(chunk: Chunk) -> tuple[Topic, ...]:
    """A caller who asks the patient aloud is answered in the next breath."""
    return topics_of(chunk) if len(chunk.tokens) <= 8 else ()


def _better(old: Value | None, new: Value) -> Value:
    if old is None or new.score > old.score:
        return new
    return new if new.score == old.score and len(new.value) > len(old.value) else old
