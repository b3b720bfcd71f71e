"""What an image runs: while it is built (`RUN`), and when it starts (`ENTRYPOINT`, `CMD`).

Facts: docs.docker.com "Dockerfile reference": instructions, comments inside a continued one, here-documents, exec form.
"""

import json
import re
import shlex
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase
from posixpath import basename, dirname

from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.at_hand import is_image_at_hand, is_named_at_hand
from migcheck.scripts.calls import FileCall, ProgramCall
from migcheck.scripts.directories import home
from migcheck.scripts.file_names import DOCKERFILES
from migcheck.scripts.images.docker_lines import Instruction, instructions
from migcheck.scripts.images.image_files import Context, Stage
from migcheck.scripts.named_scripts import is_for_a_shell
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.options import split
from migcheck.scripts.shell.programs import SHELLS

_FLAG = regex(r"(?:--[\w-]+(?:=\S+)?\s+)+", re.ASCII)
_TAKEN_FROM = regex(r"\bfrom=(?P<stage>[^\s,]+)")
_STARTERS = {"RUN": Starter.IMAGE, "CMD": Starter.START, "ENTRYPOINT": Starter.START}


def is_dockerfile(path: str) -> bool:
    """Whether the file at `path` is one by its name."""
    return any(fnmatchcase(basename(path), each) for each in DOCKERFILES)


def read_dockerfile(
    path: str, content: bytes, directories: Container[str], files: Container[str] = ()
) -> Iterator[Script]:
    """The scripts of the Dockerfile at `path`. `directories` are those of the repository that hold a package.

    `files` are the repository's own that an image may have elsewhere.
    """
    read = list(instructions(content.decode("utf-8", "replace").split("\n")))
    starters = begun = {} if is_image_at_hand(path) else _STARTERS
    built = _built(read)
    begin = home(path, directories)
    directory: str | None = begin
    context = Context(files, (begin, ".", dirname(path) or "."))
    stage, stages = Stage(context), dict[str, Stage]()
    for each in read:
        match each.name:
            case "FROM":
                stage = _stage(each.told, context, stages)
                begun = starters if context.begun - 1 in built else {}
            case "WORKDIR":
                directory = _found(each.told.strip(), directories) or begin
                stage.move(each.told)
            case "COPY" | "ADD":
                stage.copy(each.told, stages, each.documents)
            case "SHELL":
                stage.options = _options(each.told)
            case "RUN" | "CMD" | "ENTRYPOINT":
                text, line = _script(each)
                name, starter = f"{each.name}/{each.line}", begun.get(each.name)
                # A document with a first line like that is run by what it says.
                options = ShellOptions() if text.startswith("#!") else stage.options
                script = Script(path, name, line, text, directory, options, starter, stage=stage)
                yield from (script, *_documents(script, stage))
            case _:
                pass


def _built(read: Iterable[Instruction]) -> frozenset[int]:
    """The stages, by number, that are no person's own: each not named so, the last, and what these take from.

    `docker build` makes the last where it is told no other.
    """
    stages: list[tuple[str, set[str]]] = []
    for each in read:
        if each.name == "FROM":
            stages.append((_name(each.told).lower(), {_words_of_from(each.told)[0].lower()}))
        elif stages:
            stages[-1][1].update(found["stage"].lower() for found in _TAKEN_FROM.finditer(each.told))
    built, taken = set[int](), {str(len(stages) - 1)}
    for number, (name, takes) in reversed([*enumerate(stages)]):
        if not is_named_at_hand(name) or not taken.isdisjoint((name, str(number))):
            built.add(number)
            taken |= takes
    return frozenset(built)


def _words_of_from(told: str) -> list[str]:
    return [each for each in told.split() if not each.startswith("--")] or [""]


def _name(told: str) -> str:
    """The name of the stage that `FROM told` begins; empty where it has none."""
    _, *named = _words_of_from(told)
    return named[1] if len(named) == 2 else ""  # noqa: PLR2004 - AS and the name


def _documents(script: Script, stage: Stage) -> Iterator[Script]:
    """The scripts that an instruction wrote into the image and that `script` runs."""
    commands = script.commands if stage.context.written else ()
    called = [call.path for each in commands for call in script.calls(each) if isinstance(call, FileCall | ProgramCall)]
    for each in dict.fromkeys(filter(None, map(stage.document, called))):
        if is_for_a_shell(each.text):
            name = f"{script.name}/{each.line}"
            yield replace(script, name=name, line=each.line, text=each.text, options=ShellOptions())


def _stage(rest: str, context: Context, stages: dict[str, Stage]) -> Stage:
    """The stage that `FROM rest` begins; it is told by its name and by its number."""
    begins = stages.get(_words_of_from(rest)[0])
    stage = Stage(context, begins)
    if begins is not None:
        # What an image is told it hands on to those that begin as it.
        stage.directory, stage.options = begins.directory, begins.options
    stages[str(context.begun)] = stage
    context.begun += 1
    if name := _name(rest):
        stages[name] = stage
    return stage


def _found(place: str, directories: Container[str]) -> str | None:
    """The directory of the repository that `place`, one of the image, ends with: `/app/packages/db`."""
    parts = [each for each in place.split("/") if each]
    tails = ("/".join(parts[at:]) for at in range(len(parts)))
    return next((each for each in tails if each in directories), None)


def _options(rest: str) -> ShellOptions:
    """What `SHELL rest` tells a shell; nothing where the program is none."""
    program, *told = split(_exec_form(rest)) or [""]
    return ShellOptions().told(" ".join(told)) if basename(program) in SHELLS else ShellOptions()


def _script(instruction: Instruction) -> tuple[str, int]:
    """The text of a script and the line it begins at: empty where it is written for something else than a shell."""
    told = instruction.told
    flags = _FLAG.match(told)
    bare = told[flags.end() :] if flags else told
    if instruction.alone:
        document = instruction.documents[0]
        return document.text if is_for_a_shell(document.text) else "", document.line
    return _exec_form(bare) or instruction.written.removeprefix(told[: len(told) - len(bare)]), instruction.line


def _exec_form(rest: str) -> str:
    """The shell's spelling of `["program", "argument"]`; empty where it is no such list."""
    try:
        words: object = json.loads(rest) if rest.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        return ""
    return shlex.join(map(str, words)) if isinstance(words, list) else ""
