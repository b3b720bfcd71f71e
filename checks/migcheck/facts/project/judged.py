"""Gate `project`: what is around the folder that may go to its database by another way. `read_project` reads it."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, wraps
from typing import TypeVar, cast

from msgspec import Struct, field

from migcheck.drizzle.ledger import LedgerName
from migcheck.finding import Severity
from migcheck.scripts.reach import Reached
from migcheck.scripts.runs import Run
from migcheck.scripts.scripts import Scripts
from migcheck.sources.sources import Sources

Found = TypeVar("Found")


class ProjectState(Struct, dict=True):
    """One revision of the project around a folder: what it runs, and what its code says of migrating.

    `passed_over` are files of it that were not read, each with the reason. `handed` are files of SQL that a command may
    hand to psql, by path. `found` is what functions of modules found in this state, by the function: `kept_in_state`
    keeps it there.
    """

    scripts: Scripts
    sources: Sources = field(default_factory=Sources)
    passed_over: tuple[str, ...] = ()
    handed: Mapping[str, bytes] = field(default_factory=dict)
    found: dict[object, object] = field(default_factory=dict)

    @property
    def unread(self) -> tuple[str, ...]:
        """What nobody read of what may be run, as far as it was looked at, each as a person reads it."""
        return (*self.passed_over, *self.scripts.unread, *self.sources.unread)

    @cached_property
    def runner_commands(self) -> frozenset[Run]:
        """The commands that run a file that migrates."""
        return frozenset(run for path, asked in self.sources.programs for run in runs_of(self, path, asked))


def kept_in_state(find: Callable[[ProjectState], Found]) -> Callable[[ProjectState], Found]:
    """`find`, a function of a module, which looks at a state when that is first asked for, and never again."""

    @wraps(find)
    def kept(state: ProjectState) -> Found:
        if find not in state.found:
            state.found[find] = find(state)
        return cast("Found", state.found[find])

    return kept


def runs_of(state: ProjectState, path: str, given: frozenset[str]) -> tuple[Run, ...]:
    """The runs of the program at `path`, as `Scripts.runs_of` has them: looked for once for all who ask."""
    known = _known_runs(state)
    if (path, given) not in known:
        known[path, given] = tuple(state.scripts.runs_of(path, given))
    return known[path, given]


@kept_in_state
def _known_runs(_: ProjectState) -> dict[tuple[str, frozenset[str]], tuple[Run, ...]]:
    return {}


Meant = TypeVar("Meant", bound=Hashable)
Among = Callable[[ProjectState], Iterable[Hashable]]


class ProjectFacts(Struct):
    """What the rules MC6xx judge. `folder` is the migrations folder, from the root, and `ledger` its ledger.

    `landed` reads base when it is first asked: a state in which nothing is where nothing has landed, None where base is
    not known. `stood`: base has the folder. `outside` are the tags of new migrations that are to run outside of a
    transaction. `elsewhere` gives the folders that are configured for another database, or another ledger.
    """

    folder: str
    ledger: LedgerName
    head: ProjectState
    landed: Callable[[], ProjectState | None] = lambda: None
    outside: tuple[str, ...] = ()
    stood: bool = False
    elsewhere: Callable[[], Collection[str]] = tuple
    # What base has, by what was asked for.
    _known: dict[Among, frozenset[Hashable]] = field(default_factory=dict)

    def brought(self, what: Hashable, among: Among) -> bool:
        """Whether this change brings `what`: base has no equal among what `among` gives of it.

        `what` is what is meant, such as the words of a command, and neither line nor path: what moved is not new. Where
        base is not known, nothing is called new. Base is asked once for each `among`: a function of a module, or one
        that a rule makes once and asks by each time.
        """
        base = self.landed()
        if base is None:
            return False
        if among not in self._known:
            self._known[among] = frozenset(among(base))
        return what not in self._known[among]

    def weight(self, reached: Reached | None, *, brought: bool) -> Severity:
        """An error where this change brings it and something reaches it without a person; else a warning."""
        return Severity.ERROR if brought and reached is not None else Severity.WARNING


def numbered(meant: Iterable[Meant]) -> Iterator[tuple[Meant, int]]:
    """Each with how many equals come before it: a third is new where base has two."""
    times: Counter[Meant] = Counter()
    for each in meant:
        yield each, times[each]
        times[each] += 1
