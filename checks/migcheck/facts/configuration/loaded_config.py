"""What a run knows of its configuration."""

from collections.abc import Callable, Mapping
from posixpath import dirname, join, relpath

from msgspec import Struct, field

from migcheck.config.config import Config, FolderConfig
from migcheck.config.text import OWN_FILE, Written
from migcheck.drizzle.config_file import DrizzleConfig


def _by_none(_: str) -> None:
    return None


class Loaded(Struct, frozen=True):
    """The configuration of a run. Paths in it, and `path` itself, are relative to the root, with forward slashes.

    `path` is empty where nothing was configured. `notes` are lines for people: what was taken and what was passed over;
    `told` has those of them that concern one folder alone, by its path.
    `absent` are the folders that a drizzle.config names and that are not there, where no other may be meant; `astray`
    are those where others may, with these.
    `written` is the file as it was read, for the lines of what it says.
    `every` gives the folders of the whole project, also those that this run leaves out: what the file configures, else
    every one of Postgres that git tracks.
    `named` gives those that any file of ours names, `naming` the drizzle.config that names a folder; it raises
    UsageError where one cannot be read. `others` are the configurations of other folders below, each read
    where it lies. `apart`: no file configures these folders, and the repository has files of ours for others.
    """

    config: Config
    path: str = ""
    notes: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    astray: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    written: Written = Written()
    every: Callable[[], tuple[str, ...]] = tuple
    named: Callable[[], tuple[FolderConfig, ...]] = tuple
    naming: Callable[[str], DrizzleConfig | None] = _by_none
    apart: bool = False
    others: "tuple[Loaded, ...]" = ()

    @property
    def folders(self) -> tuple[FolderConfig, ...]:
        """Those that are configured, by any of the files that were read."""
        return (*self.config.folder, *(folder for each in self.others for folder in each.config.folder))

    def at(self, *place: str | int) -> str:
        """`migcheck.toml:3`: where the file says what is at `place`: keys, and in a list the number of one."""
        return self.written.at(place)

    def file_for(self, folder: str) -> str:
        """The file in which what concerns `folder` is to be said."""
        # One at the top would take the place of the packages' own.
        return self.path or (join(dirname(folder), OWN_FILE) if self.apart else OWN_FILE)

    def as_written(self, folder: str) -> str:
        """`folder` as the configuration's file writes it: relative to itself."""
        return written_in(self.path, folder)


def written_in(file: str, folder: str) -> str:
    """`folder`, which is relative to the root, as the configuration `file` writes it: relative to itself."""
    return relpath(folder, dirname(file) or ".")
