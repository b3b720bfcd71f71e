"""Walking over the tokens of JavaScript and TypeScript: where an expression ends, and where a type does."""

from msgspec import Struct

from migcheck.drizzle.script_tokens import Kind, Token

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())
# How many characters of what cannot be read are shown.
_SHOWN = 80
# What begins the next statement where the one before ends without a semicolon.
_STATEMENTS = frozenset({"export", "const", "let", "module"})
_CASTS = frozenset({"as", "satisfies"})
# Behind these even a reserved word is a name, or part of a type.
_BEFORE_A_NAME = frozenset({".", "?.", "as"})
# The signs that a type may hold outside brackets. A `?` ends it: it is an expression's far more often than a type's.
_OF_TYPES = frozenset({".", "|", "&", "-", "=>", *OPENING})
# Behind these a `<` compares; behind any other name of a type it opens its arguments.
_PLAIN_TYPES = frozenset(
    {"any", "bigint", "boolean", "const", "never", "null", "number", "string", "undefined", "unknown"}
)


class Cursor(Struct):
    """A position among the `tokens` of `source`; the last token is END."""

    source: str
    tokens: list[Token]
    at: int = 0

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

    def ended(self) -> bool:
        """Whether the expression is over; skips what changes its type and not its value."""
        while self.take("!") or self.is_cast():
            if self.is_cast():
                self.skip_type()
        token = self.tokens[self.at]
        if token.kind is Kind.END or (token.kind is Kind.SIGN and token.text in {",", ";", *CLOSING}):
            return True
        # A statement may end with its line, without a semicolon.
        return token.kind is Kind.NAME and token.line > self.tokens[self.at - 1].line

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
        """Go on to the `,`, `;` or closing bracket that ends the expression."""
        depth = 0
        while (token := self.tokens[self.at]).kind is not Kind.END:
            if token.kind is Kind.SIGN:
                if depth == 0 and token.text in {",", ";", *CLOSING}:
                    return
                depth += (token.text in OPENING) - (token.text in CLOSING)
            elif depth == 0 and (self.declares(self.at) or (token.text in _STATEMENTS and self.begins_line())):
                return
            elif depth == 0 and self.is_cast():
                self.skip_type()
                continue
            self.at += 1

    def is_cast(self) -> bool:
        """Whether a type follows, behind `as` or `satisfies`."""
        token = self.tokens[self.at]
        return token.kind is Kind.NAME and token.text in _CASTS and self.tokens[self.at - 1].text not in _BEFORE_A_NAME

    def skip_type(self) -> None:
        """Step over the current token and the type behind it, up to what can be no part of a type."""
        self.at += 1
        start, depth, angles = self.at, 0, 0
        while (token := self.tokens[self.at]).kind is not Kind.END:
            opens = self.opens_arguments()
            if token.kind is Kind.SIGN and depth == 0:
                if token.text in CLOSING or not (angles or opens or token.text in _OF_TYPES):
                    return
                angles += opens - (token.text == ">")
            elif depth == 0 and (self.declares(self.at) or (angles == 0 and self.at > start and self.begins_line())):
                return
            if token.kind is Kind.SIGN:
                depth += (token.text in OPENING) - (token.text in CLOSING)
            self.at += 1

    def opens_arguments(self) -> bool:
        """Whether the current token, in a type, is the `<` of `Map<string, number>` or of `<T>(value: T) => T`."""
        before = self.tokens[self.at - 1]
        plain = before.text in (CLOSING if before.kind is Kind.SIGN else _PLAIN_TYPES)
        return self.sign == "<" and before.kind in {Kind.NAME, Kind.SIGN} and not plain

    def declares(self, index: int) -> bool:
        """Whether the token at `index` is the `const` of a declaration.

        No expression goes on beyond one: without that, a file of many that never end would be read once for each.
        """
        token = self.tokens[index]
        return token.kind is Kind.NAME and token.text == "const" and self.tokens[index - 1].text not in _BEFORE_A_NAME

    def begins_line(self) -> bool:
        """Whether the current token may begin a statement that nothing but its line parts from the one before."""
        token, before = self.tokens[self.at], self.tokens[self.at - 1]
        continued = before.kind is Kind.SIGN and before.text not in {*CLOSING, ">"}
        return token.kind is Kind.NAME and token.line > before.line and not continued


def _on_one_line(source: str) -> str:
    return " ".join(source.split())
