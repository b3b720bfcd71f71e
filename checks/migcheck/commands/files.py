"""Files of a repository that a command writes: whole or not at all."""

import os
from pathlib import Path

from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.disk import read_inside


def read_text(root: Path, shown: str) -> str | None:
    """The text of the file `shown`, from `root`, line ends as they are; None where there is none.

    Raises UsageError for what is no text, no file, and for a link that leaves `root`.
    """
    try:
        return read_inside(root, root / shown).decode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", "check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text", "save it as UTF-8, or name another file") from error


def refuse_existing(root: Path, shown: str) -> None:
    """Raise UsageError where there is something at `shown`, from `root`, which nothing here is to replace."""
    if os.path.lexists(root / shown):
        raise UsageError(f"{shown} is there already, and is no rollback that can be read", "see what it is")


def replace_text(root: Path, shown: str, text: str) -> None:
    """Put `text` in the place of the file `shown`, from `root`, in one step: others see the old or the new.

    Raises UsageError for a link that leaves `root` and for what is git's own, UndecidableError where it cannot be
    written; then the old file is as it was.
    """
    real, top = Path(os.path.realpath(root / shown)), Path(os.path.realpath(root))
    if not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        raise UsageError(f"{shown} leads to {real}, which is no file of this repository", "name another file")
    beside = real.with_name(f".{real.name}.{os.getpid()}.new")
    try:
        # Never through a link that lies there already.
        with beside.open("xb") as file:
            file.write(text.encode())
        if real.exists():
            beside.chmod(real.stat().st_mode & 0o7777)
        beside.replace(real)
    except OSError as error:
        if not isinstance(error, FileExistsError):
            beside.unlink(missing_ok=True)
        raise UndecidableError(f"{shown} cannot be written: {error.strerror}", "check its permissions") from error
