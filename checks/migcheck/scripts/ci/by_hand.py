"""What of a CI only a person starts, or nobody.

Facts: docs.github.com "Events that trigger workflows", "Reuse workflows" (ten levels at most; events are the
caller's); docs.gitlab.com "CI/CD YAML syntax reference", `when` and `rules` (a rule without `when` has the job's).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.file_names import GITHUBS
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, members, nodes, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_BY_HAND = "workflow_dispatch"
_CALLED = "workflow_call"
_HERE = tuple(f"./{each}/workflows/" for each in GITHUBS)
_OF_CALLS = (_CALLED.encode(), *(each.removeprefix(".").encode() for each in _HERE))
_IN_FULL = regex(rf"(?P<repository>[^@]*?)/(?P<path>(?:{'|'.join(map(re.escape, GITHUBS))})/workflows/[^@]*)")
_CHECKOUT = "/checkout"
"""In the name of an action that puts a repository into the job's directory, whoever made it."""
_NOBODY = ""
"""In place of the path of a workflow that a person starts."""
_MOST_CALLS = 10
"""Workflows that may call one another in a row."""
_NOT_UNASKED = frozenset({"manual", "never"})
_MOST_RULES = 100
_NO = ("", "false")
_WRAPPED = regex(r"\$\{\{(?P<condition>.*)\}\}", re.DOTALL)
# Of any other event the inputs are empty, but where a workflow that calls this one gives them.
_ASKS_FOR_A_PERSON = regex(
    r"(?:!?\w+\(\)&&)*(?:github\.event_name==[\"']workflow_dispatch[\"']"
    r"|(?P<inputs>(?:github\.event\.)?inputs)\.(?P<name>[\w-]+)(?:==(?:true|[\"'][^\"']+[\"']))?)(?:&&[^|]*)?",
    re.ASCII,
)


class Triggers(Struct, frozen=True):
    """What starts a workflow of GitHub: only a person (`by_hand`), or other workflows and perhaps one (`reusable`).

    `calls` are the workflows of the repository that its jobs call, by their paths, each with whether only where a
    person started it. `perhaps` are those that they call as `owner/repository/.github/workflows/name@ref`, without a
    person, which may be another repository's. `checks_out`: a step says which repository it checks out.
    """

    by_hand: bool
    reusable: bool
    calls: tuple[tuple[str, bool], ...]
    perhaps: tuple[str, ...]
    checks_out: bool


def triggers(workflow: "Node | None") -> Triggers:
    """What starts a workflow of GitHub, and what it starts."""
    events = _events(workflow)
    jobs = ((text(member(each, "uses")), each) for _, each in members(member(workflow, "jobs")))
    every = tuple((uses, is_by_hand(each) or is_off(each)) for uses, each in jobs)
    calls = tuple((uses.removeprefix("./"), by_hand) for uses, by_hand in every if uses.startswith(_HERE))
    reusable = _CALLED in events and events <= {_BY_HAND, _CALLED}
    checks_out = any(map(_checks_out, nodes(member(workflow, "jobs"))))
    return Triggers(events == {_BY_HAND}, reusable, calls, tuple(_called_in_full(every)), checks_out)


def _checks_out(step: "Node") -> bool:
    return _CHECKOUT in text(member(step, "uses")) and member(step, "with", "repository") is not None


def _called_in_full(uses: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """The paths of what is called with its repository and its revision, where no person has to start it."""
    for each, by_hand in uses:
        found = _IN_FULL.match(each)
        if found is not None and not by_hand and found["repository"] != ".":
            yield found["path"]


class Callers(Struct, frozen=True):
    """What a repository's workflows of GitHub say of each other: the paths of those that only a person starts.

    `given` are the inputs that those who call one give it, by its path; of one that others may call it says nothing.
    """

    by_hand: frozenset[str]
    given: Mapping[str, frozenset[str]]


def callers(workflows: Mapping[str, bytes]) -> Callers:
    """Who calls which of `workflows`, as far as they say it."""
    glanced = ((path, each) for path, each in workflows.items() if any(part in each for part in _OF_CALLS))
    documents = {path: _document(content) for path, content in glanced}
    every = {path: triggers(each) for path, each in documents.items()}
    given: dict[str, frozenset[str]] = {}
    for _, job in (each for document in documents.values() for each in members(member(document, "jobs"))):
        path = text(member(job, "uses")).removeprefix("./")
        given[path] = given.get(path, frozenset()) | {
            name for name, value in members(member(job, "with")) if text(value) not in _NO
        }
    perhaps = {path for each in every.values() for path in each.perhaps}
    return Callers(_by_hand(every), {path: each for path, each in given.items() if path not in perhaps})


def _by_hand(every: Mapping[str, Triggers]) -> frozenset[str]:
    """The paths of what only a person starts of `every` workflow that calls others or is called.

    A reusable one is among them where each that calls it does so only where a person started that. A repository does
    not know its own name: who names it in full proves of no one that a person starts it. Where none calls it here,
    another repository may, and then it checks out that one, unless it says which.
    """
    found = {path for path, each in every.items() if each.by_hand}
    calling: dict[str, set[str]] = {path: set() for path, each in every.items() if not each.checks_out}
    for path, each in every.items():
        for called, by_hand in each.calls:
            calling.setdefault(called, set()).update(() if by_hand else (path,))
        for called in each.perhaps:
            calling.setdefault(called, set()).add(_NOBODY)
    for _ in range(_MOST_CALLS):
        found |= {
            path for path, callers in calling.items() if path in every and every[path].reusable and callers <= found
        }
    return frozenset(found)


def _document(content: bytes) -> "Node | None":
    try:
        return read_yaml(content)
    except BadYamlError:
        return None


def is_by_hand(node: "Node | None", given: frozenset[str] | None = None) -> bool:
    """Whether a job or a step of GitHub is run only where a person started the workflow.

    `given` are the inputs that a caller may give it; None where that may be any, as it is of an action.
    """
    found = _ASKS_FOR_A_PERSON.fullmatch(condition(node))
    return found is not None and not (found["inputs"] == "inputs" and (given is None or found["name"] in given))


def inputs_given(workflow: "Node | None", by_callers: frozenset[str] | None) -> frozenset[str] | None:
    """The inputs that a workflow may have without a person: none, what its callers give, or what is there unasked.

    None where that may be any.
    """
    if _CALLED not in _events(workflow):
        return frozenset()
    unasked = members(member(workflow, "on", _CALLED, "inputs"))
    there = frozenset(name for name, each in unasked if text(member(each, "default")) not in _NO)
    return None if by_callers is None else by_callers | there


def _events(workflow: "Node | None") -> frozenset[str]:
    on = member(workflow, "on")
    return frozenset({*(name for name, _ in members(on)), *(text(each) for each in items(on))} - {""})


def is_off(node: "Node | None") -> bool:
    """Whether a job or a step of GitHub is never run: `if: false`."""
    return condition(node) == "false"


def needs_a_person(when: "Node | None", rules: Iterable["Node"]) -> bool:
    """Whether a job of GitLab with such `when` and `rules` waits for a person, whichever rule it meets."""
    return whens(when, rules) <= _NOT_UNASKED


def whens(when: "Node | None", rules: Iterable["Node"]) -> frozenset[str]:
    """When a job of GitLab with such `when` and `rules` may be run."""
    job = text(when)
    return frozenset([text(member(each, "when")) or job for each in islice(rules, _MOST_RULES)] or [job])


def condition(node: "Node | None") -> str:
    """The `if` of a job or a step, without blanks and without what it may be wrapped in."""
    told = text(member(node, "if")).strip()
    wrapped = _WRAPPED.fullmatch(told)
    return "".join((wrapped["condition"] if wrapped else told).split())
