"""Which tables new migrations speak of, for all that their text tells: to plan what is asked of all others takes long.

Nothing is found out by it. What no word speaks of is still looked at behind the migrations, by what the catalogue says.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.schema import Relation

_WORD = re.compile(r"\w+")
# A name may be put together for it. CREATE TRIGGER says it of a function, by its name.
_DYNAMIC = re.compile(r"\bexecute\b(?!\s+(?:function|procedure)\b)")
# As long as it takes to read this, all could be planned.
_LONG = 1024 * 1024


class Spoken(Struct, frozen=True):
    """The words that are used, in lower case; None where any may be."""

    words: frozenset[str] | None

    def of(self, relation: Relation) -> bool:
        """Whether something may be done to `relation`: it, one of its keys or an enum of it is named."""
        return self.words is None or any(self.words.issuperset(each) for each in _names(relation))


def spoken(new: Sequence[Migration]) -> Spoken:
    """The words of `new`."""
    if sum(len(each.sql) for each in new) > _LONG:
        return Spoken(None)
    texts = [each.sql.decode("utf-8", "replace").lower() for each in new]
    if any(map(_DYNAMIC.search, texts)):
        return Spoken(None)
    return Spoken(frozenset(word for text in texts for word in _WORD.findall(text)))


def _names(relation: Relation) -> Iterator[list[str]]:
    enums = (each.type.removesuffix("[]") for each in relation.columns if each.labels)
    yield from map(_words, (relation.name, *(each.name for each in relation.keys), *enums))


def _words(name: str) -> list[str]:
    return _WORD.findall(name.lower())
