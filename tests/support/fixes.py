"""Doing what a fix says: its first command, in any directory of the repository."""

import re
import subprocess

from tests.support.repositories import GitRepository, environment


def run_fix(repository: GitRepository, fix: str, below: str = "drizzle", **variables: str) -> str:
    """Run the first command of `fix` in an empty directory below `below`; give what it printed."""
    command = re.findall("`(.*?)`", fix)[0]
    place = repository / below / "below"
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        ["sh", "-c", command], cwd=place, env=environment(**variables), capture_output=True, check=True, text=True
    )
    return done.stdout
