"""A schema-only copy of a target, with the rows of its ledger: what a rehearsal may begin with."""

import re
from collections.abc import Mapping

from msgspec import Struct, field

from migcheck.wording import counted


class Copy(Struct, frozen=True):
    """What was read of a target in one moment. `name` is its own, for people; `version` is `server_version_num`.

    `sql` makes its schema, once an administrator ran `prelude`, which makes its roles. `ledger` has the rows of its
    ledger as a JSON array, `rows` how many, and `sequence` the number last given to one, None where none was.
    `search_path` is that of a deploy, and `role` who deploys. `members` are the names of what each extension brings.
    `program` says what wrote the schema.
    """

    name: str
    version: int
    role: str
    sql: str
    prelude: str = ""
    ledger: str = "[]"
    rows: int = 0
    sequence: int | None = None
    search_path: str = ""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    program: str = ""

    def __str__(self) -> str:
        """What it is, for people: of which database, and what of its rows."""
        told = f"a copy of the schema of {self.name} (PostgreSQL {self.major}.{self.version % 10_000})"
        return f"{told} with {counted(self.rows, 'ledger row')} and no other rows, made by {self.program}"

    @property
    def major(self) -> int:
        """17 of 170010."""
        return self.version // 10_000


class LeftOut(Struct, frozen=True):
    """Something of the target that its copy on scratch has not: an `extension`, a `foreign table`.

    `brings` are the names of what is not there without it.
    """

    kind: str
    name: str = ""
    brings: frozenset[str] = frozenset()

    def is_missed(self, message: str) -> bool:
        """Whether a server that says `message` misses this. Of an operator it names no name that tells whose it is."""
        if self.kind == "extension" and message.startswith("operator "):
            return True
        return not self.brings.isdisjoint(re.findall(r"[\w$-]+", message))

    def __str__(self) -> str:
        """`extension pg_graphql`."""
        return f"{self.kind} {self.name}".strip()
