"""The folders that waivers and `[[migration]]` are of: each must be one, and a tag that several have names none."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from posixpath import basename, dirname, splitext

from migcheck.config.config import MigrationConfig, WaiverConfig
from migcheck.errors import UsageError
from migcheck.facts.configuration.config import Loaded
from migcheck.facts.configuration.tracked_folders import near_folder
from migcheck.paths import lies_in
from migcheck.wording import listed


def refuse_unknown_folders(loaded: Loaded, judged: str, has_migrations: Callable[[str], bool]) -> None:
    """Raise UsageError for what is said of a folder that is neither configured nor `judged`, nor `has_migrations`."""
    _refuse(loaded, "waiver", loaded.config.waiver, judged, has_migrations)
    _refuse(loaded, "migration", loaded.config.migration, judged, has_migrations)


def _refuse(
    loaded: Loaded,
    table: str,
    said: Sequence[WaiverConfig | MigrationConfig],
    judged: str,
    has_migrations: Callable[[str], bool],
) -> None:
    meant = [each.folder or judged for each in said]
    asked = set(meant) - {judged}
    unknown = (asked - set(loaded.every())) if asked else asked
    for at, folder in enumerate(meant):
        if folder in unknown and not has_migrations(folder):
            problem = f"{loaded.at(table, at)}: there is no folder {loaded.as_written(folder)}"
            raise UsageError(problem, _meant(loaded, folder))


def _meant(loaded: Loaded, folder: str) -> str:
    known = loaded.every()
    around = [each for each in known if lies_in(each, folder)]
    within = [each for each in known if folder.startswith(f"{each}/")]
    near = near_folder(folder, known) or next((some[0] for some in (within, around, known) if len(some) == 1), None)
    if near is not None:
        return f"did you mean {loaded.as_written(near)}?"
    named = listed([loaded.as_written(each) for each in known])
    return f"name the folder that holds the migration: {named}" if named else "take out its `folder`"


def homes_of_tags(folders: Iterable[str], paths: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Which of `folders` have a migration of each tag, in either layout, by the `paths` of their SQL files."""
    known = frozenset(folders)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        directory, name = dirname(path), basename(path)
        for home, tag in ((directory, splitext(name)[0]), (dirname(directory), basename(directory))):
            if (home or ".") in known:
                found[tag].add(home or ".")
    return {tag: frozenset(homes) for tag, homes in found.items()}
