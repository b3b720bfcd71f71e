"""Everything a project runs: from what begins without a person, along what calls what, to what is run in the end."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import basename

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.beginnings import Beginnings
from migcheck.scripts.call_places import CallPlaces
from migcheck.scripts.callees import Callees, Network
from migcheck.scripts.calls import FileCall
from migcheck.scripts.compiled import is_run_as, without_end
from migcheck.scripts.configs import Configs
from migcheck.scripts.elsewhere import elsewhere
from migcheck.scripts.every_run import EveryRun
from migcheck.scripts.glance import may_be_asked, may_go_on
from migcheck.scripts.reach import Beginning, Job, Reached
from migcheck.scripts.read_scripts import ScriptFiles
from migcheck.scripts.runs import Asked, Run
from migcheck.scripts.tasks.managers import script_calls

_BUNDLE = regex(r"-\w+", re.ASCII)
"""Several options of one letter: `-vu`."""


class Scripts(Struct, frozen=True, dict=True):
    """What `files` say is run. `folder` is the migrations folder, `folders` are all there are."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""
    folders: frozenset[str] = frozenset()

    def mentions(self, *words: str) -> bool:
        """Whether one file holds all of `words`: where none does, nothing has to be parsed."""
        wanted = [each.encode() for each in words]
        return any(all(each in content for each in wanted) for content in self.files.values())

    def may_run(self, tool: str, verb: str) -> bool:
        """As `mentions`; behind an entrypoint with `tool`, or a script that ends in it, other files may put `verb`."""
        if self.mentions(tool, verb) or self.mentions(tool, "entrypoint"):
            return True
        return self.mentions(verb) and any(may_be_asked(path, content) for path, content in self.files.items())

    def may_ignore_failure(self) -> bool:
        """Whether anything could go on where it fails: a glance, before anything is parsed."""
        return any(may_go_on(path, content) for path, content in self.files.items())

    @cached_property
    def configs(self) -> Configs:
        """The drizzle.configs."""
        return Configs(self.files, self.folder, self.folders)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Everything that every script calls, those as well that a call alone makes."""
        return EveryRun(self._callees, CallPlaces(self.configs, lambda: self._read.packages.by_directory)).of(
            self._read.all
        )

    @cached_property
    def jobs(self) -> frozenset[Job]:
        """The jobs of CI."""
        return frozenset(each.job for each in self._read.all if each.job is not None)

    def reach(self, run: Run) -> Reached | None:
        """How `run` comes to be run without a person; None where a person has to."""
        # The shortest way may be a test's, and another one a deploy's.
        return self._beginnings.shortest(run) or self._own_beginnings.shortest(run)

    def ways(self, run: Run) -> Mapping[Beginning, Reached]:
        """How `run` is come to without a person, by who begins, shortest first; none past a database of its own."""
        return self._beginnings.of(run)

    def reached(self, path: str) -> Reached | None:
        """How the source file at `path`, or what is compiled of it, comes to be run without a person."""
        ways = (self.reach(run) for run in self.runs_of(path))
        found = [each for each in ways if each is not None]
        return min(found, key=lambda each: each.own_database, default=None)

    def runs_of(self, path: str, given: frozenset[str] = frozenset()) -> Iterator[Run]:
        """Every command that runs the source file at `path`, or what is compiled of it.

        Where one of `given` has to be among its arguments, none that surely has other ones.
        """
        package = self._read.packages.around(path)
        for run, named in self._files_run.get(basename(without_end(path)), ()):
            if is_run_as(path, named, package) and (not given or self._may_give(run, given)):
                yield run

    @cached_property
    def _files_run(self) -> Mapping[str, Sequence[tuple[Run, str]]]:
        """The runs of files, each with the path, by the name without its end."""
        found: dict[str, list[tuple[Run, str]]] = {}
        for run in self.runs:
            if isinstance(run.call, FileCall):
                named = run.named(run.call)
                found.setdefault(basename(without_end(named)), []).append((run, named))
        return found

    def _may_give(self, run: Run, words: frozenset[str]) -> bool:
        """Whether `run` may give the program one of `words`: in what is written, or behind what is written there."""
        if any("$" in each for each in (*words, *run.command.words)) or run.script.name.startswith("ENTRYPOINT/"):
            return True
        given = {*run.command.words, *self._handed_to_scripts}
        bundled = (f"-{letter}" for each in given if _BUNDLE.fullmatch(each) for letter in each[1:])
        return not words.isdisjoint((*given, *bundled))

    @cached_property
    def _handed_to_scripts(self) -> frozenset[str]:
        """The arguments that scripts of packages are given by those that call them."""
        commands = {run.command.words for run in self.runs}
        return frozenset(each for words in commands for call in script_calls(words) for each in call.arguments)

    def package_of(self, path: str) -> str | None:
        """The directory of the package that `path` lies in; None where it lies in none."""
        package = self._read.packages.around(path)
        return None if package is None else package.directory

    def leading(self, wanted: Callable[[Run], bool]) -> Iterator[Run]:
        """Every run that is what is wanted, or that runs scripts which are sure to come to it."""
        users, callers = self._network.users, self._network.callers
        left, coming = list(filter(wanted, self.runs)), set[Asked]()
        while left:
            run = left.pop()
            new = set(callers.get(run.script.key, ())) - coming if run.script.surely_runs(run.command) else set()
            coming |= new
            left += (user for asked in new for user in users[asked])
        return (run for run in self.runs if wanted(run) or run.asked in coming)

    def once(self, runs: Iterable[Run]) -> Iterator[Run]:
        """`runs`, where a command stands in several scripts, as when it is included, of one.

        It is the first that is come to without a person.
        """
        found: dict[Hashable, list[Run]] = {}
        for run in runs:
            kept = found.setdefault((run.script.at(run.command), run.command.words), [run])
            if kept[0].script.key == run.script.key:
                kept += [run] if run is not kept[0] else []
            elif self.reach(kept[0]) is None:
                kept[:] = [run]
        return (run for kept in found.values() for run in kept)

    @property
    def unread(self) -> tuple[str, ...]:
        """What nobody read of what may be run: what comes from elsewhere, and what is not its format."""
        return (*elsewhere(self.files), *self._read.unreadable)

    @cached_property
    def _read(self) -> ScriptFiles:
        return ScriptFiles(self.files)

    @cached_property
    def _callees(self) -> Callees:
        return Callees(self._read)

    @cached_property
    def _network(self) -> Network:
        return Network(self.runs, self._callees)

    @cached_property
    def _beginnings(self) -> Beginnings:
        return Beginnings(self._network, own=False)

    @cached_property
    def _own_beginnings(self) -> Beginnings:
        return Beginnings(self._network, own=True)
