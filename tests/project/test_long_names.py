"""Jobs of CI whose names nobody would write: each of their steps has them."""

from collections.abc import Callable, Iterable

import pytest

from migcheck.scripts.ci.gitlab import read_gitlab
from migcheck.scripts.ci.pipelines import read_pipelines
from migcheck.scripts.ci.workflows import read_workflow
from migcheck.scripts.script import Script, kept_short

LONG = "n" * 1_000
MANY = 50
READERS: tuple[tuple[Callable[[str, bytes], Iterable[Script]], str, str, str], ...] = (
    (read_workflow, ".github/workflows/a.yml", "jobs: {{{name}: {{steps: [{steps}]}}}}", "{{run: x{n}}}"),
    (read_pipelines, "azure-pipelines.yml", "jobs: [{{job: {name}, steps: [{steps}]}}]", "{{bash: x{n}}}"),
)


@pytest.mark.parametrize(("read", "path", "text", "step"), READERS)
def test_a_long_name_is_not_held_for_each_step(
    read: Callable[[str, bytes], Iterable[Script]], path: str, text: str, step: str
) -> None:
    steps = ", ".join(step.format(n=number) for number in range(MANY))
    found = list(read(path, text.format(name=LONG, steps=steps).encode()))
    assert len({each.key for each in found}) == len(found) == MANY
    assert sum(len(each.name) + sum(map(len, each.given)) for each in found) < MANY * 150


def test_so_it_is_with_the_jobs_of_gitlab() -> None:
    text = "\n".join(f"{LONG}{number}: {{script: [x{number}], after_script: [y]}}" for number in range(MANY))
    found = list(read_gitlab(".gitlab-ci.yml", text.encode()))
    assert len({each.key for each in found}) == len(found) == 2 * MANY
    assert sum(len(each.name) + sum(map(len, each.given)) for each in found) < 2 * MANY * 250


def test_a_name_that_a_person_would_write_is_left_as_it_is() -> None:
    assert kept_short("deploy (production, eu-west-1)") == "deploy (production, eu-west-1)"
    assert kept_short(f"{LONG}a") != kept_short(f"{LONG}b")
    assert len(kept_short(LONG)) < 120
