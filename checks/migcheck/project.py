"""What a run is about: a project (where it looks) and what a person asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from migcheck.clearance import Clearance
from migcheck.config.config import Config, FolderConfig, StartFrom
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.facts.configuration.config import Loaded
from migcheck.facts.configuration.other_variable import OtherVariable
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.verdict import Skipped, Undecided

if TYPE_CHECKING:
    from migcheck.postgres.target.address import Address


class Project(Struct, frozen=True):
    """Where a run looks. `root` is the repository's top, or the working directory where there is no repository."""

    root: Path
    repository: Repository | NoRepository
    loaded: Loaded

    @property
    def config(self) -> Config:
        """What is configured."""
        return self.loaded.config

    @property
    def parts(self) -> tuple["Project", ...]:
        """It, once for each file that configures some of its folders."""
        return (self, *(structs.replace(self, loaded=each) for each in self.loaded.others))


class EnvFile(Struct, frozen=True):
    """The file of `--env-file`, which does not name the target; nor does the environment.

    `near` is a name in it that is like the one that was looked for, empty where there is none. `serves`: it sets
    another variable that is looked for.
    """

    path: str
    near: str = ""
    serves: bool = False


def unset(variable: str, passed_by: str, other: OtherVariable | None) -> str:
    """That `variable` is not there, and that `passed_by` is, which no folder names; empty where there is none such.

    `other` is what drizzle.config reads.
    """
    if other:
        return f"{variable} is not set, but {other.config} reads {other.name}"
    return f"{variable} is not set" + (f", but {passed_by} is, which no folder names" if passed_by else "")


def unset_in(variable: str, file: EnvFile) -> str:
    """That `variable` was looked for, and where."""
    return f"{variable} is not set, neither in the environment nor in {file.path}, where --env-file looks for it"


def how_to_set(variable: str, asked: "Asked", folder: str) -> str:
    """What names the target of the folder at `folder`."""
    file, other = asked.env_file, asked.other
    has = f", which has {file.near}" if file and file.near else ""
    # The action hands the input on by the usual name alone.
    job = f" (in a job with `env`: the action's `database-url` sets {asked.passed_by})" if asked.passed_by else ""
    here = f"set {variable}{job}, or give --env-file FILE that sets it"
    here = f"set {variable} in {file.path}{has}" if file else here
    name, when = (other.name, f"where yours is {other.name}") if other else ("NAME", "where yours has another name")
    return f"{here}; {when}, say so in migcheck.toml: {_naming(folder, name)}"


def _naming(folder: str, variable: str) -> str:
    return f'[[folder]] with `path = "{folder}"` and `database_url = "{variable}"`'


def unnamed(which: FolderConfig, asked: "Asked") -> Skipped | Undecided:
    """What the gate `target` says where nobody named one: a file that was to, and sets nothing else, is a slip."""
    variable, file, other = which.database_url, asked.env_file, asked.other
    if file is None:
        takes = f": in migcheck.toml, {_naming(which.path, other.name)} takes that" if other else ""
        return Skipped(unset(variable, asked.passed_by, other) + takes, variable)
    if file.serves:
        return Skipped(f"{variable} is not set, nor in {file.path}", variable)
    remedy = f"{how_to_set(variable, asked, which.path)}; or leave out --env-file, to verify without a target"
    return Undecided(unset_in(variable, file), remedy)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for, with the same names everywhere.

    `offline` says why no server is asked, empty where one is. `staged`: judge the index, not the work tree. `scratch`:
    a kind, or the URL of a server to use. `target` is None where none is named, also in `env_file`. `passed_by`: the
    usual variable, where that is set and no folder names it. `other` is the variable that drizzle.config reads in place
    of the folder's, where neither names the target.
    `ledgers` were read from `--ledger` files; the first stands for the target, and `ledger_file` is where it is.
    `deploying`: a deploy follows, so the target must take writes now.
    `target_sizes`: how large what is pending touches is there is asked as well.
    `start_from` is what a rehearsal begins with, None where the configuration says.
    `clearance` stands for the gates `history` and `replay`; without `replays` the latter is left out, and so it is
    where `vain` says why what follows is refused already, as the folder and the target's ledger stand.
    `aside` says why only what is around the folder is judged, empty where the folder is as well.
    """

    base: str | None = None
    offline: str = ""
    staged: bool = False
    scratch: str | None = field(default=None, repr=False)
    target: "Address | None" = None
    env_file: EnvFile | None = None
    passed_by: str = ""
    other: OtherVariable | None = None
    ledgers: tuple[Ledger, ...] = ()
    ledger_file: str = ""
    trust_prelude: bool = False
    deploying: bool = False
    clearance: Clearance | None = None
    replays: bool = True
    vain: Callable[[Folder, Ledger], str] = lambda _folder, _ledger: ""
    start_from: StartFrom | None = None
    target_sizes: bool = False
    aside: str = ""
