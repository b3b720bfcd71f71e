"""The real command line: in a process of its own, or, where only its words matter, in the test's."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from migcheck import redact
from migcheck.cli import main

CHECKS = Path(__file__).resolve().parents[2] / "checks"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


def migcheck(
    *arguments: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    timeout: float = 300,
    program: Sequence[str] = (sys.executable, "-m", "migcheck"),
) -> Ran:
    """Run `migcheck` in `cwd`, with nothing of the caller's environment but what finds programs, and a lent server."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "MIGCHECK_SCRATCH_URL", "MIGCHECK_CACHE")
    kept = {name: value for name in names if (value := os.environ.get(name)) is not None}
    ran = subprocess.run(
        [*program, *arguments],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(CHECKS), **(env or {})},
        stdout=stdout,
        stderr=stderr,
        check=False,
        timeout=timeout,
    )
    return Ran(ran.returncode, (ran.stdout or b"").decode(), (ran.stderr or b"").decode())


Command = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `migcheck` in this process, in `tmp_path`, with `env` besides: a tenth of the time of a new process."""

    def run(*arguments: str, cwd: Path = tmp_path, env: dict[str, str] | None = None) -> Ran:
        with monkeypatch.context() as patch:
            patch.chdir(cwd)
            patch.setattr(sys, "argv", ["migcheck", *arguments])
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as left:
                main()
        redact.forget()
        told = capsys.readouterr()
        return Ran(int(left.value.code or 0), told.out, told.err)

    return run
