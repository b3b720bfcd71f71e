"""How a run that a signal ended looks to whoever started it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[1] / "checks"
PROGRAM = """
import os, signal, sys
from migcheck.signals import exit_code, interruptible
with interruptible():
    try:
        exec('os.kill(os.getpid(), signal.{})')
    except KeyboardInterrupt:
        sys.exit(exit_code())
"""


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_it_is_told_by_its_own_code_wherever_it_came(tmp_path: Path, name: str, code: int) -> None:
    """Within `exec` as well, which is how a dataclass is made while its module loads; `python -m` minds that."""
    (tmp_path / "ended.py").write_text(PROGRAM.format(name))
    environ = {**os.environ, "PYTHONPATH": str(CHECKS)}
    ended = subprocess.run([sys.executable, "-m", "ended"], cwd=tmp_path, env=environ, check=False)
    assert ended.returncode == code
