"""The real command line, in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
    timeout: float = 60,
) -> Ran:
    """Run `migcheck` in `cwd`, with nothing of the caller's environment but what finds programs."""
    kept = {name: value for name in ("PATH", "HOME", "LANG", "TMPDIR") if (value := os.environ.get(name)) is not None}
    ran = subprocess.run(
        [sys.executable, "-m", "migcheck", *arguments],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(CHECKS), **(env or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        timeout=timeout,
    )
    return Ran(ran.returncode, (ran.stdout or b"").decode(), ran.stderr.decode())
