"""A script: commands that are run together, whoever holds them."""

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from hashlib import blake2b
from posixpath import basename, dirname, join, normpath, relpath

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.finding import Location
from migcheck.regex import regex
from migcheck.scripts.calls import TAKE_IN, Call, FileCall, ProgramCall, SqlCall, calls_of
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import has_jobs_of_its_own
from migcheck.scripts.reach import Job, Starter
from migcheck.scripts.shell.beside import beside, is_self
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.shell.parsed import UnreadableScriptError, read_shell
from migcheck.scripts.shell.programs import RUNTIMES
from migcheck.scripts.tasks.make_calls import MakeCall

Key = tuple[str, str]
# A step by its number; of GitLab, which shell of the job it is.
_STEP = regex(r"/(?:after_)?script$|/\d+$")
_LONGEST_NAME = 100


def kept_short(name: str) -> str:
    """The name of a job, or where it is longer than anybody writes its beginning and what tells it from others.

    Each step of the job has it: a small file could fill the memory.
    """
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 24]}…{blake2b(name.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


# Each folder of a repository is judged with the same scripts, and most of them stand in base as they do in head.
_read_shell = lru_cache(maxsize=4096)(read_shell)


@lru_cache(maxsize=4096)
def _calls_of(words: tuple[str, ...]) -> tuple[Call, ...]:
    return tuple(calls_of(words))


def _with_inputs(calls: Iterable[Call], command: Command) -> Iterator[Call]:
    """`calls`, and for psql that is given files to read those files."""
    for each in calls:
        match each:
            case SqlCall(text="") if command.inputs:
                yield from map(FileCall, command.inputs)
            case _:
                yield each


class Script(Struct, frozen=True, dict=True):
    """Commands that are run together, from `line` of the file at `path`. `name` is unique within that file.

    `directory` is where they run, from the root; None where only running tells. `started_by` is who runs it without a
    person, if anybody. `goes_on` says what makes whoever runs it go on where it fails. `own_database`: it is run
    beside a database of its own, that goes with it. `given` is what tells which database that is, and names no
    address in itself. `lines` are those of the file, for each of `text`, where they do
    not follow each other. `settings` are the variables that
    whoever holds it sets for it; its commands have them. `copied` are files that an image has by another name, by that
    one. `instead` is the name of the script of its file
    that it stands for where it is called in a way of its own; None where it is nobody else's. `arguments` are the words
    that it is called with then, at the end of `text`.
    `elsewhere` is as of a command: all of it is run on another machine. `not_in_ci`: whoever holds it does not run it
    in CI.
    """

    path: str
    name: str
    line: int
    text: str
    directory: str | None
    options: ShellOptions = field(default_factory=ShellOptions)
    started_by: Starter | None = None
    goes_on: str = ""
    own_database: bool = False
    lines: tuple[int, ...] = ()
    given: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    copied: tuple[tuple[str, str], ...] = ()
    instead: str | None = None
    arguments: tuple[str, ...] = ()
    elsewhere: bool = False
    not_in_ci: bool = False

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.path, self.name

    @property
    def origin(self) -> Key:
        """The key of what is written in the file: of the script that it stands for, or its own."""
        return self.path, self.name if self.instead is None else self.instead

    @property
    def is_file(self) -> bool:
        """Whether it is all of its file, however that is called."""
        return not self.origin[1]

    @property
    def job(self) -> Job | None:
        """The job of CI that it is a step of; None where it is none."""
        if self.started_by is not Starter.CI:
            return None
        return Job(self.path if has_jobs_of_its_own(self.path) else "", _STEP.sub("", self.name))

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Its commands; none where it cannot be read."""
        try:
            found = _read_shell(self.text, 0 if self.lines else self.line, self.options, fate=self.goes_on)
        except UnreadableScriptError:
            return ()
        if self.settings:
            found = tuple(replace(each, settings=(*self.settings, *each.settings)) for each in found)
        if self.elsewhere:
            found = tuple(replace(each, elsewhere=True) for each in found)
        return tuple(map(self._in_file, found)) if self.lines else found

    def surely_runs(self, command: Command) -> bool:
        """Whether `command`, one of its own, is run with it: what a choice decides on, or a function holds, may not be.

        A function is where the script itself calls it by name. A step of CI chooses by what CI says, and no argument.
        """
        if self.not_in_ci or command.unsure or (command.chosen and self.is_file):
            return False
        return not command.function or command.function in self.called

    @cached_property
    def called(self) -> frozenset[str]:
        """The functions that it calls outside of any, and those that these call."""
        calls: dict[str, set[str]] = {}
        for each in self.commands:
            calls.setdefault(each.function, set()).update(() if each.chosen and self.is_file else each.words[:1])
        found, left = set[str](), [""]
        while left:
            new = calls.get(left.pop(), set()) & calls.keys() - found
            found |= new
            left += new
        return frozenset(found)

    def _in_file(self, command: Command) -> Command:
        """`command`, whose lines are those of the text, with those of the file."""
        # What is put into a text may have lines of its own.
        last = len(self.lines) - 1
        given = self.lines[min(command.stdin_line, last)] if command.stdin_line else 0
        return replace(command, line=self.lines[min(command.line, last)], stdin_line=given)

    def calls(self, command: Command) -> Iterator[Call]:
        """What one of its commands calls."""
        renamed, found = set(self._renamed(command)), _calls_of(command.words)
        # Another script of the repository may have the name that the image has for this one.
        calls = (*renamed, *(each for each in found if not renamed or not isinstance(each, FileCall | ProgramCall)))
        return (self._set(each, command) for each in _with_inputs(calls, command))

    def _renamed(self, command: Command) -> Iterator[Call]:
        """The shell script of the repository that an image has by another name, where `command` runs it."""
        names = dict(self.copied)
        run = command.words if basename(command.words[0]) in RUNTIMES else command.words[:1]
        return (FileCall(names[name]) for name in map(basename, run) if name in names)

    def _set(self, call: Call, command: Command) -> Call:
        """`call`, with what stands around it: where the file lies that it names, what is set for it."""
        if isinstance(call, FileCall | ProgramCall):
            call = replace(call, path=self._placed(call.path, command))
        if isinstance(call, FileCall) and command.words[0] in TAKE_IN:
            call = replace(call, options=command.options)
        if isinstance(call, MakeCall):
            call = replace(call, around=command.settings)
        return SqlCall(command.stdin) if call == SqlCall() else call

    def _placed(self, path: str, command: Command) -> str:
        """`path`, seen from where `command` is run where it is named from where the script lies."""
        itself = basename(self.path) if is_self(path) else None
        found = (itself or beside(path, dict(command.places))) if self.is_file else None
        here = moved(self.directory, command.directory)
        if found is None or normpath(join(dirname(self.path), found)).startswith(".."):
            return path
        place = normpath(join(dirname(self.path), found))
        return place if here is None else relpath(place, here)

    def at(self, command: Command) -> Location:
        """Where one of its commands stands."""
        return Location(self.path, command.line)
