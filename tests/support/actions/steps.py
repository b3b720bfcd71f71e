"""Action and workflow files, read once: the steps in them, and what composes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: of `uses` and `run`, one is empty. `given` are its inputs (`with`)."""

    id: str
    condition: str
    uses: str
    given: Mapping[str, str]
    run: str
    shell: str
    directory: str
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """A composite action: its inputs with their defaults, its outputs with their expressions."""

    home: Path
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a workflow. `values` of its matrix are the first ones."""

    id: str
    condition: str
    needs: tuple[str, ...]
    env: Mapping[str, str]
    matrix: Mapping[str, str]
    steps: tuple[Step, ...]


def load_action(home: Path) -> Action:
    """The action whose files are at `home`."""
    data = read_yaml(home / "action.yml")
    inputs = {name: each.get("default", "") for name, each in data["inputs"].items()}
    outputs = {name: each["value"] for name, each in data["outputs"].items()}
    return Action(home, inputs, outputs, _steps(data["runs"]["steps"]))


def load_workflow(path: Path) -> tuple[Job, ...]:
    """The jobs of the workflow at `path`, in its order."""
    return tuple(_job(name, each) for name, each in read_yaml(path)["jobs"].items())


def read_yaml(path: Path) -> Data:
    """The document at `path`. `on` stays a word, as it is for GitHub."""
    data = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)
    assert isinstance(data, dict)
    return data


def _job(name: str, data: Data) -> Job:
    needs = data.get("needs", [])
    return Job(
        id=name,
        condition=data.get("if", ""),
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        env=data.get("env", {}),
        matrix={key: values[0] for key, values in data.get("strategy", {}).get("matrix", {}).items()},
        steps=_steps(data["steps"]),
    )


def _steps(data: list[Data]) -> tuple[Step, ...]:
    known = {"id", "name", "if", "uses", "with", "run", "shell", "working-directory", "env"}
    assert all(set(each) <= known for each in data), f"a step has more than {sorted(known)}"
    return tuple(
        Step(
            id=each.get("id", ""),
            condition=each.get("if", ""),
            uses=each.get("uses", ""),
            given=each.get("with", {}),
            run=each.get("run", ""),
            shell=each.get("shell", ""),
            directory=each.get("working-directory", ""),
            env=each.get("env", {}),
        )
        for each in data
    )
