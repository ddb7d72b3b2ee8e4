"""Proves what the protocol files promise. Run by the tests, so that a file that breaks a promise cannot be merged.

In: protocols, overlays, questions, scripts, the finding catalogue. Out: problems in words, none when all hold:
every name exists; every red flag can be reached, by findings that some pattern, question or measurement states; every
path reaches a category; "don't know" to a red-flag question goes to the more serious side; scripts and their
hand-overs have no circle; every clinical fact has its source; every script can be signed, with some protocol.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from .answers import questions
from .findings import catalogue
from .instructions import Script, scripts
from .protocols import Facts, Protocol, When, fired, overlays, protocols
from .quantities import MEASURES
from .readable import scripts_of
from .resources import document
from .wording import CODES


def check_protocols() -> list[str]:
    """Every broken promise, in words."""
    return [*_names(), *_reachable(), *_paths(), *_unsure(), *_circles(), *_sources(), *_signable()]


def _names() -> Iterator[str]:
    for where, when in _conditions():
        yield from (f"{where}: no finding {code}" for code in when.codes() if code not in catalogue())
        if not list(when.wanted()):
            yield f"{where}: nothing that must be present"
    for code, protocol in protocols().items():
        yield from (f"{code}: no question {q}" for q in protocol.questions if q not in questions())
        named = (protocol.script, *protocol.other_scripts)
        yield from (f"{code}: no script {s}" for s in named if s is not None and s not in scripts())
    for code, spec in questions().items():
        stated = (*spec.yes, *spec.no, *spec.unsure)
        yield from (f"question {code}: no finding {c}" for c in stated if c.lstrip("-") not in catalogue())
    for one, others in document("opposites.yaml").items():
        yield from (f"opposites: no finding {c}" for c in (one, *others) if c not in catalogue())


def _conditions() -> Iterator[tuple[str, When]]:
    for code, protocol in protocols().items():
        yield code, protocol.entry
        yield from ((f"{code}.{flag.id}", flag.when) for flag in protocol.red_flags)
    yield from ((f"overlay {code}", overlay.entry) for code, overlay in overlays().items())


def stateable() -> frozenset[str]:
    """Findings that something can state: words, an answer, a measurement, or the wording as a whole."""
    spoken = {code for code, spec in catalogue().items() if spec.says or spec.fixed}
    answered = {c for spec in questions().values() for c in (*spec.yes, *spec.no, *spec.unsure)}
    return frozenset(
        spoken
        | answered
        | {code for measure in MEASURES for code, _, _ in measure.ranges}
        | CODES
        | {"caller_is_patient"}
    )


def _reachable() -> Iterator[str]:
    known = stateable()
    for code, protocol in protocols().items():
        for flag in protocol.red_flags:
            needed = frozenset(flag.when.needed())
            if not needed <= known:
                yield f"{code}.{flag.id}: nothing states {sorted(needed - known)}"
            if not flag.when.met(_facts(needed, flag.when)):
                yield f"{code}.{flag.id}: cannot be met"


def _facts(present: frozenset[str], when: When) -> Facts:
    years = when.under / 2 if when.under is not None else when.over + 1 if when.over is not None else None
    return Facts(present, years)


def _paths() -> Iterator[str]:
    """Entered by any of its findings, and whatever is answered to whichever of its questions, a category holds."""
    for code, protocol in protocols().items():
        for entry in _entries(protocol):
            for answered in _answers(protocol):
                if not fired(Facts((entry | answered) - frozenset(protocol.entry.none), None)):
                    yield f"{code}: no category for {sorted(entry | answered)}"


def _entries(protocol: Protocol) -> Iterator[frozenset[str]]:
    base = frozenset(item if isinstance(item, str) else item[0] for item in protocol.entry.all)
    yield from (base | {code} for code in protocol.entry.any) if protocol.entry.any else (base,)


def _answers(protocol: Protocol) -> Iterator[frozenset[str]]:
    yield frozenset()
    for spec in (questions()[q] for q in protocol.questions if q in questions()):
        for stated in (spec.yes, spec.no, spec.unsure):
            yield frozenset(code for code in stated if not code.startswith("-"))


def _unsure() -> Iterator[str]:
    """A question of which one answer states a red flag takes "don't know" for that answer."""
    for code, spec in questions().items():
        serious = {c for c in (*spec.yes, *spec.no) if c in catalogue() and catalogue()[c].flag}
        if serious and not any(c in catalogue() and catalogue()[c].flag for c in spec.unsure):
            yield f"question {code}: 'don't know' does not go to the more serious side"


def _circles() -> Iterator[str]:
    for code, script in scripts().items():
        yield from _circle(code, {step: set(_next(script, step)) for step in script.steps})
        targets = {way.step for step in script.steps.values() for way in step.ways if way.step}
        yield from (f"script {code}: no step {step}" for step in targets if step not in script.steps)
    handed = {code: set(_handed(script)) for code, script in scripts().items()}
    yield from _circle("hand-over", handed)
    yield from (f"hand-over to no script {s}" for targets in handed.values() for s in targets if s not in scripts())


def _next(script: Script, step: str) -> Iterator[str]:
    ways = [way.step for way in script.steps[step].ways if way.step]
    following = script.following(step)
    yield from ways
    if not script.steps[step].ways and following:
        yield following


def _handed(script: Script) -> Iterator[str]:
    yield from (way.script for step in script.steps.values() for way in step.ways if way.script)
    yield from script.deck.values()


def _circle(name: str, graph: dict[str, set[str]]) -> Iterator[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"script {name}: a circle through {error.args[1]}"


def _sources() -> Iterator[str]:
    for code, protocol in protocols().items():
        if not protocol.sources or not protocol.category_source:
            yield f"{code}: no source"
        yield from (f"{code}.{flag.id}: no source" for flag in protocol.red_flags if not flag.source)
    yield from (f"script {code}: no source" for code, script in scripts().items() if not script.sources)


def _signable() -> Iterator[str]:
    """A script is approved with the protocols that read it out; one that nobody reads out could never be."""
    read_out = {script for scripts_read in scripts_of().values() for script in scripts_read}
    yield from (f"script {code}: no protocol reads it out" for code in scripts() if code not in read_out)
