"""Judging a folder with every rule of its gate, told in lines that a test can pin whole.

A line is `<code> <severity> <path>[:<line>] <message>`, with ` | <evidence>` behind it where there is any.
"""

from collections.abc import Iterable
from pathlib import Path

from migcheck.catalogue import FOLDER_RULES
from migcheck.drizzle.folder import Folder
from migcheck.facts.folder import FolderFacts
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.finding import Finding
from migcheck.rule import judge
from tests.support.folders import WHEN

NOW = WHEN + 30 * 24 * 60 * 60 * 1000
"""A month after the first migration of every folder that the builders write."""


def read(folder: Path) -> Folder:
    """The folder as it is on disk, named as a repository at its parent would name it."""
    return read_folder(DiskTree(folder.parent), folder.name)


def judged(folder: Path, *, before: Folder | None = None, now: int = NOW, ignored: Iterable[str] = ()) -> list[str]:
    """What all rules of gate `folder` find, by line. `before` is what landed."""
    return [told(each) for each in findings(folder, before=before, now=now, ignored=ignored)]


def findings(
    folder: Path, *, before: Folder | None = None, now: int = NOW, ignored: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """The same, as findings."""
    return judge(FOLDER_RULES, FolderFacts(read(folder), now, before, frozenset(ignored)))


def told(finding: Finding) -> str:
    """A finding as one line."""
    evidence = f" | {finding.evidence}" if finding.evidence else ""
    return f"{finding.code} {finding.severity} {finding.at} {finding.message}{evidence}"
