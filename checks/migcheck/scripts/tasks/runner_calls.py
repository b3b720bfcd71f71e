"""What a command asks make, Task or just for.

Facts: gnu.org "GNU make", "Summary of Options" (a file that is named is looked for behind `-C`); taskfile.dev "CLI"
(`-d` beside `-t` is where its tasks are run, and moves no path); the `--help` of just (a justfile that is named is run
in its own directory, or where `-d` says, which needs one that is named).
"""

import re
from collections.abc import Iterator, Sequence
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.options import options_of, plain

# Options that take no value may stand before it in one word: `-ki` (gnu.org "GNU make", "Summary of Options").
_IGNORES = regex(r"--ignore-errors|-[bBdekLmnpqrRsStvw]*i\w*", re.ASCII)
_ENVIRONMENT_FIRST = regex(r"--environment-overrides|-[bBdikLmnpqrRsStvw]*e\w*", re.ASCII)
_FILE_OF_MAKE = regex(r"(?:-f|--file=|--makefile=)(?P<path>.+)")
_SETTING_OF_MAKE = regex(r"[\w.-]+:{0,3}=", re.ASCII)
_LONGEST = 500
_MOST_SETTINGS = 10
"""Variables that make is told. Each line that it runs may have them all."""
_VALUED_OF_MAKE = frozenset({"C", "directory", "f", "file", "makefile", "j"})
# The person's own Taskfile; and what runs nothing.
_NO_TASK = frozenset({"g", "global", "l", "list", "a", "list-all", "n", "dry", "summary", "status", "init", "i"})
_VALUED_OF_TASK = frozenset({"d", "dir", "t", "taskfile", "o", "output", "C", "concurrency", "I", "interval"})
_VALUED_OF_JUST = frozenset(
    {
        "f",
        "justfile",
        "d",
        "working-directory",
        "shell",
        "shell-arg",
        "dotenv-filename",
        "dotenv-path",
        "E",
        "color",
        "chooser",
        "tempdir",
        "group",
    }
)
# The person's own justfile; and what runs no recipe.
_NO_RECIPE = (
    frozenset({"g", "global-justfile", "c", "command", "n", "dry-run", "l", "list", "s", "show"})
    | {"e", "edit", "evaluate", "summary", "dump", "fmt", "init", "choose", "variables", "completions", "man", "usage"}
    | {"changelog", "groups", "json", "request", "h", "help", "V", "version"}
)


class MakeCall(Struct, frozen=True):
    """`make`: the targets (none: the first of the file) of a Makefile in `directory`, or of the `file` that is named.

    `ignores`: it is told to look past every failure. `settings` are the variables that it is told.
    `environment_first`: the environment goes before the Makefile (`-e`).
    """

    targets: tuple[str, ...]
    directory: str = "."
    ignores: bool = False
    file: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    environment_first: bool = False


class TaskCall(Struct, frozen=True):
    """`task`: tasks of the nearest Taskfile above `directory`, or where another directory is named of the one in it.

    `file` is the Taskfile, or the directory that it is in, where one is named; `place` is where it is run then, if that
    is told.
    """

    names: tuple[str, ...]
    directory: str = "."
    file: str = ""
    place: str = ""


class JustCall(Struct, frozen=True):
    """`just`: what the `words` behind it ask for, of the nearest justfile above `directory`.

    `file` is the justfile, where one is named, and `place` where it is run then, if told. `yes`: it asks nobody.
    """

    words: tuple[str, ...]
    directory: str = "."
    file: str = ""
    yes: bool = False
    place: str = ""


RunnerCall = MakeCall | TaskCall | JustCall
"""What asks a task runner for something."""


def runner_calls(words: Sequence[str]) -> Iterator[RunnerCall]:
    """What the command `words` asks of the runner that is its program."""
    match basename(words[0]):
        case "make" | "gmake":
            yield _make(words[1:])
        case "task" | "go-task":
            yield from _tasks(words[1:])
        case "just":
            yield from _recipes(words[1:])
        case _:
            pass


def _make(words: Sequence[str]) -> MakeCall:
    options = options_of(words)
    said = plain(words, valued=_VALUED_OF_MAKE)
    targets = [each for each in said if "=" not in each]
    settings = (each for each in said if len(each) <= _LONGEST and _SETTING_OF_MAKE.match(each))
    told = {name.rstrip(":"): value for name, _, value in (each.partition("=") for each in settings)}
    ignores = any(_IGNORES.fullmatch(each) for each in words)
    joined = next((found["path"] for each in words if (found := _FILE_OF_MAKE.fullmatch(each))), "")
    file = next((options[each] for each in ("f", "file", "makefile") if options.get(each)), joined)
    place = options.get("C", options.get("directory", "."))
    first = any(_ENVIRONMENT_FIRST.fullmatch(each) for each in words)
    given = tuple(told.items())[:_MOST_SETTINGS]
    return MakeCall(tuple(targets), place, ignores=ignores, file=file, settings=given, environment_first=first)


def _tasks(words: Sequence[str]) -> Iterator[TaskCall]:
    own = words[: words.index("--")] if "--" in words else words
    options = options_of(own)
    if _NO_TASK.isdisjoint(options):
        names = [each for each in plain(own, valued=_VALUED_OF_TASK) if "=" not in each]
        place, file = options.get("d", options.get("dir", "")), options.get("t", options.get("taskfile", ""))
        wanted = tuple(names) or ("default",)
        yield TaskCall(wanted, ".", file, place) if file else TaskCall(wanted, place or ".")


def _recipes(words: Sequence[str]) -> Iterator[JustCall]:
    own = _before_recipe(words)
    options = options_of(own)
    if not _NO_RECIPE.isdisjoint(options):
        return
    named = [*words[len(own) :]]
    while named and "=" in named[0]:
        del named[0]
    directory, slash, name = (named or [""])[0].rpartition("/")
    if slash:
        named = [name, *named[1:]] if name else named[1:]
    file = options.get("f", options.get("justfile", ""))
    place = options.get("d", options.get("working-directory", ""))
    if file or not place:
        yield JustCall(tuple(named), directory or "/" if slash else ".", file, yes="yes" in options, place=place)


def _before_recipe(words: Sequence[str]) -> Sequence[str]:
    """The options of just: what stands behind the first recipe is that one's."""
    skip = 0
    for at, word in enumerate(words):
        if skip:
            skip -= 1
        elif not word.startswith("-"):
            return words[:at]
        else:
            name = word.lstrip("-")
            skip = 2 if name == "set" else 1 if name in _VALUED_OF_JUST else 0
    return words
