"""What a script declares outside of all brackets, and the names by which it calls drizzle-kit's `defineConfig`."""

from collections.abc import Iterator
from functools import cached_property

from msgspec import field

from migcheck.drizzle.script_changes import Changes, changes
from migcheck.drizzle.script_cursor import CLOSING, OPENING, Cursor
from migcheck.drizzle.script_names import Definers, listed_in, origins, parts_of
from migcheck.drizzle.script_tokens import Kind, Token

GOES_ON = frozenset({".", "(", "[", "?."})
"""What makes another value of the one before it."""
# What Node calls the directory of a file.
_DIRNAME = "__dirname"


class Declared(Cursor, dict=True):
    """A cursor that knows the names of its script.

    `constants` have for each `const` the token behind its name; `parts`, for each name of one that takes an object
    apart, the token behind the pattern and the key, which is empty where it is not plain.
    """

    constants: dict[str, int] = field(default_factory=dict)
    parts: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find what is declared."""
        for index, words in self._top_level():
            if self.declares(index) and self.tokens[index + 1].kind is Kind.NAME:
                self.constants[words[1]] = index + 2
            elif self.declares(index) and words[1] == "{":
                given, behind = parts_of(self.tokens, index + 1)
                # What only a default or a key is called so may be declared elsewhere.
                plain = (each for each in given if each.key or each.name not in self.parts)
                self.parts |= {each.name: (behind, each.key) for each in plain}

    def _top_level(self) -> Iterator[tuple[int, tuple[str, str, str]]]:
        depth = 0
        for index, token in enumerate(self.tokens[:-3]):
            if token.kind is Kind.SIGN:
                depth += (token.text in OPENING) - (token.text in CLOSING)
            elif depth == 0 and token.kind is Kind.NAME:
                yield index, (token.text, self.tokens[index + 1].text, self.tokens[index + 2].text)

    def default(self) -> int | None:
        """Where the default export's expression begins."""
        if self.tokens[0].text == "{":
            return 0
        for index, words in self._top_level():
            if words[:2] == ("export", "default"):
                return index + 2
            if words == ("module", ".", "exports") and self.tokens[index + 3].text == "=":
                return index + 4
        return None

    def exported(self, name: str) -> str:
        """The constant that is exported as `name`, by its declaration or in a list; empty where none is."""
        if name in self.constants and self.tokens[self.constants[name] - 3].text == "export":
            return name
        for index, words in self._top_level():
            if words[:2] == ("export", "{"):
                listed, behind = listed_in(self.tokens, index + 1)
                if name in listed and self.tokens[behind].text != "from":
                    return listed[name]
        return ""

    def is_of_node(self) -> bool:
        """Whether it exports by `module.exports` alone."""
        return all(words[0] != "export" for _, words in self._top_level())

    @cached_property
    def changes(self) -> Changes:
        """What the file changes after it was made."""
        return changes(self.tokens)

    def key_of(self, name: str) -> Token | None:
        """The key in `name.key`, where the name is from another file and nothing more is made of what is behind it."""
        origin, key = self.definers.origins.get(name), self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if origin is None or not origin.module.startswith(".") or self.sign != "." or key.kind is not Kind.NAME:
            return None
        behind = self.tokens[min(self.at + 2, len(self.tokens) - 1)]
        return None if behind.kind is Kind.SIGN and behind.text in GOES_ON else key

    def defines(self, name: str) -> bool:
        """Whether drizzle-kit's `defineConfig` is called, behind `name` of it; then steps over its `(`."""
        if self.sign == "(" and self.definers.is_one(name):
            self.at += 1
            return True
        behind = [each.text for each in self.tokens[self.at : self.at + 3]]
        whole = behind == [".", "defineConfig", "("] and self.definers.is_whole(name) and not self.changes.of(name)
        self.at += 3 * whole
        return whole

    @cached_property
    def definers(self) -> Definers:
        """The names of that function."""
        again = self.changes.again
        found = {name: origin for name, origin in origins(self.tokens).items() if name not in again}
        same = {name: other for name, at in self.constants.items() if (other := self.another_name(at))}
        return Definers(found, same, frozenset((*self.constants, *self.parts, *again)))

    def another_name(self, at: int) -> str:
        """The name that is all that stands behind the `=` at token `at`; empty where it is not all."""
        if self.tokens[at].text != "=" or self.tokens[at + 1].kind is not Kind.NAME:
            return ""
        back, self.at = self.at, at + 2
        whole = self.ended() and self.sign in {"", ";"}
        self.at = back
        return self.tokens[at + 1].text if whole else ""

    def is_kept(self, name: str) -> bool:
        """Whether the file leaves to `name` the meaning that it comes with; Node's functions are imported."""
        if name == _DIRNAME and (name in self.parts or name in self.definers.origins):
            return False
        return name not in self.constants and name not in self.changes.again
