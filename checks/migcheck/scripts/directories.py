"""Where what a script says is run, from the root of the repository or from where the script begins."""

from collections.abc import Container
from posixpath import dirname, join, normpath

from migcheck.paths import upwards

_ONLY_RUNNING_TELLS = ("$", "`")
_ELSEWHERE = ("/", "~", "-")


def home(path: str, packages: Container[str]) -> str:
    """Where what the file at `path` says is run: the nearest directory that holds a package, from its own upwards.

    `docker/Dockerfile` is built from what it stands in. Where none holds one, it is the file's own.
    """
    own = dirname(path) or "."
    return next((each for each in upwards(own) if each in packages), own)


def moved(directory: str | None, place: str | None) -> str | None:
    """Where `place` is, seen from `directory`; None where only running tells, or where it is none of the repository."""
    if directory is None or place is None or place.startswith(_ELSEWHERE):
        return None
    if any(each in place for each in _ONLY_RUNNING_TELLS):
        return None
    return normpath(join(directory, place))
