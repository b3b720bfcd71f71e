"""What the command line can say: one name for one thing, in every command."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from migcheck.config import StartFrom
from migcheck.route import Transport


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


_CHOICES: Mapping[str, type[StrEnum]] = {"transport": Transport, "start_from": StartFrom, "output_format": Format}


class Options(Struct, frozen=True):
    """What a command that looks at folders was told; the fields are the names of its parameters.

    `command` is its own name. Paths are relative to the working directory.
    """

    command: str = "verify"
    folder: str | None = None
    base: str | None = None
    offline: bool = False
    staged: bool = False
    revision: str | None = None
    if_changed: bool = False
    scratch: str | None = None
    config: str | None = None
    ledger: Sequence[Path] | None = None
    env_file: Path | None = None
    transport: Transport | None = None
    wait: int = 0
    target_sizes: bool = False
    trust_prelude: bool = False
    start_from: StartFrom | None = None
    output_format: Format = Format.TEXT
    output: Path | None = None
    report: Path | None = None
    verbose: bool = False
    dry_run: bool = False
    clearance: Path | None = None
    to: str | None = None
    migration: str | None = None
    landed: bool = False
    reason: str | None = None
    until: str | None = None
    write: bool = False
    file: Path | None = None

    @property
    def typed(self) -> str:
        """The command with what has to stand in front of a FOLDER."""
        return f"{self.command} MIGRATION" if self.command == "rollback" else self.command

    @classmethod
    def of(cls, command: str, told: Mapping[str, Any]) -> "Options":
        """What `told`, the parameters in the context of `command`, says: what may be chosen is a text there."""
        chosen = {name: kind(told[name]) for name, kind in _CHOICES.items() if told.get(name)}
        return cls(**{**told, "command": command, **chosen})


class Parsed(Struct, frozen=True):
    """A command, parsed and not yet done: `do` gives the exit code."""

    options: Options
    do: Callable[[], int]

    @classmethod
    def of(cls, command: str, told: Mapping[str, Any]) -> "Parsed":
        """What `told`, the parameters in the context of `command`, asks for: `run` of the module of that name does it.

        That is imported only then, where faults are told: `migcheck --version` and a hook must not pay for a database
        driver, and one that cannot be loaded must not look like findings.
        """
        options = Options.of(command, told)

        def work() -> int:
            run: Callable[[Options], int] = import_module(f"migcheck.commands.{command}").run
            return run(options)

        return cls(options, work)
