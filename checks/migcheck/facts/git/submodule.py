"""A submodule that held the folder, as a commit has it."""

from posixpath import relpath
from shlex import quote

from msgspec import Struct

from migcheck.wording import TOP, bring_back_of_submodule, from_top


class Submodule(Struct, frozen=True):
    """What git calls it, the directory it is in, and its own commit.

    `here` is the directory that it is in now; empty where it is a submodule no more.
    """

    name: str
    place: str
    commit: str
    here: str = ""

    def bring_back(self, was: str, there: str) -> str:
        """The command that brings back what the commit has at `was` as `there`, in any directory. Both from the top."""
        inner = relpath(was, self.place)
        if not self.here:
            return bring_back_of_submodule(self.name, self.commit, self.place, inner)
        git, commit = f"git -C {TOP}/{quote(self.here)}", self.commit[:12]
        if inner == relpath(there, self.here):
            return f"{git} checkout {commit} -- {from_top(inner)}"
        return f"{git} show {quote(f'{commit}:{inner}')} > {TOP}/{quote(there)}"
