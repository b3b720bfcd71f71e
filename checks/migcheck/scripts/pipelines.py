"""What Travis CI, Drone, Woodpecker and Buildkite run: the commands of the steps of their pipelines.

Facts: docs.travis-ci.com "Job Lifecycle" (what `after_success`, `after_deploy` and `after_script` come to does not
count); docs.drone.io "Pipeline" (`steps`, `services`, `failure: ignore`, several documents in a file; a promotion is a
person's); woodpecker-ci.org "Workflow syntax" (steps by name or as a list); buildkite.com "Command step", "Block step".
"""

from collections.abc import Callable, Iterator, Mapping
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import Starts, is_database_image, starts_a_database
from migcheck.scripts.own_database import is_own
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.yaml_merged import Merged
from migcheck.scripts.yaml_nodes import BadYamlError, elements, items, lines_of, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OPTIONS = ShellOptions(errexit=True)
_LARGEST = 1024 * 1024
"""Characters of all steps of a file. No person writes more; aliases can."""
_DEEPEST = 5
_MOST_DOCUMENTS = 20
_BEGINS = b"---"
_SECRET = "$secret"  # noqa: S105 - what stands for one
_BEFORE = ("before_install", "install", "before_script", "script")
_BEHIND = ("after_success", "after_deploy", "after_script")
_COMPOSE = "docker-compose"
_BY_HAND = frozenset({"promote", "rollback", "deployment", "manual"})


class _Step(Struct, frozen=True):
    """Commands that run together. `served`: a Postgres that goes with the job runs beside them.

    `waits`: a person has to start them. `lasts`: they are of a deploy.
    """

    name: str
    said: tuple["Node", ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    goes_on: str = ""
    waits: bool = False
    served: bool = False
    lasts: bool = False


def read_pipeline(path: str, content: bytes, starts: Starts = starts_a_database) -> Iterator[Script]:
    """What each step runs, whichever of the four the file at `path` is for. Nothing where it cannot be read."""
    steps = [step for document in _documents(content) for step in _reader(path)(document, Merged()) if step.said]
    if sum(len(text(each)) for step in steps for each in step.said) > _LARGEST:
        return
    begun = any(starts(text(each)) for step in steps for each in step.said)
    for number, step in enumerate(steps, 1):
        yield _script(path, number, step, begun=begun and not step.lasts)


def _script(path: str, number: int, step: _Step, *, begun: bool) -> Script:
    told = "\n".join(map(text, step.said))
    lines = tuple(each for said in step.said for each in lines_of(said))
    return Script(
        path=path,
        name=f"{kept_short(step.name)}/{number}",
        line=lines[0],
        text=told,
        directory=".",
        options=_OPTIONS,
        started_by=None if step.waits else Starter.CI,
        goes_on=step.goes_on,
        own_database=is_own(step.settings, told, served=step.served or begun),
        lines=lines,
    )


def _documents(content: bytes) -> "Iterator[Node | None]":
    """The documents of a file, each with the lines that it has there."""
    parts: list[list[bytes]] = [[]]
    for number, each in enumerate(content.split(b"\n")):
        if each.rstrip() == _BEGINS and len(parts) < _MOST_DOCUMENTS:
            parts.append([b""] * (number + 1))
        else:
            parts[-1].append(each)
    for part in parts:
        try:
            yield read_yaml(b"\n".join(part))
        except BadYamlError:
            continue


def _of_travis(document: "Node | None", yaml: Merged) -> Iterator[_Step]:
    jobs = (each for key in ("jobs", "matrix") for each in items(yaml.member(document, key, "include")))
    for number, job in enumerate((document, *jobs)):
        told = (text(each) for node in (job, document) for each in items(yaml.member(node, "services")))
        served = any(map(is_database_image, told))
        for phase in (*_BEFORE, *_BEHIND):
            said = tuple(items(yaml.member(job, phase)))
            goes_on = phase if phase in _BEHIND else ""
            before = phase in _BEFORE
            yield _Step(f"{phase}/{number}", said, goes_on=goes_on, served=served and before, lasts=not before)
        yield _Step(f"before_deploy/{number}", tuple(items(yaml.member(job, "before_deploy"))), lasts=True)
        deploy = yaml.member(job, "deploy")
        for each in elements(deploy) or ([deploy] if deploy is not None else []):
            yield _Step(f"deploy/{number}", tuple(items(yaml.member(each, "script"))), lasts=True)


def _of_containers(document: "Node | None", yaml: Merged) -> Iterator[_Step]:
    """Drone's and Woodpecker's."""
    services = _named(yaml.member(document, "services"), yaml)
    served = any(is_database_image(text(yaml.member(each, "image"))) for _, each in services)
    waits = _is_by_hand(yaml.member(document, "trigger"), yaml) or _is_by_hand(yaml.member(document, "when"), yaml)
    for key in ("steps", "pipeline"):
        for name, step in _named(yaml.member(document, key), yaml):
            ignored = text(yaml.member(step, "failure")) == "ignore"
            yield _Step(
                name,
                tuple(items(yaml.member(step, "commands"))),
                _settings(yaml, yaml.member(document, "environment"), yaml.member(step, "environment")),
                "failure: ignore" if ignored else "",
                waits or _is_by_hand(yaml.member(step, "when"), yaml),
                served,
            )


def _named(node: "Node | None", yaml: Merged) -> "list[tuple[str, Node]]":
    """What is told by name, or as a list of what has one."""
    return [*yaml.members(node), *((text(yaml.member(each, "name")), each) for each in elements(node))]


def _is_by_hand(condition: "Node | None", yaml: Merged) -> bool:
    """Whether each event that is waited for is a person's."""
    conditions = elements(condition) or ([condition] if condition is not None else [])
    events = [[text(one) for one in items(yaml.member(each, "event"))] for each in conditions]
    return bool(events) and all(each and _BY_HAND.issuperset(each) for each in events)


def _of_buildkite(document: "Node | None", yaml: Merged) -> Iterator[_Step]:
    given = yaml.member(document, "env")
    steps = yaml.member(document, "steps") or document
    yield from _of_group(yaml, steps, given, _DEEPEST, waits=False)


def _of_group(yaml: Merged, steps: "Node | None", given: "Node | None", deep: int, *, waits: bool) -> Iterator[_Step]:
    for each in elements(steps) if deep else ():
        keys = dict(yaml.members(each))
        if text(each) in ("block", "input", "manual") or not keys.keys().isdisjoint({"block", "input", "manual"}):
            waits = True
        if "steps" in keys:
            yield from _of_group(yaml, keys["steps"], given, deep - 1, waits=waits)
        said = tuple(one for key in ("command", "commands") for one in items(keys.get(key)))
        soft = text(keys.get("soft_fail")) == "true"
        yield _Step(
            text(keys.get("label")) or "step",
            said,
            _settings(yaml, given, keys.get("env")),
            "soft_fail" if soft else "",
            waits,
            any(_COMPOSE in name for name in _plugins(keys.get("plugins"))),
        )


def _plugins(node: "Node | None") -> Iterator[str]:
    for each in (node, *elements(node)):
        yield text(each)
        yield from (name for name, _ in members(each))


def _settings(yaml: Merged, *environments: "Node | None") -> dict[str, str]:
    """The variables that are told; what is no text comes from a secret."""
    return {name: text(value) or _SECRET for each in environments for name, value in yaml.members(each)}


_READERS: Mapping[str, Callable[["Node | None", Merged], Iterator[_Step]]] = {
    ".travis.yml": _of_travis,
    ".buildkite": _of_buildkite,
}


def _reader(path: str) -> "Callable[[Node | None, Merged], Iterator[_Step]]":
    return _READERS.get(basename(path)) or _READERS.get(dirname(path)) or _of_containers
