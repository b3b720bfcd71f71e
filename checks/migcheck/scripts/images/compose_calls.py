"""What a command asks Docker Compose, or a swarm, to run.

Facts: docs.docker.com "docker compose" (`-f` may be given several times; `up` and `run` start what a service needs),
"docker compose run" (words behind the service stand for its command; `--entrypoint` is split as a
shell would), "docker stack deploy".
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from posixpath import basename

from msgspec import Struct

from migcheck.scripts.shell.options import options_of, plain, plain_places, split

_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_COMPOSES = frozenset({"docker-compose", "podman-compose"})
_PROGRAMS = tuple(sorted((*_COMPOSES, *_ENGINES)))
_FILES = frozenset({"f", "file", "c", "compose-file"})
_VALUED = _FILES | {"p", "project-name", "profile", "env-file", "project-directory", "ansi", "progress", "parallel"}
_VALUED_BEHIND = frozenset(
    {"scale", "t", "timeout", "wait-timeout", "pull", "exit-code-from", "attach", "no-attach", "e", "env", "name", "u"}
    | {
        "user",
        "v",
        "volume",
        "w",
        "workdir",
        "p",
        "publish",
        "entrypoint",
        "l",
        "label",
        "cap-add",
        "cap-drop",
        "env-file",
    }
)
_STARTS = frozenset({"up", "start", "restart", "run"})


class ComposeCall(Struct, frozen=True):
    """`docker compose up` and the like: `services` (none: all that no profile keeps out) of `files`, or those at hand.

    `instead`: other words stand for what the one service runs; `words` are those that its entrypoint is handed, none
    where another entrypoint is told. `profiled`: a profile is named. `directory` is that of the project, where told.
    """

    services: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    instead: bool = False
    profiled: bool = False
    words: tuple[str, ...] = ()
    directory: str = ""


def compose_calls(words: Sequence[str]) -> Iterator[ComposeCall]:
    """What the command `words` asks Compose for."""
    if not any(each.endswith(_PROGRAMS) for each in words):
        return
    for at, (word, after) in enumerate(pairwise((*words, ""))):
        if basename(word) in _ENGINES and after == "stack":
            if plain(words[at + 2 :], _VALUED)[:1] == ("deploy",):
                yield ComposeCall(files=tuple(_files(words[at + 2 :])), profiled=True)
            return
    for behind in _behind_compose(words):
        yield from _of_compose(behind)


def _behind_compose(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words that Compose is told, of the first that is called."""
    for at, (word, after) in enumerate(pairwise((*words, ""))):
        alone = basename(word) in _COMPOSES
        if alone or (basename(word) in _ENGINES and after == "compose"):
            yield words[at + (1 if alone else 2) :]
            return


def _of_compose(words: Sequence[str]) -> Iterator[ComposeCall]:
    own, verb, behind = _parted(words)
    if verb not in _STARTS:
        return
    named = plain(behind, _VALUED_BEHIND)
    files, profiled = tuple(_files(own)), any(each.startswith("--profile") for each in own)
    place = options_of(own).get("project-directory", "")
    if verb == "run":
        run = _run(behind)
        told = run.words if run.entrypoint is None else ()
        instead = bool(run.words) or run.entrypoint is not None
        yield ComposeCall(run.service, files, instead=instead, profiled=profiled, words=told, directory=place)
    else:
        yield ComposeCall(named, files, profiled=profiled, directory=place)


def _parted(words: Sequence[str]) -> tuple[Sequence[str], str, Sequence[str]]:
    """The options of Compose's own, what it is to do, and what stands behind that."""
    at = next(plain_places(words, _VALUED), len(words))
    return words[:at], "".join(words[at : at + 1]), words[at + 1 :]


class _Run(Struct, frozen=True):
    """What stands behind `run`: the service, if any, the words behind it, and the entrypoint, where one is told."""

    service: tuple[str, ...]
    words: tuple[str, ...]
    entrypoint: str | None


def _run(words: Sequence[str]) -> _Run:
    skip, entrypoint = False, None
    for at, (word, after) in enumerate(pairwise((*words, ""))):
        name, told, value = word.lstrip("-").partition("=")
        if skip:
            skip = False
        elif not word.startswith("-"):
            return _Run((word,), tuple(words[at + 1 :]), entrypoint)
        else:
            entrypoint = (value if told else after) if name == "entrypoint" else entrypoint
            skip = not told and name in _VALUED_BEHIND
    return _Run((), (), entrypoint)


def words_run(words: Sequence[str]) -> Sequence[str]:
    """What `docker compose run --entrypoint E SERVICE W…` runs: E, which is split as a shell would, and W.

    Any other command is given back as it is.
    """
    for behind in _behind_compose(words):
        _, verb, told = _parted(behind)
        run = _run(told) if verb == "run" else None
        if run is not None and run.entrypoint is not None:
            return (*split(run.entrypoint), *run.words)
    return words


def _files(words: Sequence[str]) -> Iterator[str]:
    for word, after in pairwise((*words, "")):
        name, told, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in _FILES:
            yield value if told else after
