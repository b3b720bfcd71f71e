"""What every test may use, and what is left out where a machine lacks it."""

import gc
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from migcheck import signals
from migcheck.postgres.scratch import confinement, kept_data, rundir
from tests.support import pgbouncer

pytest_plugins: list[str] = [
    "tests.support.command",
    "tests.support.golden",
    "tests.support.repositories",
    "tests.support.histories",
    "tests.support.servers",
    "tests.support.targets",
    "tests.support.warm",
]

# A shell that starts a job in the background has it ignore Ctrl-C, and every program under it inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Repositories are thousands of small files and each test makes a database: a disk takes twice as long for all of them.
if "TMPDIR" not in os.environ and rundir.memory_holds(4096):
    os.environ["TMPDIR"] = tempfile.tempdir = str(rundir.IN_MEMORY)

# Hundreds of servers are started: what `initdb` makes for the first is kept for the others of this run.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ[kept_data.PLACE] = tempfile.mkdtemp(prefix="migcheck-kept-")

TESTS = Path(__file__).resolve().parent
NODE = TESTS / "node" / "node_modules" / "drizzle-orm"

# Hypothesis gives an example 200 ms, and less time to make it than a busy machine may take.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# What the caller's shell says to git, Postgres, CI and the report.
_SETTINGS = ("GIT_", "PG", "GITHUB_", "MIGCHECK_", "CI_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")


def _docker_answers() -> bool:
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    )


# For each mark, whether this machine has what its tests need, and what that is.
_NEEDS: dict[str, tuple[Callable[[], object], str]] = {
    "docker": (_docker_answers, "a Docker engine"),
    "node": (lambda: shutil.which("node") and NODE.is_dir(), "Node with `npm install` done in tests/node"),
    "debian": (
        lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
        "a PostgreSQL in /usr/lib/postgresql",
    ),
    "bubblewrap": (confinement._bubblewrap_works, "bubblewrap that works (`bwrap`)"),
    "pgbouncer": (lambda: pgbouncer.PROGRAM, "PgBouncer (`pgbouncer`)"),
    "util_linux": (
        lambda: all(map(shutil.which, ("setpriv", "unshare", "prlimit"))),
        "setpriv, unshare and prlimit of util-linux",
    ),
}


@cache
def missing(mark: str) -> str:
    """What this machine lacks for tests that carry `mark`; empty where it lacks nothing."""
    there, what = _NEEDS[mark]
    return "" if there() else what


def pytest_unconfigure() -> None:
    """Remove what was kept."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ[kept_data.PLACE], ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: with a server, a test waits for a third of its time."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection(session: pytest.Session) -> None:
    """Look for no garbage in what collection makes, thousands of tests: that takes a third of its time.

    All workers collect all of it at once, and rewriting the assertions is most of that: each begins with files of its
    own, and finds the others' rewritten.
    """
    gc.disable()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and [Path(each).resolve() for each in session.config.args] == [TESTS]:
        number, workers = int(worker.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        files = sorted(TESTS.rglob("test_*.py"))
        for each in files[number::workers]:
            # What is wrong with one is told by the collection.
            with suppress(Exception, pytest.skip.Exception):
                import_module(".".join(each.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what collection made, which stays to the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what cannot run here; in CI a missing server is a failure, never a skip."""
    for mark in _NEEDS:
        if item.get_closest_marker(mark) and (lack := missing(mark)):
            if os.environ.get("CI"):
                pytest.fail(f"CI leaves out nothing, but this machine lacks {lack}")
            pytest.skip(f"needs {lack}")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the caller's git or database settings, nor a signal that another sent."""
    monkeypatch.setattr(signals, "_received", 0)
    for name in list(os.environ):
        if name.startswith(_SETTINGS) and name not in {"MIGCHECK_TEST_IMAGE", kept_data.PLACE}:
            monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CI", raising=False)
