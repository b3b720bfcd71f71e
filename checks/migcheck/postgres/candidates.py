"""Which scratch servers this machine could give, best first (docs/design.md "Scratch servers")."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from migcheck.config import ScratchConfig
from migcheck.postgres.scratch import ScratchServer


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
    def describe(self) -> str:
        """For the report: kind, major and origin."""
        ...

    def start(self) -> AbstractContextManager[ScratchServer]:
        """Run it for the length of the context. Raises UndecidableError where it does not start."""
        ...


def candidates(
    config: ScratchConfig, target_major: int | None = None, *, prelude: str = "", environ: dict[str, str] | None = None
) -> Iterator[Candidate]:
    """Every server there is, in the order to try them: the target's major first, then by kind.

    `prelude` is SQL that runs as administrator in each new database; the caller takes it from base.
    """
    from migcheck.postgres.binaries import BinaryCandidate  # noqa: PLC0415 - psycopg is not needed to list rules
    from migcheck.postgres.installation import embedded_installations, local_installations  # noqa: PLC0415

    environ = dict(os.environ) if environ is None else environ
    wanted = config.major or target_major or 0
    found: list[Candidate] = []
    if config.kind in {"auto", "embedded"}:
        found += [BinaryCandidate(one, config, prelude) for one in embedded_installations()]
    if config.kind in {"auto", "local"}:
        found += [BinaryCandidate(one, config, prelude) for one in local_installations(environ)]
    yield from sorted(found, key=lambda one: one.major != wanted)
