"""What GitLab runs: the scripts of the jobs of .gitlab-ci.yml.

Facts: docs.gitlab.com "CI/CD YAML syntax reference" and "shells": the lines of `before_script` and `script` are run by
one shell under `set -eo pipefail`, those of `after_script` by another.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.scripts.by_hand import needs_a_person
from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import is_database_image, starts_a_database
from migcheck.scripts.gitlab_jobs import Job, jobs_of
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_SHELLS = (("before_script", "script"), ("after_script",))
_OPTIONS = ShellOptions(errexit=True, pipefail=True)
_LARGEST = 1024 * 1024
"""Characters of all scripts of a file. No person writes more; templates can."""


def read_gitlab(path: str, content: bytes) -> Iterator[Script]:
    """What the shells of each job run. None where the file cannot be read.

    Of jobs that run the same lines of the same templates in the same way, the first stands for all.
    """
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    seen = set[tuple[object, ...]]()
    left = _LARGEST
    for job in jobs_of(document):
        goes_on = "allow_failure: true" if text(job.member("allow_failure")) == "true" else ""
        entry = None if needs_a_person(job.member("when"), job.member("rules")) else Entry.CI
        parts = {name: job.member(name) for shell in _SHELLS for name in shell}
        key = (*map(id, parts.values()), job.address, id(job.member("services")), goes_on, entry)
        if key in seen or left < 0:
            continue
        seen.add(key)
        said = {name: list(items(node)) for name, node in parts.items()}
        own = _is_own(job, [each for lines in said.values() for each in lines])
        for shell in _SHELLS:
            lines = [each for name in shell for each in said[name]]
            if lines:
                script = replace(
                    _script(path, f"{job.name}/{shell[-1]}", lines, goes_on, own_database=own),
                    entry=entry,
                    given=(job.name,),
                )
                left -= len(script.text) + len(lines)
                yield script


def _script(path: str, name: str, said: Sequence["Node"], goes_on: str, *, own_database: bool) -> Script:
    texts = [(line(each), text(each).split("\n")) for each in said]
    return Script(
        path=path,
        name=name,
        line=texts[0][0],
        text="\n".join(each for _, lines in texts for each in lines),
        directory=".",
        options=_OPTIONS,
        entry=Entry.CI,
        goes_on=goes_on,
        own_database=own_database,
        lines=tuple(begin + number for begin, lines in texts for number in range(len(lines))),
    )


def _is_own(job: Job, said: Sequence["Node"]) -> bool:
    """Whether the job has a database that goes with it: one that is named as such, or one that it starts.

    It may start one beside the database that lasts: a deploy's, or one whose address the file does not tell.
    """
    if job.address is not None:
        return job.address
    services = items(job.member("services"))
    served = any(is_database_image(text(each) or text(member(each, "name"))) for each in services)
    started = served or any(starts_a_database(text(each)) for each in said)
    return started and job.member("environment") is None
