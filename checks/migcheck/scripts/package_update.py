"""Changes of a package.json that say nothing of how migrations are run, as most of them do."""

import json

from migcheck.scripts.packages import DEPENDENCIES, dependencies_of
from migcheck.sources.tool_calls import TOOLS

_ASIDE = ("version", *DEPENDENCIES)


def is_update(before: bytes, after: bytes) -> bool:
    """Whether but its version and its dependencies all is as it was, and none came or went that may migrate."""
    try:
        one, other = (json.loads(each) for each in (before, after))
    except (ValueError, RecursionError):
        return False
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    rest = ({key: value for key, value in each.items() if key not in _ASIDE} for each in (one, other))
    return next(rest) == next(rest) and _tools_in(before) == _tools_in(after)


def _tools_in(package: bytes) -> frozenset[str]:
    """The dependencies that are, or belong to, tools that migrate."""
    return frozenset(name for name in dependencies_of(package) if any(tool in name for tool in TOOLS))
