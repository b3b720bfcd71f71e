"""The jobs of a .circleci/config.yml as workflows run them, and their steps with what commands put in their place.

Facts: circleci.com "Configuration reference" and "Reusable configuration reference": `workflows`, `requires`,
`type: approval`, `pre-steps`, `commands`, `parameters`, `when` and `unless` steps; without workflows the job `build` is
run.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.ci.by_hand import behind
from migcheck.scripts.yaml_nodes import first_members, items, member, text

if TYPE_CHECKING:
    from yaml import Node

_DEEPEST = 10
_MOST, _MOST_REQUIRED = 1_000, 100
"""Jobs of all workflows, and those that one requires."""
_OF_A_STEP = 50
_OF_A_SETTING = 30
"""What a step, a variable and a parameter take of what may be gone through."""
_ONLY_JOB = "build"
_VALUE = regex(r"<<[ \t]*(?P<name>[a-z][\w.-]{0,200})[ \t]*>>", re.ASCII)
_PARAMETER = "parameters."
_PARAMETERS_OF_ALL = "pipeline.parameters."
_LARGEST = 64 * 1024
"""Characters that the values of parameters add to a text."""

Values = Mapping[str, str]


class Use(Struct, frozen=True):
    """A job as a workflow runs it, as `told`. `job` is None where an orb has it.

    `values` are those of its parameters, `contexts` name what gives it secrets. `waits`: a person has to approve, or to
    start it. `late` are the jobs that it runs after, however they end.
    """

    name: str
    job: "Node | None"
    values: Values
    told: "Node | None" = None
    contexts: tuple[str, ...] = ()
    waits: bool = False
    late: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """A step of a job, by its `key`: `run`, `checkout`, or any other that is no command of the file."""

    key: str
    node: "Node | None"
    values: Values


class Config:
    """What a config says. `left` is how much of it may still be gone through: commands can multiply without end.

    `continued`: another config goes on to it, and says what its parameters are.
    """

    def __init__(self, document: "Node | None", left: int, *, continued: bool) -> None:
        """Nothing is gone through yet."""
        self.document, self.left, self.continued = document, left, continued
        self.commands = dict(first_members(member(document, "commands")))
        self.preset: Values = {}
        self.preset = self._values(document, None, {})

    def uses(self) -> Iterator[Use]:
        """Each job of each workflow. Those that no person has to approve come first."""
        jobs = dict(first_members(member(self.document, "jobs")))
        workflows = [
            (name, node)
            for name, node in first_members(member(self.document, "workflows"))
            if member(node, "jobs") is not None
        ]
        if not workflows and _ONLY_JOB in jobs:
            yield Use(_ONLY_JOB, jobs[_ONLY_JOB], self._values(jobs[_ONLY_JOB], None, {}))
        found = (use for name, node in workflows for use in self._of_workflow(name, node, jobs))
        yield from sorted(islice(found, _MOST), key=lambda each: each.waits)

    def _of_workflow(self, workflow: str, node: "Node", jobs: Mapping[str, "Node"]) -> Iterator[Use]:
        used = list(self._used(member(node, "jobs")))
        names = [text(member(told, "name")) or job for job, told in used]
        needs = {name: [*self._required(told)] for name, (_, told) in zip(names, used, strict=True)}
        approvals = (
            name for name, (_, told) in zip(names, used, strict=True) if text(member(told, "type")) == "approval"
        )
        waiting = behind(approvals, needs)
        off, times = self._is_off(node), Counter(names)
        for number, (name, (job, told)) in enumerate(zip(names, used, strict=True), 1):
            yield Use(
                f"{workflow}/{name}" if times[name] == 1 else f"{workflow}/{name}-{number}",
                jobs.get(job),
                self._values(jobs.get(job), told, {}),
                told,
                tuple(text(each) for each in items(member(told, "context"))),
                off or name in waiting,
                tuple(f"{workflow}/{each}" for each in self._late(told)),
            )

    def _used(self, listed: "Node | None") -> Iterator[tuple[str, "Node | None"]]:
        for each in islice(items(listed), _MOST):
            yield from [(text(each), None)] if text(each) else first_members(each)

    def _required(self, told: "Node | None") -> Iterator[str]:
        for each in islice(items(member(told, "requires")), _MOST_REQUIRED):
            yield from (text(each),) if text(each) else (name for name, _ in first_members(each))

    def _late(self, told: "Node | None") -> Iterator[str]:
        """The jobs that one requires to have ended, and not to have succeeded."""
        for each in islice(items(member(told, "requires")), _MOST_REQUIRED):
            for name, value in first_members(each):
                statuses = {text(status) for status in items(value)}
                if "terminal" in statuses or statuses >= {"success", "failed"}:
                    yield name

    def _is_off(self, workflow: "Node") -> bool:
        """Whether a workflow waits for a parameter that is false unless a person says otherwise."""
        condition = text(member(workflow, "when"))
        return not self.continued and bool(condition) and self.filled(condition, {}) == "false"

    def _values(self, definition: "Node | None", told: "Node | None", around: Values) -> Values:
        """What the parameters of a job or a command stand for; those of the pipeline, where it is the document."""
        declared = member(definition, "parameters")
        found: dict[str, str] = {}
        for name, parameter in first_members(declared):
            self.left -= _OF_A_SETTING
            node = member(told, name) or member(parameter, "default")
            value = text(node)
            if self.left > 0 and value:
                found[name] = self.filled(value, around)
        return found

    def filled(self, told: str, values: Values) -> str:
        """`told`, with what the parameters in it stand for; a variable of the shell where only running tells."""
        left = _LARGEST

        def value(found: re.Match[str]) -> str:
            nonlocal left
            name = found["name"]
            every = self.preset if name.startswith(_PARAMETERS_OF_ALL) else values
            known = every.get(name.removeprefix(_PARAMETERS_OF_ALL).removeprefix(_PARAMETER))
            left -= len(known or "")
            self.left -= len(known or "") // 100
            return f"${re.sub(r'[^a-z]+', '_', name)}" if known is None or left < 0 else known

        return _VALUE.sub(value, told)

    def settings(self, node: "Node | None") -> Iterator[tuple[str, str]]:
        """The members of a mapping that are texts, as long as there is any left to go through."""
        for name, value in first_members(node):
            self.left -= _OF_A_SETTING
            if self.left > 0:
                yield name, text(value)

    def every_step(self, use: Use) -> Iterator[Step]:
        """The steps of a job, with those that its workflow puts before and behind them."""
        yield from self.steps(member(use.told, "pre-steps"), {})
        yield from self.steps(member(use.job, "steps"), use.values)
        yield from self.steps(member(use.told, "post-steps"), {})

    def steps(self, listed: "Node | None", values: Values, deep: int = 0) -> Iterator[Step]:
        """The steps of `listed`, with those of commands in the place of their names."""
        for each in items(listed) if deep < _DEEPEST else ():
            told = [(text(each), None)] if text(each) else [*first_members(each)]
            self.left -= _OF_A_STEP * max(len(told), 1)
            if self.left <= 0:
                return
            for key, value in told:
                yield from self._step(key, value, values, deep)

    def _step(self, key: str, told: "Node | None", values: Values, deep: int) -> Iterator[Step]:
        if key in ("when", "unless"):
            condition = self.filled(text(member(told, "condition")), values)
            if condition != ("false" if key == "when" else "true"):
                yield from self.steps(member(told, "steps"), values, deep + 1)
        elif key in self.commands:
            command = self.commands[key]
            inner = self._values(command, told, values)
            yield from self.steps(member(command, "steps"), inner, deep + 1)
        else:
            self.left -= len(text(told) or text(member(told, "command"))) // 10
            yield Step(key, told, values)
