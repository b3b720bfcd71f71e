"""Values of JavaScript and TypeScript that are plain to see; everything else is `Unknown`, never guessed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from migcheck.drizzle.script_tokens import Kind, Token, tokenise

# Deeper than any configuration; a hostile one must not exhaust the stack.
_DEEPEST = 60
# How many characters of what cannot be read are shown.
_SHOWN = 80
_LITERALS: dict[str, "bool | None"] = {"true": True, "false": False, "null": None, "undefined": None}
_OPENING = {"(": ")", "[": "]", "{": "}"}
# What begins the next statement where the one before ends without a semicolon.
_STATEMENTS = frozenset({"export", "const", "let", "module"})
_CLOSING = frozenset(_OPENING.values())


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only running the file would tell. `text` is its source on one line, perhaps cut; `line` is 1-based."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Object:
    """An object literal. `rest` is what a spread may have added; then an absent key is not known to be absent."""

    items: "dict[str, Value]"
    rest: Unknown | None = None

    def get(self, key: str) -> "Value":
        """The value of `key`; None where it is absent, Unknown where a spread may hold it."""
        return self.items.get(key, self.rest)


Value = str | float | bool | None | Unknown | Object | tuple["Value", ...]


def default_export(text: str) -> Value:
    """The value of `export default` or `module.exports`; of the whole text where it is JSON."""
    reader = _Reader(text, tokenise(text))
    start = reader.default()
    if start is None:
        return Unknown("no `export default`", 1)
    return reader.value_at(start)


@dataclass(slots=True)
class _Reader:
    source: str
    tokens: list[Token]
    at: int = 0
    depth: int = 0
    constants: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for index, words in self._top_level():
            if words[0] == "const" and self.tokens[index + 1].kind is Kind.NAME:
                self.constants[words[1]] = index + 2

    def _top_level(self) -> Iterator[tuple[int, tuple[str, str, str]]]:
        depth = 0
        for index, token in enumerate(self.tokens[:-3]):
            if token.kind is Kind.SIGN:
                depth += (token.text in _OPENING) - (token.text in _CLOSING)
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

    def value_at(self, start: int) -> Value:
        """Parse the expression that begins at token `start`."""
        self.at = start
        return self.expression()

    def expression(self) -> Value:
        """One expression, up to what ends it."""
        start = self.at
        self.depth += 1
        value = Unknown("too deep", self.tokens[start].line) if self.depth > _DEEPEST else self.primary()
        self.depth -= 1
        return value if self.ended() else self.give_up(start)

    def ended(self) -> bool:
        """Whether the expression is over; skips what changes its type and not its value."""
        while self.tokens[self.at].text in {"!", "as", "satisfies"} and self.tokens[self.at].kind is not Kind.STRING:
            if self.tokens[self.at].text == "!":
                self.at += 1
            else:
                self.skip()
        token = self.tokens[self.at]
        if token.kind is Kind.END or (token.kind is Kind.SIGN and token.text in {",", ";", *_CLOSING}):
            return True
        # A statement may end with its line, without a semicolon.
        return token.kind is Kind.NAME and token.line > self.tokens[self.at - 1].line

    def give_up(self, start: int) -> Unknown:
        """Skip the rest of an expression that cannot be read and that began at token `start`."""
        self.skip()
        return Unknown(self.written(start, self.at), self.tokens[start].line)

    def written(self, start: int, stop: int) -> str:
        """The source of the tokens from `start` to before `stop`, cut where a token ends."""
        first = end = self.tokens[start].start
        for index in range(start, stop):
            token = self.tokens[index]
            if token.end - first > _SHOWN:
                # A single token may be a whole file, as a template that is never closed.
                end = end if end > first else first + _SHOWN
                return _on_one_line(self.source[first:end]) + "…"
            end = token.end
        return _on_one_line(self.source[first:end])

    def skip(self) -> None:
        """Go on to the `,`, `;` or closing bracket that ends the expression or the type."""
        depth = 0
        while (token := self.tokens[self.at]).kind is not Kind.END:
            if token.kind is Kind.SIGN:
                if depth == 0 and token.text in {",", ";", *_CLOSING}:
                    return
                depth += (token.text in {*_OPENING, "<"}) - (token.text in {*_CLOSING, ">"})
                depth = max(depth, 0)
            elif depth == 0 and token.text in _STATEMENTS and token.line > self.tokens[self.at - 1].line:
                return
            self.at += 1

    @property
    def sign(self) -> str:
        """The text of the current token where it is a sign; empty for a string that looks like one."""
        token = self.tokens[self.at]
        return token.text if token.kind is Kind.SIGN else ""

    def take(self, sign: str) -> bool:
        """Step over `sign` where it is the current token."""
        found = self.sign == sign
        self.at += found
        return found

    def primary(self) -> Value:
        """A literal, an object, a list, a constant, `defineConfig(…)`; Unknown for anything else."""
        start = self.at
        token = self.tokens[start]
        self.at += 1
        match token.kind, token.text:
            case Kind.SIGN, "{":
                return self.object()
            case Kind.SIGN, "[":
                return self.list()
            case Kind.SIGN, "(":
                return self.parenthesis()
            case Kind.NAME, "defineConfig" if self.take("("):
                return self.parenthesis()
            case ((Kind.STRING | Kind.NUMBER | Kind.NAME), _) if self.sign not in {".", "(", "[", "?."}:
                return self.plain(token)
        self.at = start
        return self.give_up(start)

    def plain(self, token: Token) -> Value:
        """The value of one token: a string, a number, `true`, a constant."""
        match token.kind, token.text:
            case Kind.STRING, text:
                return text
            case Kind.NUMBER, text:
                return _number(text, token.line)
            case _, text if text in _LITERALS:
                return _LITERALS[text]
            case _, text:
                return self.constant(text, token.line)

    def constant(self, name: str, line: int) -> Value:
        """The value of a `const` of this file; Unknown for an import, a `let` or a circle. Each is read once."""
        start = self.constants.get(name)
        if start is None:
            return Unknown(name, line)
        if name not in self.values:
            self.values[name] = Unknown(name, line)
            back = self.at
            self.values[name] = self.initializer(start, name)
            self.at = back
        return self.values[name]

    def initializer(self, start: int, name: str) -> Value:
        """What stands behind the `=` of a declaration, whose type annotation begins at token `start`."""
        for index in range(start, len(self.tokens)):
            token = self.tokens[index]
            if token.kind is Kind.SIGN and token.text in {"=", ";"}:
                return self.value_at(index + 1) if token.text == "=" else Unknown(name, token.line)
        return Unknown(name, self.tokens[start].line)

    def parenthesis(self) -> Value:
        """The first argument of a call, or what stands in parentheses."""
        value = self.expression()
        while self.take(","):
            self.skip()
        self.take(")")
        return value

    def list(self) -> Value:
        """A list, after its `[`."""
        values: list[Value] = []
        while self.tokens[self.at].kind is not Kind.END and not self.take("]"):
            before = self.at
            if self.sign != ",":
                values.append(self.expression())
            self.at += self.sign == "," or self.at == before
        return tuple(values)

    def object(self) -> Object:
        """An object, after its `{`."""
        items: dict[str, Value] = {}
        rest: Unknown | None = None
        while self.tokens[self.at].kind is not Kind.END and not self.take("}"):
            rest = self.member(items) or rest
            if self.sign not in {",", "}"}:
                self.skip()
            self.at += self.sign not in {"}", ""}
        return Object(items, rest)

    def member(self, items: dict[str, Value]) -> Unknown | None:
        """Add one member: `key: value`, `key`, `...spread`. Returns what may have set any key; a method is Unknown."""
        token = self.tokens[self.at]
        self.at += 1
        if token.kind is Kind.SIGN:
            start = self.at - 1
            added = self.expression() if token.text == "..." else None
            rest = added.rest if isinstance(added, Object) else Unknown(self.written(start, self.at), token.line)
            if rest:
                items.clear()
            items.update(added.items if isinstance(added, Object) else {})
            return rest
        if self.take(":"):
            items[token.text] = self.expression()
        elif self.sign in {",", "}"} and token.kind is Kind.NAME:
            items[token.text] = self.constant(token.text, token.line)
        else:
            items[token.text] = Unknown(token.text, token.line)
        return None


def _on_one_line(source: str) -> str:
    return " ".join(source.split())


def _number(text: str, line: int) -> Value:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return Unknown(text, line)
