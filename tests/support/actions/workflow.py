"""A whole workflow of this repository: its jobs in order, each on a runner of its own."""

from collections.abc import Mapping
from dataclasses import replace

from tests.support.actions.expressions import holds, interpolated
from tests.support.actions.runner import ROOT, Done, Runner
from tests.support.actions.steps import Job, load_workflow

WORKFLOWS = ROOT / ".github" / "workflows"


def run_workflow(name: str, runner: Runner, services: Mapping[str, str] | None = None) -> dict[str, Done]:
    """Run the workflow of that name; how each job ended that ran. `runner` is what each one's runner looks like.

    `services` are where the addresses that its service containers have are answered here.
    """
    ended = dict[str, Done]()
    for job in load_workflow(WORKFLOWS / f"{name}.yml"):
        if all(each in ended and ended[each].ok for each in job.needs):
            _run(job, replace(runner, home=runner.home / job.id, services=services or {}), ended)
    return ended


def run_job(name: str, job: str, runner: Runner) -> Done:
    """Run one job again, as somebody who presses the button does."""
    ended = dict[str, Done]()
    (one,) = [each for each in load_workflow(WORKFLOWS / f"{name}.yml") if each.id == job]
    _run(one, replace(runner, home=runner.home / f"{job}-again"), ended)
    return ended[job]


def _run(job: Job, runner: Runner, ended: dict[str, Done]) -> None:
    contexts = {**runner.contexts(), "matrix": job.matrix}
    if not holds(job.condition, contexts):
        return
    runner.workspace.mkdir(parents=True)
    env = {name: interpolated(value, contexts) for name, value in job.env.items()}
    ended[job.id] = runner.run(job.steps, contexts, env)
