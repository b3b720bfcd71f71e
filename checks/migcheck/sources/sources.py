"""What the source code of a project says about migrating, of one revision."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from migcheck.sources.callers import Use, Work
from migcheck.sources.ledger_sql import LedgerWrite
from migcheck.sources.migrators import MigrateCall
from migcheck.sources.pushes import PushCall
from migcheck.sources.tsconfig import Compilation


class Begin(Struct, frozen=True):
    """The line of a file that migrates when the file is run. `goes_on` is why it goes on where that fails.

    `asked` are the words of which the file has to be given one; empty where it migrates whatever it is given.
    """

    path: str
    line: int
    goes_on: str = ""
    asked: frozenset[str] = frozenset()


class Runner(Struct, frozen=True):
    """A call that migrates, with everything that makes it: the functions and files that lead to it.

    `work` is what migrates in the call's own file; `uses` are the places in others that call that, or load it.
    """

    call: MigrateCall
    work: Work
    uses: tuple[Use, ...] = ()

    @property
    def variables(self) -> Iterator[Sequence[str]]:
        """The variables of the environment without one of which the call is not made, on one way to it at least."""
        works = (self.work, *(each.then for each in self.uses))
        for words in (holder.words for work in works for holder in work.names):
            yield sorted(each[1:] for each in words if each.startswith("$"))

    def begins(self) -> Iterator[Begin]:
        """The places in files that migrate when they are run: of the call itself, then of what leads to it."""
        for asked in self.work.begun_for():
            yield Begin(self.call.path, self.call.line, self.call.goes_on, asked)
        within = self.call.goes_on if self.call.caught else ""
        for each in self.uses:
            for asked in each.then.begun_for():
                yield Begin(each.path, each.line, "" if self.call.may_end else within or each.goes_on, asked)


class Pusher(Struct, frozen=True):
    """A call that pushes, with what makes it; the fields are as those of Runner."""

    call: PushCall
    work: Work
    uses: tuple[Use, ...] = ()

    def begins(self) -> Iterator[Begin]:
        """The places in files that make the call when they are run, as of Runner."""
        yield from (Begin(self.call.path, self.call.line, asked=asked) for asked in self.work.begun_for())
        yield from (Begin(each.path, each.line, asked=asked) for each in self.uses for asked in each.then.begun_for())


class Sources(Struct, frozen=True):
    """What stands in source code. Of tests, samples and seeding nothing is in it.

    `runners` are the calls of migrators, `pushers` those that push, `writes` the SQL that writes to the ledger,
    `folders` the folders with a journal for Postgres that git tracks, and `builds` the tsconfigs around the runners.
    `variables` are those that hold a database's address, by the file that reads them: of runners and of configurations
    of other tools. `other_kinds` says of each of these configurations that names a kind of database whether none of
    what it names is Postgres. `unread` are files that speak of migrating and were not parsed, each with the reason.
    """

    runners: tuple[Runner, ...] = ()
    writes: tuple[LedgerWrite, ...] = ()
    folders: tuple[str, ...] = ()
    builds: tuple[Compilation, ...] = ()
    pushers: tuple[Pusher, ...] = ()
    variables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    other_kinds: Mapping[str, bool] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def programs(self) -> frozenset[tuple[str, frozenset[str]]]:
        """The files that migrate when they are run, each with what it has to be given one of, as of Begin."""
        return frozenset((begin.path, begin.asked) for each in self.runners for begin in each.begins())
