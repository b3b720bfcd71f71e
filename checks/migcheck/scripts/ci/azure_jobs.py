"""The jobs of a pipeline of Azure: in stages or not, who has to start them, and what follows them however they end.

Facts: learn.microsoft.com "YAML schema reference for Azure Pipelines": a stage without `dependsOn` waits for the one
before it, a job for none; `trigger` of a stage; `strategy` holds a deployment job's steps. "ManualValidation@1".
"Specify events that trigger pipelines": without `trigger` each push does; without `pr` the policy of a branch may.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.ci.azure_steps import is_deploying, spread, task_of, told_of
from migcheck.scripts.ci.by_hand import behind
from migcheck.scripts.yaml_nodes import items, member, members, nodes, text

if TYPE_CHECKING:
    from yaml import Node

_MOST_JOBS = 500
_LARGEST = 2 * 1024 * 1024
"""Characters of the steps of all jobs. No person writes more; aliases can."""
_OF_A_STEP = 100
_WHATEVER = frozenset({"always()", "succeededorfailed()", "or(succeeded(),failed())", "or(failed(),succeeded())"})
_BY_A_PERSON = "eq(variables['build.reason'],'manual')"
_STRATEGIES = ("runOnce", "rolling", "canary")
_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")
_ENDS = ("success", "failure")
_NONE = "none"
_MANUAL = "manual"
_VALIDATES = "manualvalidation"


class Job(Struct, frozen=True):
    """A job, or a template in its place: `node` is its own, `stage` that of its stage or of the whole pipeline.

    `waits`: a person has to start it. `late` is what makes another follow it however it ends.
    """

    name: str
    node: "Node"
    stage: "Node"
    steps: Sequence["Node"]
    waits: bool
    late: str


class _Piece(Struct, frozen=True):
    """A stage, with its jobs, or a job: what it waits for, and its steps."""

    name: str
    node: "Node"
    needs: tuple[str, ...]
    steps: tuple["Node", ...]
    jobs: tuple["_Piece", ...] = ()


def jobs_of(pipeline: "Node") -> Iterator[Job]:
    """The jobs of a pipeline, or of a template of stages, jobs or steps."""
    left = [_LARGEST]
    stages = list(_stages(pipeline, left))
    asking = [each.name for each in stages if _is_manual(each.node) or any(map(_validates, each.jobs))]
    waiting = behind(asking, {each.name: each.needs for each in stages})
    late = _late(stages)
    for stage in stages:
        waits = _is_manual(stage.node) or not waiting.isdisjoint(stage.needs)
        validated = behind(
            (each.name for each in stage.jobs if _validates(each)), {each.name: each.needs for each in stage.jobs}
        )
        followed = _late(stage.jobs)
        for job in stage.jobs:
            yield Job(
                "/".join(each for each in (stage.name, job.name) if each),
                job.node,
                stage.node,
                job.steps,
                waits or not validated.isdisjoint(job.needs) or any(map(is_by_a_person, (stage.node, job.node))),
                followed.get(job.name, "") or late.get(stage.name, ""),
            )


def is_started_by_hand(pipeline: "Node") -> bool:
    """Whether a person starts a pipeline, or the policy of a branch, and nothing that its file names."""
    others = (each for each in nodes(member(pipeline, "resources")))
    by_others = any(key == "trigger" and text(value) != _NONE for each in others for key, value in members(each))
    return not (
        # Where nothing is said of that, each push begins it, and no pull request.
        _begins(pipeline, "trigger", unsaid=True)
        or _begins(pipeline, "pr", unsaid=False)
        or member(pipeline, "schedules") is not None
        or by_others
    )


def _begins(pipeline: "Node", key: str, *, unsaid: bool) -> bool:
    said = member(pipeline, key)
    return unsaid if said is None else text(said) != _NONE


def condition(node: "Node | None") -> str:
    """The condition of a stage, a job or a step, in small letters and without blanks."""
    return "".join(text(member(node, "condition")).lower().split())


def is_regardless(node: "Node") -> bool:
    """Whether a stage, a job or a step is run whatever became of those before it."""
    return condition(node) in _WHATEVER


def is_by_a_person(node: "Node") -> bool:
    """Whether a stage, a job or a step is only run where a person started the pipeline."""
    told = condition(node)
    return _BY_A_PERSON in told and "or(" not in told and "not(" not in told


def _stages(pipeline: "Node", left: list[int]) -> Iterator[_Piece]:
    before: tuple[str, ...] = ()
    listed = list(islice(spread(member(pipeline, "stages")), _MOST_JOBS))
    for number, node in enumerate(listed or [pipeline], 1):
        jobs = tuple(_jobs(node, left))
        name = text(member(node, "stage")) or (f"stage{number}" if listed else "")
        yield _Piece(name, node, _needs(node, before), tuple(step for job in jobs for step in job.steps), jobs)
        before = (name,)


def _jobs(stage: "Node", left: list[int]) -> Iterator[_Piece]:
    listed = list(islice(spread(member(stage, "jobs")), _MOST_JOBS))
    for number, node in enumerate(listed or [stage], 1):
        steps = tuple(_within(_steps(node), left))
        name = text(member(node, "job")) or text(member(node, "deployment")) or (f"job{number}" if listed else "")
        yield _Piece(name, node, _needs(node, ()) if listed else (), steps)


def _within(steps: Iterator["Node"], left: list[int]) -> Iterator["Node"]:
    """Those of `steps` that may still be gone through."""
    for each in steps:
        told = told_of(each)
        left[0] -= _OF_A_STEP + (0 if told is None else len(told.text))
        if left[0] < 0:
            return
        yield each


def _steps(job: "Node") -> Iterator["Node"]:
    yield from spread(member(job, "steps"))
    for strategy in _STRATEGIES:
        found = member(job, "strategy", strategy)
        for hook in _HOOKS:
            yield from spread(member(found, hook, "steps"))
        for end in _ENDS:
            yield from spread(member(found, "on", end, "steps"))


def _needs(node: "Node", before: tuple[str, ...]) -> tuple[str, ...]:
    told = member(node, "dependsOn")
    return before if told is None else tuple(text(each) for each in items(told))


def _is_manual(stage: "Node") -> bool:
    return text(member(stage, "trigger")) == _MANUAL


def _validates(job: _Piece) -> bool:
    return any(task_of(each) == _VALIDATES for each in job.steps)


def _late(pieces: Sequence[_Piece]) -> Mapping[str, str]:
    """The pieces that another waits for which deploys whatever became of them, by name, with its condition."""
    return {
        need: f"condition: {text(member(each.node, 'condition'))}"
        for each in pieces
        if is_regardless(each.node) and any(map(is_deploying, each.steps))
        for need in each.needs
    }
