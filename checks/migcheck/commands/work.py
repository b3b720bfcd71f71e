"""One folder and what is asked about it, and the target that this names."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, TypedDict

from msgspec import Struct

from migcheck.config.config import ApplyConfig, FolderConfig
from migcheck.errors import UsageError
from migcheck.gather.gates import Tell, ledger_name
from migcheck.project import Asked, Project, how_to_set, unset, unset_in

if TYPE_CHECKING:
    from migcheck.commands.options import Options
    from migcheck.postgres.target.address import Address


class Work(Struct, frozen=True):
    """One folder of `project`, and what is asked about it."""

    project: Project
    folder: FolderConfig
    asked: Asked


def need_target(work: Work) -> "Address":
    """The target. Raises UsageError where none is named."""
    if work.asked.target is None:
        variable, file, other = work.folder.database_url, work.asked.env_file, work.asked.other
        alone = unset(variable, work.asked.passed_by, other)
        problem = f"{unset_in(variable, file)}: there is" if file else f"{alone}, so there is"
        raise UsageError(f"{problem} no target", how_to_set(variable, work.asked, work.folder.path))
    return work.asked.target


class Aim(TypedDict):
    """What every errand to a target is told alike: the fields of `Errand`, but for its command."""

    address: "Address"
    variable: str
    settings: ApplyConfig
    dry_run: bool
    tell: Tell


def aim_of(work: Work, options: "Options", tell: Tell) -> Aim:
    """How to go to the target. Raises UsageError where none is named."""
    return Aim(
        address=need_target(work),
        variable=work.folder.database_url,
        settings=work.project.config.apply,
        dry_run=options.dry_run,
        tell=tell,
    )


def refuse_shared_ledgers(work: Sequence[Work]) -> None:
    """Raise UsageError where the folders of two would share one ledger of one target."""
    for one, other in combinations(work, 2):
        if ledger_name(one.folder) == ledger_name(other.folder) and _one_database(one, other):
            raise UsageError(
                f"{one.folder.path} and {other.folder.path} would share the ledger {ledger_name(one.folder)} of one "
                f"target ({_variables(one, other)}): Drizzle would skip the migrations of one of them",
                "give each its own `database_url` or its own `ledger` in migcheck.toml, or name one FOLDER",
            )


def _variables(*work: Work) -> str:
    return " and ".join(dict.fromkeys(each.folder.database_url for each in work))


def _one_database(*work: Work) -> bool:
    """Whether the targets of two folders are one database, whoever connects to it and however the URL is written."""
    places = {each.asked.target and each.asked.target.place for each in work}
    return len(places) == 1 and None not in places
