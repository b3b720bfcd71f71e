"""Which database it is, whatever its host is called and whoever connects to it."""

from msgspec import Struct


class DatabaseIdentity(Struct, frozen=True, forbid_unknown_fields=True):
    """What tells one database from another; each part is 0 or empty where the server does not tell it.

    `system` is what initdb gave the server, and a physical copy has from its origin. `oid` is the database's own on
    that server, `name` what it is called today. `timeline` is Neon's, which every branch has of its own
    (`neon.timeline_id`, pgxn/neon/libpagestore.c): a branch is a copy down to its oid.
    """

    system: int = 0
    oid: int = 0
    name: str = ""
    timeline: str = ""

    def is_other_than(self, other: "DatabaseIdentity") -> bool:
        """Whether these are two databases for certain. What either does not tell speaks for neither.

        A database that was renamed is the same; one that was dropped and made again under its name is another.
        """
        if _differ(self.system, other.system) or _differ(self.timeline, other.timeline) or _differ(self.oid, other.oid):
            return True
        named_alone = not (self.system and other.system and self.oid and other.oid)
        return named_alone and _differ(self.name, other.name)

    def __str__(self) -> str:
        """`database app (oid 16384) of the server with system identifier 7…`, for people."""
        of = f" of the server with system identifier {self.system}" if self.system else ""
        branch = f", timeline {self.timeline}" if self.timeline else ""
        return f"database {self.name} (oid {self.oid}){of}{branch}"


def _differ(one: object, other: object) -> bool:
    return bool(one and other and one != other)
