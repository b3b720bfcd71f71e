"""Gate `history`: what is known of the folder as it landed beside the folder as it is. `read_history` reads it."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Batching
from migcheck.facts.git.submodule import Submodule


class Base(Struct, frozen=True):
    """The revision that has landed (40 or 64 hex digits) and, for people, why it was taken.

    `doubt` is what to do should it be the wrong one, where it is a guess. `unlanded`: what is judged is known to be
    ahead of the branch that it lands on; `landed`, that a remote's branch has it. `submodule` is the one that held
    the folder there; `apart`: it is in one now, and was in none. `last` is what people call the commit that has landed
    as well and is judged nevertheless, the last one; empty where none is.
    """

    revision: str
    why: str
    doubt: str = ""
    unlanded: bool = False
    submodule: Submodule | None = None
    apart: bool = False
    landed: bool = False
    last: str = ""


class NothingLanded(Struct, frozen=True):
    """There is no base, or base has no such folder: everything is new. `why` is for people.

    `revision` is the base that has no such folder, and may have the rest of the project; empty where there is none.
    `unlanded` as of a base.
    """

    why: str
    revision: str = ""
    unlanded: bool = False


class Grace(Struct, frozen=True):
    """How long after a migration landed an edit of it only warns: `said`, as it is configured, and in seconds.

    `ages` has for each edited migration, by its tag, how many seconds ago it first came to the branch that base is on;
    none for one of which that cannot be told.
    """

    said: str
    seconds: int
    ages: Mapping[str, int]

    def covers(self, tag: str) -> bool:
        """Whether the migration landed so lately that an edit of it only warns."""
        return 0 <= self.ages.get(tag, -1) <= self.seconds


NO_GRACE = Grace("0h", 0, {})


class History(Struct, frozen=True):
    """The folder in base and in head. `before` is None where nothing has landed; it is named as head is laid out.

    `judge_changes` are lines for the top of the report: what this change alters in its own judge (waivers,
    configuration, prelude). `lookup` finds the migration file that has a ledger hash in any revision git knows.
    `never_without` says of two migrations of base whether the first never landed without the second.
    `before` has no snapshots: they are megabytes. `grace` is base's, where this change does not make it shorter.
    """

    base: Base | NothingLanded
    before: Folder | None
    after: Folder
    judge_changes: tuple[str, ...] = ()
    lookup: Callable[[str], Migration | None] = lambda _hash: None
    never_without: Callable[[Migration, Migration], bool] = lambda _one, _other: False
    grace: Grace = NO_GRACE

    @property
    def unlanded(self) -> bool:
        """Whether some migration of head is known not to have landed."""
        return self.base.unlanded and bool(self.new())

    def landed(self) -> frozenset[str]:
        """The tags of base."""
        return frozenset() if self.before is None else frozenset(each.tag for each in self.before.migrations)

    def new(self) -> tuple[Migration, ...]:
        """The migrations of head whose tag base does not have, in head's order."""
        landed = self.landed()
        return tuple(each for each in self.after.migrations if each.tag not in landed)


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """What a rehearsal proved that history's rules need.

    `base_runs`: base's own folder can be built at all; where it cannot, `stuck` are the tags of its files that no
    database can have run as they are, each tried on what head makes of those before it. `batching` is how a deploy runs
    what is pending: in one transaction, each of these takes back what runs with it.
    `squash_equal`: the restarted folder builds base's catalogue; None where that was not tried. Where it does,
    `squash_rows` are the lines by which its rows are not base's.
    """

    base_runs: bool
    squash_equal: bool | None = None
    squash_rows: tuple[str, ...] = ()
    stuck: frozenset[str] = frozenset()
    batching: Batching = Batching.ALL
