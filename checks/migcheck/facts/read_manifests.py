"""Looking for manifests of Kubernetes, which may be called anything, without reading every YAML file there is."""

from collections.abc import Container, Mapping
from posixpath import basename

from msgspec import Struct, field

from migcheck.facts.tracked_text import TrackedText
from migcheck.scripts.file_names import PNPM_LOCK, PNPM_WORKSPACE, WORKFLOWS
from migcheck.scripts.kubernetes import is_manifest

_YAML = ("**/*.yml", "**/*.yaml")
_WORDS = ("drizzle", "migrat", "db:push", "db-push", ".sh", "npm", "yarn", "bun")
"""What a manifest holds that runs Drizzle, or a script that may: this is looked for, and nothing is parsed for it."""
_MOST_LOOKED_AT = 2_000
_MOST_READ = 200


class Manifests(Struct, frozen=True):
    """The manifests, by path, and a line for each thing that was passed over."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


def read_manifests(text: TrackedText, known: Container[str]) -> Manifests:
    """The manifests that may run Drizzle; `known` are files that are of something else."""
    candidates = [each for each in text.paths(*_YAML) if each not in known and not _is_of_another(each)]
    if not candidates:
        return Manifests()
    if len(candidates) > _MOST_LOOKED_AT:
        said = f"{len(candidates)} YAML files, such as {candidates[0]} (too many to look for manifests of Kubernetes)"
        return Manifests(passed_over=(said,))
    among = frozenset(candidates)
    holding = [each for each in text.holding(_WORDS, *_YAML) if each in among]
    found = {path: content for path, content in text.read(holding).items() if is_manifest(path, content)}
    left = tuple(f"{each} (one of more than {_MOST_READ} manifests of Kubernetes)" for each in [*found][_MOST_READ:])
    return Manifests({path: found[path] for path in [*found][:_MOST_READ]}, left[:1])


def _is_of_another(path: str) -> bool:
    return path.startswith(f"{WORKFLOWS}/") or basename(path) in (PNPM_LOCK, PNPM_WORKSPACE)
