"""What an image runs: while it is built (`RUN`), and when it starts (`ENTRYPOINT`, `CMD`).

Facts: docs.docker.com "Dockerfile reference": instructions, comments inside a continued one, here-documents, exec form.
"""

import json
import re
import shlex
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase
from posixpath import basename

from migcheck.regex import regex
from migcheck.scripts.at_hand import is_image_at_hand, is_named_at_hand
from migcheck.scripts.directories import home
from migcheck.scripts.file_names import DOCKERFILES, SHELL_ENDS
from migcheck.scripts.images.docker_lines import Instruction, instructions
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


def read_dockerfile(path: str, content: bytes, directories: Container[str]) -> Iterator[Script]:
    """The scripts of the Dockerfile at `path`. `directories` are those of the repository that hold a package.

    A file of the image is taken for the repository's by its name, or by the one that COPY gives a shell script alone.
    """
    read = list(instructions(content.decode("utf-8", "replace").split("\n")))
    starters = begun = {} if is_image_at_hand(path) else _STARTERS
    built, stage = _built(read), -1
    own = {_name(each.told).lower() for each in read if each.name == "FROM"}
    begin = home(path, directories)
    directory: str | None = begin
    shell, copied = ShellOptions(), dict[str, str]()
    for each in read:
        match each.name:
            case "FROM":
                stage += 1
                begun = starters if stage in built else {}
            case "WORKDIR":
                directory = _found(each.told.strip(), directories) or begin
            case "COPY" | "ADD":
                copied |= _copied(each.told, own)
            case "SHELL":
                # A stage that begins as another has what that was told: nobody looks here at which does.
                shell = shell.stricter_by(_options(each.told))
            case "RUN" | "CMD" | "ENTRYPOINT":
                text, line = _script(each)
                # A document with a first line like that is run by what it says.
                options = ShellOptions() if text.startswith("#!") else shell
                name = f"{each.name}/{each.line}"
                starter, renamed = begun.get(each.name), tuple(copied.items())
                yield Script(path, name, line, text, directory, options, starter, copied=renamed)
            case _:
                pass


def _built(read: Iterable[Instruction]) -> frozenset[int]:
    """The stages, by number, that are no person's own: each not named so, the last, and what these take from.

    `docker build` makes the last where it is told no other.
    """
    stages: list[tuple[str, set[str]]] = []
    for each in read:
        if each.name == "FROM":
            stages.append((_name(each.told).lower(), {_words_of(each.told)[0].lower()}))
        elif stages:
            stages[-1][1].update(found["stage"].lower() for found in _TAKEN_FROM.finditer(each.told))
    built, taken = set[int](), {str(len(stages) - 1)}
    for number, (name, takes) in reversed([*enumerate(stages)]):
        if not is_named_at_hand(name) or not taken.isdisjoint((name, str(number))):
            built.add(number)
            taken |= takes
    return frozenset(built)


def _words_of(told: str) -> list[str]:
    return [each for each in told.split() if not each.startswith("--")] or [""]


def _name(told: str) -> str:
    """The name of the stage that `FROM told` begins; empty where it has none."""
    _, *named = _words_of(told)
    return named[1] if len(named) == 2 else ""  # noqa: PLR2004 - AS and the name


def _copied(told: str, stages: Container[str]) -> dict[str, str]:
    """The shell script that `COPY told` gives another name, by that one; none of what is not of these `stages`."""
    of = _TAKEN_FROM.search(told)
    if of is not None and not of["stage"].isdigit() and of["stage"].lower() not in stages:
        return {basename(each): "" for each in _words_of(told) if basename(each)}
    match _words_of(told):
        case [source, to] if source.endswith(SHELL_ENDS) and basename(to) not in ("", ".", basename(source)):
            return {basename(to): source}
        case _:
            return {}


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
