"""Turns into another program that dies with its parent. Run as a script, never imported: it must start in milliseconds.

In: `IDENTITY SIGNAL PARENT PROGRAM ARGUMENT...`. IDENTITY is `same`, `account:UID:GID`, or `namespace:UID:GID` (a user
namespace in which root shows as that account). Out: PROGRAM in the same process. Invariants: the kernel sends SIGNAL
when PARENT's thread ends, however it ends; it is asked for last, because a change of account forgets it.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def become_account(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def become_namespaced(libc: ctypes.CDLL, uid: int, gid: int) -> None:
    outer_uid, outer_gid = os.getuid(), os.getgid()
    check(libc.unshare(CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def main(identity: str, death_signal: str, parent: str, program: str, *arguments: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    kind, _, ids = identity.partition(":")
    if kind != "same":
        uid, gid = map(int, ids.split(":"))
        if kind == "account":
            become_account(uid, gid)
        else:
            become_namespaced(libc, uid, gid)
    check(libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0), "prctl")
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(program, (program, *arguments))  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
