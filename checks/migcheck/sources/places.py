"""Paths of a project's files: what is a test's, what an import leads to, which folder a program means."""

import re
from posixpath import dirname, isabs, join, normpath, splitext

from migcheck.paths import upwards
from migcheck.regex import regex
from migcheck.typescript.plain import BesideFile, Unread
from migcheck.typescript.syntax import SUFFIXES

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_OF_TESTS = frozenset(
    {
        "bench",
        "benchmark",
        "benchmarks",
        "cypress",
        "e2e",
        "example",
        "examples",
        "fixture",
        "fixtures",
        "jest",
        "mock",
        "mocks",
        "playwright",
        "seed",
        "seeds",
        "spec",
        "specs",
        "storybook",
        "template",
        "templates",
        "test",
        "testdata",
        "testing",
        "tests",
        "vitest",
    }
)


def is_of_tests(path: str) -> bool:
    """Whether the names of a file or of what it lies in say that it serves tests, samples or seeding.

    What it migrates is a database made for that, so it is no way into production.
    """
    return any(word.lower() in _OF_TESTS for word in _WORD.findall(path))


def folders_meant(path: str, folder: str | BesideFile | Unread) -> tuple[str, ...]:
    """The folders, from the root, that a program in the file at `path` may mean by `folder`.

    A path that begins nowhere begins where the program is run: in a directory above the file, and which is not known.
    """
    match folder:
        case BesideFile(inner):
            found = normpath(join(dirname(path), inner))
            return () if found.startswith("../") else (found,)
        case str() if folder and not isabs(folder):
            places = (normpath(join(each, folder)) for each in upwards(dirname(path)))
            return tuple(dict.fromkeys(each for each in places if not each.startswith("../")))
        case _:
            return ()


def leads_to(source: str, importer: str, target: str, package: str) -> bool:
    """Whether `source`, imported in the file `importer`, leads to the file `target`, or to the index of what it is in.

    `package` is the name of the package that `target` is in. An alias, such as `@/db`, is taken to end as its path.
    """
    wanted = _stem(target)
    if source.startswith("."):
        found = _stem(normpath(join(dirname(importer), source)))
        return wanted == found or wanted.startswith(f"{found}/")
    if package and (source == package or source.startswith(f"{package}/")):
        return True
    alias = re.fullmatch(r"(?:[@~#]/?|src/)(?P<path>.+)", source)
    if alias is None:
        return False
    found = f"/{_stem(alias['path'])}"
    return f"/{wanted}".endswith(found) or f"{found}/" in f"/{dirname(wanted)}/"


def _stem(path: str) -> str:
    """A path without the suffix of a source file, and without `/index`."""
    name, suffix = splitext(path)
    return (name if suffix[1:] in SUFFIXES else path).removesuffix("/index")
