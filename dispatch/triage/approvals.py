"""Which protocols and scripts a centre's medical directors have approved, out of the signatures that stand. Pure.

In: the last signature under each protocol of a centre. Out: an `Approved` for the card. Invariants: a signature counts
for the exact words that it was given for; without one, nothing is approved; a script is approved by the protocol that
reads it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .readable import readable, scripts_of


@dataclass(frozen=True)
class Signature:
    """Somebody's name under one protocol."""

    protocol_id: str
    digest: str
    """Of the words that were signed."""
    name: str = field(repr=False)


@dataclass(frozen=True)
class Approved:
    """Who signed, by protocol and by script."""

    protocols: Mapping[str, str] = field(default_factory=dict, repr=False)
    scripts: Mapping[str, str] = field(default_factory=dict, repr=False)


NOTHING_APPROVED = Approved()


def is_current(protocol_id: str, digest: str) -> bool:
    """Whether a digest is that of the protocol as this server has it."""
    known = readable().get(protocol_id)
    return known is not None and known.digest == digest


def approved_by(signatures: Iterable[Signature]) -> Approved:
    """What the signatures that stand in one centre approve."""
    holding = {one.protocol_id: one.name for one in signatures if is_current(one.protocol_id, one.digest)}
    read_out = {script: name for code, name in sorted(holding.items()) for script in scripts_of()[code]}
    return Approved(holding, read_out)
