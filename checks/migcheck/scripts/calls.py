"""What a command calls: Drizzle itself, another script of the project, or a file."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from posixpath import basename

from msgspec import Struct

from migcheck.drizzle.config_file import PGLITE
from migcheck.regex import regex
from migcheck.scripts.images.compose_calls import ComposeCall, compose_calls
from migcheck.scripts.other_tools import OtherTool, other_tools
from migcheck.scripts.shell.beside import beside, is_self
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.inner import told_to_shell
from migcheck.scripts.shell.options import options_of, plain, plain_places
from migcheck.scripts.shell.programs import INERT, INSTALLS, MANAGERS, RUNTIMES, SHELLS, VALUED_OF
from migcheck.scripts.tasks.make_calls import MakeCall, make_calls
from migcheck.scripts.tasks.managers import ScriptCall, script_calls

# They take a file's name without its suffix.
_WITHOUT_SUFFIX = frozenset(
    {"node", "sh", "bash", "exec", ".", "source", "tsx", "ts-node", "vite-node", "esno", "jiti"}
)
_LOADS_BEFORE = frozenset({"--import", "--require", "--loader", "--experimental-loader", "--preload"})
"""Options of runtimes that name a file which runs before the program: `node --import ./instrument.mjs`."""
_REQUIRE = frozenset({"node", "nodejs", "tsx", "ts-node", "ts-node-esm", "bun"})
"""The runtimes of which `-r` is one of these."""
DRIZZLE_KIT = regex(r"(?:.*/|npm:)?drizzle-kit(?:@[^/]*)?(?:/bin\.[cm]?js)?")
_VALUED_OF_DRIZZLE_KIT = frozenset({"config", "dialect", "driver", "schema", "url"})
_TAKES_PACKAGE = frozenset({"-p", "--package"})
_MIGCHECK = frozenset({"migcheck", "drizzle-migcheck"})
# `Write-Host npx x` runs nothing.
_CMDLET = regex(r"[A-Z][a-z]+-[A-Z]\w*", re.ASCII)
"""A program of PowerShell's own: a step of CI that is written for that is read as a shell's."""
_CHANGES_NOTHING = frozenset({"help", "h", "explain"})
"""Options with which drizzle-kit only says something: `push --explain` of 1.0 prints the SQL, "dry run" by its help."""
_OF_PSQL = regex(r"(?:(?P<file>-\w*f|--file)|-\w*c|--command)(?:=|(?<=-[fc])|$)", re.ASCII)
_SOURCE = regex(r"[\w@.$/-]+\.(?:[mc]?[jt]s|tsx|jsx|sh|bash)", re.ASCII)
TAKE_IN = frozenset({".", "source"})
"""They run a file in the shell that is at it."""

# What lies elsewhere on a machine is not the project's.
_PROGRAM = regex(r"(?!/)(?!.*\bnode_modules/)[\w@.$/-]*/[\w@+-]+", re.ASCII)


class Push(Struct, frozen=True):
    """`drizzle-kit push`. `config` is what `--config` says, `url` what `--url` says; empty where it is not said."""

    config: str = ""
    url: str = ""
    dialect: str = ""


class Migrate(Struct, frozen=True):
    """Something that runs pending migrations: `drizzle-kit migrate`, `migcheck apply`. `config` as of Push."""

    config: str = ""
    by_drizzle_kit: bool = True


class Compile(Struct, frozen=True):
    """`tsc`, where it writes what it compiled. `project` is what `--project` or `--build` says, if anything."""

    project: str = ""


class FileCall(Struct, frozen=True):
    """A file that is run, as it is named. `options` are what the shell that runs it was told."""

    path: str
    options: ShellOptions = ShellOptions()


class ProgramCall(Struct, frozen=True):
    """A file that is itself the program, and whose name has no ending: what it is, its first line says."""

    path: str


class SqlCall(Struct, frozen=True):
    """`psql` that is told what to run, as `text`; empty where it reads that from what is handed to it."""

    text: str = ""


class ActionCall(Struct, frozen=True):
    """An action of the same repository, by its directory from the root."""

    directory: str


Call = (
    Push
    | Migrate
    | Compile
    | FileCall
    | ProgramCall
    | SqlCall
    | MakeCall
    | ComposeCall
    | OtherTool
    | ActionCall
    | ScriptCall
)
ACTION = "uses"
"""The program, so to say, of a step of a workflow that uses an action; its words are that and its input `command`."""


def calls_of(words: Sequence[str]) -> Iterator[Call]:
    """What the command `words` calls."""
    program = basename(words[0])
    if words[0] == ACTION:
        yield from _of_action(*words[1:])
        return
    if (
        program in INERT
        or _CMDLET.fullmatch(program)
        or words[:2] in (("command", "-v"), ("command", "-V"))
        or _installs(words)
    ):
        return
    yield from compose_calls(words)
    yield from _of_tools(words)
    yield from _of_psql(words)
    yield from other_tools(words)
    yield from make_calls(words)
    yield from script_calls(words)
    yield from _files(words)


def _of_action(name: str = "", *command: str) -> Iterator[Call]:
    if name.startswith("./"):
        yield ActionCall(name.removeprefix("./").rstrip("/"))
    elif "migcheck" in name.partition("@")[0] and command == ("apply",):
        yield Migrate(by_drizzle_kit=False)


def _installs(words: Sequence[str]) -> bool:
    manager = basename(words[0])
    verb = next(iter(plain(words[1:], VALUED_OF.get(manager, ()))), "install")
    return manager in MANAGERS and verb in INSTALLS


def _of_tools(words: Sequence[str]) -> Iterator[Call]:
    for at, word in enumerate(words):
        if at and words[at - 1] in _TAKES_PACKAGE:
            continue
        rest = words[at + 1 :]
        verb = next(iter(plain(rest, _VALUED_OF_DRIZZLE_KIT)), "")
        if DRIZZLE_KIT.fullmatch(word):
            yield from _of_drizzle_kit(verb, options_of(rest))
            return
        if basename(word) == "tsc":
            yield from _compiled(rest)
            return
        if basename(word) in _MIGCHECK and verb == "apply":
            yield Migrate(by_drizzle_kit=False)
            return


def _of_psql(words: Sequence[str]) -> Iterator[Call]:
    """What psql runs: files (`-f`), texts (`-c`), or what it reads."""
    at = next((number for number, word in enumerate(words) if basename(word) == "psql"), None)
    if at is None:
        return
    found: list[Call] = []
    for word, after in zip_longest(words[at + 1 :], words[at + 2 :], fillvalue=""):
        told = _OF_PSQL.match(word)
        if told is not None:
            value = word[told.end() :] or after
            found.append(FileCall(value) if told["file"] else SqlCall(value))
    yield from found or (SqlCall(),)


def _compiled(words: Sequence[str]) -> Iterator[Call]:
    """A tsconfig's compilation; with files on the command line `tsc` looks at none."""
    options = options_of(words)
    named = next((options[each] for each in ("p", "project", "b", "build") if each in options), "")
    if "noEmit" not in options and (named or not plain(words)):
        yield Compile(named)


def _of_drizzle_kit(verb: str, options: dict[str, str]) -> Iterator[Call]:
    config = options.get("config", "")
    if not _CHANGES_NOTHING.isdisjoint(options) or options.get("driver") == PGLITE:
        return
    name, _, dialect = verb.partition(":")
    if name == "push":
        # Until 0.20 the dialect was part of the verb.
        yield Push(
            config, options.get("url", ""), {"pg": "postgresql"}.get(dialect, dialect) or options.get("dialect", "")
        )
    elif verb == "migrate":
        yield Migrate(config)


def _files(words: Sequence[str]) -> Iterator[FileCall | ProgramCall]:
    """The file that a runtime is told to run, those that it loads before, or the one that is itself the program."""
    paths = tuple(map(_path, words))
    if _SOURCE.fullmatch(paths[0]):
        yield FileCall(words[0])
        return
    if _PROGRAM.fullmatch(paths[0]):
        yield ProgramCall(words[0])
    at = next((number for number, word in enumerate(words) if _is_runtime(word)), None)
    if at is None:
        return
    loaded = dict(_loaded(words, at))
    behind = [each for each in range(at + 1, len(words)) if each not in loaded]
    found = next((each for each in behind if _SOURCE.fullmatch(paths[each])), None)
    if found is None and basename(words[at]) in _WITHOUT_SUFFIX:
        places = (at + 1 + each for each in plain_places(words[at + 1 :]) if at + 1 + each in behind)
        found = next((each for each in places if "/" in paths[each] and " " not in paths[each]), None)
    # What stands behind the program is told to that one.
    before = (path for each, path in loaded.items() if found is None or each < found)
    yield from (FileCall(each) for each in before if _SOURCE.fullmatch(_path(each)))
    if found is not None:
        yield FileCall(words[found], options=_told(words, found))


def _loaded(words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
    """What a runtime loads before its program, and where that is named. `at` is where the first runtime stands."""
    runtime = ""
    for place, (word, after) in enumerate(zip_longest(words[at:], words[at + 1 :], fillvalue=""), at):
        name, joined, value = word.partition("=")
        if _is_runtime(word):
            runtime = basename(word)
        elif name in _LOADS_BEFORE or (word == "-r" and runtime in _REQUIRE):
            yield (place, value) if joined else (place + 1, after)


def _told(words: Sequence[str], file: int) -> ShellOptions:
    """What the shell is told that runs the file named at `file`, if one does."""
    shell = next((at for at in reversed(range(file)) if basename(words[at]) in SHELLS), None)
    return ShellOptions() if shell is None else told_to_shell(words[shell + 1 :], words[file])


def _is_runtime(word: str) -> bool:
    # `docker cp a/. b` copies what is in a directory.
    return basename(word) in RUNTIMES and not word.endswith("/.")


def _path(word: str) -> str:
    """`word`, or where that is a path from where its script lies, that path; of the script itself, any one."""
    found = "self.sh" if is_self(word) else beside(word, {})
    return word if found is None else f"./{found}"
