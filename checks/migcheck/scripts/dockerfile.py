"""What an image runs: while it is built (`RUN`), and when it starts (`ENTRYPOINT`, `CMD`).

Facts: docs.docker.com "Dockerfile reference": instructions, comments inside a continued one, here-documents, exec form.
"""

import json
import re
import shlex
from collections.abc import Container, Iterator, Sequence
from posixpath import basename, dirname

from migcheck.regex import regex
from migcheck.scripts.command import ShellOptions
from migcheck.scripts.directories import home
from migcheck.scripts.image_files import Context, Stage
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script

_INSTRUCTION = regex(r"\s*(?P<name>[A-Za-z]+)\s+(?P<rest>.*)", re.DOTALL)
_FLAG = regex(r"(?:--[\w-]+(?:=\S+)?\s+)+", re.ASCII)
_HERE = regex(r"<<-?([\"']?)(?P<end>\w+)\1")
_FOR_A_PERSON = regex(
    r"(?<![a-z])(?:dev(?:el|elop|elopment|container)?|tests?|testing|local|e2e|examples?|playground|ci)(?![a-z])",
    re.IGNORECASE,
)
_ENTRIES = {"RUN": Entry.IMAGE, "CMD": Entry.START, "ENTRYPOINT": Entry.START}


def is_dockerfile(path: str) -> bool:
    """Whether the file at `path` is one by its name."""
    name = basename(path).lower()
    return name.startswith(("dockerfile", "containerfile")) or name.endswith((".dockerfile", ".containerfile"))


def read_dockerfile(
    path: str, content: bytes, directories: Container[str], files: Container[str] = ()
) -> Iterator[Script]:
    """The scripts of the Dockerfile at `path`. `directories` are those of the repository that hold a package.

    `files` are the repository's own that an image may have elsewhere.
    """
    entries = {} if _FOR_A_PERSON.search(basename(path)) else _ENTRIES
    begin = home(path, directories)
    directory: str | None = begin
    context = Context(files, (begin, ".", dirname(path) or "."))
    stage, stages = Stage(context), dict[str, Stage]()
    for number, name, rest in _instructions(content.decode("utf-8", "replace").split("\n")):
        match name:
            case "FROM":
                stage = _stage(rest, context, stages)
            case "WORKDIR":
                directory = _found(rest.strip(), directories) or begin
                stage.move(rest)
            case "COPY" | "ADD":
                stage.copy(rest, stages)
            case "RUN" | "CMD" | "ENTRYPOINT":
                text, line, options = _script(rest, number)
                yield Script(path, f"{name}/{number}", line, text, directory, options, entries.get(name), stage=stage)
            case _:
                pass


def _stage(rest: str, context: Context, stages: dict[str, Stage]) -> Stage:
    """The stage that `FROM rest` begins; it is told by its name and by its number."""
    image, *named = [each for each in rest.split() if not each.startswith("--")] or [""]
    begins = stages.get(image)
    stage = Stage(context, begins, "/" if begins is None else begins.directory)
    stages[str(context.begun)] = stage
    context.begun += 1
    if len(named) == 2:  # noqa: PLR2004 - AS and the name
        stages[named[1]] = stage
    return stage


def _found(place: str, directories: Container[str]) -> str | None:
    """The directory of the repository that `place`, one of the image, ends with: `/app/packages/db`."""
    parts = [each for each in place.split("/") if each]
    tails = ("/".join(parts[at:]) for at in range(len(parts)))
    return next((each for each in tails if each in directories), None)


def _script(rest: str, number: int) -> tuple[str, int, ShellOptions]:
    flags = _FLAG.match(rest)
    rest = rest[flags.end() :] if flags else rest
    first, _, body = rest.partition("\n")
    here = _HERE.fullmatch(first.strip())
    if here is not None:
        return body.rpartition("\n")[0], number + 1, ShellOptions()
    return _exec_form(rest) or rest, number, ShellOptions()


def _exec_form(rest: str) -> str:
    """The shell's spelling of `["program", "argument"]`; empty where it is no such list."""
    try:
        words: object = json.loads(rest) if rest.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        return ""
    return shlex.join(map(str, words)) if isinstance(words, list) else ""


def _instructions(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Each instruction: its line, its name, and what follows, lines and all."""
    held: list[str] = []
    begin = 0
    end = ""
    for number, line in enumerate(lines, 1):
        if not end and line.lstrip().startswith("#"):
            # The shell sees no comment either; the line counts all the same.
            held += [""] if held and not held[-1].endswith("\\") else ["\\"] if held else []
            continue
        begin = begin if held else number
        held.append(line)
        here = _HERE.search(line) if not end else None
        end = here["end"] if here else "" if line.strip() == end else end
        if end or line.rstrip().endswith("\\"):
            continue
        found = _INSTRUCTION.fullmatch("\n".join(held))
        if found:
            yield begin, found["name"].upper(), found["rest"]
        held = []
