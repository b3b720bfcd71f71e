"""Which file of ours configures which folder: one those that it names; where it names none, those below its directory.

So it is from the top, in a package, with a FOLDER and with `--config`. Of files above each other only the first from
the working directory up is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from posixpath import dirname

from msgspec.structs import replace

from migcheck.config.config import FolderConfig
from migcheck.errors import UsageError
from migcheck.facts.configuration.loaded_config import Loaded
from migcheck.facts.configuration.own_config import configured, read_own
from migcheck.facts.configuration.place import Place
from migcheck.paths import lies_in
from migcheck.wording import listed


def file_of(place: Place, folder: str) -> Loaded | None:
    """What configures `folder`, which is named from the root by who stands in the working directory; else None.

    Raises UsageError where two files do, or where one that lies above cannot be used.
    """
    here = configured(place)
    if here is not None and (lies_in(folder, dirname(here.path)) or folder in paths_of(here)):
        return here
    above = configured(place_in(place, folder))
    naming = [each for each in naming_elsewhere(place, ()) if folder in paths_of(each)]
    several = {each.path: each for each in (*naming, *([above] if above and not paths_of(above) else []))}
    refuse_two(folder, several)
    return next(iter(several.values()), above)


def refuse_named_elsewhere(place: Place, read: Loaded) -> None:
    """Raise UsageError where a file that is not below `read` names a folder of it as well."""
    folders = paths_of(read)
    for each in naming_elsewhere(place, [read.path]) if read.path else ():
        if not lies_in(each.path, dirname(read.path)):
            for folder in paths_of(each):
                refuse_two(folder, {read.path: read, each.path: each} if folder in folders else {})


def tell_unjudged_of(place: Place, read: Loaded) -> tuple[str, ...]:
    """Lines for people: the files below the working directory that name folders which `read` does not."""
    judged, around = paths_of(read), place.relative(place.start)
    found = [each for each in naming_elsewhere(place, [read.path]) if lies_in(each.path, around)]
    left = [(each.path, [path for path in paths_of(each) if path not in judged]) for each in found]
    return tuple(
        f"{file} was not read, which names {listed(paths)}: "
        f"`migcheck {place.command} --config {place.typed(file)}` reads it"
        for file, paths in left
        if paths
    )


def naming_elsewhere(place: Place, read: Iterable[str]) -> Iterator[Loaded]:
    """The files of the repository, save those that were `read`, that name folders; one that cannot be used does not."""
    for file in sorted({*place.own()} - {*read}):
        try:
            found = read_own(place, place.root / file)
        except UsageError:
            # That is said where it is read: by who stands below it, or above.
            continue
        if found is not None and found.config.folder:
            yield replace(found, every=partial(paths_of, found))


def named_by_any(place: Place) -> tuple[FolderConfig, ...]:
    """The folders that the files of the repository name, as they configure them."""
    return tuple(folder for each in naming_elsewhere(place, ()) for folder in each.config.folder)


def refuse_two(folder: str, files: Mapping[str, object]) -> None:
    """Raise UsageError where more than one of `files` configures `folder`."""
    if len(files) > 1:
        one, other, *_ = sorted(files)
        raise UsageError(
            f"{folder} is configured by two files, {one} and {other}",
            "keep it in one: name it under [[folder]] there, and in the other name none but its own",
        )


def paths_of(file: Loaded) -> tuple[str, ...]:
    """The folders that it has, from the root."""
    return tuple(each.path for each in file.config.folder)


def place_in(place: Place, directory: str) -> Place:
    """As `place` is from `directory`, for the person who stands where they stand."""
    return replace(place, start=place.root / directory, caller=place.caller or place.start)
