"""What scratch lacks of the target that it stands for, or of the copy that was made of that."""

from collections.abc import Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.lacking import PRELUDE, Lack, There, lack_of
from migcheck.facts.replay.lacking_copy import lack_of_copy
from migcheck.postgres.running.failure import SqlFailure
from migcheck.regex import regex

_FORBIDDEN = "42501"
# Nobody changes that, whatever the role (allow_system_table_mods).
_OF_CATALOGUE = "is a system catalog"
_PARAMETER = regex(r'permission denied to set parameter "(?P<name>[^"]+)"')
_LANDED = "; where it has landed, rehearse from the target: --start-from target"


class Wanted(Struct, frozen=True):
    """What a scratch server stands for: a target where `migrations` may have run, recorded in the ledger `name`.

    `target_version` is its `server_version_num`, 0 where that is not known, and `superuser`: its role is known to be
    one. `left_out` is what a copy of it has not; None where there is no copy. `starts`: the target itself may be what
    is started from.
    """

    migrations: Sequence[Migration]
    name: LedgerName
    target_version: int = 0
    superuser: bool = False
    left_out: Sequence[LeftOut] | None = None
    starts: bool = False

    @property
    def major(self) -> int:
        """The target's major; 0 where that is not known."""
        return self.target_version // 10_000

    def is_too_new(self, lack: Lack, major: int) -> bool:
        """Whether what may be too new for a server of `major` is too new for the target as well."""
        return lack.there is There.NEWER and 0 < self.major <= major


def wanted_by(request: Request, left_out: Sequence[LeftOut] = ()) -> Wanted:
    """What `request` wants of a server; `left_out` is what its copy has not."""
    migrations = (*request.head.migrations, *request.built)
    held = None if request.copy is None else left_out
    return Wanted(migrations, request.name, request.target_version, request.superuser, held, starts=True)


def lack_there(failure: SqlFailure, wanted: Wanted, major: int) -> Lack | None:
    """What a server of `major` lacks where that is why `failure` happened; None where it would on the target."""
    if wanted.left_out is not None:
        lack = lack_of_copy(failure, wanted.left_out, wanted.major or major, wanted.name)
    else:
        lack = lack_of(failure, wanted.migrations, major, wanted.name, wanted=wanted.major)
    if lack is None and wanted.superuser and failure.sqlstate == _FORBIDDEN and _OF_CATALOGUE not in failure.message:
        return _right_of_superuser(failure, wanted)
    return lack


def _right_of_superuser(failure: SqlFailure, wanted: Wanted) -> Lack:
    """What the target's role may do as a superuser, and scratch's may not, for what it runs is not trusted."""
    what = "the rights of a superuser, which the target's role is and the role of a rehearsal is not"
    if found := _PARAMETER.search(failure.message):
        grant = f"`grant set on parameter {found['name']} to pg_database_owner`, PostgreSQL 15 and newer"
        return Lack(what, f"grant that in a prelude.sql ({grant}): {PRELUDE}", "prelude", There.CHOSEN)
    user = " (`DISABLE TRIGGER USER` leaves foreign keys on)" if failure.message.endswith("is a system trigger") else ""
    landed = _LANDED if wanted.starts else ""
    return Lack(what, f"let the migration do without such rights{user}{landed}", "", There.CHOSEN)
