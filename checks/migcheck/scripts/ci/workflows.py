"""What GitHub runs: the steps of workflows and of a repository's own actions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.at_hand import is_variable_of_tests
from migcheck.scripts.ci.by_hand import inputs_given, is_by_hand, is_off, triggers
from migcheck.scripts.ci.own_database import kept, leads_to_own, value_of
from migcheck.scripts.ci.regardless import last_regardless, not_waited_for
from migcheck.scripts.ci.workflow_steps import EXPRESSION, is_elsewhere, run_by, said_by, told_by
from migcheck.scripts.databases import (
    HOST,
    Starts,
    addresses_in,
    creates_a_database,
    is_database_image,
    is_local_url,
    makes_a_database,
    names_a_database,
    starts_a_database,
)
from migcheck.scripts.file_names import ENVIRONMENT
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, lines_of, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OF_DBMATE = regex(
    r"(?:npx\s+)?dbmate\s(?:[^\n;&|]*\s)?(?:--url|-u)[ =]+[\"']?(?P<value>\$\{\{[^{}\n]*\}\})[\"']?(?:\s[^\n;&|]*)?"
)
_OUTPUT = regex(r"steps\.[\w-]+\.outputs|needs\.[\w-]+\.outputs\.[\w-]+", re.ASCII)
_LASTING = "GITHUB_ENV"
# What stands before a value in the file may well be that of the service beside the job, as what is called a test's.
_SETTING = regex(r"\bvars\.(?P<name>\w+)\s*\}\}", re.ASCII | re.IGNORECASE)


class _Job(Struct, frozen=True):
    """Steps that run on one machine: a job of a workflow, or an action, whose `name` is empty and which nobody begins.

    `made` are the outputs that hold the address of a database which the run makes for itself. `given` are the inputs
    that a caller may give it; None where that may be any. `around` is the text that it stands in. `late` is the
    condition by which another job deploys whatever becomes of this one, if one does.
    """

    name: str
    node: "Node | None"
    given: frozenset[str] | None = None
    started_by: Starter | None = None
    made: frozenset[str] = frozenset()
    around: str = ""
    late: str = ""


def read_workflow(
    path: str,
    content: bytes,
    starts: Starts = starts_a_database,
    *,
    by_hand: bool = False,
    given: frozenset[str] | None = None,
) -> Iterator[Script]:
    """The steps of the workflow, or of the action, at `path`. Nothing where it cannot be read.

    `starts` tells of a step whether it starts a Postgres, as it does of every other CI. `by_hand`: only a person starts
    the workflow, as what calls it tells; `given` are the inputs that it gives, None where others may call it.
    """
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    jobs = list(members(member(document, "jobs")))
    by_hand, given = by_hand or triggers(document).by_hand, inputs_given(document, given)
    handed_on = frozenset(each for name, job in jobs for each in _outputs(name, job))
    around, late = content.decode("utf-8", "replace"), not_waited_for(jobs)
    for name, job in jobs:
        starter = None if by_hand or is_by_hand(job, given) else Starter.CI
        told = _Job(kept_short(name), job, given, starter, handed_on | _made(job), around, late.get(name, ""))
        yield from _steps(path, told, document, starts)
    action = member(document, "runs")
    yield from _steps(path, _Job("", action, made=_made(action), around=around), document, starts)


def told_by_action(content: bytes) -> Iterator[str]:
    """What each step of an action runs, a script or the name of another action. Nothing where it cannot be read."""
    try:
        steps = items(member(read_yaml(content), "runs", "steps"))
    except BadYamlError:
        return
    yield from (text(told) for each in steps for told in told_by(each))


def _steps(path: str, job: _Job, document: "Node | None", starts: Starts) -> Iterator[Script]:
    steps = list(items(member(job.node, "steps")))
    served = _is_served(job, document, starts)
    around = {**_made_here(steps, served=served), **_settings(document), **_settings(job.node)}
    environment = member(job.node, "environment")
    last, condition = last_regardless(steps)
    lasting: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        run = run_by(step)
        if run is None or is_off(step) or is_off(job.node):
            continue
        said = said_by(step, run, job.node, document)
        given = {**around, **lasting, **_settings(step), **_by_option(text(run))}
        elsewhere = is_elsewhere(step)
        yield Script(
            path=path,
            name=f"{job.name}/{number}",
            line=line(run),
            lines=() if "\n" not in said.words else lines_of(run),
            text=said.words,
            directory=_directory(step, job.node, document),
            options=said.options,
            started_by=None if is_by_hand(step, job.given) else job.started_by,
            goes_on=_goes_on(job, step, condition if number < last else job.late),
            own_database=not elsewhere and _is_own(given, said.told, job.made, served=served),
            given=(text(environment) or text(member(environment, "name")), *_addresses({} if elsewhere else given)),
            settings=() if elsewhere else tuple(_other_settings(given)),
            elsewhere=elsewhere,
        )
        if not elsewhere:
            lasting |= _addresses_in(said.told) if _LASTING in said.told or ENVIRONMENT in said.told else {}


def _is_served(job: _Job, document: "Node | None", starts: Starts) -> bool:
    """Whether a Postgres that goes with the job runs beside its steps."""
    services = (text(member(each, "image")) for _, each in members(member(job.node, "services")))
    steps = items(member(job.node, "steps"))
    told = ((text(told), _directory(each, job.node, document)) for each in steps for told in told_by(each))
    return any(map(is_database_image, services)) or any(starts(*each) for each in told)


def _made_here(steps: Iterable["Node"], *, served: bool) -> Mapping[str, str]:
    """Where a URL leads that names no host, unless something tells, in a job that has made a database of its own."""
    return {HOST: "localhost"} if served or any(creates_a_database(text(told_by(each)[0])) for each in steps) else {}


def _goes_on(job: _Job, step: "Node", after: str) -> str:
    """What makes others go on where `step` fails, `after` it at last; empty where what became of it is asked for."""
    name = text(member(step, "id"))
    if name and any(each in job.around for each in (f"steps.{name}.", f"steps['{name}']")):
        return ""
    said = (text(member(each, "continue-on-error")) for each in (step, job.node))
    return "continue-on-error: true" if "true" in said else after


def _directory(step: "Node", *around: "Node | None") -> str | None:
    defaults = (text(member(each, "defaults", "run", "working-directory")) for each in around)
    said = text(member(step, "working-directory")) or next(filter(None, defaults), ".")
    return None if "$" in said else said.removeprefix("./").rstrip("/") or "."


def _settings(node: "Node | None") -> dict[str, str]:
    return {name: text(value) for name, value in members(member(node, "env"))}


def _addresses(settings: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(settings.items()) if names_a_database(name)]


def _other_settings(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Those that hold no address, which may decide what the step runs."""
    for name, value in settings.items():
        if not names_a_database(name):
            yield name, EXPRESSION.sub("$EXPRESSION", value)


def _by_option(told: str) -> dict[str, str]:
    """The address of a step that is one command of dbmate, where an option gives it in place of the variable."""
    found = _OF_DBMATE.fullmatch(told.strip())
    return {"DATABASE_URL": found["value"]} if found else {}


def _addresses_in(told: str) -> dict[str, str]:
    """What the text of a step writes, an expression as one word."""
    return addresses_in(EXPRESSION.sub(lambda found: "".join(found[0].split()), told))


def _made(job: "Node | None") -> frozenset[str]:
    """The outputs of the steps that make a database."""
    steps = items(member(job, "steps"))
    makers = (text(member(each, "id")) for each in steps if makes_a_database(text(member(each, "uses"))))
    return frozenset(f"steps.{each}.outputs" for each in makers if each)


def _outputs(name: str, job: "Node | None") -> Iterator[str]:
    """The outputs of the job `name` that hand on what a step of it made."""
    made = _made(job)
    for output, value in members(member(job, "outputs")):
        if made.intersection(_OUTPUT.findall(text(value))):
            yield f"needs.{name}.outputs.{output}"


def _is_own(settings: Mapping[str, str], told: str, made: frozenset[str], *, served: bool) -> bool:
    """Whether the database of a step goes with its job: a service container's, one on the runner itself, or `made`."""
    written = {name: value_of(settings, value) for name, value in _addresses_in(told).items()}
    urls = [value_of(settings, value) for name, value in settings.items() if names_a_database(name)]
    if any(_lasts(each, served=served) for each in (*urls, *written.values())):
        return False
    if any(made.intersection(_OUTPUT.findall(each)) for each in (*urls, *written.values())):
        return True
    urls += kept(written, told).values()
    # Unlike elsewhere, a variable that nothing here sets hides no secret: that is an expression.
    found = leads_to_own(each for each in urls if "$" not in each)
    return served or any(map(is_local_url, urls)) if found is None else found


def _lasts(url: str, *, served: bool) -> bool:
    """Whether an address comes from the settings of the repository, where it is that of a database that lasts."""
    if is_local_url(url):
        # Its password alone is a secret: of the service's, or of what a tunnel or a proxy leads to.
        return "secrets." in url and not served
    settings = (each["name"] for each in _SETTING.finditer(url))
    return "secrets." in url or not all(map(is_variable_of_tests, settings))
