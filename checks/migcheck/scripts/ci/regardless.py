"""What GitHub deploys whatever became of the steps and the jobs before: `if: always()`.

Facts: docs.github.com "Expressions", status check functions: without one, a step and a job wait for success.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.ci.by_hand import condition
from migcheck.scripts.yaml_nodes import items, member, text

if TYPE_CHECKING:
    from yaml import Node

# Cleaning up and telling are what `always()` is for: only what is known to deploy counts.
_DEPLOYS = regex(
    r"\b(?:vercel (?:deploy\b|.{0,100}--prod)|netlify deploy|fly(?:ctl)? deploy|wrangler (?:pages )?(?:deploy|publish)"
    r"|railway up|kubectl (?:apply|set image|rollout restart)|helm upgrade|firebase deploy|serverless deploy|sst deploy"
    r"|gcloud run deploy|aws ecs update-service|cdk deploy|terraform apply|docker stack deploy)"
)
_WHATEVER = frozenset({"always()", "!cancelled()", "success()||failure()", "failure()||success()"})


def last_regardless(steps: Sequence["Node"]) -> tuple[int, str]:
    """The number of the last of these steps that deploys whatever became of those before it, and its condition.

    Zero where none does.
    """
    found = ((number, f"if: {condition(each)}") for number, each in enumerate(steps, 1) if _is_regardless(each, [each]))
    return max(found, default=(0, ""))


def not_waited_for(jobs: Sequence[tuple[str, "Node"]]) -> Mapping[str, str]:
    """The jobs that another needs which deploys whatever became of them, by name, with the condition of that one."""
    found: dict[str, str] = {}
    for _, job in jobs:
        if _is_regardless(job, items(member(job, "steps"))):
            found |= {text(each): f"if: {condition(job)}" for each in items(member(job, "needs"))}
    return found


def _is_regardless(node: "Node", steps: Iterable["Node"]) -> bool:
    return condition(node) in _WHATEVER and any(map(_deploys, steps))


def _deploys(step: "Node") -> bool:
    """Whether a step deploys, unless it asks for what became of another."""
    asks = any(f"{each}." in text(member(step, "if")) for each in ("steps", "needs"))
    return not asks and _DEPLOYS.search(text(member(step, "run"))) is not None
