"""The inputs of the action: each reaches the command as it is, and none reaches a shell or another program."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ci.conftest import Start, add_traps, gate
from tests.support.actions import events
from tests.support.actions.runner import ACTION, Runner
from tests.support.repositories import GitRepository

pytestmark = pytest.mark.action

HOSTILE = "$(touch ran) `touch ran` ; touch ran && touch ran | touch ran > ran \" ' \\ *"
NOWHERE = "postgresql://app:pw-of-the-app@127.0.0.1:9/app"


@pytest.fixture
def runner(origin: GitRepository, start: Start) -> Runner:
    """A runner for a push of one more migration to main."""
    before = origin.head
    origin.merge("feature")
    return start(origin, events.push(origin, before))


def test_a_folder_and_a_base(runner: Runner) -> None:
    done = gate(runner, folder="drizzle", base="HEAD")
    assert done.outputs["verdict"] == "clear", done.log
    assert re.search(r"^base  \w{12}, HEAD \(--base\)$", done.log, re.MULTILINE)


def test_a_working_directory(runner: Runner) -> None:
    app = runner.check_out() / "app"
    app.mkdir()
    (app / "migcheck.toml").write_text("[apply]\nlock_timeout = -1\n")
    done = runner.use(ACTION, {"offline": "true", "working-directory": "app"})
    assert "app/migcheck.toml" in done.log


def test_more_options(runner: Runner) -> None:
    done = gate(runner, args="  --base\n HEAD --verbose ")
    assert done.ok, done.log
    assert ", HEAD (--base)" in done.log


def test_a_scratch_server_of_a_kind_that_is_none(runner: Runner) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"scratch": "nowhere"})
    assert "--scratch names no kind of server" in done.log


def test_a_target_is_read_and_its_password_is_not_told(runner: Runner) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"database-url": NOWHERE, "scratch": "dsn"})
    assert (done.ok, done.outputs["verdict"]) == (False, "undecided")
    assert "::error title=drizzle%3A target is undecided::" in done.log
    assert "pw-of-the-app" not in done.log + done.summary + Path(done.outputs["report"]).read_text("utf-8")


def test_the_variable_of_the_job_is_kept_without_the_input(runner: Runner) -> None:
    runner.check_out()
    for given, names in (({}, "job"), ({"database-url": NOWHERE.replace("/app", "/input")}, "input")):
        env = {"DATABASE_URL": NOWHERE.replace("/app", "/job")}
        done = runner.use(ACTION, {"scratch": "dsn", **given}, env)
        assert f"127.0.0.1:9/{names}" in done.log


TAKEN_UNREAD = ("scratch", "database-url")
"""What is offline takes neither: they keep no other from being read."""


@pytest.mark.parametrize(
    "names",
    [
        TAKEN_UNREAD,
        *((name,) for name in ACTION.inputs if name not in {"python-version", "working-directory", *TAKEN_UNREAD}),
    ],
    ids="-".join,
)
def test_nothing_in_an_input_is_run(runner: Runner, names: Sequence[str]) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"offline": "true", **dict.fromkeys(names, HOSTILE)})
    assert done.ok == (names == TAKEN_UNREAD)
    assert list(runner.home.rglob("ran")) == [], done.log


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"base": "dr*  x"}, "dr*  x"),
        ({"folder": "dr*  x"}, "migcheck: dr*  x does not exist"),
        ({"clearance": "dr*  x/c"}, "--clearance dr*  x/c: there is no directory"),
        ({"args": "--base dr*"}, "dr*"),
    ],
    ids=str,
)
def test_an_input_arrives_as_it_is(runner: Runner, given: dict[str, str], told: str) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"offline": "true", **given})
    assert not done.ok
    assert told in done.log


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"folder": "--version"}, "migcheck: --version does not exist"),
        ({"folder": "absent"}, "migcheck: absent does not exist"),
        ({"args": "--nonsense"}, "No such option"),
        ({"command": "apply", "offline": "false"}, "migcheck: DATABASE_URL is not set, so there is no target"),
    ],
)
def test_what_cannot_be_used_is_told_and_undecided(runner: Runner, given: dict[str, str], told: str) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"offline": "true", **given})
    assert not done.ok
    assert told in done.log
    assert (done.outputs["verdict"], done.outputs["findings"]) == ("undecided", "0")
    error = json.loads(Path(done.outputs["report"]).read_bytes())["error"]["problem"]
    assert (error in done.log, "it could not judge" in done.log) == (True, False)


def test_a_configuration_that_cannot_be_used_is_undecided(runner: Runner) -> None:
    (runner.check_out() / "migcheck.toml").write_text("bogus = 1\n")
    done = runner.use(ACTION, {"offline": "true"})
    assert (done.ok, done.outputs["verdict"], done.outputs["findings"]) == (False, "undecided", "0")
    assert "::error file=migcheck.toml,line=1,title=migcheck verify::migcheck.toml:1: unknown key" in done.log


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"command": "verfy"}, "No such command 'verfy'"),
        ({"offline": "yes"}, "::error title=migcheck::offline is true or false"),
    ],
)
def test_what_is_no_command_is_told_and_gives_no_outputs(runner: Runner, given: dict[str, str], told: str) -> None:
    runner.check_out()
    done = runner.use(ACTION, {"offline": "true", **given})
    assert not done.ok
    assert told in done.log
    assert done.outputs == {"verdict": "", "findings": "", "report": ""}
    assert "::error title=migcheck::it could not judge, and the log of this job says why" in done.log


def test_a_runner_that_it_does_not_run_on(runner: Runner) -> None:
    runner.check_out()
    done = replace(runner, prepared={}, tools={"RUNNER_OS": "Windows"}).use(ACTION, {})
    assert not done.ok
    assert "::error title=migcheck::it runs on Linux and macOS" in done.log


def test_no_file_of_the_change_is_taken_for_a_module_whatever_a_job_names_in_its_environment(
    runner: Runner, tmp_path: Path
) -> None:
    add_traps(runner.check_out().top, tmp_path / "ran")
    done = runner.use(ACTION, {"offline": "true"}, {"PYTHONPATH": str(runner.workspace)})
    assert done.outputs["verdict"] == "clear", done.log
    assert not (tmp_path / "ran").exists()
