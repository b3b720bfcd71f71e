"""Which folder is meant where the drizzle.config that is there does not tell."""

from msgspec.structs import replace

from migcheck.drizzle.journal import is_journal
from migcheck.errors import InDoubtError
from migcheck.facts.configuration.drizzle_configs import Described, describe_folder, none_of_postgres
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import candidates, is_installed, tracked_folders


def the_only_one(place: Place, doubt: InDoubtError, *, named: bool) -> Described:
    """The only folder that may be meant, as if it were named on the command line: what is taken is told.

    Raises InDoubtError with the folders to choose from where another may be meant: one of another dialect where the
    configuration does not say its own, one that lies about and git does not track, that of another configuration, or
    where a person `named` this one of several.
    """
    found = tracked_folders(place)
    paths = [each.path for each in found if each.is_postgres]
    about = any(is_journal(each) and not is_installed(each) for each in (() if place.revision else place.untracked()))
    alone = len(paths) == 1 and (doubt.of_postgres or len(found) == 1)
    if alone and not named and not about and none_of_postgres(place, but=doubt.path):
        described = describe_folder(place, paths[0], place.root / doubt.path)
        note = f"{paths[0]} is the only {'' if len(found) == 1 else 'Postgres '}folder with a journal that git tracks"
        return replace(described, notes=(note, *described.notes))
    if not paths:
        raise doubt
    remedy = f'{candidates(place, paths)}; or write migcheck.toml with [[folder]] and path = "…"'
    raise InDoubtError(doubt.problem, remedy, doubt.path, of_postgres=doubt.of_postgres) from doubt
