"""Our own file of configuration: `migcheck.toml`, or `[tool.migcheck]` in pyproject.toml."""

from pathlib import Path

from msgspec.structs import replace

from migcheck.config.config import Config
from migcheck.config.text import (
    OWN_FILE,
    PROJECT_FILE,
    Written,
    parse_own,
    refuse_unwritten_reasons,
    table_of,
)
from migcheck.errors import UsageError
from migcheck.facts.configuration.drizzle_configs import describe_folder
from migcheck.facts.configuration.loaded_config import Loaded
from migcheck.facts.configuration.place import Place
from migcheck.odd_names import remember_names


def configured(place: Place, option: str | None = None, given: Path | None = None) -> Loaded | None:
    """What is configured in the file `given`, which was typed as `option`; else in one above the working directory.

    None where there is none. Raises UsageError for one that cannot be used.
    """
    if given is not None:
        found = read_own(place, given)
        if found is None:
            raise UsageError(f"{option} has no [tool.migcheck]", "name a file that has one, or leave out --config")
        return found
    for directory in place.upward():
        here = [
            found for name in (OWN_FILE, PROJECT_FILE) if (found := read_own(place, directory / name, absent_ok=True))
        ]
        if len(here) > 1:
            raise UsageError(
                f"{here[0].path} and [tool.migcheck] of {here[1].path} both configure migcheck", "keep one"
            )
        if here:
            return here[0]
    return None


def own_file(place: Place) -> str:
    """The file that configures migcheck for who looks from `place`, from the root; empty where there is none."""
    try:
        found = configured(place)
    except UsageError:
        # That it cannot be used is said where it is.
        return ""
    return "" if found is None else found.path


def read_own(place: Place, path: Path, *, absent_ok: bool = False) -> Loaded | None:
    """What the file at `path` configures; None where it has no table of ours. Raises as `configured` does."""
    if absent_ok and not place.is_file(path):
        return None
    if path not in place.kept:
        place.kept[path] = _read(place, path)
    return place.kept[path]


def _read(place: Place, path: Path) -> Loaded | None:
    shown = place.relative(path)
    try:
        text = place.read(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{shown} cannot be read: {reason}", "check the path and its permissions") from error
    table = table_of(shown)
    said = parse_own(text, shown, table)
    if said is None:
        return None
    config, silent = said
    refuse_unwritten_reasons(config, text, shown, table)
    written = Written(text, shown, table)
    loaded = Loaded(_rooted(place, config, path, written), shown, written=written)
    return _with_ledgers(place, loaded, silent)


def _with_ledgers(place: Place, loaded: Loaded, silent: frozenset[int]) -> Loaded:
    """Take the ledgers of the folders at the positions `silent` from the drizzle.configs that name them, and say so."""
    if not silent:
        return loaded
    folders, told = list(loaded.config.folder), {}
    for at in sorted(silent):
        found = describe_folder(place, folders[at].path)
        ledger = found.folders[0].ledger
        if ledger != folders[at].ledger:
            folders[at] = replace(folders[at], ledger=ledger)
            told[folders[at].path] = found.notes
    notes = (*loaded.notes, *(line for lines in told.values() for line in lines))
    return replace(loaded, config=replace(loaded.config, folder=tuple(folders)), notes=notes, told=told)


def _rooted(place: Place, config: Config, path: Path, written: Written) -> Config:
    """Make the paths in `config`, which are relative to its file, relative to the root."""

    def rooted(file: str, what: str, *at: str | int) -> str:
        find = place.inside if what else place.folder
        try:
            return find(path.parent / file, f"{what or 'the folder'} {file}")
        except UsageError as error:
            raise UsageError(f"{written.at(at)}: {error.problem}", error.remedy) from None

    of_waivers, of_migrations = ([each.folder or "" for each in said] for said in (config.waiver, config.migration))
    remember_names((*(each.path for each in config.folder), *of_waivers, *of_migrations))
    folders = tuple(
        replace(each, path=rooted(each.path, "", "folder", at, "path")) for at, each in enumerate(config.folder)
    )
    scratch = config.scratch
    if scratch.prelude is not None:
        scratch = replace(scratch, prelude=rooted(scratch.prelude, "the prelude", "scratch", "prelude"))
    guide = None if config.guide is None else rooted(config.guide, "the guide", "guide")
    waivers = tuple(
        replace(each, folder=rooted(each.folder, "", "waiver", at, "folder")) if each.folder else each
        for at, each in enumerate(config.waiver)
    )
    said = tuple(
        replace(each, folder=rooted(each.folder, "", "migration", at, "folder")) if each.folder else each
        for at, each in enumerate(config.migration)
    )
    return replace(config, folder=folders, scratch=scratch, guide=guide, waiver=waivers, migration=said)
