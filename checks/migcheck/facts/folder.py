"""Gate `folder`: reading a migrations folder out of a tree, and what its rules are given."""

from dataclasses import dataclass

from migcheck.drizzle.folder import Folder


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What the rules MC1xx judge. `landed` are the tags of base, empty where base is unknown or nothing has landed.

    `landed_mark` is base's greatest `when` in ms. `now` is ms since 1970. `ignored` are paths of SQL files that git
    ignores.
    """

    folder: Folder
    now: int
    landed: frozenset[str] = frozenset()
    landed_mark: int | None = None
    ignored: tuple[str, ...] = ()
