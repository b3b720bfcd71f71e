"""The action, set up once: the other tests start from what that left."""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.actions.events import Event
from tests.support.actions.runner import ACTION, Done, Runner
from tests.support.repositories import GitRepository, init

# The dependencies are lent by the environment that runs the tests, and no index is asked.
PACKAGES = tuple(path for path in sys.path if path.endswith("site-packages"))
BUILDING = {"PIP_NO_INDEX": "1", "PYTHONPATH": os.pathsep.join(PACKAGES)}

Start = Callable[..., Runner]


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The outputs of the action's own step `set-up`, which one worker runs for all of them; its files are a copy.

    What installs the dependencies runs in CI, which asks an index for them.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    told = shared / "action.json"
    with (shared / "action.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(run_set_up(shared / "action")))
    outputs: dict[str, str] = json.loads(told.read_bytes())
    own = tmp_path_factory.mktemp("action") / "home"
    shutil.copytree(outputs["home"], own, symlinks=True)
    return {**outputs, "home": str(own)}


def run_set_up(home: Path) -> Mapping[str, str]:
    """Run the step on a machine at `home`."""
    home.mkdir()
    runner = Runner(home, init(home / "origin"), Event("push", "refs/heads/main", "0" * 40, {}), tools=BUILDING)
    runner.workspace.mkdir()
    add_traps(runner.workspace, home / "ran")
    steps = [step for step in ACTION.steps if step.id in {"python", "set-up", "install"}]
    done = runner.run(steps, {**runner.contexts(), "inputs": ACTION.inputs}, {"GITHUB_ACTION_PATH": str(ACTION.home)})
    assert done.ok, done.log
    assert not (home / "ran").exists(), "a file of the change was taken for a module of Python"
    lend(Path(done.steps["set-up"]["home"]) / "venv")
    return done.steps["set-up"]


def lend(venv: Path) -> None:
    """Let the environment `venv` use the packages of the one that runs the tests, which -I does not keep out."""
    (own,) = venv.glob("lib/python*/site-packages")
    (own / "lent.pth").write_text("\n".join(PACKAGES), "utf-8")


@pytest.fixture
def origin(a_repo: GitRepository, landed: str) -> GitRepository:
    """A repository on a server: three migrations on main, which is checked out, and `feature` with one more."""
    assert landed
    a_repo.switch("main")
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' };\n"})
    return a_repo


@pytest.fixture
def start(set_up: Mapping[str, str], tmp_path: Path) -> Start:
    """Make a runner, with the action's environment ready on it."""
    (Path(set_up["home"]) / "report.json").unlink(missing_ok=True)

    def runner(origin: GitRepository, event: Event, name: str = "runner") -> Runner:
        home = tmp_path / name
        home.mkdir()
        ready = {"set-up": set_up, "dependencies": {}, "install": {}}
        return Runner(home, origin, event, prepared=ready, artifacts=tmp_path / "artifacts")

    return runner


def add_traps(place: Path, marker: Path) -> None:
    """Files at `place` that would stand for modules of Python, and write `marker` where one does."""
    for name in ("venv", "ensurepip", "pip", "json", "pathlib", "sitecustomize", "migcheck"):
        (place / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\n", "utf-8")


def gate(runner: Runner, depth: int = 0, **given: str) -> Done:
    """Check out as a workflow does, then run the action with these inputs (`_` for `-`), without a server."""
    runner.check_out(depth)
    return runner.use(ACTION, {"offline": "true", **{name.replace("_", "-"): value for name, value in given.items()}})
