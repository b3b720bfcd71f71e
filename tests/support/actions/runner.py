"""A runner with one job on it: each step of a real action or workflow file, executed as GitHub would.

    runner = Runner(tmp_path / "runner", origin, event)
    done = runner.use(ACTION, {"offline": "true"})        # the composite action, after a checkout
    done.ok, done.outputs["verdict"], done.log, done.summary

Facts: docs.github.com "Store information in variables", "Workflow syntax" (`shell`), "Metadata syntax". Actions of
others are stood in for by what they leave behind.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.actions.checkout import check_out
from tests.support.actions.events import Event
from tests.support.actions.expressions import holds, interpolated
from tests.support.actions.steps import Action, Step, load_action
from tests.support.repositories import GitRepository

ROOT = Path(__file__).parents[3]
ACTION = load_action(ROOT)
_SHELLS = {"": ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}
Outputs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """How steps ended: the log of all, the summary of all, and the outputs by step (of an action: its own)."""

    ok: bool = True
    log: str = ""
    summary: str = ""
    steps: Mapping[str, Outputs] = field(default_factory=dict)
    outputs: Outputs = field(default_factory=dict)


@dataclass
class Runner:
    """A machine that GitHub gives a job. `prepared` are steps that have run before, by id, with their outputs.

    `tools` are variables of the machine itself; `artifacts` outlive it. `services` are addresses of service containers,
    and where those are answered here.
    """

    home: Path
    origin: GitRepository
    event: Event
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    prepared: Mapping[str, Outputs] = field(default_factory=dict)
    artifacts: Path | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    _count: int = 0

    @property
    def workspace(self) -> Path:
        return self.home / "work"

    @property
    def temp(self) -> Path:
        return self.home / "temp"

    def check_out(self, depth: int = 0) -> GitRepository:
        """What actions/checkout leaves, as a step before others."""
        return check_out(self.origin, self.event, self.workspace, {"fetch-depth": str(depth)})

    def use(self, action: Action, given: Mapping[str, str], env: Mapping[str, str] | None = None) -> Done:
        """Run a composite action with the inputs `given`."""
        assert set(given) <= set(action.inputs), f"inputs that it does not have: {set(given) - set(action.inputs)}"
        contexts = {**self.contexts(), "inputs": {**action.inputs, **given}}
        done = self.run(action.steps, contexts, {**(env or {}), "GITHUB_ACTION_PATH": str(action.home)})
        outputs = {
            name: interpolated(value, {**contexts, "steps": _as_context(done.steps)})
            for name, value in action.outputs.items()
        }
        return Done(done.ok, done.log, done.summary, done.steps, outputs)

    def contexts(self) -> dict[str, object]:
        """What expressions may name. A job that is not trusted has no secrets."""
        return {
            "github": {"event_name": self.event.name, "ref": self.event.ref, "sha": self.event.sha},
            "secrets": self.secrets if self.event.trusted else {},
            "vars": self.variables,
            "runner": {"temp": str(self.temp)},
        }

    def run(self, steps: Iterable[Step], contexts: Mapping[str, object], env: Mapping[str, str]) -> Done:
        """Run steps one after the other; after one that failed, only those whose condition says so."""
        ok, log, summary, left = True, "", "", dict[str, Outputs]()
        for step in steps:
            now = {**contexts, "steps": _as_context(left), "failed": not ok}
            if not holds(step.condition, now):
                continue
            done = self._step(step, now, env)
            ok, log, summary = ok and done.ok, log + done.log, summary + done.summary
            left[step.id] = done.outputs
        return Done(ok, log, summary, left)

    def _step(self, step: Step, contexts: Mapping[str, object], env: Mapping[str, str]) -> Done:
        if step.id in self.prepared:
            return Done(outputs=self.prepared[step.id])
        own = {**env, **{name: interpolated(value, contexts) for name, value in step.env.items()}}
        if step.run:
            return self._shell(step, contexts, own)
        given = {name: self._answered(interpolated(value, contexts)) for name, value in step.given.items()}
        if step.uses == "./":
            return self.use(ACTION, given, own)
        return Done(outputs=self._other(step.uses.partition("@")[0], given))

    def _shell(self, step: Step, contexts: Mapping[str, object], env: Mapping[str, str]) -> Done:
        """Run a script as the runner does: from a file, with files for what it gives back."""
        self._count += 1
        here = self.home / f"step-{self._count}"
        here.mkdir(parents=True)
        self.temp.mkdir(exist_ok=True)
        files = {f"GITHUB_{name}": here / name.lower() for name in ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH")}
        for file in files.values():
            file.touch()
        script = here / "script.sh"
        script.write_text(interpolated(step.run, contexts), "utf-8")
        ran = subprocess.run(
            [*_SHELLS[step.shell], script],
            cwd=self.workspace / interpolated(step.directory, contexts),
            env={**self._machine(), **env, **{name: str(file) for name, file in files.items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines())
        return Done(ran.returncode == 0, ran.stdout, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), {}, told)

    def _machine(self) -> dict[str, str]:
        """The environment of every step."""
        event = self.home / "event.json"
        event.write_text(json.dumps(self.event.payload), "utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": "ada/shop",
            "GITHUB_SHA": self.event.sha,
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            **self.event.variables,
            **self.tools,
        }

    def _other(self, action: str, given: Mapping[str, str]) -> Outputs:
        """What an action of somebody else leaves behind."""
        match action:
            case "actions/checkout":
                check_out(self.origin, self.event, self.workspace, given)
            case "actions/setup-python":
                assert given["python-version"]
                return {"python-path": sys.executable}
            case "actions/upload-artifact":
                _copy(Path(given["path"]), self._artifact(given["name"]) / Path(given["path"]).name)
            case "actions/download-artifact":
                shutil.copytree(self._artifact(given["name"]), given["path"], dirs_exist_ok=True)
            case _:
                raise AssertionError(f"nobody knows here what {action} does")
        return {}

    def _answered(self, value: str) -> str:
        return self.services.get(value, value)

    def _artifact(self, name: str) -> Path:
        assert self.artifacts is not None, "no artifacts here"
        return self.artifacts / name


def _as_context(steps: Mapping[str, Outputs]) -> Mapping[str, object]:
    return {name: {"outputs": outputs} for name, outputs in steps.items()}


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
