"""Which tables new migrations speak of, for all that their text tells: to plan what is asked of all others takes long.

Nothing is found out by it. What no word speaks of is still looked at behind the migrations, by what the catalogue says.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.sql.types import BUILT_IN, called
from migcheck.postgres.running.statements import EXECUTES
from migcheck.regex import regex

_WORD = regex(r"\w+")
_DYNAMIC = regex(EXECUTES)
_LENGTH = regex(r"\([^)]*\)|\[[^]]*\]")
# As long as it takes to read this, all could be planned.
_LONG = 1024 * 1024


class Spoken(Struct, frozen=True):
    """The words that are used, in lower case; None where any may be."""

    words: AbstractSet[str] | None

    def names(self, name: str) -> bool:
        """Whether something may be done to what is called `name`, by all its words: `"user-roles"` has two."""
        return self.words is None or self.words >= frozenset(_WORD.findall(name.lower()))

    def of(self, relation: Relation) -> bool:
        """Whether something may be done to `relation`: it, a key or a type of its own is named."""
        return any(map(self.names, _names(relation)))


def spoken(new: Sequence[Migration]) -> Spoken:
    """The words of `new`."""
    if sum(len(each.sql) for each in new) > _LONG:
        return Spoken(None)
    return spoken_in("\n".join(each.sql.decode("utf-8", "replace") for each in new))


def spoken_in(text: str) -> Spoken:
    """The words of `text`."""
    text = text.lower()
    return Spoken(None if _DYNAMIC.search(text) else frozenset(_WORD.findall(text)))


def _names(relation: Relation) -> Iterator[str]:
    types = {_type(each) for each in relation.columns} - BUILT_IN - {""}
    yield from (relation.name, *(each.name for each in relation.keys), *types)


def _type(column: Column) -> str:
    """Its type without schema, length and dimensions; an enum's, a domain's and an extension's may be changed."""
    if column.labels:
        return column.type.removesuffix("[]")
    return called(_LENGTH.sub(" ", column.type.lower()).rpartition(".")[2])
