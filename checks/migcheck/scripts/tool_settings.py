"""Variables of an environment that tell a tool what to take or to leave, whatever stands between that and the tool."""

from collections.abc import Iterable, Mapping

from migcheck.regex import regex
from migcheck.scripts.compose_settings import SETTINGS
from migcheck.scripts.install_settings import tells_of_scripts

_COME_TO_TOOLS = regex(r"compose|make|task|just|npm|npx|yarn|bun|\.(?:ba)?sh\b")


def may_come_to_tools(text: str) -> bool:
    """Whether the script `text` may come to a tool, or to another script."""
    return _COME_TO_TOOLS.search(text) is not None


def tells(name: str) -> bool:
    """Whether the variable tells of Compose's files, or of the scripts of an install."""
    return name in SETTINGS or tells_of_scripts(name)


def settings_among(settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those of `settings` that tell a tool something."""
    return tuple(sorted((name, value) for name, value in settings.items() if tells(name)))


def concerns(text: str, one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> bool:
    """Whether it matters to the script `text` that it is given the one settings and not the other.

    What tells a tool something is of interest to what may come to one alone.
    """
    differing = {name for name, _ in {*one} ^ {*other}}
    return not all(map(tells, differing)) or (bool(differing) and may_come_to_tools(text))
