"""The jobs of a .gitlab-ci.yml and of what it includes, with what they take from templates and defaults.

Facts: docs.gitlab.com "CI/CD YAML syntax reference": `extends` (the last of several goes first, eleven levels at most),
`default`, hidden jobs, `!reference` (ten levels at most).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.ci.own_database import leads_to_own
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.yaml_nodes import elements, is_list, items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_NO_JOBS = frozenset({"default", "variables", "include", "workflow", "stages", "cache", "spec", "image", "services"})
_DEFAULTS = frozenset({"services", "before_script", "after_script"})
_REFERENCE = "!reference"
_MOST_REFERENCES = 1_000
_MOST_TEMPLATES = 20

Members = Mapping[str, "Node"]
Named = Mapping[str, Sequence["Node"]]
"""What the documents say, by its name: of two of one name, what counts first."""


class Templates:
    """The jobs that are `named`, with the templates that they extend. Each is gone through once."""

    def __init__(self, named: Named) -> None:
        """Nothing is read yet."""
        self.named = named
        self._read: dict[int, Members] = {}

    def layers(self, name: str) -> Iterator[Members]:
        """The members of a job and of its templates, the nearest first."""
        left, seen = list(self.named.get(name, ())), set[int]()
        while left and len(seen) < _MOST_TEMPLATES:
            each = left.pop(0)
            if id(each) not in seen:
                seen.add(id(each))
                found = self._read[id(each)] = self._read.get(id(each)) or dict(members(each))
                yield found
                names = [text(one) for one in items(found.get("extends"))]
                left[:0] = [node for one in reversed(names) for node in self.named.get(one, ())]


class Job(Struct, frozen=True, dict=True):
    """A job that is run. `layers` are its own members and those of its templates, the nearest first.

    `defaults` are what jobs have where they say nothing, `variables` the addresses of databases that all are
    given. `templates` are all there are.
    """

    name: str
    layers: tuple[Members, ...]
    defaults: tuple[Members, ...]
    variables: Mapping[str, str]
    templates: Templates

    def member(self, name: str) -> "Node | None":
        """What it says at `name`, or is given there; None where nothing is."""
        given = self.defaults if name in _DEFAULTS else ()
        return next((each[name] for each in (*self.layers, *given) if name in each), None)

    def items(self, name: str) -> Iterator["Node"]:
        """As `items`, of what it says at `name`, with what references stand for in their place."""
        left = [found] if (found := self.member(name)) is not None else []
        seen, references = set[int](), 0
        while left:
            each = left.pop()
            if each.tag == _REFERENCE:
                references += 1
                left += _referred(each, self.templates) if references < _MOST_REFERENCES else []
            elif not is_list(each):
                yield each
            elif id(each) not in seen:
                seen.add(id(each))
                left += elements(each)[::-1]

    @cached_property
    def address(self) -> bool | None:
        """Whether the databases that its variables name are its own; None where they name none."""
        found = dict(self.variables)
        for layer in reversed(self.layers):
            found |= _told(layer.get("variables"))
        return leads_to_own(found.values())


def _told(variables: "Node | None") -> dict[str, str]:
    """Those of `variables` that hold the address of a database."""
    return {
        name: text(value) or text(member(value, "value"))
        for name, value in members(variables)
        if names_a_database(name)
    }


def jobs_of(documents: Sequence["Node"]) -> Iterator[Job]:
    """Each job that is run: no template, and nothing without a script. Of the documents, what the first says counts."""
    named: dict[str, list[Node]] = {}
    for document in documents:
        for name, node in members(document):
            named.setdefault(name, []).append(node)
    templates = Templates(named)
    tops = {name: several[0] for name, several in named.items()}
    defaults = (*(dict(members(each)) for each in named.get("default", ())), tops)
    variables: dict[str, str] = {}
    for node in reversed(named.get("variables", ())):
        variables |= _told(node)
    for name in named:
        if name.startswith(".") or name in _NO_JOBS:
            continue
        job = Job(name, tuple(templates.layers(name)), defaults, variables, templates)
        if job.member("script") is not None:
            yield job


def _referred(reference: "Node", templates: Templates) -> list["Node"]:
    """What stands where `!reference [job, key, …]` leads to, with what the job has from its templates."""
    name, *keys = [text(each) for each in elements(reference)] or [""]
    if not keys:
        return list(templates.named.get(name, ()))[:1]
    found = next((layer[keys[0]] for layer in templates.layers(name) if keys[0] in layer), None)
    below = member(found, *keys[1:])
    return [] if below is None else [below]
