"""Columns that base's code does without already: its snapshot names them, and of its other files none does."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.schema import Relation
from migcheck.facts.git.client import Git
from migcheck.facts.git.trees import GitTree
from migcheck.paths import lies_below
from migcheck.regex import regex

Named = tuple[str, str, str]
"""A column by its relation's schema and name, as Drizzle's snapshot writes them, and its own."""

# Each is looked for in all files of base, which may be many.
_MOST = 4
_DROP = regex(r'\bdrop\s+(?:column\s+)?(?:if\s+exists\s+)?"?(\w+)')
_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_OF_A_MIGRATION = (".sql", ".json")
# Drizzle writes a name anew for `casing`: what is no letter or digit may be missing between two, or stand there.
_BETWEEN = "[^a-z0-9]?"
# What makes a text of others: a name that is made so has its letters nowhere.
_MADE = regex(
    rb"""\$\{|["'`\w)\]]\s*\+=?\s*["'`(\[A-Za-z_$]|\.(?:concat|join|replace|replaceAll)\s*\(""",
)
_SUBMODULE = b"160000 "
_GREP = ("grep", "-l", "-z", "-a", "-E", "--full-name", "--no-color", "--no-textconv", "--no-recurse-submodules")


class Code(Struct, frozen=True):
    """The files of `commit`, whose tree is `tree`; those of the migrations in `folder` are no code."""

    git: Git
    tree: GitTree
    commit: str
    folder: str

    def naming(self, *asked: str) -> list[str] | None:
        """The paths of those that have what git's grep is `asked` for; None where git could not read them all."""
        answer = self.git.ask(*_GREP, *asked, self.commit, "--")
        if answer.status not in {0, 1} or answer.complaint:
            return None
        return [each.removeprefix(f"{self.commit}:") for each in answer.text.split("\0") if each]

    def has_submodules(self) -> bool:
        """Whether some of its code is in another repository. Raises UndecidableError where git cannot tell."""
        listing = self.git.need("ls-tree", "-r", "-z", "--full-tree", self.commit)
        return any(each.startswith(_SUBMODULE) for each in listing.split(b"\0"))

    def is_migration(self, path: str) -> bool:
        """Whether `path` is a migration or its snapshot."""
        return lies_below(path, self.folder) and path.endswith(_OF_A_MIGRATION)


def done_without(code: Code, relations: Iterable[Relation], new: Sequence[Migration]) -> frozenset[Named]:
    """The columns of `relations` that `new` may drop and that `code`, which has their table, cannot name.

    A column is none where a file has its letters in any casing, where no script of Drizzle's has its table, where such
    a one makes texts of others, or where not all can be read, as of submodules. Raises UndecidableError where the clone
    lacks objects of such a script, or of a directory.
    """
    sql = "\n".join(each.sql.decode("utf-8", "replace") for each in new).lower()
    dropped = list(islice(_dropped(relations, sql), _MOST))
    homes = {name: _homes(code, name) for name in {relation.name for relation, _ in dropped}}
    if not any(homes.values()) or code.has_submodules():
        return frozenset()
    return frozenset(
        (relation.schema, relation.name, column)
        for relation, column in dropped
        if _is_done_without(code, homes[relation.name], column)
    )


def _dropped(relations: Iterable[Relation], sql: str) -> Iterator[tuple[Relation, str]]:
    """The columns that `sql`, in small letters, may drop by name."""
    names = frozenset(_DROP.findall(sql))
    for relation in relations:
        if not relation.is_view and relation.name.lower() in sql:
            yield from ((relation, each) for each in sorted(relation.names) if each.lower() in names)


def _is_done_without(code: Code, homes: Sequence[str], column: str) -> bool:
    """Whether neither `homes`, of which there has to be one, nor another file has the letters of `column`."""
    letters = re.sub(r"[^A-Za-z0-9]", "", column)
    if not (homes and letters and column.isascii()):
        return False
    pattern = _BETWEEN.join(letters)
    # Most are named where their table is, which is a file to read, and not all.
    spoken = re.compile(pattern.encode(), re.IGNORECASE)
    if any(spoken.search(text) or _MADE.search(text) for text in (code.tree.find(each) or b"" for each in homes)):
        return False
    naming = code.naming("-i", "-e", pattern)
    return naming is not None and all(map(code.is_migration, naming))


def _homes(code: Code, table: str) -> list[str]:
    """The scripts of Drizzle's that have the table."""
    quoted = f"[\"'`]{re.sub(r'[^A-Za-z0-9_]', '.', table)}[\"'`]"
    found = code.naming("--all-match", "-e", "drizzle-orm/pg-core", "-e", quoted)
    return [each for each in found or () if each.endswith(_SCRIPTS)]
