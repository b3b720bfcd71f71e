"""What migrations create by statements that fail where it is there already. Pure."""

from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import EXECUTES, tokens
from migcheck.regex import regex
from migcheck.sql_names import names_at, quoted

# More than any statement has up to the end of the name.
_MOST_TOKENS = 10
_KINDS = {each: each for each in ("table", "type", "sequence", "view", "index")} | {"domain": "type"}
_BEFORE_KIND = frozenset({"foreign", "materialized", "recursive", "unique", "unlogged"})
# A DO block may do so as well.
_MOVES = regex(r"\b(?:drop|rename|set\s+schema)\b")
# What else is taken away, the words of these do not say.
_WHOLESALE = regex(r"\b(?:drop\s+(?:schema|owned)|alter\s+schema)\b")
_CASCADES = regex(r"\bcascade\b")
_DROPS = regex(r"\bdrop\b")
_BY_NAMES_MADE_UP = (regex(EXECUTES), _DROPS)
# The sequence of a serial goes with its column, and an index with what it is on: what these drop, they name.
_NAMED = "view|type|domain|index|sequence|policy|trigger|function|constraint|not|default"
_FREES = regex(rf"\bdrop\s+(?!(?:{_NAMED})\b)|\bset\s+schema\b")
_GO_ALONG = frozenset({"sequence", "index"})


class Created(Struct, frozen=True):
    """What is made by its name as the server folds it; no `schema` where none is written.

    `kind` is one of table, type, sequence, view and index; one that is made `concurrently` takes the place of an
    invalid one. It `looks` where it is made IF NOT EXISTS.
    """

    kind: str
    name: str
    schema: str = ""
    concurrently: bool = False
    looks: bool = False


def created_nowhere(migrations: Iterable[Migration]) -> list[str]:
    """The names, as the server writes them, of what `migrations` create in no schema that they say."""
    made = (_created(statement.text) for migration in migrations for statement in statements_of(migration))
    # An index goes where its table is.
    return [quoted(each.name) for each in made if each and not each.schema and each.kind != "index"]


def created_plainly(migrations: Iterable[Migration]) -> frozenset[Created]:
    """What `migrations`, in their order, create without looking whether it is there.

    Nothing that an earlier statement may have dropped or moved out of the way, by its name.
    """
    created, moved, frees = set[Created](), list[str](), False
    for migration in migrations:
        for statement in statements_of(migration):
            text = statement.text.lower()
            if _is_wholesale(text) or all(each.search(text) for each in _BY_NAMES_MADE_UP):
                return frozenset(created)
            made = _created(statement.text)
            freed = made is not None and frees and made.kind in _GO_ALONG
            if (
                made is not None
                and not made.looks
                and not freed
                and not any(made.name.lower() in each for each in moved)
            ):
                created.add(made)
            if _MOVES.search(text):
                moved.append(text)
                frees = frees or _FREES.search(text) is not None
    return frozenset(created)


def _is_wholesale(text: str) -> bool:
    """Whether it takes away what its words do not say, by its schema or by CASCADE."""
    drops = ((part, _DROPS.search(part)) for part in text.split(";"))
    cascades = (found and _CASCADES.search(part, found.end()) for part, found in drops)
    return _WHOLESALE.search(text) is not None or any(cascades)


def _created(text: str) -> Created | None:
    words = list(islice(tokens(text), _MOST_TOKENS))
    match [each.lower() for each in words]:
        case ["create", before, kind, *_] if before in _BEFORE_KIND and kind in _KINDS:
            rest = words[3:]
        case ["create", kind, *_] if kind in _KINDS:
            rest = words[2:]
        case _:
            return None
    concurrently = kind == "index" and [each.lower() for each in rest[:1]] == ["concurrently"]
    named = rest[1:] if concurrently else rest
    looks = [each.lower() for each in named[:3]] == ["if", "not", "exists"]
    names, _ = names_at(named, 3 if looks else 0)
    if not names or (kind == "index" and named[0].lower() == "on"):
        # An index may have no name.
        return None
    return Created(_KINDS[kind], names[-1], "".join(names[-2:-1]), concurrently, looks)
