"""What GitLab runs: the scripts of the jobs of .gitlab-ci.yml.

Facts: docs.gitlab.com "CI/CD YAML syntax reference" and "shells": each line runs under `set -eo pipefail`.
"""

from collections.abc import Iterator

from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import is_database_image, starts_a_database
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

_PARTS = ("before_script", "script", "after_script")
_OPTIONS = ShellOptions(errexit=True, pipefail=True)


def read_gitlab(path: str, content: bytes) -> Iterator[Script]:
    """Every line that a job runs. None where the file cannot be read."""
    try:
        document = read_yaml(content)
    except BadYamlError:
        return
    for name, job in members(document):
        services = items(member(job, "services") or member(document, "services"))
        own = any(is_database_image(text(each) or text(member(each, "name"))) for each in services)
        own = own or any(starts_a_database(text(each)) for part in _PARTS for each in items(member(job, part)))
        goes_on = "allow_failure: true" if text(member(job, "allow_failure")) == "true" else ""
        for part in _PARTS:
            for number, each in enumerate(items(member(job, part))):
                yield Script(
                    path=path,
                    name=f"{name}/{part}/{number}",
                    line=line(each),
                    text=text(each),
                    directory=".",
                    options=_OPTIONS,
                    entry=Entry.CI,
                    goes_on=goes_on,
                    own_database=own,
                )
