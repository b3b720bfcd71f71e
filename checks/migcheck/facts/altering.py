"""Which tables migrations alter by statements that nobody but the owner of the table may send. Pure."""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.lint.names import full_name, quoted, unquoted
from migcheck.postgres.alone import statements_of
from migcheck.postgres.statements import tokens
from migcheck.regex import regex

# More than any statement has up to the end of the table's name.
_MOST_TOKENS = 14
# The owner of a schema may drop a table of another's, and make one by its name.
_DROPS = regex(r"\bdrop\s+table\b")
# What else may have dropped any, and how a role comes to have the rights of another.
_ANYTHING = (
    regex(r"\b(?:drop\s+(?:schema|owned)|execute(?!\s+(?:function|on|procedure)\b))\b"),
    regex(r"\bgrant\b(?:(?!\bon\b)[^;])*\bto\b"),
    regex(r"\bset_config\s*\(\s*'(?:role|session_auth)"),
)


class Altered(Struct, frozen=True):
    """A table by its name as the server folds it; no `schema` where none is written."""

    name: str
    schema: str = ""

    def may_be(self, full: str) -> bool:
        """Whether that table, as `schema.name`, is meant or may be."""
        return full == full_name(self.schema, self.name) if self.schema else full.endswith(f".{quoted(self.name)}")


def altered_plainly(migrations: Iterable[Migration]) -> frozenset[Altered]:
    """The tables that ALTER TABLE and CREATE INDEX of `migrations` are about, in their order.

    None that an earlier statement may have dropped, and nothing behind one that may give the role another's rights.
    """
    altered, dropped = set[Altered](), list[str]()
    for migration in migrations:
        for statement in statements_of(migration):
            text = statement.text.lower()
            if any(each.search(text) for each in _ANYTHING):
                return frozenset(altered)
            table = _table(list(islice(tokens(statement.text), _MOST_TOKENS)))
            if table is not None and not any(table.name.lower() in each for each in dropped):
                altered.add(table)
            if _DROPS.search(text):
                dropped.append(text)
    return frozenset(altered)


def _table(words: Sequence[str]) -> Altered | None:
    lower = [each.lower() for each in words]
    match lower:
        case ["alter", "table", *_]:
            at = 2
        case ["create", "index", *_] | ["create", "unique", "index", *_] if "on" in lower:
            at = lower.index("on") + 1
        case _:
            return None
    at += 2 * (lower[at : at + 2] == ["if", "exists"])
    at += lower[at : at + 1] == ["only"]
    match words[at:]:
        case [schema, ".", name, *_]:
            plain, place = unquoted(name), unquoted(schema)
        case [name, *_]:
            plain, place = unquoted(name), ""
        case _:
            return None
    return None if not plain or place is None else Altered(plain, place)
