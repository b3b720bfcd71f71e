"""Which jobs of GitLab another follows that deploys whatever became of them: `when: always`.

Facts: docs.gitlab.com "CI/CD YAML syntax reference", `when`, `stages` (these unless the file says others) and `needs`
(a job that has it waits for those alone).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from migcheck.scripts.ci.by_hand import whens
from migcheck.scripts.ci.deploys import deploys
from migcheck.scripts.ci.gitlab_jobs import Job
from migcheck.scripts.yaml_nodes import items, member, text

if TYPE_CHECKING:
    from yaml import Node

_STAGES = ("build", "test", "deploy")
_FIRST, _LAST = ".pre", ".post"
_OF_A_JOB = "test"
_WHATEVER = "always"


def followed(jobs: Sequence[Job], documents: Iterable["Node"]) -> frozenset[str]:
    """The names of those jobs."""
    said = (member(each, "stages") for each in documents)
    named = [text(each) for each in items(next((each for each in said if each is not None), None))] or _STAGES
    places = {name: place for place, name in enumerate((_FIRST, *named, _LAST))}
    known: dict[int, bool] = {}
    deploying = [each for each in jobs if _is_regardless(each, known)]
    last = max((_place(each, places) for each in deploying if each.member("needs") is None), default=0)
    needed = {text(need) or text(member(need, "job")) for each in deploying for need in each.items("needs")}
    return frozenset(each.name for each in jobs if each.name in needed or _place(each, places) < last)


def _place(job: Job, places: dict[str, int]) -> int:
    return places.get(text(job.member("stage")) or _OF_A_JOB, 0)


def _is_regardless(job: Job, known: dict[int, bool]) -> bool:
    """Whether a job deploys whatever became of others; `known` is of scripts that several jobs share."""
    if _WHATEVER not in whens(job.member("when"), job.items("rules")):
        return False
    script = id(job.member("script"))
    if script not in known:
        known[script] = any(deploys(text(each)) for each in job.items("script"))
    return known[script]
