"""What a Jenkinsfile runs by steps that are plain to see: `sh "…"`, `sh '''…'''`, `sh(script: '…')`.

It is a program of Groovy, and nothing more of it is read: a text that Groovy puts something into is no literal. Facts:
jenkins.io "Pipeline Syntax" and "Pipeline: Nodes and Processes" (`sh` is run under `-xe`, `dir` changes where, `input`
waits for a person; a script that begins with `#!` is run by what that says, without `-e`; `catchError`,
`returnStatus`); groovy-lang.org "Strings".
"""

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import (
    Starts,
    is_database_image,
    is_local_url,
    names_a_database,
    starts_a_database,
)
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import JENKINSFILES
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script

_OPTIONS = ShellOptions(errexit=True)
_LARGEST = 256 * 1024
_FURTHEST = 100
"""Words and signs that the arguments of a step are looked for in."""
_TOKEN = regex(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|/(?P<slashy>(?:\\.|[^/\n\\])+)/"
    r"|(?P<quote>(?P<long>'''|\"\"\")|'|\")(?P<body>(?:\\.|(?!(?P=quote))(?:[^\\\n]|(?(long)\n|(?!))))*)(?P=quote)"
    r"|(?P<word>\w+)|(?P<sign>->|[{}():,;=+.\n?&|])",
    re.DOTALL,
)
_ESCAPE = regex(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_PUT_IN = regex(r"(?<!\\)(?:\\\\)*\$")
_BEHIND = frozenset({"", "\n", ")", ",", ";", "}"})
"""What may stand behind a literal that is all of an argument."""
_BEFORE = frozenset({"", "\n", ";", "{", "}", ")", "->", "else", "do"})
"""Behind these a statement begins."""
_TAKING = frozenset({"=", "(", ",", ":", "?", "+", "&", "|", "return", "assert"})
"""Behind these a value stands, which something is done with."""

_NO_STEP = frozenset({":", "=", ".", ")", ",", "}", "->"})
_OPENING = frozenset({"(", ",", "=", ":", "{", "?", "\n", ";", "return"})
"""Behind these a slash divides nothing."""
_FORGIVEN = frozenset({"SUCCESS", "UNSTABLE"})
_RETURNS = "returnStatus: true"
_OF_ITS_OWN = "#!"


class _Token(Struct, frozen=True):
    """A word, a sign or a literal. `line` is 1-based; `plain`: nothing is put into the literal."""

    text: str
    line: int
    literal: bool = False
    plain: bool = True


_END = _Token("", 0)


def is_jenkinsfile(path: str) -> bool:
    """Whether the file at `path` is a pipeline of Jenkins, by its name."""
    return any(fnmatchcase(basename(path), each) for each in JENKINSFILES)


def read_jenkinsfile(path: str, content: bytes, starts: Starts = starts_a_database) -> Iterator[Script]:
    """The `sh` steps of the pipeline at `path` whose script is a literal; those behind an `input` a person lets run."""
    if len(content) > _LARGEST:
        return
    reader = _Reader(list(_tokens(content.decode("utf-8", "replace"))))
    steps = list(reader.steps())
    own = reader.has_a_database() or any(starts(each.token.text) for each in steps)
    for number, each in enumerate(steps):
        starter = None if each.waits else Starter.CI
        name, said, goes_on = f"sh/{number}", each.token, each.around.goes_on
        # What says by which program it is run is run as it is.
        options = ShellOptions() if said.text.startswith(_OF_ITS_OWN) else _OPTIONS
        directory = each.around.directory
        yield Script(path, name, said.line, said.text, directory, options, starter, goes_on, own_database=own)


class _Around(Struct, frozen=True):
    """What is around a step: where it is run, and what has the pipeline go on where it fails."""

    directory: str | None = "."
    goes_on: str = ""


class _Step(Struct, frozen=True):
    """A script that is run; `waits`: for a person."""

    token: _Token
    around: _Around
    waits: bool


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self._words = Counter(each.text for each in tokens if not each.literal)

    def steps(self) -> Iterator[_Step]:
        """Each script, with what is around it and whether it waits for a person."""
        around, waits = [_Around()], False
        for at, token in enumerate(self.tokens):
            if token.literal:
                continue
            if token.text == "{":
                here = around[-1]
                around.append(_Around(self._directory(at, here.directory), self._forgives(at) or here.goes_on))
            elif token.text == "}" and len(around) > 1:
                around.pop()
            elif self._begins(at, "input"):
                waits = True
            elif self._begins(at, "sh") and (script := self._script(at + 1)) is not None:
                told = _RETURNS if self._looks_past(at) else around[-1].goes_on
                yield _Step(script, _Around(around[-1].directory, told), waits)

    def has_a_database(self) -> bool:
        """Whether a Postgres is started beside it, or it says an address of one on this machine."""
        for at, token in enumerate(self.tokens):
            before, more = self._at(at - 1), self._at(at - 2)
            if not token.literal:
                continue
            if is_local_url(token.text) and before.text in ("=", ":") and names_a_database(more.text):
                return True
            if "image" in (before.text, more.text) and is_database_image(token.text):
                return True
        return False

    def _at(self, at: int) -> _Token:
        return self.tokens[at] if 0 <= at < len(self.tokens) else _END

    def _begins(self, at: int, step: str) -> bool:
        """Whether the word at `at` is a step of that name, and no variable, member or key of something."""
        if self.tokens[at].text != step:
            return False
        before, behind = self._at(at - 1), self._at(at + 1)
        if self._is_taken(at):
            is_named = not behind.literal and self._at(at + 2).text == ":"
            return behind.literal or behind.text == "(" or (is_named and behind.text.isidentifier())
        return before.text in _BEFORE and (behind.literal or behind.text not in _NO_STEP)

    def _is_taken(self, at: int) -> bool:
        """Whether something is done with what the step at `at` comes to."""
        before = self._at(at - 1)
        return not before.literal and before.text in _TAKING

    def _looks_past(self, at: int) -> bool:
        """Whether nobody looks at how the step at `at` ended."""
        if not self._says(at + 1, "returnStatus", "true"):
            return False
        kept = self._at(at - 1).text == "=" and self._words[self._at(at - 2).text] == 1
        return kept or not self._is_taken(at)

    def _script(self, at: int) -> _Token | None:
        """The literal that is all of a step's script, whose arguments begin at `at`; None where there is none."""
        depth = 0
        for here in range(at, min(at + _FURTHEST, len(self.tokens))):
            token = self.tokens[here]
            named = self._at(here - 2).text == "script" and self._at(here - 1).text == ":"
            if token.literal and (named or self._at(here - 1).text in ("(", "sh")):
                behind = self._behind(here + 1, inside=depth > 0)
                return token if token.plain and behind in _BEHIND else None
            depth += (token.text == "(") - (token.text == ")")
            if not token.literal and (depth < 0 or token.text in ("{", "}") or (token.text == "\n" and not depth)):
                return None
        return None

    def _behind(self, at: int, *, inside: bool) -> str:
        while inside and self._at(at).text == "\n":
            at += 1
        return self._at(at).text if not self._at(at).literal else "literal"

    def _directory(self, at: int, here: str | None) -> str | None:
        """Where is run what the `{` at `at` opens: `dir("…") {` leads there."""
        opening, place, closing = (self._at(at - each) for each in (3, 2, 1))
        if closing.text == ")" and place.literal and opening.text == "(" and self._at(at - 4).text == "dir":
            return moved(here, place.text if place.plain else None)
        return None if closing.text == ")" and self._called(at - 1) == "dir" else here

    def _forgives(self, at: int) -> str:
        """What looks past the failure of what the `{` at `at` opens; empty where nothing does."""
        if self._at(at - 1).text != ")" or self._called(at - 1) != "catchError":
            return ""
        for back in range(at - 2, max(at - 50, 1), -1):
            told = self._at(back)
            if self._at(back - 2).text == "buildResult" and told.literal and told.text in _FORGIVEN:
                return f"catchError(buildResult: '{told.text}')"
            if told.text == "catchError":
                break
        return ""

    def _says(self, at: int, name: str, value: str) -> bool:
        """Whether `name: value` is among the arguments that begin at `at`."""
        depth = 0
        for here in range(at, min(at + _FURTHEST, len(self.tokens))):
            token = self.tokens[here]
            if token.literal:
                continue
            depth += (token.text == "(") - (token.text == ")")
            if token.text == name and self._at(here + 1).text == ":" and self._at(here + 2).text == value:
                return True
            if depth < 0 or (depth == 0 and token.text in (")", "\n", ";", "}")):
                return False
        return False

    def _called(self, at: int) -> str:
        """What is called whose arguments end at `at`."""
        depth = 0
        for back in range(at, max(at - 50, -1), -1):
            text = "" if self.tokens[back].literal else self.tokens[back].text
            depth += (text == ")") - (text == "(")
            if depth == 0:
                return self._at(back - 1).text
        return ""


def _tokens(text: str) -> Iterator[_Token]:
    line, at, behind = 1, 0, 0
    last = _END
    while (found := _TOKEN.search(text, behind)) is not None:
        line += text.count("\n", at, found.start())
        at, behind = found.start(), found.end()
        if found["slashy"] and not _may_open(last):
            # It divides by something.
            behind = at + 1
        elif (token := _token(found, line)) is not None:
            last = token
            yield token


def _may_open(last: _Token) -> bool:
    """Whether a text between slashes may begin behind `last`."""
    return not last.literal and last.text in _OPENING


def _token(found: re.Match[str], line: int) -> _Token | None:
    if told := found["slashy"]:
        return _Token(told.replace("\\/", "/"), line, literal=True, plain=_PUT_IN.search(told) is None)
    if found["quote"]:
        body = found["body"]
        plain = not (found["quote"].startswith('"') and _PUT_IN.search(body))
        return _Token(_ESCAPE.sub(_unescaped, body), line, literal=True, plain=plain)
    told = found["word"] or found["sign"]
    return _Token(told, line) if told else None


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])
