"""The migrations that the configuration names: each must be there, or what is said of it is said to nobody.

And it must be plain which is meant: what is said of one folder's `0000_init` would hold for another's.
"""

import difflib
from collections.abc import Callable, Iterable
from posixpath import basename, dirname, splitext

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import Journal
from migcheck.errors import UsageError
from migcheck.facts.configuration.config import Loaded
from migcheck.wording import listed


def refuse_unknown_tags(
    loaded: Loaded,
    folder: Folder,
    others: Callable[[], Iterable[str]],
    homes: Callable[[str], tuple[str, ...]] = lambda _tag: (),
) -> None:
    """Raise UsageError for a tag that is configured twice, for one of no migration, and for one that several may mean.

    `others` gives the paths of SQL files of the repository: a folder that this run leaves out may have it. `homes` are
    the folders that have a tag, where they are several.
    """
    said, tags = loaded.config.migration, _tags(folder)
    _refuse_twice(loaded, folder.path)
    missing = [at for at, each in enumerate(said) if each.tag not in tags]
    elsewhere = {tag for path in others() for tag in _tags_of(path)} if missing else set()
    for at in missing:
        if said[at].tag not in elsewhere or said[at].folder == folder.path:
            near = difflib.get_close_matches(said[at].tag, tags, n=1)
            remedy = f"did you mean {near[0]}?" if near else "take it out, or correct the tag"
            raise UsageError(f"{_place(loaded, at)}: there is no migration {_told(loaded, at)}", remedy)
    for at, each in enumerate(said):
        if each.folder is None and each.tag in tags:
            _refuse_several(loaded, at, homes(each.tag))


def _refuse_twice(loaded: Loaded, folder: str) -> None:
    """In a list for each folder, where what names none is of the one that is judged."""
    seen = set[tuple[str, str]]()
    for at, each in enumerate(loaded.config.migration):
        meant = each.tag, each.folder or folder
        if meant in seen:
            problem = f"{_place(loaded, at)}: the migration {_told(loaded, at)} is configured twice"
            raise UsageError(problem, "keep one")
        seen.add(meant)


def _refuse_several(loaded: Loaded, at: int, homes: tuple[str, ...]) -> None:
    tag = loaded.config.migration[at].tag
    written = [loaded.as_written(each) for each in homes]
    if written:
        lines = " or ".join(f'`folder = "{each}"`' for each in written)
        raise UsageError(
            f"{_place(loaded, at)}: of which folder the migration {tag} is, it does not say: {listed(written)} have it",
            f"add the line of the folder that is meant: {lines}; where all are, one table for each",
        )


def _told(loaded: Loaded, at: int) -> str:
    said = loaded.config.migration[at]
    return said.tag if said.folder is None else f"{said.tag} in {loaded.as_written(said.folder)}"


def _tags(folder: Folder) -> set[str]:
    """The tags that the journal or a file has: where only one of the two does, gate `folder` says so."""
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    return {each.tag for each in (*folder.migrations, *folder.files, *folder.unreadable, *entries)}


def _tags_of(path: str) -> tuple[str, ...]:
    """What the file at `path` is the migration of: in the layout of 0.x, and in that of 1.0."""
    return splitext(basename(path))[0], basename(dirname(path))


def _place(loaded: Loaded, at: int) -> str:
    return loaded.at("migration", at)
