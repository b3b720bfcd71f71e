"""The simple commands of a shell script as they are read one by one, and what each changes for those behind it."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from posixpath import basename
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.scripts.directories import moved
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.shell.documents import Document, Files, handed_to, substituted
from migcheck.scripts.shell.fate import Fate
from migcheck.scripts.shell.inner import arguments_read, inner_scripts, may_read, reads_script, run_elsewhere
from migcheck.scripts.shell.settings import Exported, handed_on
from migcheck.scripts.shell.words import assignment_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 4
_MOST_WORDS = 500
_LIBRARIES = (".sh", ".bash")
Read = Callable[[str, int, ShellOptions, int, str], tuple[Command, ...]]
"""Reads a script within the script, as `read_shell` does."""


class SimpleCommands:
    """Those that were `found` so far, and the shell as they leave it. `line` is the first of the script."""

    def __init__(self, read: Read, line: int, options: ShellOptions, depth: int, *, documents: bool) -> None:
        """`depth` is how many scripts it is within; `documents`: there may be here-documents in it."""
        self.documents = documents
        self.read, self.line, self.options, self.depth = read, line, options, depth
        self.directory: str | None = "."
        self.variables = Exported()
        self.function = ""
        self.ends = {"exit"}
        self.chosen = self.unsure = False
        self.around: list[Node] = []
        self.found: list[Command] = []

    def take(self, node: "Node", fate: Fate) -> bool:
        """Add the command `node` and those of scripts that it is given; whether the script ends there."""
        words = self.variables.filled(words_of(node)[:_MOST_WORDS])
        if not words:
            return False
        own = (assignment_of(each) for each in node.children if each.type == "variable_assignment")
        document = handed_to(node, self.around[:-1]) if self.documents or may_read(words) else None
        text = document if isinstance(document, Document) else Document("")
        command = Command(
            words=words,
            line=self.line + node.start_point.row,
            directory=self.directory,
            goes_on=fate.failed,
            settings=(*self.variables.settings, *own, *handed_on(words)),
            stdin=text.text,
            stdin_line=0 if text.row is None else self.line + text.row,
            inputs=document.paths if isinstance(document, Files) else (),
            places=self.variables.places(words),
            function=self.function,
            chosen=self.chosen,
            unsure=self.unsure,
            options=self.options,
        )
        self.found.append(command)
        if self.depth < _DEEPEST:
            self.found += self._inner(command, document)
        self._obey(words)
        return words[0] in self.ends or (words[0] == "exec" and len(words) > 1)

    def assign(self, node: "Node") -> None:
        """Obey a statement that sets variables and is no command."""
        self.variables.take(node)

    def _inner(self, command: Command, document: Document | Files | None) -> Iterator[Command]:
        """The commands of the scripts that `command` is given as arguments, and of the one that it reads."""
        for each in inner_scripts(command.words):
            inner = self.read(each.text, command.line, each.options, self.depth + 1, command.goes_on)
            if document is not None and len(inner) == 1 and not inner[0].stdin:
                # What it is given it hands on to the one program in it.
                given = {"stdin": command.stdin, "stdin_line": command.stdin_line, "inputs": command.inputs}
                yield self._around(command, replace(inner[0], line=command.line, **given))
                yield from self._read_by(command, inner[0].words, document)
            else:
                yield from (self._around(command, replace(one, line=command.line)) for one in inner)
        if document is not None:
            yield from self._read_by(command, command.words, document)
        if isinstance(document, Document):
            yield from self._put_into(command, document)

    def _read_by(self, command: Command, words: Sequence[str], document: Document | Files) -> Iterator[Command]:
        """The commands of `document`, where it is a script to the program `words` that reads it."""
        options = reads_script(words)
        if options is None:
            return
        if isinstance(document, Files):
            # As if it were given them to run: `bash -es a < x.sh` is `sh -e x.sh a`.
            given = arguments_read(words)
            text = "\n".join(shlex.join(("sh", *options.flags, each, *given)) for each in document.paths)
            row = None
        else:
            text, row = document.text, document.row
        line = command.line if row is None else self.line + row
        for each in self.read(text, line, options, self.depth + 1, command.goes_on):
            yield self._around(command, each if row is not None else replace(each, line=command.line))

    def _put_into(self, command: Command, document: Document) -> Iterator[Command]:
        """What the shell runs to write `document`, which is no script to who reads it."""
        if reads_script(command.words) is None:
            for text, row in substituted(document):
                line = self.line + (document.row or 0) + row
                inner = self.read(text, line, self.options, self.depth + 1, command.goes_on)
                yield from (self._around(command, each) for each in inner)

    def _around(self, command: Command, inner: Command) -> Command:
        """`inner` as it is run by `command`. What is set here reaches no other machine."""
        elsewhere = run_elsewhere(command.words) is not None
        return replace(
            inner,
            # Where a program begins in another directory, nobody here knows it.
            directory=moved(self.directory, inner.directory),
            settings=inner.settings if elsewhere else (*command.settings, *inner.settings),
            elsewhere=elsewhere or inner.elsewhere,
            function=inner.function or command.function,
            chosen=command.chosen,
            unsure=command.unsure or inner.unsure,
        )

    def _obey(self, words: Sequence[str]) -> None:
        match words:
            case ("cd" | "pushd", place):
                self.directory = moved(self.directory, place)
            case ("set", *flags):
                self.options = self.options.told(" ".join(flags))
            case ("." | "source", file, *_) if basename(file).endswith(_LIBRARIES) and basename(file) != "nvm.sh":
                # It may say `set -e` for whoever takes it in, as the first of a team's scripts often does.
                self.options = replace(self.options, errexit=True)
            case ("trap", _, *signals) if "ERR" in signals:
                self.options = replace(self.options, errexit=True)
            case _:
                pass
