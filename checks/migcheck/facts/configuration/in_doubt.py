"""Which folder is meant where the drizzle.config that is there does not tell."""

from collections.abc import Iterable
from posixpath import basename, dirname, normpath

from msgspec.structs import replace

from migcheck.drizzle.journal import is_journal
from migcheck.drizzle.names import time_of
from migcheck.errors import InDoubtError
from migcheck.facts.configuration.drizzle_configs import Described, describe_folder, none_of_postgres
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import candidates, is_installed, tracked_folders
from migcheck.facts.layouts import PRISMA, is_folder_1_0
from migcheck.paths import lies_in
from migcheck.regex import regex
from migcheck.sources.places import is_of_tests

# What is taken where the environment says nothing: `process.env.OUT ?? "./drizzle"`.
_DEFAULT = regex(r"`out` cannot .*(?:\?\?|\|\|)\s?(?P<quote>[\"'`])(?P<path>[^\"'`$]+)(?P=quote)$")


def the_only_one(place: Place, doubt: InDoubtError, *, named: bool) -> Described:
    """The only folder that may be meant, as if it were named on the command line: what is taken is told.

    Raises InDoubtError with the folders to choose from where another may be meant: one of another dialect where the
    configuration does not say its own, one of Drizzle 1.0, one that lies about and git does not track, that of another
    configuration, or where a person `named` this one of several; and where the only one is not likely to be meant: it
    lies elsewhere than below the configuration, its names there say that it serves tests, or another is the default.
    """
    found = tracked_folders(place)
    paths = [each.path for each in found if each.is_postgres]
    newer = newer_folders(place)
    lying_about = () if place.revision else place.untracked()
    about = any(is_journal(each) and not is_installed(each) for each in lying_about) or _without_journal(lying_about)
    alone = len(paths) == 1 and not newer and (doubt.of_postgres or len(found) == 1)
    likely = alone and _is_likely(paths[0], doubt)
    if likely and not named and not about and none_of_postgres(place, but=doubt.path):
        described = describe_folder(place, paths[0], place.root / doubt.path)
        note = f"{paths[0]} is the only {'' if len(found) == 1 else 'Postgres '}folder with a journal that git tracks"
        return replace(described, notes=(note, *described.notes))
    if not paths and not newer:
        raise doubt
    remedy = f'{candidates(place, sorted((*paths, *newer)))}; or write migcheck.toml with [[folder]] and path = "…"'
    raise InDoubtError(doubt.problem, remedy, doubt.path, of_postgres=doubt.of_postgres) from doubt


def newer_folders(place: Place) -> tuple[str, ...]:
    """The folders of Drizzle 1.0 that git tracks, by path; not one that has a journal as well."""
    known = (each.path for each in tracked_folders(place))
    return tuple(sorted(_without_journal(place.tracked).difference(known)))


def _without_journal(files: Iterable[str]) -> set[str]:
    """The folders of Drizzle 1.0 among `files`: it keeps no journal. Prisma's look like them, but for one file."""
    known = frozenset(files)
    migrations = {dirname(each) for each in known if basename(each) == "migration.sql" and not is_installed(each)}
    timed = (each for each in migrations if time_of(basename(each)) is not None)
    folders = {dirname(each) for each in timed if is_folder_1_0(f"{basename(each)}/migration.sql")}
    return {each or "." for each in folders if f"{each}/{PRISMA}".lstrip("/") not in known}


def _is_likely(path: str, doubt: InDoubtError) -> bool:
    """Whether the configuration that leaves the `doubt` may well mean the folder at `path`."""
    around, default = dirname(doubt.path), _DEFAULT.search(doubt.problem)
    is_default = default is None or f"/{path}".endswith(f"/{normpath(default['path'])}")
    return is_default and lies_in(path, around) and not is_of_tests(path.removeprefix(f"{around}/"))
