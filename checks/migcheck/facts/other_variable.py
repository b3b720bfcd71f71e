"""The variable that drizzle.config has its URL from, where migcheck looks for the usual one."""

from collections.abc import Callable

from msgspec import Struct

from migcheck.config import FolderConfig
from migcheck.drizzle.config_file import DrizzleConfig
from migcheck.errors import UsageError

USUAL = "DATABASE_URL"


class OtherVariable(Struct, frozen=True):
    """A variable, and the path of the drizzle.config that has its URL from it."""

    name: str
    config: str


def other_variable(which: FolderConfig, naming: Callable[[str], DrizzleConfig | None]) -> OtherVariable | None:
    """What the drizzle.config that `naming` gives for a folder reads in place of the usual variable.

    None where that is the same, where our own configuration names one, or where what it reads is not plain. It is told,
    never read instead: it may well be another database's.
    """
    try:
        said = naming(which.path) if which.database_url == USUAL else None
    except UsageError:
        return None
    if said is None or said.variable in ("", USUAL):
        return None
    return OtherVariable(said.variable, said.path)
