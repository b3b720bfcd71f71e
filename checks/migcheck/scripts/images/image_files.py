"""Where the files of an image come from: what `COPY` and `ADD` put into it, stage by stage.

Facts: docs.docker.com "Dockerfile reference": COPY (sources begin at the root of the build context or of another stage,
a destination where WORKDIR says; of a directory its contents are copied), FROM (a stage may begin as another ended).
Variables stand for themselves: what is the same path is the same file.
"""

import json
import shlex
from collections.abc import Container, Iterator, Sequence
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field

from migcheck.scripts.calls import Call, calls_of
from migcheck.scripts.images.docker_lines import DockerDocument
from migcheck.scripts.shell.command import ShellOptions

# What no person comes near: copies of a stage, the bytes of one, and how many are looked at for all commands.
_MOST_COPIES = 100
_MOST_STEPS = 50_000
_LONGEST = 10_000
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_CODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


class Copy(Struct, frozen=True):
    """What is at `to` comes from `source`: of the stage, or where that is None of the repository."""

    source: str
    to: str
    stage: "Stage | None"

    def inside(self, path: str) -> str | None:
        """Where `path` comes from; None where it is not what was copied."""
        if path == self.to:
            return self.source
        around = f"{self.to.rstrip('/')}/"
        return normpath(join(self.source, path.removeprefix(around))) if path.startswith(around) else None


class Context(Struct):
    """What an image is built from: `places` are the directories that may be its root, the likeliest first.

    `left` is how many copies more may be looked at, for all its stages together. `begun` counts these. `written`: a
    file of one of them stands in the Dockerfile itself.
    """

    files: Container[str]
    places: Sequence[str]
    left: int = _MOST_STEPS
    begun: int = 0
    written: bool = False


class Stage(Struct, eq=False):
    """A stage of an image. `directory` is where WORKDIR leads to, `begins` the stage that it begins as.

    `documents` are the files that a COPY itself holds, by their paths. `options` are what SHELL tells the shell.
    """

    context: Context
    begins: "Stage | None" = None
    directory: str = "/"
    copies: list[Copy] = field(default_factory=list)
    documents: dict[str, DockerDocument] = field(default_factory=dict)
    options: ShellOptions = ShellOptions()

    def move(self, place: str) -> None:
        """`WORKDIR place`."""
        self.directory = self._placed(place.strip())

    def copy(self, rest: str, stages: dict[str, "Stage"], documents: Sequence[DockerDocument] = ()) -> None:
        """`COPY rest`: from the repository, or from one of `stages`. From another image nothing is known.

        `documents` are what follows it: files as well.
        """
        words = _words(rest) if len(rest) <= _LONGEST and len(self.copies) < _MOST_COPIES else []
        origin = next((each.partition("=")[2] for each in words if each.startswith("--from=")), None)
        *sources, last = [each for each in words if not each.startswith("--")] or [""]
        to = self._placed(last)
        if origin is not None and origin not in stages:
            return
        stage = None if origin is None else stages[origin]
        for each in sources:
            source = normpath(join("/", each))
            inside = (to, dirname(source)) if "*" in basename(source) else (join(to, basename(source)), source)
            self.copies += [Copy(source, to, stage), Copy(inside[1], inside[0], stage)]
        del self.copies[_MOST_COPIES:]
        self.context.written |= bool(documents)
        self.documents |= {path: each for each in documents for path in (to, join(to, each.name))}

    def document(self, path: str) -> DockerDocument | None:
        """What a COPY itself has written to `path`; None where it wrote none."""
        place, stage = self._placed(path), self
        while place not in stage.documents and stage.begins is not None and self.context.left > 0:
            self.context.left -= 1
            stage = stage.begins
        return stage.documents.get(place)

    def calls(self, words: Sequence[str], directory: str | None) -> Iterator[Call]:
        """What the command `words`, run in the image, calls; `directory` is where it is run, of the repository.

        A file that was copied is named as the repository has it.
        """
        up = "" if directory is None else "../" * len([each for each in directory.split("/") if each != "."]) or "./"
        found = (self._of_repository(word, program=at == 0) for at, word in enumerate(words))
        return calls_of(tuple(f"{up}{path}" if path else word for word, path in zip(words, found, strict=True)))

    def _of_repository(self, word: str, *, program: bool) -> str | None:
        """The path of the repository's file that `word` is; None where it is none, or none that can be told."""
        for each in self._origin(word, program=program):
            places = [normpath(join(place, each[1:])) for place in self.context.places]
            # What is compiled is in no repository, and is told by its name as well where it has kept that.
            renamed = each.endswith(_CODE) and basename(each) != basename(word)
            if known := next((path for path in places if path in self.context.files), places[0] if renamed else None):
                return known
        return None

    def _origin(self, word: str, *, program: bool) -> list[str]:
        """The paths, from the root of what the image is built from, that the file `word` may come from."""
        if "/" in word or "." in word:
            return list(self._origins(self._placed(word)))
        return [found for each in _PATH for found in self._origins(join(each, word))] if program else []

    def _origins(self, path: str) -> Iterator[str]:
        """What was copied last comes first."""
        left: list[tuple[Stage | None, str]] = [(self, path)]
        while left and self.context.left > 0:
            stage, place = left.pop()
            if stage is None:
                yield place
                continue
            self.context.left -= 1 + len(stage.copies)
            left += [] if stage.begins is None else [(stage.begins, place)]
            found = ((each.stage, each.inside(place)) for each in stage.copies)
            left += [(origin, inside) for origin, inside in found if inside is not None]

    def _placed(self, place: str) -> str:
        return normpath(join(self.directory, place))


def _words(rest: str) -> list[str]:
    """The words of a COPY: as a list of JSON behind its flags, or with blanks between them."""
    flags, bracket, listed = rest.partition("[")
    if bracket and all(each.startswith("--") for each in flags.split()):
        try:
            words: object = json.loads(bracket + listed)
        except (ValueError, RecursionError):
            words = None
        return [*flags.split(), *map(str, words)] if isinstance(words, list) else []
    try:
        return shlex.split(rest.replace("\\\n", " "))
    except ValueError:
        return []
