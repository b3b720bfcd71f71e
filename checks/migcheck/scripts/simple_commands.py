"""The simple commands of a shell script as they are read one by one, and what each changes for those behind it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.scripts.command import Command, ShellOptions
from migcheck.scripts.directories import moved
from migcheck.scripts.documents import handed_to
from migcheck.scripts.fate import Fate
from migcheck.scripts.inner import inner_scripts
from migcheck.scripts.settings import Exported, handed_on
from migcheck.scripts.words import assignment_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 4
_MOST_WORDS = 500
Read = Callable[[str, int, ShellOptions, int, str], tuple[Command, ...]]
"""Reads a script within the script, as `read_shell` does."""


class SimpleCommands:
    """Those that were `found` so far, and the shell as they leave it. `line` is the first of the script."""

    def __init__(self, read: Read, line: int, options: ShellOptions, depth: int) -> None:
        """`depth` is how many scripts it is within."""
        self.read, self.line, self.options, self.depth = read, line, options, depth
        self.directory: str | None = "."
        self.variables = Exported()
        self.found: list[Command] = []

    def take(self, node: "Node", fate: Fate) -> bool:
        """Add the command `node` and those of scripts that it is given; whether the script ends there."""
        words = self.variables.filled(node, words_of(node)[:_MOST_WORDS])
        if not words:
            return False
        own = (assignment_of(each) for each in node.children if each.type == "variable_assignment")
        command = Command(
            words=words,
            line=self.line + node.start_point.row,
            directory=self.directory,
            goes_on=fate.failed,
            settings=(*self.variables.settings, *own, *handed_on(words)),
            given=handed_to(node),
        )
        self.found.append(command)
        if self.depth < _DEEPEST:
            self.found += self._inner(command)
        self._obey(words)
        return words[0] == "exit" or (words[0] == "exec" and len(words) > 1)

    def _inner(self, command: Command) -> Iterator[Command]:
        """The commands of the scripts that `command` is given as arguments."""
        for each in inner_scripts(command.words):
            options = ShellOptions(errexit=each.errexit)
            for inner in self.read(each.text, command.line, options, self.depth + 1, command.goes_on):
                # Where a program begins in another directory, nobody here knows it.
                place = moved(self.directory, inner.directory)
                settings = (*command.settings, *inner.settings)
                yield replace(inner, line=command.line, directory=place, settings=settings)

    def _obey(self, words: Sequence[str]) -> None:
        match words:
            case ("cd" | "pushd", place):
                self.directory = moved(self.directory, place)
            case ("set", *flags):
                self.options = self.options.told(" ".join(flags))
            case ("trap", _, *signals) if "ERR" in signals:
                self.options = replace(self.options, errexit=True)
            case _:
                pass
