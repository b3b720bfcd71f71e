"""What an expression of JavaScript may be read to."""

from msgspec import Struct

from migcheck.drizzle.script_paths import Here


class Unknown(Struct, frozen=True):
    """What only running the file would tell. `text` is its source on one line, perhaps cut; `line` is 1-based.

    `place` is where that stands, as `path:line`, if it is in a file that this one imports in `line`.
    """

    text: str
    line: int
    place: str = ""


class Object(Struct, frozen=True):
    """An object literal. `rest` is what a spread may have added; then an absent key is not known to be absent."""

    items: "dict[str, Value]"
    rest: Unknown | None = None

    def get(self, key: str) -> "Value":
        """The value of `key`; None where it is absent, Unknown where a spread may hold it."""
        return self.items.get(key, self.rest)


Value = str | float | bool | None | Unknown | Object | Here | tuple["Value", ...]
