"""A command as a shell would run it."""

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.scripts.shell.arms import Arm


class ShellOptions(Struct, frozen=True):
    """What the shell that runs a script is told. `errexit` is `set -e`.

    `heedless` is what has the next command run behind a failure, where it is not that there is no `set -e`.
    `asked` are the names by which what is behind the script asks for what that hands on in a file: `ok` of `ok=false`.
    """

    errexit: bool = False
    pipefail: bool = False
    heedless: str = ""
    asked: frozenset[str] = frozenset()

    def told(self, flags: str) -> "ShellOptions":
        """What they are after `set FLAGS`."""
        found = self
        if re.search(r"(^|\s)-\w*e|-\w*o errexit", flags):
            found = replace(found, errexit=True)
        if re.search(r"(^|\s)\+\w*e|\+\w*o errexit", flags):
            found = replace(found, errexit=False)
        if "pipefail" in flags:
            found = replace(found, pipefail="+o pipefail" not in flags)
        return found

    @property
    def flags(self) -> tuple[str, ...]:
        """The words that tell a shell so: `sh -e`."""
        return (*(("-e",) if self.errexit else ()), *(("-o", "pipefail") if self.pipefail else ()))

    def stricter_by(self, other: "ShellOptions") -> "ShellOptions":
        """These, ending at every failure at which `other` does as well; `heedless` stays what it is."""
        return replace(self, errexit=self.errexit or other.errexit, pipefail=self.pipefail or other.pipefail)


class Command(Struct, frozen=True):
    """One simple command. `words` are the program and its arguments, unquoted; what only running tells keeps its `$`.

    `line` is 1-based in the file. `directory` is where it runs, from where its script begins; None where that cannot be
    told. `goes_on` says what makes its script go on where it fails; empty where nothing does. `settings` are the
    variables that its script sets for it, of two of one name the later one. `stdin` is the text that it reads: a
    here-document, which begins at `stdin_line` of the file, or what is piped into it. `inputs` are the files it reads.
    `elsewhere`: it is run on another machine, where a directory need not be one of the repository. `places` are the
    variables that stand for paths from where its script lies. `function` is the one it stands in, empty outside of any.
    `arm`: it is run where the first argument of its script is such a one. `options` are those in force where it is run.
    `unseen`: it is given variables that nobody here can read, which may take the place of any.
    """

    words: tuple[str, ...]
    line: int
    directory: str | None = "."
    goes_on: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    stdin: str = ""
    stdin_line: int = 0
    inputs: tuple[str, ...] = ()
    elsewhere: bool = False
    places: tuple[tuple[str, str], ...] = ()
    function: str = ""
    arm: Arm | None = None
    options: ShellOptions = ShellOptions()
    unseen: bool = False

    def __str__(self) -> str:
        """The words, as a person reads them."""
        return " ".join(self.words)


def sets_arguments(flags: Sequence[str]) -> bool:
    """Whether `set FLAGS` gives the script new arguments. An `o`, last of a word, takes the next word."""
    takes = False
    for each in flags:
        if not takes and (each in ("-", "--") or not each.startswith(("-", "+"))):
            return True
        takes = not takes and each.endswith("o")
    return False
