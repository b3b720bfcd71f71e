"""What runs the folder's migrations beside a program that does: two of two environments are no two programs."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

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


_LONGEST = 100
"""Characters of the name of an environment that tell it from others."""


class _Place(Struct, frozen=True):
    """An environment, empty where it is not told, and the addresses that are of one database in any."""

    environment: str = ""
    addresses: frozenset[str] = frozenset()


_Key = tuple[str, str, object]
"""What programs may have in common: how it is known of them, what kind of thing it is, and that itself."""
_Numbered = tuple[int, Tool | Way]
"""A program, and how many stand before it."""


def another(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """What else runs the folder's migrations, whoever runs `migcheck apply` and without a person otherwise."""
    return next((each for _, each in _first_beside(state, program)), None)


def before(state: ProjectState, program: Tool | Way) -> Tool | Way | None:
    """As `another`, of what stands before `program`: of two, only one is the second."""
    itself = next((number for number, _ in _firsts(state).get(_itself(program), ())), len(_every_program(state)))
    return next((each for number, each in _first_beside(state, program) if number < itself), None)


def _first_beside(state: ProjectState, program: Tool | Way) -> Sequence[_Numbered]:
    """The first program that may be of one database with `program` and is another."""
    firsts = _firsts(state)
    found = (each for key in _keys(state, program) for each in firsts.get(key, ()))
    return _two_of(each for each in found if _itself(each[1]) != _itself(program))[:1]


@kept_in_state
def _every_program(state: ProjectState) -> Sequence[Tool | Way]:
    """The programs with every `migcheck apply`: one of another environment is not the only one."""
    every = {_told(each) for each in gates(state)}
    return (*gates(state), *(each for each in programs(state) if _told(each) not in every))


def _itself(program: Tool | Way) -> _Key:
    """What commands of one tool have in common, and calls in one file: they are one program."""
    return "itself", "", program.call if isinstance(program, Tool) else program.call.path


@kept_in_state
def _firsts(state: ProjectState) -> Mapping[_Key, Sequence[_Numbered]]:
    """The first two that are not one program, of all that may be of one database with what has a key.

    So it is where an environment is not told or named after the other, and where both are given the same address. Each
    is compared with names, and no program with each other one.
    """
    found: dict[_Key, Sequence[_Numbered]] = {}
    for number, program in enumerate(_every_program(state)):
        for key in (_itself(program), *_keys(state, program)):
            found[key] = _two_of((*found.get(key, ()), (number, program)))
    met = dict(found)
    for one, other in _named_after(found):
        met[one], met[other] = _two_of((*met[one], *found[other])), _two_of((*met[other], *found[one]))
    return met


def _two_of(found: Iterable[_Numbered]) -> Sequence[_Numbered]:
    """The first of them, and the first behind it that is another program."""
    ordered = sorted(found, key=itemgetter(0))
    return [*ordered[:1], *(each for each in ordered if _itself(each[1]) != _itself(ordered[0][1]))][:2]


def _keys(state: ProjectState, program: Tool | Way) -> Iterator[_Key]:
    """By what `program` is known to be of a database: by the shortest way to it, and by all ways."""
    for known, places in (("reached", (_place(program.reached),)), ("ways", _places(state).get(_told(program), ()))):
        for place in places:
            yield known, "environment", place.environment
            yield from ((known, "address", each) for each in place.addresses)


def _named_after(keys: Iterable[_Key]) -> Iterator[tuple[_Key, _Key]]:
    """The environments among `keys` whose name holds that of another one, with that."""
    names = {(known, name): len(name) for known, kind, name in keys if kind == "environment" and isinstance(name, str)}
    lengths = sorted(set(names.values()))
    for (known, name), length in names.items():
        for shorter in lengths[: bisect_left(lengths, length)]:
            parts = {name[at : at + shorter] for at in range(length - shorter + 1)}
            for part in parts:
                if (known, part) in names:
                    yield (known, "environment", name), (known, "environment", part)


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
