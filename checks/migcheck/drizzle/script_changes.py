"""Where a file of JavaScript changes what a name stands for: `c.out = …`, `delete c.out`, `Object.assign(c, …)`."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.drizzle.script_cursor import CLOSING, OPENING
from migcheck.drizzle.script_objects import Object, Unknown, Value
from migcheck.drizzle.script_tokens import Kind, Token

_CHANGING = frozenset(
    {
        ("Object", "assign"),
        ("Object", "defineProperties"),
        ("Object", "defineProperty"),
        ("Object", "setPrototypeOf"),
        ("Reflect", "defineProperty"),
        ("Reflect", "deleteProperty"),
        ("Reflect", "set"),
        ("Reflect", "setPrototypeOf"),
    }
)
_OF_ONE_KEY = frozenset({"defineProperty", "deleteProperty", "set"})
_DECLARES = frozenset({"const", "let", "var", "class", "function"})
# What stands before the `=` of `||=`, sign by sign. A `<` or `>` there compares.
_ASSIGNING = frozenset({"+", "-", "*", "/", "%", "&", "|", "^", "&&", "||", "??"})
# More parentheses around a name, and more keys behind it, than a person writes: a hostile file must not be walked over
# again for each.
_DEEPEST, _FARTHEST = 4, 40


class Change(Struct, frozen=True):
    """A change of what stands behind `key`, or where that is empty, of anything. It is the tokens `start` to `stop`.

    `whole`: nothing of it follows; else `stop` is where the new value begins.
    """

    key: str
    start: int
    stop: int
    whole: bool


class Changes(Struct, frozen=True):
    """The changes of a file by name, and the names that are given another value than that of their `const`."""

    by_name: Mapping[str, Sequence[Change]]
    again: frozenset[str]

    def of(self, name: str) -> Sequence[Change]:
        """What is changed of the object that `name` stands for."""
        return self.by_name.get(name, ())

    def leave(self, name: str, keys: frozenset[str]) -> bool:
        """Whether `name` stands for one thing, and what is behind `keys` of that stays as it is."""
        return name not in self.again and all(each.key and each.key not in keys for each in self.of(name))


def changes(tokens: Sequence[Token]) -> Changes:
    """The changes that `tokens` make, wherever in the file: whether and when they run is not told."""
    return _Finder(tokens).find()


def altered(value: Value, made: Sequence[Change], unknown: Callable[[Change], Unknown]) -> Value:
    """What `value` is where the changes `made` may have been made to it: all that they reach is `unknown`."""
    whole = next((each for each in made if not each.key), None)
    match value:
        case _ if not made:
            return value
        case Object(items, rest) if whole is None:
            return Object(items | {each.key: unknown(each) for each in made}, rest)
        case _:
            return unknown(whole or made[0])


class _Place(Struct, frozen=True):
    """What a name begins, as `(c as any).out`: `keys` behind it, empty for a computed one, and the tokens it takes."""

    keys: tuple[str, ...]
    start: int
    stop: int


class _Finder:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.closers: dict[int, int] = {}
        self.around: list[int] = []
        self.patterns: dict[int, int] = {}
        self._pair()

    def _pair(self) -> None:
        """Find what closes each bracket, and the bracket that each token stands in."""
        end, still_open = len(self.tokens) - 1, [-1]
        for index in range(len(self.tokens)):
            sign = self.sign(index)
            if sign in CLOSING and len(still_open) > 1:
                self.closers[still_open.pop()] = index
            self.around.append(still_open[-1])
            if sign in OPENING:
                still_open.append(index)
        self.closers.update((each, end) for each in still_open)

    def find(self) -> Changes:
        found: dict[str, list[Change]] = {}
        same: dict[str, list[tuple[str, str]]] = {}
        again: set[str] = set()
        for index, token in enumerate(self.tokens):
            if token.kind is not Kind.NAME or self.tokens[index - 1].text in {".", "?."}:
                continue
            if change := self.change(index):
                found.setdefault(token.text, []).append(change)
            if self.is_given(index):
                again.add(token.text)
            for other in self.same_as(index):
                same.setdefault(token.text, []).append(other)
        _spread(found, same)
        return Changes(found, frozenset(again))

    def sign(self, index: int) -> str:
        """The sign at `index`; empty where there is none."""
        token = self.tokens[index] if index < len(self.tokens) else self.tokens[-1]
        return token.text if token.kind is Kind.SIGN else ""

    def place(self, index: int) -> _Place:
        """What the name at `index` begins."""
        keys: list[str] = []
        start, at = index, index + 1
        for _ in range(_DEEPEST + 1):
            at = self.members(at, keys)
            bracket = self.around[start]
            ends = at == self.closers[bracket] or self.tokens[at].text in {"as", "satisfies"}
            if self.sign(bracket) != "(" or not ends:
                break
            start, at = bracket, self.behind(bracket)
        return _Place(tuple(keys), start, at)

    def behind(self, opener: int) -> int:
        """The token behind the bracket that closes the one at `opener`."""
        return min(self.closers[opener] + 1, len(self.tokens) - 1)

    def members(self, at: int, keys: list[str]) -> int:
        """Step over `.key`, `["key"]` and `(…)` from token `at`, and add the keys. Returns the token behind them."""
        for _ in range(_FARTHEST):
            sign = self.sign(at)
            if sign in {".", "?."} and self.tokens[at + 1].kind is Kind.NAME:
                keys.append(self.tokens[at + 1].text)
                at += 2
            elif sign in {"[", "("}:
                if sign == "[":
                    keys.append(self.only_text(at + 1))
                at = self.behind(at)
            elif sign in {"!", "?."}:
                at += 1
            else:
                break
        return at

    def only_text(self, index: int) -> str:
        """The string at `index`, where it is all that a bracket holds; else empty."""
        token = self.tokens[index]
        return token.text if token.kind is Kind.STRING and self.sign(index + 1) == "]" else ""

    def change(self, index: int) -> Change | None:
        """The change of what the name at `index` stands for, if that is one."""
        place = self.place(index)
        if place.keys and (assigned := self.assigned(place.stop)):
            return Change(place.keys[0], place.start, assigned, whole=False)
        before = index
        for _ in range(_DEEPEST):
            if place.keys and self.tokens[before - 1].text == "delete":
                return Change(place.keys[0], before - 1, place.stop, whole=True)
            if self.sign(before - 1) != "(":
                return None
            if (call := self.called(before)) is not None:
                key = place.keys[0] if place.keys else call
                return Change(key, before - 4, self.behind(before - 1), whole=True)
            before -= 1
        return None

    def assigned(self, at: int) -> int:
        """The token behind the `=` that stands at `at`, perhaps as `||=`; 0 where none does."""
        for _ in range(3):
            if self.sign(at) == "=":
                return at + 1
            if self.sign(at) not in _ASSIGNING:
                return 0
            at += 1
        return 0

    def called(self, index: int) -> str | None:
        """The key that a call changes, whose first argument begins at `index`; empty for any, None for no such call."""
        owner, dot, name = (self.tokens[each].text for each in range(index - 4, index - 1))
        if dot != "." or (owner, name) not in _CHANGING:
            return None
        at = index
        while at < self.closers[index - 1] and self.sign(at) != ",":
            at = self.closers.get(at, at) + 1
        key = self.tokens[min(at + 1, len(self.tokens) - 1)]
        return key.text if name in _OF_ONE_KEY and key.kind is Kind.STRING else ""

    def is_given(self, index: int) -> bool:
        """Whether the name at `index` is given a value by other than a `const`."""
        before = self.tokens[index - 1].text
        return (before in _DECLARES - {"const"}) or (before != "const" and bool(self.assigned(index + 1)))

    def same_as(self, index: int) -> Iterator[tuple[str, str]]:
        """The name whose object, or the one behind its key, the name at `index` is given as it is: `const d = c`."""
        opener, first = self.around[index], ""
        at = self.behind_type(index + 1) if self.tokens[index - 1].text in _DECLARES else index + 1
        if self.sign(opener) == "{" and self.tokens[opener - 1].text in _DECLARES:
            # Once for all names of it, which may be many.
            at = self.patterns.get(opener) or self.behind_type(self.behind(opener))
            self.patterns[opener] = at
            first = self.tokens[index - 2 if self.sign(index - 1) == ":" else index].text
        if self.sign(at) != "=":
            return
        at = self.argument(at + 1)
        if self.tokens[at].kind is Kind.NAME:
            keys: list[str] = []
            self.members(at + 1, keys)
            yield self.tokens[at].text, keys[0] if keys else first

    def argument(self, at: int) -> int:
        """The first token of what parentheses, or a function that may give it back as it is, hold at token `at`."""
        while self.sign(at) == "(" or (self.tokens[at].kind is Kind.NAME and self.sign(at + 1) == "("):
            at += 1
        return at

    def behind_type(self, at: int) -> int:
        """The `=` of a declaration whose type may begin at token `at`; another token where it has none."""
        if self.sign(at) != ":":
            return at
        while self.tokens[at].kind is not Kind.END and self.sign(at) not in {"=", ";"}:
            at = self.behind(at) if at in self.closers else at + 1
            if self.tokens[at].text in _DECLARES:
                break
        return at


def _spread(found: dict[str, list[Change]], same: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Add to `found` what is changed by another name."""
    waiting = list(found)
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        first = found[name][0]
        for other, key in same.get(name, ()):
            found.setdefault(other, []).append(Change(key, first.start, first.stop, first.whole))
            if other not in seen:
                seen.add(other)
                waiting.append(other)
