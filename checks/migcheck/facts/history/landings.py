"""What landed together: read from base's own line of commits, each of which was the state that a deploy saw."""

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Migration
from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import Repository
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import without_snapshots

_FARTHEST = 100


class Landings(Struct, frozen=True):
    """The states of the folder at `path` on the first-parent line of `revision`. They are read when asked for."""

    repository: Repository
    revision: str
    path: str

    def __call__(self, one: Migration, other: Migration) -> bool:
        """Whether `one` came to a folder that was there, and every state that has it has `other` as it is now.

        What cannot be seen is no: a shallow clone, one that lacks objects, a journal that cannot be read, more than a
        hundred states. So is a folder that came with both: whoever brings years of migrations in one commit deployed
        them one by one.
        """
        try:
            return self._came_together(one, other)
        except UndecidableError:
            return False

    def _came_together(self, one: Migration, other: Migration) -> bool:
        for revision in self._line():
            folder = self._at(revision)
            there = folder.by_tag()
            if one.tag not in there and there:
                return True
            found = there.get(other.tag)
            if found is None or (found.sql, found.when) != (other.sql, other.when):
                return False
        return False

    def _line(self) -> list[str]:
        limit, where = f"--max-count={_FARTHEST}", f":(top,literal){self.path}"
        listed = self.repository.git.need("rev-list", "--first-parent", limit, self.revision, "--", where)
        return listed.decode().split()

    def _at(self, revision: str) -> Folder:
        return read_folder(without_snapshots(self.repository.revision(revision)), self.path)
