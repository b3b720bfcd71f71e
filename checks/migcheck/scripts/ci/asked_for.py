"""What the steps of a job on GitHub ask for of those before them: an outcome, an output, a variable for the rest of it.

Facts: docs.github.com "Workflow commands" (GITHUB_OUTPUT is read as `steps.ID.outputs.NAME`, GITHUB_ENV as a variable
and as `env.NAME`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.ci.deploys import deploys
from migcheck.scripts.shell.outcomes import handed_on
from migcheck.scripts.yaml_nodes import member, members, text

if TYPE_CHECKING:
    from yaml import Node

_OUTCOME = regex(r"\bsteps\.[\w-]+\.outcome\b", re.ASCII)
_HANDED_ON = regex(r"\bsteps\.[\w-]+\.outputs\.[\w-]+|\benv\.\w+|\$\{?[a-zA-Z_]\w*", re.ASCII)
# What is piped or written elsewhere may be asked for there; a call may be a deploy, as `$DEPLOY_HOOK` is.
_ONLY_TELLS = regex(
    r"(?:(?<![^\n;&|{])|\b(?:then|do|else)\b)[ \t]*"
    r"(?:echo|printf|curl(?![^\n;|]{0,1000}(?:/deploy|deploy_?hook))|gh (?:issue|pr))\b"
    r"[^\n;&|>]*+(?:>&2[ \t]*)?(?=[\n;&}]|\|\||\Z)",
    re.IGNORECASE,
)
_NOTIFIES = regex(r"slack|discord|telegram|teams|notif|mail|comment", re.IGNORECASE)
# Of a script in JavaScript (actions/github-script): what people read, and what anything else goes by.
_COMMENTS = regex(r"comment\(|\bconsole\.\w|\bcore\.(?:debug|error|info|notice|summary|warning)\b", re.IGNORECASE)
_DECIDES = regex(
    r"process\.exit|\bthrow\b|\.(?:setFailed|setOutput|exportVariable|\w{0,40}(?:dispatch|deploy|merge|cancel)\w{0,40})\(",
    re.IGNORECASE,
)
_IN_BRACKETS = regex(r"""(?<=[\w\]])\[\s*(["'])([\w-]+)\1\s*\]""", re.ASCII)
_CONTINUED = "\\\n"
_NOTHING = " \t\n;&|{}"


class Asked(dict[str, int]):
    """The number of the last step that asks for each outcome, output and variable."""

    def for_outcome(self, step: str, number: int) -> bool:
        """Whether one behind step `number`, whose id is `step`, asks for its outcome."""
        return self.get(f"steps.{step}.outcome", 0) > number

    def for_names(self, step: str, told: str, number: int) -> frozenset[str]:
        """The names of what `told`, the text of that step, hands on and one behind it asks for."""
        ways = {"OUTPUT": ("steps.{}.outputs.{}",), "ENV": ("env.{1}", "${1}")}
        forms = [each for file, of in ways.items() if f"GITHUB_{file}" in told for each in of]
        return frozenset(
            name for name in handed_on(told) if any(self.get(each.format(step, name), 0) > number for each in forms)
        )


def asked_for(steps: Sequence["Node"], job: "Node | None") -> Asked:
    """What the `steps` of `job` ask for; the job itself, whose outputs others ask for, comes last."""
    outputs = [text(value) for _, value in members(member(job, "outputs"))]
    outcomes = (_found(_OUTCOME, number, _told_by(step)) for number, step in enumerate(steps, 1))
    others = (_found(_HANDED_ON, number, _looks_of(step)) for number, step in enumerate(steps, 1))
    last = (_found(each, len(steps) + 1, outputs) for each in (_OUTCOME, _HANDED_ON))
    asked = Asked()
    for each in (*outcomes, *others, *last):
        asked |= each
    return asked


def _found(pattern: re.Pattern[str], number: int, texts: Iterable[str]) -> Mapping[str, int]:
    # `steps['m'].outputs['ok']` is `steps.m.outputs.ok`.
    dotted = (_IN_BRACKETS.sub(r".\2", each) for each in texts)
    return {found[0].replace("{", ""): number for each in dotted for found in pattern.finditer(each)}


def _told_by(step: "Node") -> Iterator[str]:
    yield from (text(member(step, "if")), text(member(step, "run")))
    yield from (text(value) for _, value in members(member(step, "env")))
    yield from _given(step)


def _given(step: "Node") -> Iterator[str]:
    """What the action of a step is given, where it does more than tell of it."""
    action = text(member(step, "uses"))
    for name, value in () if _NOTIFIES.search(action) else members(member(step, "with")):
        said = text(value)
        if name != "script" or not _COMMENTS.search(said) or _DECIDES.search(said):
            yield said


def _looks_of(step: "Node") -> Iterator[str]:
    """Where a step may ask for what another handed on: not where all that it does is to tell of it."""
    run, action = text(member(step, "run")), text(member(step, "uses"))
    run = _ONLY_TELLS.sub("", run.replace(_CONTINUED, " "))
    if _NOTIFIES.search(action) or not (action or run.strip(_NOTHING)):
        return
    yield from (run, text(member(step, "if")), *_given(step))
    # A script may read any variable, what is known to deploy reads none of these.
    yield from (text(value) for name, value in members(member(step, "env")) if name in run or not deploys(run))
