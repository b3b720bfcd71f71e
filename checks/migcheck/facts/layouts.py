"""The two layouts of a Drizzle folder, read out of a tree: a journal (0.x), or a folder for each migration (1.0)."""

from collections.abc import Iterable, Mapping

from migcheck.drizzle.folder import CONFLICT, Folder, Layout, LinkOut, Migration, SqlFile, UnreadableFile
from migcheck.drizzle.journal import JOURNAL, BrokenJournal, Entry, Journal, NoJournal, again_on, parse_journal
from migcheck.drizzle.names import by_locale, file_of, leaves_folder, time_of
from migcheck.drizzle.rollback import BESIDE_1_0, rollback_names
from migcheck.drizzle.snapshot import BrokenSnapshot, Snapshot, parse_snapshot
from migcheck.facts.configuration.naming_config import naming_config
from migcheck.facts.tree import LINK_OUT, Tree, TreeFile
from migcheck.facts.tree import SNAPSHOT as OF_FOLDER
from migcheck.wording import listed

PRISMA = "migration_lock.toml"
"""What tells a folder of Prisma's, which otherwise looks like one of Drizzle 1.0."""
_SNAPSHOT = "_snapshot.json"
_TIME_DIGITS = 14
_NAME_IT = "Correct its name: it is the folder that drizzle.config calls `out`, with meta/_journal.json in it."


def read_by_journal(tree: Tree, path: str, found: dict[str, TreeFile], said: str) -> Folder:
    """Read a folder of Drizzle 0.x. `found` are the folder's files by name, relative to it.

    `said` is a drizzle.config by which it is of Postgres, whatever those of the tree say.
    """
    journal = _read_journal(tree, path, found, said)
    entries = journal.entries if isinstance(journal, Journal) else ()
    wanted = {file_of(entry.tag) for entry in entries if not leaves_folder(entry.tag)}
    names = sorted(name for name in found if name in wanted or ("/" not in name and name.endswith(".sql")))
    files, unreadable = _read_sql(tree, {name.removesuffix(".sql"): found[name] for name in names})
    unreadable += _directories(path, found)
    by_name = {f"{each.tag}.sql": each for each in files}
    migrations = (_migration(entry, by_name.get(file_of(entry.tag))) for entry in entries)
    return Folder(
        path=path,
        layout=Layout.JOURNAL,
        journal=journal,
        migrations=tuple(each for each in migrations if each is not None),
        files=files,
        unreadable=unreadable,
        snapshots=tuple(
            _read_snapshot(tree, each, snapshot_of(name) or "")
            for name, each in sorted(found.items())
            if name.startswith("meta/") and snapshot_of(name) is not None
        ),
        mixed=JOURNAL in found and any(is_folder_1_0(name) and time_of(name) is not None for name in found),
        rollbacks=_read_rollbacks(tree, found, rollback_names([each.tag for each in entries], found)),
    )


def read_folders(tree: Tree, path: str, found: dict[str, TreeFile]) -> Folder:
    """Read a folder of Drizzle 1.0: no journal, and every subfolder with a `migration.sql` is a migration."""
    names = sorted((name.partition("/")[0] for name in found if is_folder_1_0(name)), key=by_locale)
    files, unreadable = _read_sql(tree, {name: found[f"{name}/migration.sql"] for name in names})
    migrations = ((time_of(each.tag), each) for each in files)
    return Folder(
        path=path,
        layout=Layout.FOLDERS,
        journal=NoJournal(tuple(name for name in names if time_of(name) is None)),
        migrations=tuple(
            Migration(each.tag, when, each.path, each.sql) for when, each in migrations if when is not None
        ),
        files=files,
        unreadable=unreadable,
        snapshots=tuple(
            _read_snapshot(tree, found[f"{name}/snapshot.json"], name)
            for name in names
            if f"{name}/snapshot.json" in found
        ),
        rollbacks=_read_rollbacks(tree, found, {name: f"{name}/{BESIDE_1_0}" for name in names}),
    )


def _read_journal(tree: Tree, path: str, found: dict[str, TreeFile], said: str) -> Journal | BrokenJournal:
    at = _in(path, JOURNAL)
    match found.get(JOURNAL):
        case TreeFile(problem=""):
            return parse_journal(at, tree.read(at), lambda: said or naming_config(tree, path))
        case TreeFile(problem=problem):
            remedy = (
                f"{again_on(at)} Then `git add` them." if problem == CONFLICT else "Make it a file that can be read."
            )
            return BrokenJournal(at, f"the journal cannot be read: {problem}", remedy)
        case None:
            return _absent(path, at, found)


def _absent(path: str, at: str, found: Iterable[str]) -> BrokenJournal:
    if PRISMA in found:
        return BrokenJournal(at, f"{path} is a folder of Prisma's, not of Drizzle's", "Name Drizzle's `out` folder.")
    if any(_is_ancient(name) for name in found):
        return BrokenJournal(at, f"{path} is older than Drizzle's journal", "Run `drizzle-kit up`.")
    if not any(found):
        return BrokenJournal(
            at,
            f"{path} is not there or holds nothing",
            _NAME_IT,
        )
    own = own_names(found)
    if not own:
        others = tuple(_in(path, each) for each in _below(found))
        problem = f"{path} holds nothing of its own: what is there is of {listed(others)}"
        return BrokenJournal(at, problem, _NAME_IT, others=others)
    if not any(name.endswith(".sql") for name in found):
        return BrokenJournal(at, f"{path} is no migrations folder: it has neither meta/_journal.json nor SQL", _NAME_IT)
    # Whether it was there, base knows.
    return BrokenJournal(at, f"{path} has no meta/_journal.json", "", lost=True)


def _in(path: str, name: str) -> str:
    return name if path == "." else f"{path}/{name}"


def own_names(names: Iterable[str]) -> list[str]:
    """Those of the files of a folder, named relative to it, that are in no folder below with a journal of its own."""
    names = list(names)
    below = _below(names)
    return [each for each in names if not any(each.startswith(f"{folder}/") for folder in below)]


def _below(names: Iterable[str]) -> list[str]:
    return sorted(each.removesuffix(f"/{JOURNAL}") for each in names if each.endswith(f"/{JOURNAL}"))


def _read_sql(
    tree: Tree, found: dict[str, TreeFile]
) -> tuple[tuple[SqlFile, ...], tuple[UnreadableFile | LinkOut, ...]]:
    """Read the files by tag; those that have a problem are told apart."""
    files: list[SqlFile] = []
    unreadable: list[UnreadableFile | LinkOut] = []
    for tag, each in found.items():
        if each.problem == LINK_OUT:
            unreadable.append(LinkOut(tag, each.path))
        elif each.problem:
            unreadable.append(UnreadableFile(tag, each.path, each.problem))
        else:
            files.append(SqlFile(tag, each.path, tree.read(each.path)))
    return tuple(files), tuple(unreadable)


def _read_rollbacks(tree: Tree, found: dict[str, TreeFile], names: Mapping[str, str]) -> dict[str, SqlFile]:
    """Those of `names`, by the tag that each undoes, that are there and can be read."""
    there = {tag: found[name] for tag, name in names.items() if name in found and not found[name].problem}
    return {tag: SqlFile(tag, each.path, tree.read(each.path)) for tag, each in there.items()}


def _directories(path: str, found: dict[str, TreeFile]) -> tuple[UnreadableFile, ...]:
    """Directories named like a file. git lists what is in them, never themselves."""
    names = sorted({name.partition("/")[0] for name in found if "/" in name})
    prefix = "" if path == "." else f"{path}/"
    return tuple(
        UnreadableFile(name.removesuffix(".sql"), f"{prefix}{name}", "a directory")
        for name in names
        if name.endswith(".sql") and name not in found
    )


def _read_snapshot(tree: Tree, file: TreeFile, prefix: str) -> Snapshot | BrokenSnapshot:
    """One file at a time: 300 snapshots can be 90 MB together."""
    if file.problem:
        return BrokenSnapshot(file.path, prefix, f"cannot be read: {file.problem}")
    return parse_snapshot(file.path, prefix, tree.read(file.path))


def _migration(entry: Entry, file: SqlFile | None) -> Migration | None:
    return None if file is None else Migration(entry.tag, entry.when, file.path, file.sql)


def snapshot_of(name: str) -> str | None:
    """The prefix of the migrations that the snapshot called so, relative to the folder, is of; None for no snapshot."""
    directory, _, file = name.rpartition("/")
    if directory == "meta":
        return file.removesuffix(_SNAPSHOT) if file.endswith(_SNAPSHOT) else None
    return directory if directory and file == OF_FOLDER else None


def is_folder_1_0(name: str) -> bool:
    """Whether a file's name, relative to the folder, makes its subfolder a migration of Drizzle 1.0."""
    return name.partition("/")[2] == "migration.sql" and not _is_ancient(name)


def _is_ancient(name: str) -> bool:
    """Whether it is of a folder as drizzle-kit made them before the journal: 14 digits and nothing else."""
    folder, _, file = name.partition("/")
    return len(folder) == _TIME_DIGITS and folder.isdigit() and file == "migration.sql"
