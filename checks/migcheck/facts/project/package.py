"""The npm package around a folder: its manager, by the lockfile, and its scripts."""

import json
import os
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from migcheck.facts.disk import read_inside

Manager = Literal["npm", "pnpm", "yarn", "bun"]
_LOCKS: Mapping[str, Manager] = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
_NAMED = "packageManager"
_MANIFEST = "package.json"


class Package(Struct, frozen=True):
    """A directory with a package.json. `directory` is from the root, `.` for the root itself; `scripts` by name."""

    directory: str = "."
    manager: Manager = "npm"
    scripts: Mapping[str, str] = field(default_factory=dict)

    def run(self, script: str) -> str:
        """How a script is run here."""
        # A plain name may be a command of the manager's own: `pnpm deploy`.
        short = self.manager in ("pnpm", "yarn") and ":" in script
        return f"{self.manager} {'' if short else 'run '}{script}"

    def run_with(self, script: str, options: str) -> str:
        """The same, with options for what it runs."""
        return f"{self.run(script)} {'-- ' if self.manager == 'npm' else ''}{options}"

    def tool(self, command: str) -> str:
        """How a program of the package's dependencies is run."""
        runner = {"npm": "npx", "bun": "bunx"}.get(self.manager, self.manager)
        return f"{runner} {command}"


def package_near(root: Path, near: Path) -> Package:
    """The nearest package at `near` or above it, up to `root`. What cannot be read counts as saying nothing."""
    around = [each for each in (near, *near.parents) if each.is_relative_to(root)]
    owner = next((each for each in around if (each / _MANIFEST).is_file()), near)
    manifests = [_manifest(root, each) for each in around if each == owner or owner.is_relative_to(each)]
    locked = (manager for each in around for name, manager in _LOCKS.items() if (each / name).is_file())
    manager: Manager = next(chain(locked, _told(manifests)), "npm")
    scripts = manifests[0].get("scripts") if manifests else None
    texts = scripts.items() if isinstance(scripts, dict) else ()
    directory = Path(os.path.relpath(owner, root)).as_posix()
    return Package(directory, manager, {name: text for name, text in texts if isinstance(text, str)})


def _told(manifests: list[dict[str, object]]) -> Iterator[Manager]:
    """The managers that manifests name, as corepack reads them: `pnpm@9.1.0`."""
    for manifest in manifests:
        name = str(manifest.get(_NAMED, "")).partition("@")[0]
        yield from (known for known in _LOCKS.values() if known == name)


def _manifest(root: Path, directory: Path) -> dict[str, object]:
    try:
        content: object = json.loads(read_inside(root, directory / _MANIFEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
