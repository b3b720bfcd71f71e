"""What CircleCI, Azure Pipelines and Bitbucket are plainly told to run: the scripts that stand in a pipeline's file.

Of what is around them only a sign is looked for, anywhere in the file, and counts for all of it: a sign that a person
starts something, or that a database goes with a job. So a finding may be a warning that would have been an error.
Facts: circleci.com "Configuration reference" (`run`, `command`, `<< parameters.x >>`; a job's `working_directory`, into
which it checks out); learn.microsoft.com "YAML schema reference for Azure Pipelines" (`script`, `bash`, `pwsh`,
`$(x)`), "Npm@1" (`customCommand`), "Bash@3" (`filePath`); support.atlassian.com "Bitbucket Pipelines configuration
reference" (`script`, `after-script`).
"""

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import Starts, is_database_image, is_local_address, names_a_database, starts_a_database
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.yaml_nodes import BadYamlError, items, lines_of, member, members, nodes, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_FILES = ("filePath", "scriptPath")
_NPM = "customCommand"
_POWERSHELLS = ("pwsh", "powershell")
_RUN = ("run", "command", "script", "after-script", "bash", "inlineScript", _NPM, *_POWERSHELLS, *_FILES)
_PLACES = ("working_directory", "workingDirectory")
_BY_A_PERSON = regex(
    rb"approval|manual|custom:|trigger:\s*none|build\.reason|^parameters:|pipeline\.parameters"
    rb"|(?:enabled|condition|default):\s*[\"']?false",
    re.IGNORECASE | re.MULTILINE,
)
_CHECKED_OUT = regex(r"(?:~|/root|/home/circleci)?/[\w.-]+/?")
"""A job's directory in which `checkout` has put the repository, whatever it is called: it has nothing above it."""
_SOURCES = regex(r"\$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory)\)", re.IGNORECASE)
_PUT_IN = regex(r"\$\{\{[^{}\n]*\}\}|<<[ \t]*[\w.-]+[ \t]*>>|\$\([\w.]+\)", re.ASCII)
_BESIDE_WORDS = regex(r"\W+")
_IMAGES = ("image", "default")
"""What says an image: a container, or a parameter."""
_ONLY_RUNNING_TELLS = ("/", "~", "$")
_OPTIONS = ShellOptions(errexit=True, pipefail=True)
"""With which a script goes on only where it says so itself: what each shell is told otherwise is not looked at."""
_LARGEST = 1024 * 1024
"""Characters of all scripts of a file. No person writes more; aliases can."""


class _Said(Struct, frozen=True):
    """A script: its lines as the file has them, the mapping that it stands in, and by which key."""

    key: str
    lines: tuple["Node", ...]
    around: "Node"

    @property
    def text(self) -> str:
        """All of it, with a variable of the shell for what the system puts in."""
        told = _PUT_IN.sub("$VALUE", "\n".join(map(text, self.lines)))
        return f"npm {told}" if self.key == _NPM else told

    @property
    def numbers(self) -> tuple[int, ...]:
        """The line of the file of each of its lines."""
        return tuple(number for each in self.lines for number in lines_of(each))


def read_pipelines(
    path: str, content: bytes, starts: Starts = starts_a_database, *, begins: bool = True
) -> Iterator[Script]:
    """The scripts of the file at `path`, in their order. Nothing where it cannot be read.

    `begins`: CI starts it, where no sign says otherwise; a template is begun by who takes it in.
    """
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    said = sorted(_said(document), key=lambda each: each.lines[0].start_mark.index)
    starter = Starter.CI if begins and not _BY_A_PERSON.search(content) else None
    values = _values(document)
    served = _is_served(values) or any(starts(each.text) for each in said)
    top = None if any(map(_is_moved, nodes(document))) else "."
    left = _LARGEST
    for number, each in enumerate(said, 1):
        left -= len(each.text)
        if left < 0:
            return
        name = f"pipeline/{number}"
        yield Script(
            path,
            name,
            each.numbers[0],
            each.text,
            _directory(each.around, top),
            replace(_OPTIONS, powershell=each.key in _POWERSHELLS),
            starter,
            own_database=is_own(_environment(each.around, values), each.text, served=served),
            lines=each.numbers,
            # Two that are given the same go to one database: of these nobody knows.
            given=(name,),
        )


def _run(document: "Node | None") -> Iterator["Node"]:
    """What may be run of a file: no job that no workflow of CircleCI names, and no definition of Bitbucket alone."""
    workflows = member(document, "workflows")
    naming = nodes(workflows, member(document, "job-groups"))
    named = {name for each in naming for name in (text(each), *(key for key, _ in members(each)))}
    for key, value in members(document):
        if key == "jobs" and workflows is not None:
            yield from (job for name, job in members(value) if name in named)
        elif key != "definitions":
            yield value


def _said(document: "Node | None") -> Iterator[_Said]:
    for node in nodes(*_run(document)):
        for key, value in members(node):
            lines = tuple(each for each in items(value) if text(each)) if key in _RUN else ()
            if lines:
                yield _Said(key, lines, node)


def _values(document: "Node | None") -> Mapping[str, str]:
    """What the file says that something is, by its name; of several a Postgres that goes with a job goes first."""
    found = list[tuple[str, str]]()
    for node in nodes(document):
        for key, value in (*members(node), (text(member(node, "name")), member(node, "value"))):
            told = text(value) or text(member(value, "name")) or text(member(value, "default"))
            found += [(key, told)] if told else []
    return dict(sorted(found, key=lambda each: is_local_address(each[1]) or is_database_image(each[1])))


def _is_served(values: Mapping[str, str]) -> bool:
    """Whether anything in the file is a Postgres that goes with a job, or leads to one."""
    return any(
        (key in _IMAGES and is_database_image(told)) or (names_a_database(key) and is_local_address(told))
        for key, told in values.items()
    )


def _environment(step: "Node", values: Mapping[str, str]) -> dict[str, str]:
    """What a step is given; what the system puts in for a variable is what the file says of it, if anything."""
    told = ((name, text(value)) for key in ("env", "environment") for name, value in members(member(step, key)))
    return {
        name: values.get(_BESIDE_WORDS.split(value)[-2], value) if _PUT_IN.fullmatch(value) else value
        for name, value in told
    }


def _is_moved(job: "Node") -> bool:
    """Whether the steps of a job may run elsewhere than where the repository is."""
    place = "" if any(key in _RUN for key, _ in members(job)) else text(member(job, "working_directory"))
    return bool(place and not _CHECKED_OUT.fullmatch(place)) or member(job, "checkout", "path") is not None


def _directory(step: "Node", top: str | None) -> str | None:
    """Where a step is run, seen from the repository's top; `top` where it does not say, None: not plainly."""
    place = next((told for each in _PLACES if (told := text(member(step, each)))), "")
    plain = _SOURCES.sub(".", place)
    if plain.startswith(_ONLY_RUNNING_TELLS) or "$" in plain:
        return None
    return normpath(plain) if plain else top
