"""What a command is about that is of one folder, and of one migration of it."""

from migcheck.commands.work import Work
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import Journal
from migcheck.errors import UsageError
from migcheck.wording import listed


def the_only(work: tuple[Work, ...], command: str) -> Work:
    """The one folder that there is. Raises UsageError where `command`, with its arguments, has to be told which."""
    if len(work) > 1:
        name, folders = command.partition(" ")[0], listed([each.folder.path for each in work])
        raise UsageError(
            f"a {name} is of one folder, and there are {folders}",
            f"name one of them: `migcheck {command} FOLDER`",
        )
    return work[0]


def position_of(folder: Folder, asked: str, told: str) -> int:
    """The position of the migration that is `asked` for by its tag or number, in words of the command line `told`.

    Raises UsageError where there is none, or several.
    """
    tags = [each.tag for each in folder.migrations]
    if not tags:
        raise UsageError(f"{folder.path} has no migration", "`drizzle-kit generate` makes the first one")
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    # Not by its value: Python reads no number of thousands of digits.
    plain = asked.lstrip("0") or "0"
    numbered = {entry.tag for entry in entries if asked.isdecimal() and str(entry.idx) == plain}
    found = [at for at, tag in enumerate(tags) if tag == asked or tag in numbered or tag.partition("_")[0] == asked]
    exact = [at for at in found if tags[at] == asked] or found
    if len(exact) != 1:
        what = "names several migrations" if exact else "names no migration"
        raise UsageError(f"{told} {what} of {folder.path}", f"one of {listed(tags[::-1])}")
    return exact[0]
