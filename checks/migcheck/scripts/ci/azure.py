"""What Azure Pipelines runs: the steps of a pipeline's jobs, and those of the templates that it takes in.

Facts: learn.microsoft.com "YAML schema reference for Azure Pipelines", and "Deployment jobs": they check out nothing
unasked. github.com/microsoft/azure-pipelines-agent issue 1803: bash is not told `-e`.
"""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.calls import ACTION
from migcheck.scripts.ci.azure_jobs import Job, condition, is_by_a_person, is_regardless, is_started_by_hand, jobs_of
from migcheck.scripts.ci.azure_steps import Told, is_deploying, told_of
from migcheck.scripts.ci.azure_templates import template_of
from migcheck.scripts.ci.azure_variables import SHELLOPTS, Variables
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import Starts, is_database_image, names_a_database, starts_a_database
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.powershell import in_step, is_powershell, step_options
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, lines_of, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_LARGEST = 1024 * 1024
"""Characters of all scripts of a file. No person writes more; aliases can."""
_TRUE = frozenset({"true", "yes", "y", "on"})
_FALSE = frozenset({"false", "no", "n", "off"})
_WITH_BASH = ("ubuntu", "macos")
_SOURCES = regex(
    r"\$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory|Build\.Repository\.LocalPath)\)"
    r"|\$\((?:Pipeline\.Workspace|Agent\.BuildDirectory)\)/s(?=[/\\]|$)",
    re.IGNORECASE,
)
_MOVES = regex(r"\b(?:cd|pushd)\b")
_OUTCOME = "agent.jobstatus"


def read_azure(
    path: str, content: bytes, starts: Starts = starts_a_database, *, is_template: bool = False
) -> Iterator[Script]:
    """What the jobs of the pipeline, or of the template, at `path` run. Nothing where the file cannot be read."""
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    if document is None:
        return
    begins = not (is_template or is_started_by_hand(document))
    for each in _taken_in(path, "extends", member(document, "extends")):
        yield replace(each, started_by=Starter.CI if begins else None)
    every = Variables().more(document)
    times, left = Counter[str](), _LARGEST
    for job in jobs_of(document):
        times[job.name] += 1
        name = kept_short(job.name)
        name = f"{name}-{times[job.name]}" if times[job.name] > 1 else name
        variables = every
        for node in (job.stage, job.node):
            variables = variables if node is document else variables.more(node)
        for each in _Reader(path, document, job, variables, name, starts, begins, is_template).scripts():
            left -= len(each.text)
            if left <= 0:
                return
            yield each


class _Reader(Struct, frozen=True, dict=True):
    """A job of a file, with what is known of its variables. `begins`: it is run without a person."""

    path: str
    document: "Node"
    job: Job
    variables: Variables
    name: str
    starts: Starts
    begins: bool
    is_template: bool

    def scripts(self) -> Iterator[Script]:
        """What the job runs, step by step, and the templates that it takes in."""
        if any(condition(each) == "false" for each in (self.job.stage, self.job.node)):
            return
        begins = self.begins and not self.job.waits
        for each in _taken_in(self.path, f"{self.name}/0", self.job.node):
            yield replace(each, started_by=Starter.CI if begins else None, goes_on=self.job.late)
        asked = any(_OUTCOME in condition(each) for each in self.job.steps)
        ends = [at for at, each in enumerate(self.job.steps) if is_regardless(each) and is_deploying(each)]
        late = max(ends, default=0)
        for at, step in enumerate(self.job.steps):
            if condition(step) == "false" or text(member(step, "enabled")).lower() in _FALSE:
                continue
            starter = Starter.CI if begins and not is_by_a_person(step) else None
            followed = f"condition: {text(member(self.job.steps[late], 'condition'))}" if at < late else self.job.late
            goes_on = ("" if asked else self._ignored(step)) or followed
            for each in _taken_in(self.path, f"{self.name}/{at + 1}", step):
                yield replace(each, started_by=starter, goes_on=goes_on, own_database=self._served)
            told = told_of(step)
            if told is not None and text(told.node):
                yield self._script(f"{self.name}/{at + 1}", step, told, starter, goes_on)

    def _ignored(self, step: "Node") -> str:
        said = (text(member(each, "continueOnError")).lower() for each in (step, self.job.node))
        return "continueOnError: true" if any(each in _TRUE for each in said) else ""

    def _script(self, name: str, step: "Node", told: Told, starter: Starter | None, goes_on: str) -> Script:
        directory = self._directory(told)
        # Where nothing moves, the path of the sources leads to where the step begins.
        still = directory == "." and not _MOVES.search(told.text)
        words = self.variables.filled(_SOURCES.sub(".", told.text) if still else told.text)
        written = words
        if is_powershell(told.shell):
            words = in_step(words)
            written = f"{words}\n{written}"
        own = ((key, self.variables.filled(text(value))) for key, value in members(member(step, "env")))
        given = {**self.variables.environment, **dict(own)}
        return Script(
            path=self.path,
            name=name,
            line=line(told.node),
            lines=lines_of(told.node) if "\n" in words else (),
            text=words,
            directory=directory,
            options=self._options(step, told),
            started_by=starter,
            goes_on=goes_on,
            own_database=is_own(given, written, served=self._served),
            given=(
                self._environment,
                *self.variables.groups,
                *(f"{key}={given[key]}" for key in sorted(given) if names_a_database(key)),
            ),
        )

    def _options(self, step: "Node", told: Told) -> ShellOptions:
        return (
            step_options(told.text) if is_powershell(told.shell) else ShellOptions(errexit=self._is_strict(step, told))
        )

    def _is_strict(self, step: "Node", told: Told) -> bool:
        """Whether a step ends where one of its commands fails, or nobody here knows that it does not.

        Other shells than bash have rules of their own.
        """
        by_bash = told.shell == "bash" or (told.shell == "script" and self._has_bash)
        inputs = {name.lower(): value for name, value in members(member(step, "inputs"))}
        stderr = member(step, "failOnStderr") or inputs.get("failonstderr") or inputs.get("failonstandarderror")
        strict = "errexit" in self.variables.environment.get(SHELLOPTS, "")
        return not by_bash or strict or text(stderr).lower() in _TRUE

    @cached_property
    def _has_bash(self) -> bool:
        """Whether the job is known to run on a machine where `script` is a script of bash."""
        pool = member(self.job.node, "pool") or member(self.job.stage, "pool") or member(self.document, "pool")
        image = self.variables.filled(text(member(pool, "vmImage"))).lower()
        return not self.is_template and (pool is None or image.startswith(_WITH_BASH))

    @cached_property
    def _environment(self) -> str:
        told = member(self.job.node, "environment")
        return self.variables.filled(text(told) or text(member(told, "name")))

    @cached_property
    def _served(self) -> bool:
        """Whether a Postgres of its own runs beside the job. A deploy may have one beside the database that lasts."""
        containers = {
            text(member(each, "container")): text(member(each, "image"))
            for each in items(member(self.document, "resources", "containers"))
        }
        services = (
            text(member(value, "image")) or containers.get(text(value), text(value))
            for _, value in members(member(self.job.node, "services"))
        )
        steps = (told.text for each in self.job.steps if (told := told_of(each)) is not None)
        served = any(map(is_database_image, services)) or any(map(self.starts, steps))
        return served and not self._environment

    def _directory(self, told: Told) -> str | None:
        """Where a step runs; None where only running tells: what another job left, or one of several repositories."""
        checkouts = [text(found) for each in self.job.steps if (found := member(each, "checkout")) is not None]
        unasked = member(self.job.node, "deployment") is None
        if "none" in checkouts or len(checkouts) > 1 or not (unasked or checkouts):
            return None
        place = self.variables.filled(_SOURCES.sub(".", told.directory)).replace("\\", "/")
        return None if "$" in place or place.startswith(("/", "~")) else normpath(place or ".")


def _taken_in(path: str, name: str, node: "Node | None") -> Iterator[Script]:
    """What calls the template that stands in the place of a pipeline, a stage, a job or a step."""
    told, found = member(node, "template"), template_of(path, node)
    if told is not None and found:
        words = f"{ACTION} {shlex.quote(f'./{found}')}"
        yield Script(path, name, line(told), words, ".")
