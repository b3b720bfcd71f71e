"""Enums, from their parts in the catalogue (`queries/types.sql`)."""

from collections.abc import Iterator, Sequence

from migcheck.postgres.catalogue import Catalogue, Key
from migcheck.postgres.reversal import things
from migcheck.postgres.reversal.columns import through_text, whole
from migcheck.postgres.reversal.step import Phase, Step, last_of, parent_of, step
from migcheck.regex import regex
from migcheck.sql_names import quoted_always

_LABEL = regex(r"E?'(?:[^']|'')*'")


def created(key: Key, told: Sequence[str]) -> Step:
    """CREATE TYPE … AS ENUM."""
    return step(Phase.MAKE, f"CREATE TYPE {key.identity} AS ENUM ({', '.join(labels(told))})")


def dropped(key: Key) -> Step:
    """DROP TYPE."""
    return step(Phase.DROP, f"DROP TYPE {key.identity}")


def labels(told: Sequence[str]) -> list[str]:
    """The labels in their order, each as SQL writes it."""
    return _LABEL.findall("\n".join(told))


def changed(key: Key, now: Catalogue, then: Sequence[str]) -> Step:
    """A type made anew with the labels it had `then`: Postgres adds values and renames them, and takes none away.

    A label that has another name only is given the old one back before: which one that is, its number says.
    """
    return step(Phase.CHANGE, *_made_anew(key, now, then))


def _made_anew(key: Key, now: Catalogue, then: Sequence[str]) -> Iterator[str]:
    aside = quoted_always(f"{last_of(key.identity).strip(chr(34))}__old")
    # What compares with a value of the type would compare two types meanwhile.
    on_it = [(each, told) for each, told in now.things.items() if _speaks_of(each, told, key.identity)]
    for each, told in on_it:
        yield from (statement for gone in things.dropped(each, told) for statement in gone.statements)
    yield f"ALTER TYPE {key.identity} RENAME TO {aside}"
    yield from created(key, then).statements
    for column, parts in ((each, whole(told)) for each, told in now.things.items() if each.kind == "column"):
        if parts[0] in {key.identity, f"{key.identity}[]"} and not _is_of_a_view(now, column):
            yield from _moved(column, parts, parts[0])
    yield f"DROP TYPE {parent_of(key.identity)}.{aside}"
    for each, told in on_it:
        yield from (statement for made in things.created(each, told) for statement in made.statements)


def _speaks_of(key: Key, told: Sequence[str], kind: str) -> bool:
    return key.kind in {"constraint", "index", "policy"} and any(f"::{kind}" in part for part in told)


def _is_of_a_view(now: Catalogue, column: Key) -> bool:
    return Key(parent_of(column.identity), "table") not in now.things


def _moved(column: Key, told: Sequence[str], kind: str) -> Iterator[str]:
    alter = f"ALTER TABLE {parent_of(column.identity)} ALTER COLUMN {last_of(column.identity)}"
    default = next((each for each in told if each.startswith("default ")), "")
    if default:
        yield f"{alter} DROP DEFAULT"
    yield f"{alter} TYPE {kind} USING {last_of(column.identity)}::{through_text(kind)}"
    if default:
        yield f"{alter} SET DEFAULT {default.removeprefix('default ')}"
