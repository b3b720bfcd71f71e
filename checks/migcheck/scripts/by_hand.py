"""What of a CI only a person starts, or nobody.

Facts: docs.github.com "Events that trigger workflows"; docs.gitlab.com "CI/CD YAML syntax reference", `when` and
`rules` (a rule without `when` has the job's).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.yaml_nodes import items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_BY_HAND = "workflow_dispatch"
_NOT_UNASKED = frozenset({"manual", "never"})
_MOST_RULES = 100
_WRAPPED = regex(r"\$\{\{(?P<condition>.*)\}\}", re.DOTALL)
_ASKS_FOR_A_PERSON = regex(r"github\.event_name==[\"']workflow_dispatch[\"'](?:&&[^|]*)?")


def is_started_by_hand(workflow: "Node | None") -> bool:
    """Whether a workflow of GitHub has no event but that a person starts it."""
    on = member(workflow, "on")
    events = [*(name for name, _ in members(on)), *(text(each) for each in items(on))]
    return {each for each in events if each} == {_BY_HAND}


def is_by_hand(node: "Node | None") -> bool:
    """Whether a job or a step of GitHub is run only where a person started the workflow."""
    return _ASKS_FOR_A_PERSON.fullmatch(condition(node)) is not None


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


def behind(begin: Iterable[str], needs: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Those of `begin`, and all that wait for one of them. `needs` are the names that each waits for."""
    waiting: dict[str, list[str]] = {}
    for name, others in needs.items():
        for each in others:
            waiting.setdefault(each, []).append(name)
    left, found = list(begin), set[str]()
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += waiting.get(each, ())
    return frozenset(found)


def condition(node: "Node | None") -> str:
    """The `if` of a job or a step, without blanks and without what it may be wrapped in."""
    told = text(member(node, "if")).strip()
    wrapped = _WRAPPED.fullmatch(told)
    return "".join((wrapped["condition"] if wrapped else told).split())
