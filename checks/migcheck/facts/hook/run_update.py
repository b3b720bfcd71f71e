"""Changes of a workflow of GitHub's or of a Dockerfile that say nothing of how migrations are run, as most do not.

What changes runs nothing of the project's, and what is left is what it was, wherever it stands. The other files are not
looked at: what hangs on them, such as where a package lies, is the same before and after.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator

from msgspec.structs import replace

from migcheck.facts.hook.package_update import runs_nothing, speaks_of_tools
from migcheck.regex import regex
from migcheck.scripts.ci.by_hand import Triggers, triggers
from migcheck.scripts.ci.workflows import read_workflow
from migcheck.scripts.file_names import is_of_github
from migcheck.scripts.images.docker_lines import instructions
from migcheck.scripts.images.dockerfile import read_dockerfile
from migcheck.scripts.named_scripts import given_to_shells, named_in_texts
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, read_yaml

_FROM = regex(rb"(?P<name>FROM[ \t]+(?:--\S+[ \t]+)*[^\s@]+?)(?P<version>(?::[\w.-]+)?(?:@[\w:]+)?)(?!\S)", re.ASCII)
_STARTS = frozenset({"FROM", "WORKDIR", "COPY", "ADD", "SHELL", "RUN", "CMD", "ENTRYPOINT"})
"""The instructions of a Dockerfile that decide what is run."""


def is_run_update(path: str, before: bytes, after: bytes) -> bool:
    """Whether but for what runs nothing of the project's all is as it was in the Dockerfile or workflow at `path`."""
    if any(map(speaks_of_tools, changed_lines(before, after))):
        return False
    said = _steps if is_of_github(path) else _instructions
    try:
        return said(path, before) == said(path, after)
    except BadYamlError:
        return False


def names_that_changed(before: bytes, after: bytes) -> frozenset[str]:
    """What may be the name of a script without an ending, of which the two say something different."""
    named = named_in_texts([before]) ^ named_in_texts([after])
    return named | (given_to_shells([before]) ^ given_to_shells([after]))


def changed_lines(before: bytes, after: bytes) -> Iterator[str]:
    """The lines that only one of the two has."""
    one, other = (Counter(_lines(each)) for each in (before, after))
    return (each.decode("utf-8", "replace") for each in (*(one - other), *(other - one)))


def _lines(content: bytes) -> Iterator[bytes]:
    """The lines, the version of an image apart from its name: of `oven/bun` a newer one is no call of bun."""
    for each in content.split(b"\n"):
        found = _FROM.match(each)
        yield from (found["name"] + each[found.end() :], found["version"]) if found else (each,)


def _steps(path: str, content: bytes) -> tuple[Triggers, list[Script]]:
    """The steps of a workflow that may run something of the project's, each as it would be in any place of its job.

    With them comes what starts it, and other workflows. Raises BadYamlError.
    """
    document = read_yaml(content)
    steps = (each for each in read_workflow(path, content) if not runs_nothing(each))
    return triggers(document), [replace(each, name=each.name.rpartition("/")[0], line=0, lines=()) for each in steps]


def _instructions(path: str, content: bytes) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile that may decide what is run of the project's."""
    scripts = read_dockerfile(path, content, ())
    nothing = {each.name for each in scripts if each.name.startswith("RUN/") and runs_nothing(each)}
    found = [
        each
        for each in instructions(content.decode("utf-8", "replace").split("\n"))
        if each.name in _STARTS and f"{each.name}/{each.line}" not in nothing
    ]
    stages = {words[-1] for each in found if each.name == "FROM" and len(words := each.told.split()) > 1}
    return [(each.name, _base(each.told, stages) if each.name == "FROM" else each.written) for each in found]


def _base(told: str, stages: Container[str]) -> str:
    """`FROM told`, without the name of an image that comes from elsewhere: nothing is known of it."""
    image, *named = [each for each in told.split() if not each.startswith("--")] or [""]
    known = image in stages or image.isdecimal()
    return " ".join((image if known else "", *named))
