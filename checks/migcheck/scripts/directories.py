"""Directories, from the root of the repository or from where a script begins."""

from posixpath import join, normpath

_ONLY_RUNNING_TELLS = ("$", "`")
_ELSEWHERE = ("/", "~", "-")


def moved(directory: str | None, place: str | None) -> str | None:
    """Where `place` is, seen from `directory`; None where only running tells, or where it is none of the repository."""
    if directory is None or place is None or place.startswith(_ELSEWHERE):
        return None
    if any(each in place for each in _ONLY_RUNNING_TELLS):
        return None
    return normpath(join(directory, place))
