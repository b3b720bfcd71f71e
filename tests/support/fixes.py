"""Fixes that name a command: what was found, and the command as people run it."""

import re
import subprocess

from migcheck.finding import Finding
from migcheck.project import Asked
from tests.support.repositories import GitRepository, environment
from tests.support.runs import offline


def found_in(repository: GitRepository, code: str, *, staged: bool = False, folder: str = "drizzle") -> Finding:
    """The first finding of this code, of the gates that need no server."""
    findings = offline(repository, Asked(base="main", staged=staged), folder).findings
    return next(each for each in findings if each.code == code)


def run_fix(repository: GitRepository, fix: str, folder: str = "drizzle", **variables: str) -> str:
    """Run the first command of `fix` where nothing is, below `folder`; give what it printed."""
    command = re.findall("`(.*?)`", fix)[0]
    below = repository / folder / "below"
    below.mkdir(exist_ok=True)
    done = subprocess.run(
        ["sh", "-c", command], cwd=below, env=environment(**variables), capture_output=True, check=True, text=True
    )
    return done.stdout
