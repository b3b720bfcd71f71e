"""What runs the folder's migrations beside a program that does: two of two environments are no two programs."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile

from msgspec import Struct

from migcheck.facts.project.judged import ProjectState, kept_in_state, runs_of
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
_MOST, _MOST_WAYS = 50, 20
"""Programs, and ways to one, that are compared with each other. No project has more."""
_LONGEST = 100
"""Characters of the name of an environment that tell it from others."""


class _Place(Struct, frozen=True):
    """An environment, empty where it is not told, and the addresses that are of one database in any."""

    environment: str = ""
    addresses: frozenset[str] = frozenset()


def another(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """What else runs the folder's migrations, whoever runs `migcheck apply` and without a person otherwise."""
    return next(_beside(state, program, _every_program(state)), None)


def before(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """As `another`, of what stands before `program`: of two, only one is the second."""
    itself = _itself(program)
    return next(_beside(state, program, takewhile(lambda each: _itself(each) != itself, _every_program(state))), None)


def _beside(state: ProjectState, program: Tool | Way, others: Iterable[Tool | Way]) -> Iterator[Tool | Way]:
    """Those of `others` that are another program than `program` and may be of one database with it.

    So it is where an environment is not told or named after the other, and where both are given the same address: by
    the shortest way to each, or by any.
    """
    shortest, ways = _place(program.reached), _places(state).get(_told(program), ())
    for each in islice(others, _MOST):
        if _itself(each) != _itself(program) and (
            _meet([shortest], [_place(each.reached)]) or _meet(ways, _places(state).get(_told(each), ()))
        ):
            yield each


def _meet(some: Iterable[_Place], others: Collection[_Place]) -> bool:
    return any(
        one.environment in other.environment
        or other.environment in one.environment
        or not one.addresses.isdisjoint(other.addresses)
        for one in some
        for other in others
    )


@kept_in_state
def _every_program(state: ProjectState) -> Sequence[Tool | Way]:
    """The programs with every `migcheck apply`: one of another environment is not the only one."""
    every = {_told(each) for each in gates(state)}
    return (*gates(state), *(each for each in programs(state) if _told(each) not in every))


def _itself(program: Tool | Way) -> object:
    """What commands of one tool have in common, and calls in one file: they are one program."""
    return program.call if isinstance(program, Tool) else program.call.path


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
        found[_told(program)] = frozenset(map(_place, islice(reached, _MOST_WAYS))) or frozenset({_Place()})
    return found


def _told(program: Tool | Way) -> tuple[object, str]:
    return program.at, program.named


def _runs_of(state: ProjectState, way: Way) -> Iterator[Run]:
    for begin in way.runner.begins():
        yield from runs_of(state, begin.path, begin.asked)


def _place(reached: Reached | None) -> _Place:
    """Where `reached` begins, as GitHub has it; nothing where that is not told."""
    if reached is None or not reached.steps or not str(reached.steps[0].at.path).startswith(_WORKFLOWS):
        return _Place()
    name, *given = (*reached.given, "")
    # Of `pr-${{ github.event.number }}` what it begins with.
    named = name.partition("$")[0].lower()[:_LONGEST]
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
