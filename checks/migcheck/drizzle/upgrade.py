"""`drizzle-kit up`: a 0.x folder becomes a 1.0 one. Same files, same order, new names.

Source: drizzle-kit 1.0.0-rc.5 `planFoldersV3`: the folder is the entry's `when` in UTC and the tag without its prefix.
"""

from collections import defaultdict
from datetime import UTC, datetime

from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration

_SECOND = 1000


def as_upgraded(before: Folder, after: Folder) -> Folder:
    """`before` as `drizzle-kit up` names it where `after` is laid out so; else `before` itself.

    A migration takes the name that its hash has in `after`, or where that was edited the name that `up` gives it.
    """
    if before.layout is after.layout or after.layout is not Layout.FOLDERS:
        return before
    named: dict[str, list[Migration]] = defaultdict(list)
    for each in after.migrations:
        named[each.hash].append(each)
    return replace(
        before,
        layout=Layout.FOLDERS,
        migrations=tuple(_renamed(each, named[each.hash]) for each in before.migrations),
    )


def _renamed(migration: Migration, same: list[Migration]) -> Migration:
    if same:
        found = same.pop(0)
        return replace(migration, tag=found.tag, when=found.when)
    when = migration.when - migration.when % _SECOND
    try:
        moment = datetime.fromtimestamp(when / _SECOND, UTC)
    except (ValueError, OverflowError, OSError):
        # Microseconds, or what else is no time of a name.
        return migration
    return replace(migration, tag=f"{moment:%Y%m%d%H%M%S}_{migration.tag.partition('_')[2]}", when=when)
