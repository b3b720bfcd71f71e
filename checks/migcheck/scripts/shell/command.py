"""A command as a shell would run it."""

import re

from msgspec import Struct
from msgspec.structs import replace


class ShellOptions(Struct, frozen=True):
    """What the shell that runs a script is told. `errexit` is `set -e`.

    `powershell`: it is that. What it makes of a failure, nobody here judges.
    """

    errexit: bool = False
    pipefail: bool = False
    powershell: bool = False

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
        """These, ending at every failure at which `other` does as well."""
        return replace(self, errexit=self.errexit or other.errexit, pipefail=self.pipefail or other.pipefail)


class Command(Struct, frozen=True):
    """One simple command. `words` are the program and its arguments, unquoted; what only running tells keeps its `$`.

    `line` is 1-based in the file. `directory` is where it runs, from where its script begins; None where that cannot be
    told. `goes_on` says what makes its script go on where it fails; empty where nothing does. `settings` are the
    variables that its script sets for it, of two of one name the later one. `stdin` is the text that it reads: a
    here-document, which begins at `stdin_line` of the file, or what is piped into it. `inputs` are the files it reads.
    `elsewhere`: it is run on another machine, where a directory need not be one of the repository. `places` are the
    variables that stand for paths from where its script lies. `function` is the one it stands in, empty outside of any.
    `chosen`: it stands in an item of a `case`. `unsure`: a look at whether this is CI keeps it from CI. `options` are
    those in force where it is run.
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
    chosen: bool = False
    unsure: bool = False
    options: ShellOptions = ShellOptions()

    def __str__(self) -> str:
        """The words, as a person reads them."""
        return " ".join(self.words)
