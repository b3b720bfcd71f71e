"""What holds the server in: bubblewrap where it works, else as much as the machine allows."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

from msgspec import Struct

from migcheck.errors import UndecidableError

# The last tells glibc how large a page of memory can be.
READ_ONLY = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt/homebrew", "/sys/kernel/mm/transparent_hugepage")
FROM_ETC = ("passwd", "group", "nsswitch.conf", "ld.so.cache", "localtime", "alternatives")


class User(Struct, frozen=True):
    """Whom the server runs as."""

    name: str
    uid: int
    gid: int


class Confinement(Struct, frozen=True):
    """How to wrap a command. `words` go to the report; `stop` is the signal that ends the wrapped command.

    `files` tells whether the command sees only the files it needs, and replaced ones as asked. `user` is whom to start
    it as, where the prefix does not see to that.
    """

    prefix: tuple[str, ...]
    words: str
    stop: str
    files: bool = False
    user: User | None = None


def confine(
    user: User | None, readable: Sequence[Path], writable: Path, replaced: Mapping[Path, Path] | None = None
) -> Confinement:
    """Hold a command in: `readable` and `writable` are all it sees beside the system's own programs.

    `user` is whom to become, where the caller is root; None keeps the caller's own identity. `replaced` are files that
    the command sees with another file's content.
    """
    become = _become(user) if shutil.which("setpriv") else ()
    later = None if become else user
    if _bubblewrap_works():
        prefix = (*_bubblewrap(readable, writable, replaced or {}), *become)
        return Confinement(prefix, f"bubblewrap: no network, no files but its own{_as(user)}", "TERM", files=True)
    if not later and _unshare_works(user):
        words = f"no network; files not confined, bubblewrap is missing or forbidden{_as(user)}"
        return Confinement((*_unshare(user), *become), words, "QUIT")
    words = f"Unix socket only; not confined, bubblewrap is missing or forbidden{_as(user)}"
    return Confinement(become, words, "QUIT", user=later)


def server_user() -> User | None:
    """Whom to run as: PostgreSQL refuses root, so root becomes `postgres` or `nobody`; others stay who they are.

    Raises UndecidableError where there is nobody to become.
    """
    if os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - Unix only

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise UndecidableError("PostgreSQL does not run as root, and there is no user `nobody`", "run migcheck as a user")


class Identity(TypedDict):
    """How `subprocess` is told whom to start a command as."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def as_user(user: User | None) -> Identity:
    """Start it as `user`, or as who we are."""
    if user is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def _as(user: User | None) -> str:
    return f", as {user.name}" if user else ", as the caller"


def _become(user: User | None) -> tuple[str, ...]:
    if user is None:
        return ()
    identity = (f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups")
    return ("setpriv", *identity, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")


def _bubblewrap(readable: Sequence[Path], writable: Path, replaced: Mapping[Path, Path]) -> tuple[str, ...]:
    """Namespaces of its own, the system read-only; a directory below a closed home is reachable once it is bound."""
    namespaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() != 0:
        namespaces.append("--unshare-user")
    mounts: list[str] = ["--perms", "0755", "--dir", "/etc", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - a tmpfs of its own
    for directory in READ_ONLY:
        mounts += [*_parents(Path(directory)), "--ro-bind-try", directory, directory]
    for name in FROM_ETC:
        mounts += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for path in readable:
        mounts += [*_parents(path), "--ro-bind", str(path), str(path)]
    for path, replacement in replaced.items():
        mounts += ["--ro-bind", str(replacement), str(path)]
    mounts += [*_parents(writable), "--bind", str(writable), str(writable), "--chdir", str(writable)]
    return ("bwrap", "--die-with-parent", "--new-session", *namespaces, *mounts, "--")


def _parents(path: Path) -> Iterator[str]:
    """Empty directories that others may traverse: bubblewrap makes missing ones for its own user alone."""
    for parent in reversed(path.parents[:-1]):
        if not any(parent.is_relative_to(root) for root in READ_ONLY):
            yield from ("--perms", "0755", "--dir", str(parent))


@cache
def _bubblewrap_works() -> bool:
    """Whether it is there and the kernel lets it: many CI hosts forbid user namespaces."""
    if not shutil.which("bwrap") or (os.geteuid() == 0 and not shutil.which("setpriv")):
        return False
    return _runs([*_bubblewrap((), Path("/usr"), {}), "true"])


def _unshare(user: User | None) -> tuple[str, ...]:
    mapped = () if user else ("--user", "--map-current-user")
    return ("unshare", *mapped, "--net", "--ipc")


@cache
def _unshare_works(user: User | None) -> bool:
    return bool(shutil.which("unshare")) and _runs([*_unshare(user), "true"])


def _runs(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
