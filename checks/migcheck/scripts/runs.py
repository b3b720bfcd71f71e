"""What a command of a script calls, and the steps from what begins to what is run in the end."""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import join, normpath

from msgspec import Struct

from migcheck.scripts.calls import Call, FileCall, ProgramCall
from migcheck.scripts.databases import HOST, is_local, is_local_url
from migcheck.scripts.reach import Step, by_name
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import Command


class Run(Struct, frozen=True):
    """One thing that a command of a script calls, from `directory`; None where only running it tells.

    `by_config`: the configuration that it takes leads to a database of this machine, whoever runs it. `variable` is the
    one that it takes its address from; empty where that is not told.
    """

    script: Script
    command: Command
    call: Call
    directory: str | None
    by_config: bool = False
    variable: str = ""

    def is_given_local(self, given: Iterable[str]) -> bool:
        """Whether the variable of its address is `given` one of this machine, word for word, and it sets none itself.

        What else is given is another command's: a PRODUCTION_DATABASE_URL beside it.
        """
        told = by_name(given)
        url = told.get(self.variable, "")
        return is_local_url(url, told.get(HOST, "")) and "$" not in url and not self.command.elsewhere

    @property
    def local(self) -> bool:
        """Whether it goes to a database that a job or a person has to itself."""
        return (self.by_config and not self.command.elsewhere) or is_local(
            self.command, by_name(self.script.given).get(HOST, "")
        )

    @property
    def asked(self) -> "Asked":
        """What it calls, from where."""
        return self.call, self.directory

    def named(self, call: FileCall | ProgramCall) -> str:
        """The path of the file that is run: from the root, or as an image or an unknown directory has it."""
        return call.path if self.directory is None else normpath(join(self.directory, call.path))


Asked = tuple[Call, str | None]
"""A call, and the directory it is made from; None where only running it tells."""


def back(walked: Sequence[tuple[Run, int]], at: int) -> Iterator[Run]:
    """The runs from the one at `at` on; each says where among `walked` stands what it comes to."""
    while at >= 0:
        run, at = walked[at]
        yield run


def step_of(run: Run) -> Step:
    """What `run` does, and where that stands."""
    return Step(run.script.at(run.command), str(run.command))
