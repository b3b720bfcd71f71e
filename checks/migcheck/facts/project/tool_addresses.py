"""Whether another tool has the address of the folder's database, as far as variables tell."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto

from migcheck.facts.project.judged import ProjectState, kept_in_state
from migcheck.facts.project.runners import Way, programs
from migcheck.scripts.reach import Reached, by_name
from migcheck.sources.addresses import configures, is_another, names_none, variables_in


class Address(Enum):
    """Where a tool goes: OURS where nothing says otherwise, ANOTHER database, or UNKNOWN behind a name of its own."""

    OURS = auto()
    UNKNOWN = auto()
    ANOTHER = auto()


def address_of(state: ProjectState, variables: Iterable[str], reached: Reached | None) -> Address:
    """Where a tool goes that takes its address from `variables`, and that is `reached` so."""
    told, ours = frozenset(variables), _ours(state)
    if not told or (reached is not None and _are_given_one_value(state, told, reached, ours)):
        return Address.OURS
    if not ours:
        return Address.OURS if names_none(told) else Address.UNKNOWN
    return Address.ANOTHER if is_another(told, ours) else Address.OURS


def configured_address(state: ProjectState, tool: str, package: str | None, reached: Reached | None) -> Address:
    """Where a tool goes that is `reached` so, by what its configurations in `package` say of kind and variables."""
    sources, configurations = state.sources, frozenset(_configurations(state, tool, package))
    others = [other for path, other in sources.other_kinds.items() if path in configurations]
    if others and all(others):
        return Address.ANOTHER
    told = (name for path, names in sources.variables.items() if path in configurations for name in names)
    return address_of(state, told, reached)


def _configurations(state: ProjectState, tool: str, package: str | None) -> Iterator[str]:
    """The configurations of a tool in `package`."""
    read = {**state.sources.variables, **state.sources.other_kinds}
    return (path for path in read if configures(tool, path) and state.scripts.package_of(path) == package)


@kept_in_state
def _ours(state: ProjectState) -> frozenset[str]:
    """The variables that hold the address of the folder's database; none where only running something tells."""
    return frozenset(_each_of_ours(state))


def _each_of_ours(state: ProjectState) -> Iterator[str]:
    scripts = state.scripts
    for path, folder in scripts.configs.named.items():
        if folder == scripts.folder:
            yield from variables_in(scripts.files[path])
    for program in programs(state):
        match program:
            case Way(runner=runner):
                yield from state.sources.variables.get(runner.call.path, ())
            case _:
                pass


def _are_given_one_value(state: ProjectState, told: Iterable[str], reached: Reached, ours: Iterable[str]) -> bool:
    """Whether one of the variables `told` is given what one of `ours` is given where the folder is deployed."""
    given = _values(reached, told)
    deployed = (each.reached for each in programs(state) if each.reached is not None)
    return any(not given.isdisjoint(_values(each, ours)) for each in deployed)


def _values(reached: Reached, names: Iterable[str]) -> set[str]:
    given = by_name(reached.given)
    return {given[each] for each in names if each in given}
