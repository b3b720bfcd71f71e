"""What a command asks Docker Compose, or a swarm, to run.

Facts: docs.docker.com "docker compose" (`-f` may be given several times; `up` and `run` start what a service needs),
"docker compose run" (words behind the service stand for its command), "docker stack deploy".
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from posixpath import basename

from msgspec import Struct

from migcheck.scripts.shell.options import plain, plain_places

_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_COMPOSES = frozenset({"docker-compose", "podman-compose"})
_PROGRAMS = tuple(sorted((*_COMPOSES, *_ENGINES)))
_FILES = frozenset({"f", "file", "c", "compose-file"})
_VALUED = _FILES | {"p", "project-name", "profile", "env-file", "project-directory", "ansi", "progress", "parallel"}
_VALUED_BEHIND = frozenset(
    {"scale", "t", "timeout", "wait-timeout", "pull", "exit-code-from", "attach", "no-attach", "e", "env", "name", "u"}
    | {"user", "v", "volume", "w", "workdir", "p", "publish", "entrypoint", "l", "label", "cap-add", "cap-drop"}
    | {"env-file"}
)
_STARTS = frozenset({"up", "start", "restart", "run"})


class ComposeCall(Struct, frozen=True):
    """`docker compose up` and the like: `services` (none: all that no profile keeps out) of `files`, or those at hand.

    `instead`: other words stand for what the one service runs.
    """

    services: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    instead: bool = False


def compose_calls(words: Sequence[str]) -> Iterator[ComposeCall]:
    """What the command `words` asks Compose for."""
    if not any(each.endswith(_PROGRAMS) for each in words):
        return
    for at, (word, after) in enumerate(pairwise((*words, ""))):
        engine = basename(word) in _ENGINES
        if engine and after == "stack":
            if plain(words[at + 2 :], _VALUED)[:1] == ("deploy",):
                yield ComposeCall(files=tuple(_files(words[at + 2 :])))
            return
        if basename(word) in _COMPOSES or (engine and after == "compose"):
            yield from _of_compose(words[at + (2 if engine else 1) :])
            return


def _of_compose(words: Sequence[str]) -> Iterator[ComposeCall]:
    at = next(plain_places(words, _VALUED), len(words))
    verb, files, named = "".join(words[at : at + 1]), tuple(_files(words[:at])), plain(words[at + 1 :], _VALUED_BEHIND)
    if verb == "run":
        other = len(named) > 1 or any(each.startswith("--entrypoint") for each in words)
        yield ComposeCall(named[:1], files, instead=other)
    elif verb in _STARTS:
        yield ComposeCall(named, files)


def _files(words: Sequence[str]) -> Iterator[str]:
    for word, after in pairwise((*words, "")):
        name, told, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in _FILES:
            yield value if told else after
