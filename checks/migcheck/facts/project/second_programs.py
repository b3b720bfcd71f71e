"""What runs the folder's migrations beside a program that does: two of two environments are no two programs."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from migcheck.facts.project.judged import ProjectState, kept_in_state
from migcheck.facts.project.runners import Tool, Way, gates, programs
from migcheck.regex import regex
from migcheck.scripts.databases import is_local_address
from migcheck.scripts.reach import Reached
from migcheck.scripts.runs import Run

_WORKFLOWS = ".github/workflows/"
"""Where `given` begins with the name of the environment that GitHub deploys to, with secrets of its own."""
_OF_NO_DATABASE = frozenset({"github-pages", "npm", "pypi", "testpypi"})
# `secrets.PRODUCTION_DATABASE_URL` is of one environment, whoever asks; `secrets.DATABASE_URL` may be of each.
_OF_ONE = regex(
    r"\b(?:secrets|vars)\.(?:\w{1,80}_)?(?:prod(?:uction)?|live|stag(?:e|ing)|stg|preview|dev(?:elopment)?|qa|uat)(?:_|\b)",
    re.ASCII | re.IGNORECASE,
)


class _Place(Struct, frozen=True):
    """An environment, empty where it is not told, and the addresses that are of one database in any."""

    environment: str = ""
    addresses: frozenset[str] = frozenset()


def another(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """What else runs the folder's migrations, whoever runs `migcheck apply` and without a person otherwise."""
    others = (each for each in _every_program(state) if not _is_one(each, program))
    return next((each for each in others if not _are_apart(state, each, program)), None)


def before(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """As `another`, of what stands before `program`: of two, only one is the second."""
    for each in _every_program(state):
        if _is_one(each, program):
            return None
        if not _are_apart(state, each, program):
            return each
    return None


def _every_program(state: ProjectState) -> Iterator[Tool | Way]:
    """The programs with every `migcheck apply`: one of another environment is not the only one."""
    every = gates(state)
    yield from every
    yield from (each for each in programs(state) if each not in every)


def _is_one(one: Tool | Way, other: Tool | Way) -> bool:
    """Whether they are one program: commands of one tool, or calls in one file."""
    match one, other:
        case Tool(), Tool():
            return one.call == other.call
        case Way(), Way():
            return one.call.path == other.call.path
        case _:
            return False


def _are_apart(state: ProjectState, one: Tool | Way, other: Tool | Way) -> bool:
    """Whether each is run for environments alone that the other is not run for, and given no address of the other's."""
    if _may_be_one(_place(one.reached), _place(other.reached)):
        return False
    mine, there = (_places(state)[_told(each)] for each in (one, other))
    return not any(_may_be_one(each, another) for each in mine for another in there)


def _may_be_one(one: _Place, other: _Place) -> bool:
    """Whether two places may have one database.

    So it is where an environment is not told or named after the other, and where both are given the same address.
    """
    named = one.environment in other.environment or other.environment in one.environment
    return named or not one.addresses.isdisjoint(other.addresses)


@kept_in_state
def _places(state: ProjectState) -> Mapping[object, frozenset[_Place]]:
    """Where each program is run without a person; among them what tells nothing where one way does not."""
    told: dict[object, list[Run]] = {}
    for run in state.scripts.runs:
        told.setdefault((run.script.at(run.command), f"`{run.command}`"), []).append(run)
    found: dict[object, frozenset[_Place]] = {}
    for program in _every_program(state):
        runs = _runs_of(state, program) if isinstance(program, Way) else told[_told(program)]
        reached = (way for run in runs for way in state.scripts.ways(run).values())
        found[_told(program)] = frozenset(map(_place, reached)) or frozenset({_Place()})
    return found


def _told(program: Tool | Way) -> tuple[object, str]:
    return program.at, program.named


def _runs_of(state: ProjectState, way: Way) -> Iterator[Run]:
    for begin in way.runner.begins():
        yield from state.scripts.runs_of(begin.path, begin.asked)


def _place(reached: Reached | None) -> _Place:
    """Where `reached` begins, as GitHub has it; nothing where that is not told."""
    if reached is None or not reached.steps or not str(reached.steps[0].at.path).startswith(_WORKFLOWS):
        return _Place()
    name, *given = (*reached.given, "")
    # Of `pr-${{ github.event.number }}` what it begins with.
    named = name.partition("$")[0].lower()
    environment = "" if "=" in name or named in _OF_NO_DATABASE else named
    addresses = (each.partition("=")[2] for each in given)
    return _Place(environment, frozenset(each for each in addresses if _is_one_everywhere(each)))


def _is_one_everywhere(address: str) -> bool:
    """Whether `address` is of one database in each environment, where secrets and variables may have values of theirs.

    At the end of a tunnel, on this machine, is any.
    """
    host = address.rpartition("@")[2]
    if host and "$" not in host:
        return not is_local_address(address)
    return _OF_ONE.search(address) is not None
