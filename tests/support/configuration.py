"""The configuration that a run at some place finds."""

from pathlib import Path

from migcheck.facts.configuration.config import Loaded, load_config
from migcheck.facts.configuration.place import Place


def load(
    root: Path, start: str = "", *, tracked: tuple[str, ...] = (), option: str | None = None, folder: str | None = None
) -> Loaded:
    """Load it as from `start` below `root`; `option` is `--config`, `folder` what the command line names."""
    return load_config(Place((root / start).resolve(), root.resolve(), tracked), option=option, folder=folder)


def paths(loaded: Loaded) -> list[str]:
    """The paths of the folders that are configured."""
    return [each.path for each in loaded.config.folder]
