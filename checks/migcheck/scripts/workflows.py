"""What GitHub runs: the steps of workflows and of a repository's own actions.

Facts: docs.github.com "Workflow syntax": without `shell`, `bash -e`; with `shell: bash`, `bash -eo pipefail`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from migcheck.scripts.calls import ACTION
from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import (
    addresses_in,
    is_database_image,
    is_local_url,
    names_a_database,
    starts_a_database,
)
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_EXPRESSION = re.compile(r"\$\{\{(?:(?!\$\{\{|\}\}).)*\}\}", re.DOTALL)
_LASTING = "GITHUB_ENV"
_ENV_FILE = ".env"


def read_workflow(path: str, content: bytes) -> Iterator[Script]:
    """The steps of the workflow, or of the action, at `path`. None where it cannot be read."""
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    for name, job in members(member(document, "jobs")):
        yield from _steps(path, name, job, document, Entry.CI)
    yield from _steps(path, "", member(document, "runs"), document, None)


def _steps(
    path: str, job_name: str, job: "Node | None", document: "Node | None", entry: Entry | None
) -> Iterator[Script]:
    settings = {**_settings(document), **_settings(job)}
    served = any(is_database_image(text(member(each, "image"))) for _, each in members(member(job, "services")))
    steps = list(items(member(job, "steps")))
    served = served or any(starts_a_database(text(member(each, key))) for each in steps for key in ("run", "uses"))
    lasting: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        run = member(step, "run") or member(step, "uses")
        if run is None:
            continue
        told = text(run) if member(step, "run") else f"{ACTION} {text(run)} {text(member(step, 'with', 'command'))}"
        yield Script(
            path=path,
            name=f"{job_name}/{number}",
            line=line(run),
            text=_EXPRESSION.sub("$EXPRESSION", told),
            directory=_directory(step, job, document),
            options=ShellOptions(errexit=True, pipefail=_shell(step, job, document) == "bash"),
            entry=entry,
            goes_on=_goes_on(step, job),
            own_database=_is_own({**settings, **lasting, **_settings(step)}, told, served=served),
        )
        if _LASTING in told or _ENV_FILE in told:
            lasting |= _addresses_in(told)


def _goes_on(*nodes: "Node | None") -> str:
    said = (text(member(each, "continue-on-error")) for each in nodes)
    return "continue-on-error: true" if "true" in said else ""


def _shell(step: "Node", *around: "Node | None") -> str:
    defaults = (text(member(each, "defaults", "run", "shell")) for each in around)
    return text(member(step, "shell")) or next(filter(None, defaults), "")


def _directory(step: "Node", *around: "Node | None") -> str | None:
    defaults = (text(member(each, "defaults", "run", "working-directory")) for each in around)
    said = text(member(step, "working-directory")) or next(filter(None, defaults), ".")
    return None if "$" in said else said.removeprefix("./").rstrip("/") or "."


def _settings(node: "Node | None") -> dict[str, str]:
    return {name: text(value) for name, value in members(member(node, "env"))}


def _addresses_in(told: str) -> dict[str, str]:
    """What the text of a step writes, an expression as one word."""
    return addresses_in(_EXPRESSION.sub(lambda found: "".join(found[0].split()), told))


def _is_own(settings: Mapping[str, str], told: str, *, served: bool) -> bool:
    """Whether the database of a step goes with its job: a service container's, or one on the runner itself."""
    written = _addresses_in(told)
    urls = [value for name, value in settings.items() if names_a_database(name)]
    if any("secrets." in each for each in (*urls, *written.values())):
        return False
    in_file = written.values() if _ENV_FILE in told else ()
    return served or any(map(is_local_url, (*urls, *in_file)))
