"""What Bitbucket runs: the scripts of the steps of bitbucket-pipelines.yml.

Facts: support.atlassian.com "Bitbucket Pipelines configuration reference": a step waits for those before it; `custom`
pipelines and steps with `trigger: manual` for a person. "Why does Bitbucket Pipelines pass build steps despite previous
command failure": the lines of `script` are run by one bash under `set -e`. "After scripts now available for Bitbucket
Pipelines": what `after-script` comes to does not count. "Introducing step failure strategies in Bitbucket Pipelines".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.ci.deploys import deploys
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import Starts, is_database_image, starts_a_database
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.yaml_nodes import BadYamlError, first_members, items, lines_of, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OPTIONS = ShellOptions(errexit=True)
_LARGEST = 1024 * 1024
"""Characters of all scripts of a file, and what is gone through for them. No person writes more; aliases can."""
_OF_A_STEP = 20
_DEEPEST = 5
_BY_HAND = "custom"
_AFTER = "after-script"


class _Step(Struct, frozen=True):
    """A step of the pipeline `name`. `waits`: a person has to start it, or one before it."""

    name: str
    node: "Node"
    deployment: str
    waits: bool


def read_bitbucket(path: str, content: bytes, starts: Starts = starts_a_database) -> Iterator[Script]:
    """What each step of each pipeline runs. Nothing where the file cannot be read.

    Of steps that run the same lines in the same way, the first stands for all.
    """
    try:
        reader = _Reader(path, read_yaml(content), starts)
    except BadYamlError:
        return
    seen = set[tuple[object, ...]]()
    for each in reader.scripts():
        key = each.text, each.lines, each.goes_on, each.own_database
        reader.left -= len(each.text)
        if reader.left <= 0:
            return
        if key not in seen:
            seen.add(key)
            yield each


class _Reader:
    """What a file says. `left` is how much of it may still be gone through."""

    def __init__(self, path: str, document: "Node | None", starts: Starts) -> None:
        self.path, self.document, self.starts = path, document, starts
        self.left = _LARGEST

    def scripts(self) -> Iterator[Script]:
        """Those that no person has to start come first."""
        steps = [each for name, node, waits in self._pipelines() for each in self._steps(name, node, waits=waits)]
        for number, step in enumerate(sorted(steps, key=lambda each: each.waits), 1):
            lines, after = (list(items(member(step.node, key))) for key in ("script", _AFTER))
            ignored = text(member(step.node, "on-fail", "strategy")) == "ignore"
            late = any(deploys(text(each)) for each in after)
            goes_on = "on-fail: ignore" if ignored else _AFTER if late else ""
            yield from self._script(f"{step.name}/{number}", step, lines, goes_on)
            # What it comes to counts for nothing.
            yield from self._script(f"{step.name}/{_AFTER}/{number}", step, after, _AFTER)

    def _pipelines(self) -> Iterator[tuple[str, "Node", bool]]:
        """Each pipeline, with whether a person has to start it."""
        for kind, node in members(member(self.document, "pipelines")):
            if kind == "default":
                yield kind, node, False
            for name, each in members(node):
                yield kept_short(f"{kind}/{name}"), each, kind == _BY_HAND

    def _steps(
        self, name: str, listed: "Node | None", *, waits: bool, deployment: str = "", deep: int = 0
    ) -> Iterator[_Step]:
        """The steps of a pipeline, a stage or a parallel group, each behind those before it."""
        for each in items(listed) if deep < _DEEPEST else ():
            self.left -= _OF_A_STEP
            if self.left <= 0:
                return
            for kind, node in first_members(each):
                waits = waits or text(member(node, "trigger")) == "manual"
                to = text(member(node, "deployment")) or deployment
                if kind == "step":
                    yield _Step(name, node, to, waits)
                elif kind in ("parallel", "stage"):
                    inner = member(node, "steps") or node
                    found = list(self._steps(name, inner, waits=waits, deployment=to, deep=deep + 1))
                    yield from found
                    waits = waits or any(step.waits for step in found)

    def _script(self, name: str, step: _Step, said: list["Node"], goes_on: str) -> Iterator[Script]:
        if not said:
            return
        told = "\n".join(map(text, said))
        lines = tuple(each for node in said for each in lines_of(node))
        yield Script(
            path=self.path,
            name=name,
            line=lines[0],
            text=told,
            directory=".",
            options=_OPTIONS,
            started_by=None if step.waits else Starter.CI,
            goes_on=goes_on,
            own_database=is_own({}, told, served=self._served(step)),
            lines=lines,
            given=(step.deployment,),
        )

    def _served(self, step: _Step) -> bool:
        """Whether a Postgres of its own runs beside a step. A deploy may have one beside the database that lasts."""
        services = (text(each) for each in items(member(step.node, "services")))
        images = (member(self.document, "definitions", "services", each, "image") for each in services)
        served = any(is_database_image(text(each) or text(member(each, "name"))) for each in images)
        lines = (text(each) for each in items(member(step.node, "script")))
        return (served or any(map(self.starts, lines))) and not step.deployment
