"""What a folder builds, migration by migration: the databases that a target can be compared with."""

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.postgres.catalogue.thing import Catalogue
from migcheck.postgres.scratch.contract import ServerDescription


class Stand(Struct, frozen=True):
    """What is there once `migration` has run. `rows` has a line for each table, with how many rows it holds."""

    migration: Migration
    catalogue: Catalogue
    rows: Catalogue


class Course(Struct, frozen=True):
    """The folder's migrations, run one by one on an empty database, each in a transaction and a session of its own.

    `blank` is what was there before the first; `stands` has one for each, in order.
    """

    server: ServerDescription
    blank: Catalogue
    stands: tuple[Stand, ...]
