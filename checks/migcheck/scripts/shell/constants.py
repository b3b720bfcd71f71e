"""Variables that a shell script sets once: to words that it runs (`KIT="npx drizzle-kit"; $KIT push`), or to a path.

`${KIT:-npx drizzle-kit} push` runs the default where the script sets the variable nowhere, and so it does behind
`KIT=${KIT:-npx drizzle-kit}`. The path is one from where
the script lies. Facts: POSIX 2.6.5 "Field Splitting" (what an unquoted expansion comes to is split at blanks); zsh
splits none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.shell.arms import is_first_argument
from migcheck.scripts.shell.beside import beside
from migcheck.scripts.shell.words import assignment_of, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_VARIABLE = regex(r"\$(?:(?P<bare>\w+)|\{(?P<braced>\w+)\})", re.ASCII)
_NAME = regex(r"\w+", re.ASCII)
_PLAIN = regex(r"[\w@./:=-]+(?: [\w@./:=-]+)*", re.ASCII)
_ARRAY = regex(r"\"?\$\{(?P<name>\w+)\[[@*]\]\}\"?", re.ASCII)
_DEFAULT = regex(r"\$\{(?P<name>\w+):?(?P<kept>[-=])(?P<value>[^{}$]*)\}", re.ASCII)
_ARRAY_OF = regex(r"\((?P<words>[\w@./:=-]+(?: [\w@./:=-]+)*)\)", re.ASCII)
_LONGEST = 200
# What may set any variable, or one that only running tells.
_SETTING = frozenset({"read", "source", ".", "eval", "printf", "mapfile", "readarray", "getopts", "let"})
_DECLARES = ("export ", "readonly ", "declare ", "typeset ")
_SPLITS = "IFS"
_OF_ZSH = regex(rb"#![^\n]{0,100}zsh")


class Constants(Struct):
    """Those that were set so far, and no more than once in the whole script."""

    _places: dict[str, str] = field(default_factory=dict)
    _found: dict[str, str] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)
    _defaults: dict[str, str] = field(default_factory=dict)
    _unseen: bool = False
    _often: Counter[str] | None = None

    def take(self, node: "Node") -> None:
        """What a statement at the top of the script sets: one in a branch may never be run."""
        if node.parent is None or node.parent.type != "program":
            return
        if node.type == "declaration_command" and not text_of(node).startswith(_DECLARES):
            return
        for each in [node] if node.type == "variable_assignment" else node.named_children:
            name, value = assignment_of(each)
            if len(value) <= _LONGEST and _PLAIN.fullmatch(value):
                self._found[name] = value
            elif (told := _ARRAY_OF.fullmatch(value[:_LONGEST])) is not None:
                self._found[f"{name}[]"] = told["words"]
            elif is_first_argument(value):
                self._first[name] = value
            elif (default := self._default(node, name, value)) is not None:
                self._found[name] = default
            elif (place := beside(value, self._places)) is not None:
                self._places[name] = place

    def run(self, command: "Node", words: tuple[str, ...]) -> tuple[str, ...]:
        """`words` of a command, with those of the constant, or of the default, that stands for its program."""
        name = command.child_by_field_name("name") if words and "$" in words[0] else None
        value = None if name is None else self._value(command, text_of(name))
        self._obey(command, words)
        return words if value is None else (*value.split(" "), *words[1:])

    def places_in(self, command: "Node", words: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Those in `words` of a command that stand for paths from where the script lies."""
        told = (each for each in words if "$" in each) if self._places else ()
        names = dict.fromkeys(name for each in told for name in _NAME.findall(each))
        return (
            (each, self._places[each]) for each in names if each in self._places and self._times(command)[each] == 1
        )

    def first_argument(self, node: "Node", written: str) -> str | None:
        """What is written at `node` where that is `$1`, or what a variable is once set to; None where it is neither."""
        told = _VARIABLE.fullmatch(written.strip('"'))
        name = (told["bare"] or told["braced"]) if told else ""
        if is_first_argument(written):
            return written
        return self._first[name] if name in self._first and self._is_set(node, name, 1) else None

    def _value(self, command: "Node", program: str) -> str | None:
        """What stands for a program that is written so; None where nobody can tell, or it is no variable."""
        if (listed := _ARRAY.fullmatch(program)) and self._is_set(command, listed["name"], 1):
            return self._found.get(f"{listed['name']}[]")
        if told := _VARIABLE.fullmatch(program):
            name = told["bare"] or told["braced"]
            for values, times in ((self._found, 1), (self._defaults, 0)):
                if name in values and self._is_set(command, name, times):
                    return values[name]
        bare = program.strip('"')
        default = None if self._unseen else _DEFAULT.fullmatch(bare)
        if default is None or not _PLAIN.fullmatch(default["value"]) or (bare != program and " " in default["value"]):
            return None
        return default["value"] if self._is_set(command, default["name"], 0) else None

    def _default(self, node: "Node", name: str, value: str) -> str | None:
        """What `NAME=${OTHER:-default}` comes to where nothing else is seen to set either; None where it is no such."""
        found = None if self._unseen else _DEFAULT.fullmatch(value)
        if found is None or not _PLAIN.fullmatch(found["value"]):
            return None
        return found["value"] if found["name"] == name or self._is_set(node, found["name"], 0) else None

    def _obey(self, command: "Node", words: tuple[str, ...]) -> None:
        """What a command may set: `: ${KIT:=m}` what it says, and others what nobody sees."""
        if words and words[0] in _SETTING:
            self._found.clear()
            self._defaults.clear()
            self._unseen = True
        if words[:1] == (":",) and command.parent is not None and command.parent.type == "program":
            for each in map(_DEFAULT.fullmatch, words[1:]):
                if each is not None and each["kept"] == "=" and _PLAIN.fullmatch(each["value"]):
                    self._defaults[each["name"]] = each["value"]

    def _is_set(self, node: "Node", name: str, times: int) -> bool:
        """Whether the whole script sets the variable `name` so many times."""
        often = self._times(node)
        return often[name] == times and not often[_SPLITS]

    def _times(self, node: "Node") -> Counter[str]:
        """How often the whole script sets each variable."""
        if self._often is None:
            self._often = Counter(_names(_top(node)))
        return self._often


def _top(node: "Node") -> "Node":
    while node.parent is not None:
        node = node.parent
    return node


def _names(top: "Node") -> Iterator[str]:
    """The variables that a script sets or unsets, each as often; where its shell splits nothing, IFS as well."""
    if _OF_ZSH.match(top.text or b""):
        yield _SPLITS
    left = [top]
    while left:
        node = left.pop()
        if node.type == "variable_assignment":
            yield text_of(node.child_by_field_name("name") or node).partition("[")[0]
        elif node.type in ("for_statement", "select_statement"):
            yield text_of(node.child_by_field_name("variable") or node)
        elif node.type == "unset_command":
            yield from (text_of(each) for each in node.named_children)
        left += node.named_children
