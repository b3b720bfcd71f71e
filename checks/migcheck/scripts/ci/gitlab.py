"""What GitLab runs: the scripts of the jobs of .gitlab-ci.yml, and of the files of the repository that it includes.

Facts: docs.gitlab.com "CI/CD YAML syntax reference" and "shells": the lines of `before_script` and `script` are run by
one shell under `set -eo pipefail`, those of `after_script` by another, whose failure counts for nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.scripts.ci.by_hand import needs_a_person
from migcheck.scripts.ci.gitlab_includes import documents
from migcheck.scripts.ci.gitlab_jobs import Job, jobs_of
from migcheck.scripts.databases import Starts, is_database_image, starts_a_database
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.yaml_nodes import line, lines_of, member, origin, text

if TYPE_CHECKING:
    from yaml import Node

_AFTER = "after_script"
_SHELLS = (("before_script", "script"), (_AFTER,))
_NO_FILES: Mapping[str, bytes] = {}
_OPTIONS = ShellOptions(errexit=True, pipefail=True)
_LARGEST = 1024 * 1024
"""Characters of all scripts of a file. No person writes more; templates can."""


def read_gitlab(
    path: str, content: bytes, files: Mapping[str, bytes] = _NO_FILES, starts: Starts = starts_a_database
) -> Iterator[Script]:
    """What the shells of each job run; `files` are those it may include. Nothing where the file cannot be read.

    Of jobs that run the same lines of the same templates in the same way, the first stands for all.
    """
    found = documents(path, content, files)
    seen = set[tuple[object, ...]]()
    left = _LARGEST
    for job in jobs_of(found):
        ignored = text(job.member("allow_failure")) == "true"
        goes_on = "allow_failure: true" if ignored else ""
        starter = None if needs_a_person(job.member("when"), job.items("rules")) else Starter.CI
        parts = {name: job.member(name) for shell in _SHELLS for name in shell}
        key = (*map(id, parts.values()), job.address, id(job.member("services")), goes_on, starter)
        if key in seen or left < 0:
            continue
        seen.add(key)
        for script in _scripts(path, job, goes_on, starts):
            left -= len(script.text) + len(script.lines)
            yield replace(script, started_by=starter)


def _scripts(path: str, job: Job, goes_on: str, starts: Starts) -> Iterator[Script]:
    said = {name: list(job.items(name)) for shell in _SHELLS for name in shell}
    own = _is_own(job, [each for lines in said.values() for each in lines], starts)
    for shell in _SHELLS:
        lines = [each for name in shell for each in said[name]]
        if lines:
            main = said[shell[-1]] or lines
            script = _script(f"{kept_short(job.name)}/{shell[-1]}", main[0], lines)
            then = goes_on or (_AFTER if shell == (_AFTER,) else "")
            given = (kept_short(job.name),)
            yield replace(script, path=script.path or path, goes_on=then, own_database=own, given=given)


def _script(name: str, main: "Node", said: Sequence["Node"]) -> Script:
    """The script of a shell. `main` tells of its file: a line that stands in another is told as that of `main`."""
    path = origin(main)
    told = [lines_of(each) if origin(each) == path else (line(main),) * len(lines_of(each)) for each in said]
    return Script(
        path=path,
        name=name,
        line=told[0][0],
        text="\n".join(map(text, said)),
        directory=".",
        options=_OPTIONS,
        lines=tuple(each for lines in told for each in lines),
    )


def _is_own(job: Job, said: Sequence["Node"], starts: Starts) -> bool:
    """Whether the job has a database that goes with it: one that is named as such, or one that it starts.

    It may start one beside the database that lasts: a deploy's, or one whose address the file does not tell.
    """
    if job.address is not None:
        return job.address
    images = (text(each) or text(member(each, "name")) for each in job.items("services"))
    started = any(map(is_database_image, images)) or any(starts(text(each)) for each in said)
    return started and job.member("environment") is None
