"""Changes of a package.json that say nothing of how migrations are run, as most of them do."""

import json
from collections.abc import Mapping

from migcheck.sources.tool_calls import TOOLS

_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_ASIDE = ("version", *_DEPENDENCIES)


def is_update(before: bytes, after: bytes) -> bool:
    """Whether but its version and its dependencies all is as it was, and none came or went that may migrate."""
    try:
        one, other = (json.loads(each) for each in (before, after))
    except (ValueError, RecursionError):
        return False
    return isinstance(one, dict) and isinstance(other, dict) and _rest(one) == _rest(other)


def _rest(package: Mapping[str, object]) -> tuple[Mapping[str, object], frozenset[str]]:
    """What is of account: all else that it says, and the dependencies that are, or belong to, tools that migrate."""
    found = (each for key in _DEPENDENCIES if isinstance(each := package.get(key), dict))
    named = frozenset(name for each in found for name in each if any(tool in name for tool in TOOLS))
    return {key: value for key, value in package.items() if key not in _ASIDE}, named
