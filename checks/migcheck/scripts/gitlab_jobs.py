"""The jobs of a .gitlab-ci.yml, with what they take from templates and defaults.

Facts: docs.gitlab.com "CI/CD YAML syntax reference": `extends` (the last of several goes first, eleven levels at most),
`default`, hidden jobs; YAML's merge key `<<`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.databases import is_local_url, names_a_database
from migcheck.scripts.yaml_nodes import items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_MOST_TEMPLATES = 20
_NO_JOBS = frozenset({"default", "variables", "include", "workflow", "stages", "cache", "spec", "image", "services"})
_DEFAULTS = frozenset({"services", "before_script", "after_script"})
_MERGED = "<<"

Members = Mapping[str, "Node"]


class Job(Struct, frozen=True, dict=True):
    """A job that is run. `layers` are its own members and those of its templates, the nearest first.

    `defaults` are what jobs have where they say nothing, `variables` the addresses of databases that all are given.
    """

    name: str
    layers: tuple[Members, ...]
    defaults: tuple[Members, ...]
    variables: Mapping[str, str]

    def member(self, name: str) -> "Node | None":
        """What it says at `name`, or is given there; None where nothing is."""
        given = self.defaults if name in _DEFAULTS else ()
        return next((each[name] for each in (*self.layers, *given) if name in each), None)

    @cached_property
    def address(self) -> bool | None:
        """Whether the databases that its variables name are its own; None where they name none."""
        urls = dict(self.variables)
        for layer in reversed(self.layers):
            urls |= addresses(layer.get("variables"))
        return any(map(is_local_url, urls.values())) if urls else None


def addresses(variables: "Node | None") -> dict[str, str]:
    """Those of `variables` that hold the address of a database."""
    return {
        name: text(value) or text(member(value, "value"))
        for name, value in members(variables)
        if names_a_database(name)
    }


def jobs_of(document: "Node | None") -> Iterator[Job]:
    """Each job that is run: no template, and nothing without a script."""
    named = dict(members(document))
    read: dict[int, Members] = {}
    defaults = (dict(members(named.get("default"))), named)
    variables = addresses(named.get("variables"))
    for name, node in named.items():
        if name.startswith(".") or name in _NO_JOBS:
            continue
        job = Job(name, tuple(_layers(node, named, read)), defaults, variables)
        if job.member("script") is not None:
            yield job


def _layers(node: "Node", named: Members, read: dict[int, Members]) -> Iterator[Members]:
    left, seen = [node], set[int]()
    while left and len(seen) < _MOST_TEMPLATES:
        each = left.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        if id(each) not in read:
            read[id(each)] = dict(members(each))
        found = read[id(each)]
        yield found
        left[:0] = [*_merged(found), *_templates(found, named)]


def _merged(found: Members) -> Iterator["Node"]:
    if _MERGED in found:
        several = list(items(found[_MERGED]))
        yield from several or [found[_MERGED]]


def _templates(found: Members, named: Members) -> Iterator["Node"]:
    names = [text(each) for each in items(found.get("extends"))]
    return (named[each] for each in reversed(names) if each in named)
