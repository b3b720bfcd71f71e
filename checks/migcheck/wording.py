"""Words that rules and reports share."""

from collections.abc import Sequence

_SHOWN = 5


def counted(count: int, noun: str) -> str:
    """`1 migration`, `2 migrations`, `0 migrations`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first five names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
