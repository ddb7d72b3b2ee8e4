"""Under which account an embedded server runs: PostgreSQL refuses to run as root, and containers often run as root.

In: who we are, and what the server has to reach. Out: a `ServerAccount`. An ordinary user runs servers as itself. Root
gives them to `nobody` where that account reaches the data and the programs; under a closed home it uses a user
namespace, in which root's own files appear as those of `nobody`. Data keep the account they were made under.
"""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from .data_root import LET_THROUGH
from .errors import ServerNotStarted

LAUNCHER: Final = Path(__file__).with_name("child_launcher.py")
ACCOUNT_NAME: Final = "nobody"
WAY_OUT: Final = "Run as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."


@dataclass(frozen=True)
class ServerAccount:
    """How a child becomes who it runs as; `uid` and `gid` matter for `account` and `namespace` alone."""

    kind: Literal["same", "account", "namespace"]
    uid: int = 0
    gid: int = 0

    def launch(self, death_signal: int, program: Path, arguments: Sequence[str]) -> list[str]:
        """The command that starts `program` as this account, to be signalled when the calling thread ends."""
        identity = self.kind if self.kind == "same" else f"{self.kind}:{self.uid}:{self.gid}"
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), identity, str(int(death_signal)), str(os.getpid())]
        return [*launcher, str(program), *arguments]

    def adopt(self, path: Path) -> None:
        """Gives a file or folder to the account, when it is another one than ours."""
        if self.kind == "account":
            os.chown(path, self.uid, self.gid)

    def let_through(self, folder: Path) -> None:
        """Lets the account, and nobody else, pass through a folder of ours without listing it."""
        if self.kind == "account":
            os.chown(folder, -1, self.gid)
            folder.chmod(LET_THROUGH)


def choose_account(data: Path, existing: Path, programs: Sequence[Path]) -> ServerAccount:
    """The account for servers on `data`. Raises ServerNotStarted when root has no way to step down.

    `existing` is the folder of an earlier run, if there is one: its owner decides, so that its files stay readable.
    """
    if os.geteuid() != 0:
        return ServerAccount("same")
    try:
        unprivileged = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        raise ServerNotStarted(f"There is no account {ACCOUNT_NAME} for the embedded servers. {WAY_OUT}") from None
    account = ServerAccount("account", unprivileged.pw_uid, unprivileged.pw_gid)
    namespace = ServerAccount("namespace", unprivileged.pw_uid, unprivileged.pw_gid)
    if existing.exists():
        return account if existing.stat().st_uid == account.uid else namespace
    if all(open_to_others(path) for path in (data.parent, *programs)):
        return account
    if namespace_allowed(namespace):
        return namespace
    raise ServerNotStarted(
        f"Running as root, {ACCOUNT_NAME} cannot reach {data}, and user namespaces are not allowed. {WAY_OUT}"
    )


def open_to_others(path: Path) -> bool:
    """Whether any account may pass through every folder above `path`, and through or into `path` itself."""
    resolved = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (resolved, *resolved.parents))


def namespace_allowed(account: ServerAccount) -> bool:
    """Whether the kernel lets us make a user namespace: tried out, because several settings can forbid it."""
    command = account.launch(0, Path(sys.executable), ["-I", "-S", "-c", ""])
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own command
