"""What `kiwimesh env check` demands of an environment's settings: rules without I/O, each with an answer in words.

In: the settings, what the data folder looks like, another environment's report. Out: a `Finding` a rule. Invariants: a
finding names a setting, never its value; two environments are compared by salted fingerprints, so that a report tells
nobody a secret.
"""

import hashlib
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from dispatch.settings import Settings, environment_name

from .checks import Finding, State

SHORTEST_SECRET: Final = 16
"""Characters; NIST SP 800-63B asks for 15 of a password that stands alone."""
FEWEST_LETTERS: Final = 6
"""Different characters that a secret has at least: `aaaaaaaaaaaaaaaa` is long and weak."""
DEFAULTS: Final = (
    *("password", "passwort", "changeme", "change-me", "secret", "kiwimesh", "postgres", "valkey", "redis"),
    *("admin", "example", "default", "123456", "qwerty", "letmein", "placeholder"),
)
"""A secret that is made of such words, whatever digits follow, is the first that is tried."""
TEST_KEY: Final = "_test_"
"""Stripe's mark of keys that move no money."""
URLS: Final = ("database_url", "database_owner_url", "backup_database_url", "redis_url")
SAME_DATABASE: Final = ("database_owner_url", "backup_database_url")
"""Other logins of what `database_url` names."""
OLDEST_BACKUP_S: Final = 36 * 3600.0
"""A nightly one and half a day."""
USUAL_PORTS: Final = {"postgresql": 5432, "postgres": 5432, "redis": 6379, "rediss": 6379}
FINGERPRINT_COST: Final = 2**14
"""scrypt's N (RFC 7914): a guess takes tens of milliseconds, so that a report is no list to guess passwords from."""
FINGERPRINT_BYTES: Final = 16


@dataclass(frozen=True)
class Folder:
    """The data folder as it was found. `keys` are the secrets in its files by name; modes are permission bits."""

    exists: bool
    mode: int = 0o700
    free_bytes: int = 0
    open_files: tuple[str, ...] = ()
    """Names of secret files that somebody besides their owner can read."""
    tenant_keys: int = 0
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    backup_age_s: float | None = None
    """Of the newest scheduled backup; None: there is none."""


@dataclass(frozen=True)
class Report:
    """What another environment's check wrote: a salt, and the fingerprints made with it."""

    salt: bytes
    fingerprints: Mapping[str, str]


def findings(settings: Settings, folder: Folder, other: Report | None) -> list[Finding]:
    """Every rule's answer, in the order in which they are shown."""
    found = [_binding(settings), _public_url(settings), *_secrets(settings), *_servers(settings)]
    found += [_permissions(folder), _keys(folder), _disk(settings, folder), _backups(settings, folder)]
    if other is not None:
        found.append(_shared(secret_values(settings, folder), other))
    return found


# --- reachable from outside ---------------------------------------------------------------------------------------


def _binding(settings: Settings) -> Finding:
    name, proxies = "binding", settings.trusted_proxies
    if any(network.prefixlen == 0 for network in proxies):
        way_out = "Set KIWIMESH_TRUSTED_PROXIES to the proxy's own address or network."
        return Finding(name, State.FAILED, "Everybody is trusted as a proxy, so anybody may name any address.", way_out)
    if is_local(settings.host):
        return Finding(name, State.OK, "this machine only")
    if settings.tls:
        return Finding(name, State.OK, "open to the network, with TLS")
    if proxies:
        return Finding(name, State.OK, "open to the network behind a trusted proxy, which has to speak TLS")
    way_out = "Set KIWIMESH_TLS_CERTIFICATE and KIWIMESH_TLS_KEY, or name the proxy in KIWIMESH_TRUSTED_PROXIES."
    return Finding(name, State.FAILED, "Open to the network without TLS: passwords and calls can be read.", way_out)


def _public_url(settings: Settings) -> Finding:
    parts = urlsplit(settings.public_url)
    if parts.scheme == "http" and not is_local(parts.hostname or ""):
        way_out = "Set KIWIMESH_PUBLIC_URL to an https address."
        return Finding("public url", State.FAILED, "Providers and browsers are sent to a plain http address.", way_out)
    return Finding("public url", State.OK, "https" if parts.scheme == "https" else "none, or this machine only")


def is_local(host: str) -> bool:
    """Whether a host is this machine as it calls itself; a socket's folder is, and so is no host at all."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.startswith("/")


# --- secrets ------------------------------------------------------------------------------------------------------


def weakness(secret: str) -> str:
    """Why a secret can be guessed, in words; empty for one that cannot."""
    plain = secret.strip().lower()
    if any(_is_made_of(plain, word) for word in DEFAULTS):
        return "is a default that everybody knows"
    if len(plain) < SHORTEST_SECRET:
        return f"is shorter than {SHORTEST_SECRET} characters"
    if len(set(plain)) < FEWEST_LETTERS:
        return "repeats a few characters"
    return ""


def _is_made_of(plain: str, word: str) -> bool:
    return word in plain and not plain.replace(word, "").strip("0123456789!?-_. ")


def _secrets(settings: Settings) -> Iterator[Finding]:
    for name, value in _own_secrets(settings):
        variable = environment_name(name)
        if why := weakness(value):
            yield Finding(variable, State.FAILED, f"It {why}.", "Put a random one in its place, at the provider too.")
        elif TEST_KEY in value:
            yield Finding(variable, State.WARNING, "It is a test key: no money moves.", "Right outside production.")
        else:
            yield Finding(variable, State.OK, "not guessable")


def _own_secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and name not in URLS:
            yield name, value.get_secret_value()


def _servers(settings: Settings) -> Iterator[Finding]:
    for name, url in _urls(settings):
        variable = environment_name(name)
        if url.password and (why := weakness(url.password)):
            yield Finding(variable, State.FAILED, f"Its password {why}.", "Give the login a random password.")
        elif not url.password and not is_local(url.hostname or ""):
            yield Finding(
                variable, State.FAILED, "It has no password.", "Give the server a password, and name it here."
            )
        else:
            yield Finding(variable, State.OK, "own login" if url.password else "this machine only")


def _urls(settings: Settings) -> Iterator[tuple[str, SplitResult]]:
    for name in URLS:
        value: SecretStr | None = getattr(settings, name)
        if value is not None:
            yield name, urlsplit(value.get_secret_value())


# --- the data folder ----------------------------------------------------------------------------------------------


def _permissions(folder: Folder) -> Finding:
    name = "data folder"
    if not folder.exists:
        return Finding(name, State.OK, "made at the first start, for its owner alone")
    if folder.mode & (stat.S_IRWXO | stat.S_IRGRP | stat.S_IWGRP):
        return Finding(name, State.FAILED, "Others can read it: it holds keys and recordings.", "chmod 700 the folder.")
    if folder.open_files:
        files = ", ".join(folder.open_files)
        return Finding(name, State.FAILED, f"Others can read {files}.", "chmod 600 these files, then renew the keys.")
    return Finding(name, State.OK, "its owner's alone")


def _keys(folder: Folder) -> Finding:
    if not folder.tenant_keys:
        way_out = "Run this again after the first start, then copy the file to a safe place."
        return Finding("tenants' keys", State.WARNING, "There are none yet.", way_out)
    message = f"{folder.tenant_keys} here. Without them no backup can be read: keep a copy apart from the database's."
    return Finding("tenants' keys", State.OK, message)


def _disk(settings: Settings, folder: Folder) -> Finding:
    message = f"{folder.free_bytes / 1024**3:.1f} GiB free"
    if folder.free_bytes < 2 * settings.journal_min_free_bytes:
        way_out = "Make room: below KIWIMESH_JOURNAL_MIN_FREE_BYTES recordings are deleted early."
        return Finding("disk", State.FAILED, message, way_out)
    return Finding("disk", State.OK, message)


def _backups(settings: Settings, folder: Folder) -> Finding:
    name, age_s = "backups", folder.backup_age_s
    if settings.backup_dir is None:
        way_out = "Set KIWIMESH_BACKUP_DIR, or let your own scheduler run `kiwimesh backup make FOLDER`."
        return Finding(name, State.WARNING, "The server makes none by itself.", way_out)
    if age_s is not None and age_s > OLDEST_BACKUP_S:
        way_out = "`kiwimesh jobs list --kind database.backup` names the error."
        return Finding(name, State.FAILED, f"The newest is {age_s / 3600:.0f} h old.", way_out)
    state = "none yet" if age_s is None else f"the newest is {age_s / 3600:.0f} h old"
    return Finding(name, State.OK, f"at {settings.backup_cron} (UTC), {state}")


# --- two environments ---------------------------------------------------------------------------------------------


def secret_values(settings: Settings, folder: Folder) -> dict[str, str]:
    """What no two environments may have in common, by a name that is safe to show."""
    values = {environment_name(name): value for name, value in _own_secrets(settings)}
    for name, url in _urls(settings):
        if name not in SAME_DATABASE:
            values[f"{environment_name(name)}, its place"] = place(url)
        if url.password:
            values[f"{environment_name(name)}, its password"] = url.password
    return values | {f"{name} of the data folder": value for name, value in folder.keys.items()}


def place(url: SplitResult) -> str:
    """Which server and which database of it an address means, however it is spelt."""
    port = url.port or USUAL_PORTS.get(url.scheme.split("+")[0], 0)
    return f"{(url.hostname or '').lower()}:{port}{url.path}?{url.query if not url.hostname else ''}"


def fingerprint(value: str, salt: bytes) -> str:
    """A value's mark under a salt, in hex: equal for equal values, and slow to guess from."""
    made = hashlib.scrypt(value.encode(), salt=salt, n=FINGERPRINT_COST, r=8, p=1, dklen=FINGERPRINT_BYTES)
    return made.hex()


def _shared(values: Mapping[str, str], other: Report) -> Finding:
    theirs = {mark: name for name, mark in other.fingerprints.items()}
    ours = {name: fingerprint(value, other.salt) for name, value in values.items() if _can_be_shared(value)}
    both = [f"{name} (there: {theirs[mark]})" for name, mark in ours.items() if mark in theirs]
    if not both:
        return Finding("other environment", State.OK, f"nothing in common, {len(ours)} compared")
    way_out = "Give each environment its own: what is stolen from one must not open the other."
    return Finding("other environment", State.FAILED, f"Shared: {'; '.join(both)}.", way_out)


def _can_be_shared(value: str) -> bool:
    """A server on this machine has the same address on every machine, and is another one there."""
    return not value.startswith(("localhost:", "127.0.0.1:", "::1:", ":"))
