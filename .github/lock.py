"""Take the newest releases into what the action installs: requirements.txt and squawk.txt, beside this. Needs uv."""

import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
PYPROJECT = HERE.parent / "pyproject.toml"
# A week: what somebody has slipped into a release is mostly found within days.
COMPILE = ["uv", "pip", "compile", "--universal", "--upgrade", "--generate-hashes", "--exclude-newer", "7 days"]
PLAIN = ["--quiet", "--no-header", "--no-annotate"]


def lock(output: str, python: str, requirements: Sequence[str], *files: str) -> None:
    """Pin `requirements`, those of `files` and all that they need, for every system and every Python from `python`."""
    command = [*COMPILE, *PLAIN, "--python-version", python, "--output-file", str(HERE / output), *files, "-"]
    subprocess.run(command, input="\n".join(requirements), text=True, check=True)


if __name__ == "__main__":
    told = tomllib.loads(PYPROJECT.read_text("utf-8"))
    oldest = told["project"]["requires-python"].removeprefix(">=")
    lock("requirements.txt", oldest, told["build-system"]["requires"], str(PYPROJECT))
    lock("squawk.txt", oldest, told["project"]["optional-dependencies"]["squawk"])
