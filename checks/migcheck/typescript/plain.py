"""What an expression may be read to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Unread:
    """What only running the file would tell. `text` is its source on one line, perhaps cut; `line` is 1-based.

    `place` is where that stands, as `path:line`, if it is in a file that this one imports in `line`. Where it stands
    makes it no other.
    """

    text: str
    line: int = field(default=1, compare=False)
    place: str = field(default="", compare=False)


class BesideFile(Struct, frozen=True):
    """A path from the directory of the file that it stands in, as `__dirname` gives it."""

    path: str


class Url(Struct, frozen=True):
    """The URL of such a path, as `import.meta.url` gives that of the file."""

    path: str


class Fields(Struct, frozen=True):
    """An object. `rest` is what a spread may have added: then an absent key is not known to be absent."""

    items: "Mapping[str, Value]"
    rest: Unread | None = None

    def get(self, key: str) -> "Value":
        """The value of `key`; None where it is absent."""
        return self.items.get(key, self.rest)


Value = str | float | bool | None | tuple["Value", ...] | BesideFile | Url | Fields | Unread
"""None is what JavaScript has `null` and `undefined` for."""
