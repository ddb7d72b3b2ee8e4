"""The service types of an installation, read from files.

In: the folder `service_types/` of the product, and one of the installation. Out: a `Catalogue`. Invariants: a tenth
type is one new file; a file that is not a policy stops the start with its name and what is wrong; older versions of a
type may lie beside the newest, so that bookings made under them keep their rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from .errors import PolicyBroken, UnknownServiceType
from .policy import ServicePolicy

SERVICE_TYPES: Final = Path(__file__).with_name("service_types")


@dataclass(frozen=True)
class Catalogue:
    """All service types, by name and version."""

    policies: tuple[ServicePolicy, ...]

    @property
    def newest(self) -> dict[str, ServicePolicy]:
        """The policy under which each type is booked now, by type."""
        ordered = sorted(self.policies, key=lambda policy: (policy.service_type, policy.version))
        return {policy.service_type: policy for policy in ordered}

    def current(self, service_type: str) -> ServicePolicy:
        """The policy for a new booking. Raises UnknownServiceType."""
        found = self.newest.get(service_type)
        if found is None:
            raise UnknownServiceType("There is no such service here.")
        return found

    def of(self, service_type: str, version: int) -> ServicePolicy:
        """The policy that a booking was made under; the newest where its file is gone. Raises UnknownServiceType."""
        found = (policy for policy in self.policies if (policy.service_type, policy.version) == (service_type, version))
        return next(found, None) or self.current(service_type)


def read_catalogue(*folders: Path) -> Catalogue:
    """The types of the product and of further folders. Raises PolicyBroken."""
    files = (file for folder in (SERVICE_TYPES, *folders) for file in sorted(folder.glob("*.yaml")))
    return Catalogue(tuple(_once(read_policy(file) for file in files)))


def read_policy(file: Path) -> ServicePolicy:
    """One file. Raises PolicyBroken that names it."""
    try:
        return ServicePolicy.model_validate(yaml.safe_load(file.read_text()))
    except (ValidationError, yaml.YAMLError, OSError) as error:
        raise PolicyBroken(f"{file.name} is not a service type: {error}") from None


def _once(policies: Iterable[ServicePolicy]) -> Iterator[ServicePolicy]:
    seen: set[tuple[str, int]] = set()
    for policy in policies:
        if (policy.service_type, policy.version) in seen:
            raise PolicyBroken(f"{policy.service_type} version {policy.version} is there twice; raise the version.")
        seen.add((policy.service_type, policy.version))
        yield policy
