"""The proofs that a policy must pass. Pure: a policy in, all of its problems out, each with its place in the file.

1. Every name that is used exists, and every task names a floor.
2. A self-hosted endpoint has a pinned address that is loopback or private, or is reached by TLS at its pin.
3. A cloud endpoint is reached by TLS (or on loopback, where tests live), and is never reached at another's word: no
   user info, query or fragment in the URL.
4. No model on a self-hosted endpoint forwards to a cloud (`-cloud`, `:cloud` names of Ollama).
5. A task for sensitive or redacted text has a self-hosted model, and neither it nor any of its rules names a cloud
   model (redacted: unless a tenant's contract allows that endpoint).
6. Every model has a price, or is self-hosted.
7. The deadline of every task is longer than its reserve, and some candidate reaches the task's depth.
"""

import re
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from .policy import Depth, Endpoint, Policy, Task, Trust
from .sensitivity import Sensitivity

_CLOUD_MODEL = re.compile(r"(?:-|:)cloud$", re.IGNORECASE)


def problems_of(policy: Policy, floors: Collection[str] | None = None) -> tuple[str, ...]:
    """Every problem of a policy; an empty tuple proves it. `floors` are the floors that exist, where that is known."""
    unknown = tuple(_unknown_names(policy))
    if unknown:
        return unknown
    return (*_endpoint_problems(policy), *_model_problems(policy), *_task_problems(policy, floors))


def forwards_to_cloud(model_name: str) -> bool:
    """Whether a local Ollama would send this model's prompts on to the internet."""
    return bool(_CLOUD_MODEL.search(model_name))


def pinned_address(endpoint: Endpoint) -> IPv4Address | IPv6Address | None:
    """The one address that connections to an endpoint go to, or None where a name is left to the DNS."""
    try:
        return ip_address(endpoint.pin or urlsplit(endpoint.url).hostname or "")
    except ValueError:
        return None


def _unknown_names(policy: Policy) -> Iterator[str]:
    for name, model in policy.models.items():
        if model.endpoint not in policy.endpoints:
            yield f"models.{name}: no endpoint {model.endpoint}"
    for name, task in policy.tasks.items():
        yield from (f"tasks.{name}: no model {model}" for model in task.models if model not in policy.models)
    for rule in policy.rules:
        if rule.task not in policy.tasks:
            yield f"rules.{rule.name}: no task {rule.task}"
        yield from (f"rules.{rule.name}: no model {model}" for model in rule.models or () if model not in policy.models)
    for name, tenant in policy.tenants.items():
        yield from (f"tenants.{name}: no endpoint {to}" for to in tenant.redacted_to if to not in policy.endpoints)
    if "default" not in policy.tenants:
        yield "tenants: no default"


def _endpoint_problems(policy: Policy) -> Iterator[str]:
    for name, endpoint in policy.endpoints.items():
        url = urlsplit(endpoint.url)
        place = f"endpoints.{name}"
        if url.scheme not in ("http", "https") or not url.hostname:
            yield f"{place}: url must be http or https with a host"
            continue
        if url.username or url.password or url.query or url.fragment:
            yield f"{place}: url must not hold a user, a query or a fragment"
        if endpoint.pin is not None and pinned_address(endpoint) is None:
            yield f"{place}: pin is not an IP address"
        yield from (f"{place}: {problem}" for problem in _trust_problems(endpoint, url))


def _trust_problems(endpoint: Endpoint, url: SplitResult) -> Iterator[str]:
    address = pinned_address(endpoint)
    tls = url.scheme == "https"
    if endpoint.trust is Trust.CLOUD:
        if not tls and not (address is not None and address.is_loopback):
            yield "a cloud endpoint needs https"
        return
    if address is None:
        yield "self_hosted needs an IP address in url, or a pin"
    elif not _own_network(address) and not (tls and endpoint.pin is not None):
        yield "self_hosted needs a loopback or private address, or https with a pin"


def _own_network(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or (
        address.is_private and not (address.is_link_local or address.is_unspecified or address.is_reserved)
    )


def _model_problems(policy: Policy) -> Iterator[str]:
    for name, model in policy.models.items():
        endpoint = policy.endpoints[model.endpoint]
        if endpoint.trust is Trust.SELF_HOSTED and forwards_to_cloud(model.name):
            yield f"models.{name}: {model.name} is forwarded to a cloud by a local server"
        if endpoint.trust is Trust.CLOUD and policy.price_of(model) is None:
            yield f"models.{name}: no price for {endpoint.kind} {model.name}"


def _task_problems(policy: Policy, floors: Collection[str] | None) -> Iterator[str]:
    for name, task in policy.tasks.items():
        place = f"tasks.{name}"
        if task.deadline_ms <= task.reserve_ms:
            yield f"{place}: deadline_ms must be more than reserve_ms"
        if floors is not None and task.floor not in floors:
            yield f"{place}: no floor {task.floor}"
        if not _reaches(policy, task.models, task.depth):
            yield f"{place}: no model reaches depth {task.depth.value}"
        yield from _chain_problems(policy, place, task, task.models)
    for rule in policy.rules:
        task, models = policy.tasks[rule.task], rule.models or policy.tasks[rule.task].models
        if not _reaches(policy, models, rule.depth or task.depth):
            yield f"rules.{rule.name}: no model reaches its depth"
        yield from _chain_problems(policy, f"rules.{rule.name}", task, models)


def _reaches(policy: Policy, models: tuple[str, ...], depth: Depth) -> bool:
    return any(policy.models[model].max_depth.rank >= depth.rank for model in models)


def _chain_problems(policy: Policy, place: str, task: Task, models: tuple[str, ...]) -> Iterator[str]:
    if task.label < Sensitivity.REDACTED:
        return
    cloud = {model: endpoint for model in models if (endpoint := _cloud_endpoint(policy, model)) is not None}
    if len(cloud) == len(models):
        yield f"{place}: a {task.sensitivity} task needs a self-hosted model"
    allowed = {to for tenant in policy.tenants.values() for to in tenant.redacted_to}
    for model, endpoint in cloud.items():
        if task.label is Sensitivity.SENSITIVE or endpoint not in allowed:
            yield f"{place}: {model} is a cloud model on a {task.sensitivity} task"


def _cloud_endpoint(policy: Policy, model: str) -> str | None:
    endpoint = policy.models[model].endpoint
    return endpoint if policy.endpoints[endpoint].trust is Trust.CLOUD else None
