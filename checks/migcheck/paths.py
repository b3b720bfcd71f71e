"""Paths from the root of a repository, which is `.` or empty."""

from collections.abc import Iterator
from posixpath import dirname


def upwards(place: str) -> Iterator[str]:
    """`place` and the directories around it, up to the root, `.`; none where it lies outside of the repository."""
    place = place or "."
    while not place.startswith(("/", "..")):
        yield place
        if place == ".":
            return
        place = dirname(place) or "."


def lies_in(path: str, directory: str) -> bool:
    """Whether `path` is `directory` or lies in it."""
    return path == directory or lies_below(path, directory)


def lies_below(path: str, directory: str) -> bool:
    """Whether `path` lies in `directory`, and is not that itself."""
    return directory in ("", ".") or path.startswith(f"{directory}/")
