"""The contract's card, drawn from a case.

In: a case, the card's version, the second of the call, what its centre has approved. Out: the `Card`, the same for the
same input.
"""

from dispatch.contract.card import Card, Evidence, FindingView, Override, ProtocolView, Reason, SetBy

from .approvals import NOTHING_APPROVED, Approved
from .case import Case, Raised, category_of, floor_of, model_category_of
from .complaints import candidates_of, complaint_of
from .fields import evidence_of, fields_of, finding_of, source_of
from .findings import catalogue
from .hand_over import hand_over_of
from .instructions import instructions_of, other_scripts_of
from .interview import must_ask, next_question
from .narrative import narrative_of
from .overlays import overlays_of
from .protocols import protocols
from .several import people_of
from .timers import timers_of
from .values import State

DISAGREEMENT_STEPS = 2
"""Categories apart at which rules and model are said to disagree (dispatch.md, feature 12)."""


def card_of(case: Case, *, version: int, call_s: float, approved: Approved = NOTHING_APPROVED) -> Card:
    """The call's card at `call_s` seconds. `approved`: what the call's own centre has signed."""
    complaint = complaint_of(case)
    protocol = protocols()[complaint.complaint] if complaint else None
    category, fields = category_of(case), fields_of(case)
    return Card(
        version=version,
        category=category,
        floor=floor_of(case),
        model_category=model_category_of(case),
        override=_override(case),
        disagreement=_disagreement(case),
        headline=_headline(case),
        narrative=narrative_of(case, fields),
        reasons=_reasons(case),
        fields=fields,
        people=people_of(case),
        findings=_findings(case),
        candidates=candidates_of(case),
        protocol=None
        if complaint is None or protocol is None
        else ProtocolView(
            protocol_id=complaint.complaint,
            title=protocol.title,
            version=protocol.version,
            approved_by=approved.protocols.get(complaint.complaint),
        ),
        next_question=next_question(case, call_s),
        must_ask=must_ask(case),
        instructions=instructions_of(case, approved.scripts),
        other_scripts=other_scripts_of(case),
        timers=timers_of(case),
        resources=protocol.resources if protocol else (),
        hand_over=hand_over_of(case),
        overlays=overlays_of(case),
    )


def _override(case: Case) -> Override | None:
    made = case.log.override
    if made is None:
        return None
    return Override(category=made.category, reason=made.reason, operator=made.operator, at=made.at)


def _disagreement(case: Case) -> str | None:
    rules, model = floor_of(case), model_category_of(case)
    if rules is None or model is None or abs(rules - model) < DISAGREEMENT_STEPS:
        return None
    return f"Rules say category {rules}, the model says {model}."


def _headline(case: Case) -> str:
    reasons = _ordered(case)
    return ", ".join(dict.fromkeys(r.fired.label for r in reasons[:2]))[:200]


def _ordered(case: Case) -> list[Raised]:
    return sorted(
        case.raised.values(), key=lambda r: (r.fired.category, -protocols()[r.fired.complaint].rank, r.fired.id)
    )


def _reasons(case: Case) -> tuple[Reason, ...]:
    return tuple(_reason(case, raised) for raised in _ordered(case))


def _reason(case: Case, raised: Raised) -> Reason:
    source = source_of(raised.set_by, raised.fired.id if raised.set_by is SetBy.RULE else raised.reference)
    evidence = tuple(_evidence(case, code, state) for code, state in raised.states if state.quotes)
    return Reason(
        category=raised.fired.category, code=raised.fired.id, label=raised.fired.label, source=source, evidence=evidence
    )


def _evidence(case: Case, code: str, state: State) -> Evidence:
    return evidence_of(state.quotes[0], withdrawn=code in case.withdrawn)


def _findings(case: Case) -> tuple[FindingView, ...]:
    now = {code: state for code, state in case.picture.states.items() if code != "caller_is_patient"}
    shown = sorted(now.items(), key=lambda item: (not catalogue()[item[0]].flag, item[1].order, item[0]))
    gone = sorted(case.withdrawn.items())
    return tuple(finding_of(c, s) for c, s in shown) + tuple(finding_of(c, s, withdrawn=True) for c, s in gone)
