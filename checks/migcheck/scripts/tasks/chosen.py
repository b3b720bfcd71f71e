"""Which packages of a repository the options of a package manager choose.

Facts: pnpm.io "Filtering"; docs.npmjs.com "npm workspaces" (a workspace by its name or its path).
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import join, normpath

from migcheck.regex import regex
from migcheck.scripts.directories import moved
from migcheck.scripts.tasks.managers import WORKSPACE_ROOT, RunIn
from migcheck.scripts.tasks.packages import Package

_RELATED = regex(r"^\.\.\.\^?|\^?\.\.\.$")
_PATTERN = regex(r"[*?]")
_ONLY_THEN = regex(r"[$`]")


def directories(place: RunIn, here: str | None, packages: Mapping[str, Package]) -> tuple[str | None, ...]:
    """The directories, from the root, in which a command at `here` is run; None for one that only running it tells.

    `packages` are all there are, by directory.
    """
    if place.every and here in (".", None):
        return tuple(packages)
    if place.packages:
        return tuple(dict.fromkeys(_filtered(place.packages, here, packages)))
    return (moved(here, place.directory),)


def _filtered(filters: tuple[str, ...], here: str | None, packages: Mapping[str, Package]) -> Iterator[str | None]:
    without = {found for each in filters if each.startswith("!") for found in _matching(each[1:], here, packages)}
    wanted = [each for each in filters if not each.startswith("!")]
    chosen = (found for each in wanted for found in _matching(each, here, packages))
    yield from (each for each in (chosen if wanted else packages) if each is None or each not in without)


def _matching(wanted: str, here: str | None, packages: Mapping[str, Package]) -> Iterator[str | None]:
    """The packages that one filter matches: by path, by name, or by the end of a name that no other has."""
    if wanted == WORKSPACE_ROOT:
        yield "."
    elif _ONLY_THEN.search(wanted) or wanted.startswith("["):
        yield None
    else:
        # Of those it names, `[main]` takes what changed since: any of them may have.
        since = wanted.partition("[")[0] if wanted.endswith("]") else wanted
        name = _RELATED.sub("", since).strip("{}")
        paths = (normpath(join(here or ".", name)), normpath(name))
        path = next((each for each in paths if each in packages), None)
        named = [where for where, each in packages.items() if each.name and _is(name, each.name)]
        short = [where for where, each in packages.items() if each.name.partition("/")[2] == name]
        if _PATTERN.search(name):
            named += [where for where in packages if _is(paths[0], where)]
        yield from named or ([path] if path is not None else short if len(short) == 1 else [])


def _is(pattern: str, name: str) -> bool:
    return name == pattern or (_PATTERN.search(pattern) is not None and fnmatchcase(name, pattern))
