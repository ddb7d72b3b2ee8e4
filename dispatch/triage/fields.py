"""The card's fields, read off a case: value, label, who set it, and the words behind it.

In: a case. Out: `CardField`s in the order of `FieldName`. The operator's own value always stands; else the caller's
words; else what the device sent. Breathing is `normal` only when that was clearly said: a bare "yes" leaves it open.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from dispatch.contract.card import (
    CardField,
    Evidence,
    FieldName,
    FieldState,
    FindingView,
    Polarity,
    SetBy,
    Source,
)

from .case import Case
from .complaints import complaint_of
from .findings import catalogue
from .people import relation_label
from .protocols import protocols
from .values import Quote, State, Value

RULE_SOURCE = Source(set_by=SetBy.RULE, reference="words")

_ABSENT = ("breathing_absent", "cardiac_arrest_stated")
_ABNORMAL = (
    "breathing_agonal",
    "breathing_severe",
    "breathing_abnormal",
    "breathing_noisy",
    "breathing_difficulty",
    "breathing_fast",
    "choking_now",
    "cannot_cough_speak",
)
_NORMAL = ("breathing_normal",)
_UNCONSCIOUS = ("unresponsive", "cardiac_arrest_stated", "dead", "seizure_now")
_CONSCIOUS = ("awake", "came_round", "active", "not_alert", "confused")
_IMPLIED = (
    "near_faint",
    "pain_any",
    "chest_pain",
    "headache",
    "abdominal_pain",
    "panic",
    "suicidal",
    "psychosis",
    "stroke_speech",
    "choking_now",
    "refuses",
    "labour",
    "labour_imminent",
    "uninjured",
    "drowsy",
    "dizzy_only",
    "breathing_difficulty",
    "breathing_severe",
)
"""Symptoms that only somebody who is awake has or tells of."""
_WELL = frozenset({"awake", "came_round", "active", "fit_and_well"})
"""Of whom "he's breathing" says that he breathes as ever."""
_BREATHES_BADLY = ("anaphylaxis", "breathing_problem", "choking")
"""Complaints that are trouble with breathing whatever else was said of it."""
_AWAKE_UNKNOWN = (
    "cardiac_arrest",
    "unconscious",
    "drowning",
    "overdose",
    "seizure",
    "end_of_life",
)
"""Complaints that say nothing of whether the patient is awake."""
_MAY_BE_OUT = (
    "unresponsive_perhaps",
    "wording_critical",
    "collapsed",
    "fainted",
    "strangled",
    "drowned",
    "electrocuted",
    "seizure_any",
    "dead",
    "expected_death",
)
_BABY = ("newborn_trouble", "born", "infant")
_HAZARDS = (
    "hazard_fire",
    "hazard_gas",
    "hazard_weapon",
    "hazard_electric",
    "hazard_traffic",
    "hazard_water",
    "hazard_chemical",
)

_BREATHING_LABELS = {"normal": "Normal", "abnormal": "Not normal", "absent": "Not breathing"}


def fields_of(case: Case) -> tuple[CardField, ...]:
    """Every field of which something is known."""
    found = {field.name: field for field in _suggested(case)}
    for name, value in case.log.edits.items():
        found[name] = CardField(
            name=name,
            value=value,
            label=value,
            state=FieldState.EDITED,
            source=Source(set_by=SetBy.OPERATOR, reference="operator"),
        )
    return tuple(_accepted(case, found[name]) for name in FieldName if name in found)


def _accepted(case: Case, field: CardField) -> CardField:
    if field.state is FieldState.SUGGESTED and field.name in case.log.accepted:
        return field.model_copy(update={"state": FieldState.ACCEPTED})
    return field


def _suggested(case: Case) -> Iterator[CardField]:
    yield from _valued(FieldName.LOCATION, case.picture.place or _known_place(case))
    yield from _valued(FieldName.CALLBACK_NUMBER, case.picture.phone)
    complaint = complaint_of(case)
    if complaint is not None:
        title = protocols()[complaint.complaint].title
        yield _field(FieldName.COMPLAINT, complaint.complaint, title, *_states(case, complaint.codes))
    yield from _conscious(case)
    yield from _breathing(case)
    yield from _age(case)
    yield from _people(case)
    yield from _hazards(case)


def _known_place(case: Case) -> Value | None:
    return Value(case.known_location, 0, None, SetBy.CALLER_DEVICE) if case.known_location else None


def _valued(name: FieldName, value: Value | None) -> Iterator[CardField]:
    if value is not None:
        evidence = (evidence_of(value.quote),) if value.quote else ()
        source = source_of(value.set_by, "words" if value.quote else "call")
        label = value.value.capitalize() if name is FieldName.SEX else value.value
        yield CardField(name=name, value=value.value, label=label, source=source, evidence=evidence)


def _age(case: Case) -> Iterator[CardField]:
    picture = case.picture
    value = picture.patient_age
    if value is not None:
        years = float(value.value)
        label = f"{years:g} years" if years >= 2 else f"{round(years * 12)} months"
        shown = str(int(years))  # completed years; the label says the months
        evidence = (evidence_of(value.quote),) if value.quote else ()
        yield CardField(name=FieldName.AGE, value=shown, label=label, source=RULE_SOURCE, evidence=evidence)
    elif (baby := _lifeless_baby(case)) is not None:
        yield _field(FieldName.AGE, "0", "Under a year (a baby)", baby)


def _lifeless_baby(case: Case) -> State | None:
    """What says that it is a baby who does not breathe; nobody tells the age of a newborn."""
    states = _counting(case)
    return next((states[code] for code in _BABY if code in states), None) if "breathing_absent" in states else None


def _people(case: Case) -> Iterator[CardField]:
    """Sex of the patient, how many there are, and what the caller is to the patient."""
    people, own = case.picture.people, case.picture.caller_is_patient
    yield from _valued(FieldName.SEX, people.own_sex if own else people.sex)
    yield from _valued(FieldName.PATIENT_COUNT, people.count)
    for field in _valued(FieldName.CALLER_RELATION, people.relation_of(own)):
        yield field.model_copy(update={"label": relation_label(field.value)})


def _conscious(case: Case) -> Iterator[CardField]:
    states = _counting(case)
    if (said := conscious_said(states)) is not None:
        yield said
    elif (complaint := complaint_of(case)) is not None and complaint.complaint == "cardiac_arrest":
        yield _field(FieldName.CONSCIOUS, "no", "No (by the breathing)", *_states(case, complaint.codes))
    elif case.picture.caller_is_patient:
        yield _field(FieldName.CONSCIOUS, "yes", "Yes (is speaking)")
    elif case.picture.only_caller_known:
        yield _field(FieldName.CONSCIOUS, "yes", "Yes (the only one known of is speaking)")
    elif (implied := conscious_implied(states)) is not None:
        yield implied
    elif _nothing_against_awake(case, states):
        yield _field(FieldName.CONSCIOUS, "yes", "Yes (nothing said against it)")


def conscious_said(states: Mapping[str, State]) -> CardField | None:
    """Whether somebody is awake, as it was said of them. `states`: the findings that count."""
    out = _newest(states, _UNCONSCIOUS if "choking_now" in states else (*_UNCONSCIOUS, "breathing_absent"))
    awake = _newest(states, _CONSCIOUS)
    if out is not None and (awake is None or out.order >= awake.order or "awake" not in states):
        return _field(FieldName.CONSCIOUS, "no", "No", out)
    return None if awake is None else _field(FieldName.CONSCIOUS, "yes", "Yes", awake)


def conscious_implied(states: Mapping[str, State]) -> CardField | None:
    """That somebody is awake, by symptoms that only those have who are."""
    implied = None if "collapsed" in states else _newest(states, _IMPLIED)
    return None if implied is None else _field(FieldName.CONSCIOUS, "yes", "Yes (by the symptoms)", implied)


def _nothing_against_awake(case: Case, states: dict[str, State]) -> bool:
    """A complaint is known that people are awake with, and nothing was said of a collapse; the question stays open."""
    complaint = complaint_of(case)
    known = complaint is not None and complaint.complaint not in _AWAKE_UNKNOWN
    return known and states.keys().isdisjoint(_MAY_BE_OUT)


def _breathing(case: Case) -> Iterator[CardField]:
    states = _counting(case)
    if (said := breathing_told(states)) is not None:
        yield said
        return
    value, told = _breathing_implied(case, states)
    if value is not None:
        yield _breathing_field(value, told)
    elif (complaint := complaint_of(case)) is not None and complaint.complaint == "cardiac_arrest":
        yield _field(FieldName.BREATHING, "absent", "Not breathing (taken so)", *_states(case, complaint.codes))


def _breathing_field(value: str, told: State | None) -> CardField:
    return _field(FieldName.BREATHING, value, _BREATHING_LABELS[value], *([told] if told else ()))


def breathing_told(states: Mapping[str, State]) -> CardField | None:
    """How somebody breathes, as it was said of them. `states`: the findings that count."""
    normal, absent = _newest(states, _NORMAL), _newest(states, _ABSENT)
    noisy = states.get("breathing_noisy")
    if normal and noisy and normal.order >= noisy.order:
        states = {code: state for code, state in states.items() if code != "breathing_noisy"}
    abnormal = _newest(states, _ABNORMAL)
    known = [state for state in (normal, absent, abnormal) if state is not None]
    if not known:
        return None
    if normal is not None and normal.order == max(state.order for state in known) and normal is not abnormal:
        return _breathing_field("normal", normal)
    gasping = states.get("breathing_agonal")
    if absent is not None and gasping is None:
        return _breathing_field("absent", absent)
    return _breathing_field("abnormal", gasping or abnormal or absent)


def _breathing_implied(case: Case, states: dict[str, State]) -> tuple[str | None, State | None]:
    """Said to be breathing, by somebody talking; or said not to be short of breath."""
    if "breathing_some" in states and not _WELL.isdisjoint(states) and "unresponsive" not in states:
        return "normal", states["breathing_some"]
    complaint = complaint_of(case)
    if complaint is not None and complaint.complaint in _BREATHES_BADLY:
        return "abnormal", next(iter(_states(case, complaint.codes)), None)
    if "breathing_unclear" in states:
        return "abnormal", states["breathing_unclear"]
    difficulty = case.picture.states.get("breathing_difficulty")
    denied = difficulty is not None and not difficulty.present
    return ("normal", difficulty) if denied and "unresponsive" not in states else (None, None)


def _hazards(case: Case) -> Iterator[CardField]:
    states = _counting(case)
    present = [code for code in _HAZARDS if code in states]
    if present:
        names = ", ".join(code.removeprefix("hazard_") for code in present)
        yield _field(FieldName.HAZARDS, names, names.capitalize(), *_states(case, present))


def _counting(case: Case) -> dict[str, State]:
    return {code: state for code, state in case.picture.states.items() if state.counts}


def _newest(states: Mapping[str, State], codes: tuple[str, ...]) -> State | None:
    return max((states[c] for c in codes if c in states), key=lambda s: s.order, default=None)


def _states(case: Case, codes: Sequence[str]) -> list[State]:
    return [case.picture.states[code] for code in codes if code in case.picture.states]


def _field(name: FieldName, value: str, label: str, *states: State) -> CardField:
    """A value that follows from findings. It is a model's where no finding behind it was read by the rules."""
    source = RULE_SOURCE
    if states and all(state.set_by is SetBy.MODEL for state in states):
        source = source_of(SetBy.MODEL, states[0].reference)
    evidence = tuple(evidence_of(quote) for state in states for quote in state.quotes)
    return CardField(name=name, value=value, label=label, source=source, evidence=evidence)


@lru_cache(maxsize=512)
def source_of(set_by: SetBy, reference: str) -> Source:
    """Who set something, for the wire; a card names the same few again and again."""
    return Source(set_by=set_by, reference=reference)


@lru_cache(maxsize=512)
def evidence_of(quote: Quote, withdrawn: bool = False) -> Evidence:
    """A quote for the wire."""
    return Evidence(
        quote=quote.text,
        channel=quote.channel,
        utterance_id=quote.utterance_id,
        start_s=quote.start_s,
        end_s=max(quote.start_s, quote.end_s),
        withdrawn=withdrawn,
    )


def finding_of(code: str, state: State, withdrawn: bool = False) -> FindingView:
    """A finding for the wire."""
    spec = catalogue()[code]
    return FindingView(
        code=code,
        label=spec.label,
        polarity=Polarity.PRESENT if state.counts else Polarity.ABSENT,
        red_flag=spec.flag,
        confidence=0.6 if state.unsure else 0.95,
        source=source_of(state.set_by, state.reference),
        evidence=tuple(evidence_of(quote, withdrawn) for quote in state.quotes),
        withdrawn=withdrawn,
    )


_VALUE_STATES = {
    (FieldName.CONSCIOUS, "no"): ("unresponsive", "-awake"),
    (FieldName.CONSCIOUS, "yes"): ("awake", "-unresponsive"),
    (FieldName.BREATHING, "absent"): ("breathing_absent", "-breathing_normal"),
    (FieldName.BREATHING, "abnormal"): ("breathing_abnormal", "-breathing_normal", "-breathing_absent"),
    (FieldName.BREATHING, "normal"): (
        "breathing_normal",
        "-breathing_absent",
        "-breathing_agonal",
        "-breathing_abnormal",
    ),
}


def stated_by_value(name: FieldName, value: str) -> tuple[str, ...]:
    """The findings that a field value typed by an operator states; `-code` states absence."""
    return _VALUE_STATES.get((name, value.strip().lower()), ())
