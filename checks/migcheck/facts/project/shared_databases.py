"""Folders that are deployed to one database: two drizzle.configs of a package that name the same address and ledger."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from posixpath import dirname

from msgspec import Struct

from migcheck.drizzle.config_file import DrizzleConfig
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectState, kept_in_state
from migcheck.facts.project.runners import applying, every_way, kits, reached_by_config
from migcheck.regex import regex
from migcheck.scripts.calls import DRIZZLE_KIT, Migrate, Push
from migcheck.scripts.databases import addresses, is_local
from migcheck.scripts.reach import Reached

_ENV_FILE = regex(rb"\.env[\w.-]{0,100}")


class Shared(Struct, frozen=True):
    """Another `folder`, which the drizzle.config at `path` has deployed to the database of `other`, ours.

    `reached` is how drizzle-kit comes to deploy it without a person; None where people run both in one environment, or
    nobody that can be read runs either.
    """

    folder: str
    path: str
    other: str
    reached: Reached | None


def shared_databases(state: ProjectState) -> Iterator[Shared]:
    """The folders that are deployed to the database that ours is deployed to as well.

    An address that is the same variable is the same database where both are given the same beside it. In two packages
    the same variable may be another one.
    """
    scripts = state.scripts
    configs = dict(_configs(state))
    ours = {path: said for path, (folder, said) in configs.items() if folder == scripts.folder}
    package = scripts.package_of(scripts.folder)
    for path, (folder, said) in configs.items():
        if path in ours or scripts.package_of(folder) != package:
            continue
        same = (each for each, mine in ours.items() if (mine.address, mine.ledger) == (said.address, said.ledger))
        for other in same:
            one, deployed = reached_by_config(state).get(path), list(_deployed(state, other))
            by_people = one is None and not deployed and _by_people(state, path) & _by_people(state, other)
            idle = one is None and not deployed and _by_nobody(state, path, other)
            if by_people or idle or (one is not None and _meet(one, deployed)):
                yield Shared(folder, path, other, one)
                break


def _configs(state: ProjectState) -> Iterator[tuple[str, tuple[str, DrizzleConfig]]]:
    """The drizzle.configs that tell folder, ledger and address, by path, each with its folder."""
    configs = state.scripts.configs
    for path, folder in configs.named.items():
        match configs.read[path]:
            case DrizzleConfig(ledger=LedgerName(), address=address) as said if address and folder is not None:
                yield path, (folder, said)
            case _:
                pass


def _deployed(state: ProjectState, path: str) -> Iterator[Reached]:
    """How the folder that the drizzle.config at `path` names is deployed without a person."""
    gate = applying(state)
    found = (reached_by_config(state).get(path), None if gate is None else gate.reached)
    return (each for each in found if each is not None)


def _by_people(state: ProjectState, path: str) -> frozenset[tuple[object, ...]]:
    """The environments in which scripts run `drizzle-kit migrate` with the drizzle.config at `path`.

    What stands before it in the command is a part of that: `dotenv -e .env.other -- drizzle-kit migrate`.
    """
    return _environments(state).get(path, frozenset())


@kept_in_state
def _environments(state: ProjectState) -> Mapping[str, frozenset[tuple[object, ...]]]:
    found: dict[str, frozenset[tuple[object, ...]]] = {}
    for run, config in kits(state):
        if run.directory is not None and not is_local(run.command):
            path = state.scripts.configs.taken(run.directory, config) or ""
            before = takewhile(lambda word: not DRIZZLE_KIT.fullmatch(word), run.command.words)
            given = addresses(run.command), tuple(before), run.directory
            found[path] = found.get(path, frozenset()) | {given}
    return found


def _by_nobody(state: ProjectState, path: str, other: str) -> bool:
    """Whether nothing that was read runs either of two drizzle.configs, and nothing gives each its own environment."""
    files, run = state.scripts.files, _taken(state)
    alike = dirname(path) == dirname(other) and _env_files(files[path]) == _env_files(files[other])
    return alike and run is not None and run.isdisjoint({path, other}) and next(iter(every_way(state)), None) is None


@kept_in_state
def _taken(state: ProjectState) -> frozenset[str] | None:
    """The drizzle.configs that commands go to a database with; None where only running one tells which."""
    found = set[str]()
    for run in state.scripts.runs if state.scripts.mentions("drizzle-kit") else ():
        match run.call, run.directory:
            case ((Push(config=config) | Migrate(config=config, by_drizzle_kit=True)), str() as directory):
                found.add(state.scripts.configs.taken(directory, config) or "")
            case ((Push() | Migrate(by_drizzle_kit=True)), None):
                return None
            case _:
                pass
    return frozenset(found)


def _env_files(content: bytes) -> frozenset[bytes]:
    """The files of variables that a configuration names, for dotenv or the like."""
    return frozenset(_ENV_FILE.findall(content))


def _meet(one: Reached, others: Iterable[Reached]) -> bool:
    """Whether who deploys both begins in the same way, and says nothing else of the database."""
    return any((one.started_by, one.given) == (each.started_by, each.given) for each in others)
