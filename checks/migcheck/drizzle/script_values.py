"""Values of JavaScript and TypeScript that are plain to see; everything else is `Unknown`, never guessed."""

import re
from collections.abc import Callable
from functools import cached_property

from msgspec import field

from migcheck.drizzle.script_changes import Change, altered
from migcheck.drizzle.script_declared import GOES_ON, Declared
from migcheck.drizzle.script_names import Origin
from migcheck.drizzle.script_objects import Object, Unknown, Value
from migcheck.drizzle.script_paths import FUNCTIONS, Here, PathCalls, added, joined, path_calls
from migcheck.drizzle.script_tokens import Kind, Token, number, without_comments
from migcheck.regex import regex
from migcheck.typescript.escapes import unescape

# Deeper than any configuration; a hostile one must not exhaust the stack.
_DEEPEST = 60
_LITERALS: dict[str, "bool | None"] = {"true": True, "false": False, "null": None, "undefined": None}
# Where a key is looked for that an object has not itself.
_PROTOTYPE = "__proto__"
# What makes a method of the member that follows it, whose name is the key.
_MODIFIERS = frozenset({"async", "get", "set"})
# What a template puts in, where that is plain.
_GAP = regex(r"(?P<text>(?:\\.|[^\\$]|\$(?!\{))*)(?:\$\{\s*(?P<name>[\w$.]+)\s*\})?", re.DOTALL)


Imported = Callable[[Origin, int], Value]
"""What is taken from another file, in a line of this one; None where that is not known."""


class Reader(Declared, dict=True):
    """Reads the values of one script."""

    depth: int = 0
    imported: Imported = lambda _, __: None
    values: dict[str, Value] = field(default_factory=dict)
    wholes: dict[int, Value] = field(default_factory=dict)

    def change(self, made: Change) -> Unknown:
        """What a change leaves behind."""
        shown = self.written(made.start, made.stop) + ("" if made.whole else " …")
        return Unknown(shown, self.tokens[made.start].line)

    def statement(self, start: int) -> Value:
        """The expression that begins at token `start` and is the last of its statement.

        Unknown where anything is left over: then brackets that are none, as in a regular expression, misled the reader.
        """
        self.at = start
        value = self.expression()
        return value if self.sign in {"", ";"} else self.give_up(start)

    def expression(self) -> Value:
        """One expression, up to what ends it."""
        start = self.at
        self.depth += 1
        value = Unknown("too deep", self.tokens[start].line) if self.depth > _DEEPEST else self.sum()
        self.depth -= 1
        return value if self.ended() else self.give_up(start)

    def give_up(self, start: int) -> Unknown:
        """Skip the rest of an expression that cannot be read and that began at token `start`."""
        self.skip()
        return Unknown(self.written(start, self.at), self.tokens[start].line)

    def sum(self) -> Value:
        """One value, or texts that `+` makes one."""
        start = self.at
        value = self.primary()
        while self.take("+"):
            together = added(value, self.primary())
            value = self.unknown(start) if together is None else together
        return value

    def unknown(self, start: int) -> Unknown:
        """What stands between token `start` and the current one, where that is not plain."""
        return Unknown(self.written(start, self.at), self.tokens[start].line)

    @cached_property
    def paths(self) -> PathCalls:
        """What the file calls Node's functions for paths."""
        found = path_calls(without_comments(self.source, self.tokens))
        own = (*found.modules, *found.names, "require")
        return found if all(self.changes.leave(each, FUNCTIONS) for each in own) else PathCalls()

    def primary(self) -> Value:
        """A literal, an object, a list, a constant, a path, `defineConfig(…)`; Unknown for anything else."""
        token = self.tokens[self.at]
        if token.kind is Kind.NAME and (path := self.path(token)) is not None:
            return path
        if token.kind is Kind.DYNAMIC and len(token.text) > 1 and token.text[0] == "`" == token.text[-1]:
            self.at += 1
            return self.template(token)
        return self.literal()

    def literal(self) -> Value:
        """As `primary`, of what is neither a path nor a template with `${…}`."""
        start = self.at
        token = self.tokens[start]
        self.at += 1
        match token.kind, token.text:
            case Kind.SIGN, "{":
                return self.object()
            case Kind.SIGN, "[":
                return self.list()
            case (Kind.SIGN, "(") | (Kind.NAME, _) if token.text == "(" or self.defines(token.text):
                return self.parenthesis(call=token.kind is Kind.NAME)
            case ((Kind.STRING | Kind.NUMBER | Kind.NAME), _) if self.sign not in GOES_ON:
                return self.plain(token)
        if token.kind is Kind.NAME and (member := self.key_of(token.text)) is not None:
            self.at += 2
            return self.of_another(token.text, member, start)
        self.at = start
        return self.give_up(start)

    def of_another(self, name: str, key: Token, start: int) -> Value:
        """The value of `name.key`, whose name begins at token `start` and is from another file."""
        origin = self.definers.origins[name]
        whole = self.constant(name, key.line)
        if isinstance(whole, Object):
            return whole.get(key.text)
        if origin.exported != "*" or self.changes.of(name):
            return whole if isinstance(whole, Unknown) and whole.text != name else self.unknown(start)
        written = f"{name}.{key.text}"
        if written not in self.values:
            self.values[written] = self.imported(Origin(key.text, origin.module), key.line)
        return self.unknown(start) if (value := self.values[written]) is None else value

    def path(self, token: Token) -> Value:
        """The directory of the file, or `path.join(…)`, that begins with `token`; None where it is neither."""
        if self.is_kept(token.text) and (end := self.paths.directory(self.source, token.start)):
            while self.tokens[self.at].start < end:
                self.at += 1
            return Here()
        name = self.paths.call(self.source, token.start)
        if not name:
            return None
        start = self.at
        while not self.take("("):
            self.at += 1
        parts: list[Value] = []
        while self.tokens[self.at].kind is not Kind.END and not self.take(")"):
            before = self.at
            if self.sign != ",":
                parts.append(self.expression())
            self.at += self.sign == "," or self.at == before
        path = joined(name, parts)
        return self.unknown(start) if path is None else path

    def template(self, token: Token) -> Value:
        """The text of a template, with the constants that it names."""
        body, at = token.text[1:-1], 0
        text: Value = ""
        while at < len(body):
            found = _GAP.match(body, at)
            if found is None or found.end() == at:
                return self.unknown(self.at - 1)
            at = found.end()
            for part in (unescape(found["text"]), *([self.named(found["name"], token.line)] if found["name"] else [])):
                together = part if text == "" and isinstance(part, str | Here) else added(text, part)
                if together is None:
                    return self.unknown(self.at - 1)
                text = together
        return text

    def named(self, name: str, line: int) -> Value:
        """What a name stands for in a template."""
        if self.is_kept(name) and self.paths.directory(name, 0) == len(name):
            return Here()
        return Unknown(name, line) if "." in name else self.constant(name, line)

    def plain(self, token: Token) -> Value:
        """The value of one token: a string, a number, `true`, a constant."""
        match token.kind, token.text:
            case Kind.STRING, text:
                return text
            case Kind.NUMBER, text:
                value = number(text)
                return Unknown(text, token.line) if value is None else value
            case _, text if text in _LITERALS:
                return _LITERALS[text]
            case _, text:
                return self.constant(text, token.line)

    def constant(self, name: str, line: int) -> Value:
        """The value of a `const` of this file or of another; Unknown for a `let` or a circle. Each is read once."""
        origin = self.definers.origins.get(name)
        if origin is not None and origin.module.startswith("."):
            return self.foreign(name, origin, line)
        start, key = (self.constants[name], None) if name in self.constants else self.parts.get(name, (None, None))
        if start is None:
            return Unknown(name, line)
        if name not in self.values:
            self.values[name] = Unknown(name, line)
            back = self.at
            value = self.initializer(start, name) if key is None else self.part(start, key, Unknown(name, line))
            self.values[name] = altered(value, self.changes.of(name), self.change)
            self.at = back
        return self.values[name]

    def foreign(self, name: str, origin: Origin, line: int) -> Value:
        """The value of a name that this file has from another beside it; Unknown where that is not plain."""
        if name not in self.values:
            value = self.imported(origin, line)
            whole = Unknown(name, line) if value is None else value
            self.values[name] = altered(whole, self.changes.of(name), self.change)
        return self.values[name]

    def part(self, start: int, key: str, unknown: Unknown) -> Value:
        """What is behind `key` of what a declaration takes apart, whose pattern ends before token `start`."""
        if start not in self.wholes:
            self.wholes[start] = unknown
            self.wholes[start] = self.initializer(start, unknown.text)
        whole = self.wholes[start]
        return whole.get(key) if key and isinstance(whole, Object) else unknown

    def initializer(self, start: int, name: str) -> Value:
        """What stands behind the `=` of a declaration, whose type annotation begins at token `start`."""
        self.at = start
        if self.sign == ":":
            self.skip_type()
        return self.expression() if self.take("=") else Unknown(name, self.tokens[start].line)

    def parenthesis(self, *, call: bool) -> Value:
        """The first argument of a `call`; else the last of what stands in parentheses, as JavaScript takes it."""
        start = self.at
        value = self.expression()
        while self.take(","):
            other = self.expression()
            value = value if call else other
        return value if self.take(")") else self.give_up(start)

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
        start = self.at
        while not self.take("}"):
            if self.tokens[self.at].kind is Kind.END:
                return Object({}, Unknown("{ without its }", self.tokens[start - 1].line))
            rest = self.member(items) or rest
            if self.sign not in {",", "}"}:
                self.skip()
            self.at += self.sign not in {"}", ""}
        return Object(items, rest)

    def member(self, items: dict[str, Value]) -> Unknown | None:
        """Add one member: `key: value`, `key`, `...spread`. Returns what may have set any key; a method is Unknown."""
        start = self.at
        self.at += self.has_modifier()
        token = self.tokens[self.at]
        self.at += 1
        if token.kind is Kind.SIGN:
            return self.spread(start, items)
        if self.take(":"):
            value = self.expression()
            if token.text == _PROTOTYPE:
                return Unknown(f"{_PROTOTYPE}: …", token.line)
            items[token.text] = value
        elif self.sign in {",", "}"} and token.kind is Kind.NAME:
            items[token.text] = self.constant(token.text, token.line)
        else:
            items[token.text] = Unknown(token.text, token.line)
        return None

    def has_modifier(self) -> bool:
        """Whether the current token is the `get` of `get out() {…}` and not a key itself."""
        token = self.tokens[self.at]
        if token.kind is not Kind.NAME or token.text not in _MODIFIERS:
            return False
        after = self.tokens[self.at + 1]
        return after.kind in {Kind.NAME, Kind.STRING, Kind.NUMBER} or after.text in {"[", "*"}

    def spread(self, start: int, items: dict[str, Value]) -> Unknown | None:
        """As `member`, of one without a plain key: `...spread`, `[computed]: value`. `start` is its first token."""
        token = self.tokens[start]
        if token.text != "...":
            self.at = start
            self.skip()
            added: Value = None
        else:
            added = self.expression()
        rest = added.rest if isinstance(added, Object) else Unknown(self.written(start, self.at), token.line)
        if rest:
            items.clear()
        items.update(added.items if isinstance(added, Object) else {})
        return rest
