"""The variable that drizzle.config has its URL from, where migcheck looks for the usual one."""

from msgspec import Struct

from migcheck.config.config import FolderConfig
from migcheck.drizzle.config_file import DrizzleConfig

USUAL = "DATABASE_URL"


class OtherVariable(Struct, frozen=True):
    """A variable, and the path of the drizzle.config that has its URL from it."""

    name: str
    config: str


def other_variable(which: FolderConfig, said: DrizzleConfig | None) -> OtherVariable | None:
    """What `said`, the drizzle.config that names a folder, reads in place of the usual variable.

    None where that is the same, where our own configuration names another, or where what it reads is not plain. It is
    told, never read instead: it may well be another database's.
    """
    if said is None or which.database_url != USUAL or said.variable in ("", USUAL):
        return None
    return OtherVariable(said.variable, said.path)
