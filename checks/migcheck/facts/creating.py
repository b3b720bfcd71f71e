"""What migrations create by statements that fail where it is there already. Pure."""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.lint.names import unquoted
from migcheck.postgres.alone import statements_of
from migcheck.postgres.statements import tokens
from migcheck.regex import regex

# More than any statement has up to the end of the name.
_MOST_TOKENS = 10
_KINDS = frozenset({"table", "type", "domain", "sequence", "view"})
# A DO block may do so as well.
_MOVES = regex(r"\b(?:drop|rename|set\s+schema)\b")
# What else is taken away, the words of these do not say.
_WHOLESALE = regex(r"\b(?:drop\s+(?:schema|owned)|alter\s+schema)\b|\bdrop\b[^;]*\bcascade\b")
# The sequence of a serial goes with its column.
_FREES_SEQUENCES = regex(r"\bdrop\s+(?:table|column)\b")
_SEQUENCE = regex(r"\s*create\s+sequence\b")


class Created(Struct, frozen=True):
    """A table, a type, a sequence or a view by its name as the server folds it; no `schema` where none is written."""

    name: str
    schema: str = ""


def created_plainly(migrations: Iterable[Migration]) -> frozenset[Created]:
    """What `migrations`, in their order, create without looking whether it is there.

    Nothing that an earlier statement may have dropped or moved out of the way, by its name.
    """
    created, moved = set[Created](), list[str]()
    for migration in migrations:
        for statement in statements_of(migration):
            text = statement.text.lower()
            if _WHOLESALE.search(text):
                return frozenset(created)
            made = _created(list(islice(tokens(statement.text), _MOST_TOKENS)))
            freed = _SEQUENCE.match(text) and any(map(_FREES_SEQUENCES.search, moved))
            if made is not None and not freed and not any(made.name.lower() in each for each in moved):
                created.add(made)
            if _MOVES.search(text):
                moved.append(text)
    return frozenset(created)


def _created(words: Sequence[str]) -> Created | None:
    match [each.lower() for each in words]:
        case ["create", "materialized" | "recursive" | "unlogged", kind, *_] if kind in _KINDS:
            rest = words[3:]
        case ["create", kind, *_] if kind in _KINDS:
            rest = words[2:]
        case _:
            return None
    match rest:
        case [first, _, third, *_] if [each.lower() for each in (first, third)] == ["if", "exists"]:
            return None
        case [schema, ".", name, *_]:
            return _named(name, schema)
        case [name, *_]:
            return _named(name)
        case _:
            return None


def _named(written: str, schema: str = "") -> Created | None:
    name, place = unquoted(written), unquoted(schema) if schema else ""
    return None if not name or place is None else Created(name, place)
