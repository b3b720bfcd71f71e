"""What a command asks Docker Compose, or a swarm, to run.

Facts: docs.docker.com "docker compose" (`-f` may be given several times; `up` and `run` start what a service needs),
"docker compose run" (words behind the service stand for its command), "docker stack deploy".
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from posixpath import basename

from msgspec import Struct

from migcheck.scripts.options import plain

_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_COMPOSES = frozenset({"docker-compose", "podman-compose"})
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

    `instead`: other words stand for what the one service runs, and only what it needs is asked for. `profiled`: a
    profile is named.
    """

    services: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    instead: bool = False
    profiled: bool = False


def compose_calls(words: Sequence[str]) -> Iterator[ComposeCall]:
    """What the command `words` asks Compose for."""
    for at, (word, after) in enumerate(pairwise((*words, ""))):
        if basename(word) in _ENGINES and after == "stack":
            if plain(words[at + 2 :], _VALUED)[:1] == ("deploy",):
                yield ComposeCall(files=tuple(_files(words[at + 2 :])), profiled=True)
            return
        if basename(word) in _COMPOSES or (basename(word) in _ENGINES and after == "compose"):
            yield from _of_compose(words[at + (1 if basename(word) in _COMPOSES else 2) :])
            return


def _of_compose(words: Sequence[str]) -> Iterator[ComposeCall]:
    verb = next(iter(plain(words, _VALUED)), "")
    if verb not in _STARTS:
        return
    at = words.index(verb)
    own, behind = words[:at], words[at + 1 :]
    named = plain(behind, _VALUED_BEHIND)
    files, profiled = tuple(_files(own)), any(each.startswith("--profile") for each in own)
    if verb == "run":
        yield ComposeCall(named[:1], files, instead=len(named) > 1, profiled=profiled)
    else:
        yield ComposeCall(named, files, profiled=profiled)


def _files(words: Sequence[str]) -> Iterator[str]:
    for word, after in pairwise((*words, "")):
        name, told, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in _FILES:
            yield value if told else after
