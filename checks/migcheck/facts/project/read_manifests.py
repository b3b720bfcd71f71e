"""Looking for manifests of Kubernetes, which may be called anything, without reading every YAML file there is."""

from collections.abc import Container, Mapping
from posixpath import basename

from msgspec import Struct, field

from migcheck.facts.git.tracked_text import TrackedText
from migcheck.scripts.file_names import GITHUBS, PNPM_LOCK, PNPM_WORKSPACE
from migcheck.scripts.images.kubernetes import is_manifest

_YAML = ("**/*.yml", "**/*.yaml")
_WORDS = ("drizzle", "migrat", "db:push", "db-push", ".sh", "npm", "yarn", "bun")
"""What a manifest holds that runs Drizzle, or a script that may: this is looked for, and nothing is parsed for it."""
_MOST_LOOKED_AT = 2_000
"""Files that hold one: a chart of Helm may have as many that hold none."""
_MOST_READ = 200


class Manifests(Struct, frozen=True):
    """The manifests, by path, and a line for each thing that was passed over."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


def read_manifests(text: TrackedText, known: Container[str]) -> Manifests:
    """The manifests that may run Drizzle; `known` are files that are of something else."""
    if not any(_may_be(each, known) for each in text.paths(*_YAML)):
        return Manifests()
    holding = [each for each in text.holding(_WORDS, *_YAML) if _may_be(each, known)]
    if len(holding) > _MOST_LOOKED_AT:
        said = f"{len(holding)} YAML files, such as {holding[0]} (too many to look for manifests of Kubernetes)"
        return Manifests(passed_over=(said,))
    found = {path: content for path, content in text.read(holding).items() if is_manifest(path, content)}
    left = tuple(f"{each} (one of more than {_MOST_READ} manifests of Kubernetes)" for each in [*found][_MOST_READ:])
    return Manifests({path: found[path] for path in [*found][:_MOST_READ]}, left[:1])


def _may_be(path: str, known: Container[str]) -> bool:
    is_of_another = path.partition("/")[0] in GITHUBS or basename(path) in (PNPM_LOCK, PNPM_WORKSPACE)
    return not is_of_another and path not in known
