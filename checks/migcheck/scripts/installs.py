"""Installs by a package manager, and whether they run the scripts that a package has for them.

Facts: docs.npmjs.com "scripts" (life cycle: `preinstall`, `install`, `postinstall`, `prepare` with what comes before
and after it; none where packages are named) and "config", `ignore-scripts`; the same option of pnpm, yarn 1 and bun;
yarnpkg.com "yarn install", `--mode=skip-build`. Yarn takes no such setting from a `.npmrc`. npm 11, `cmd-list` (its
verbs and what they are called for short); pnpm.io "pnpm install-test".
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.calls import Call
from migcheck.scripts.command import Command
from migcheck.scripts.compose_calls import ComposeCall
from migcheck.scripts.directories import moved, upwards
from migcheck.scripts.file_names import ACTIONS, NPMRC, PACKAGE
from migcheck.scripts.install_settings import (
    joined,
    manager_of,
    says_nothing_is_run,
    told_by,
    told_by_environment,
    told_by_options,
)
from migcheck.scripts.managers import ScriptCall, heeds_settings
from migcheck.scripts.options import options_of, plain
from migcheck.scripts.programs import INERT, INSTALL_TESTS, VALUED
from migcheck.scripts.runs import Run
from migcheck.scripts.script import Key, Script

_SCRIPTS = frozenset({"preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare"})
_VERBS = frozenset({"install", "i", "ci", "clean-install"})
_OF_MANAGERS: Mapping[str, frozenset[str]] = {
    "npm": frozenset(INSTALL_TESTS["npm"]) | {"in", "ins", "inst", "insta", "instal", "ic", "install-clean"},
    "pnpm": frozenset(INSTALL_TESTS["pnpm"]),
}
_HINTS = (b"ignore-scripts", b"ignorescripts", b"skip-build", b"ignore_scripts")
_VALUED = VALUED | {"mode", "omit", "include", "registry", "cache", "cache-folder", "modules-folder", "network-timeout"}
_ALONE = "yarn"
"""It installs where it is told nothing else."""
_INSTALLS_NOTHING = frozenset(
    {"g", "global", "lockfile-only", "package-lock-only", "dry-run", "version", "v", "help", "h"}
)
_UNASKED = frozenset(
    {"vercel.json", "netlify.toml", "render.yaml", "railway.json", "railway.toml", "nixpacks.toml", "Procfile"}
)
"""Platforms that install what a repository needs, unless they are told how to."""

_DEEPEST = 20
Told = dict[str, bool | None]
"""By the manager, whether it is told to run no script; None: that is taken back, or nobody knows."""


class Install(Struct, frozen=True):
    """`npm ci` and the like, in `directory`, seen from where the command runs.

    `told`: whether it is told to run no script; None where it is told nothing of that.
    """

    directory: str
    manager: str
    told: bool | None = None


class _Placed(Struct, frozen=True):
    """An install that the file at `path` asks for. `directory` is None where only running tells; `quiet`: no script."""

    path: str
    directory: str | None
    quiet: bool


class Installs(Struct, frozen=True):
    """The installs that are made without a person, and the `files` of the repository around them."""

    made: Sequence[_Placed]
    files: Mapping[str, bytes]

    def leave_out(self, script: Script) -> bool:
        """Whether `script` is one that an install would run, and none does.

        Where no install is seen, there is one, as far as anybody knows: a platform that is told nothing makes it.
        """
        if basename(script.path) != PACKAGE or script.name not in _SCRIPTS or script.directory is None:
            return False
        place = script.directory
        quiet = [each.quiet for each in self.made if each.directory is None or _is_in(place, each.directory)]
        if all(quiet) and said_around(place, self.files) is True:
            return True
        return bool(quiet) and all(quiet) and not self._by_a_platform(place)

    def _by_a_platform(self, place: str) -> bool:
        told = {each.path for each in self.made}
        unasked = (dirname(path) or "." for path in self.files if basename(path) in _UNASKED and path not in told)
        return any(_is_in(place, each) or _is_in(each, place) for each in unasked)


def installs_among(
    begun: Iterable[Script], others: Iterable[Script], calls: "Calls", files: Mapping[str, bytes]
) -> Installs:
    """The installs of what is run without a person: of `begun`, which begins so, and of the `others`."""
    walk = _Walk(calls, files)
    machines: dict[Hashable, Told] = {}
    for script in begun:
        first = None if script.stage is None else machines.get(script.stage.begins)
        walk.follow(script, machines.setdefault(_machine(script), dict(first or {})))
    walked = {key for key, _ in walk.known}
    for script in others:
        if script.key not in walked:
            walk.follow(script, {})
    return Installs(walk.made, files)


class Calls(Struct, frozen=True):
    """What scripts call: the `runs` of each, and the scripts that are `called` by one."""

    runs: Mapping[Key, Sequence[Run]]
    called: Callable[[Run], Sequence[Script]]

    def beside(self, script: Script) -> Mapping[Command, list[Script]]:
        """What `script` has run on the machine that it is run on, by the command."""
        found: dict[Command, list[Script]] = {}
        for run in self.runs.get(script.key, ()):
            if not isinstance(run.call, ComposeCall):
                found.setdefault(run.command, []).extend(self.called(run))
        return found


class _Walk(Struct):
    """What is run, in its order, with the installs that are `made` on the way.

    `known` is what has been told behind each script, by what had been before it.
    """

    calls: Calls
    files: Mapping[str, bytes]
    made: list[_Placed] = field(default_factory=list)
    known: dict[tuple[Key, frozenset[tuple[str, bool | None]]], Told] = field(default_factory=dict)

    def follow(self, script: Script, before: Told, deep: int = 0) -> None:
        """Run `script`, where what was told `before` holds, and add to that what it tells."""
        begin = script.key, frozenset(before.items())
        if deep > _DEEPEST or begin in self.known:
            before |= self.known.get(begin, {})
            return
        self.known[begin] = {}
        called = self.calls.beside(script)
        for command in script.commands:
            before |= told_by(command.words)
            if (install := installs_of(command.words)) is not None:
                self.made.append(self._placed(script, command, install, before))
            self._call(called.get(command, ()), before, deep)
        self.known[begin] = dict(before)

    def _call(self, scripts: Sequence[Script], before: Told, deep: int) -> None:
        """What a command has run. Of several that are no action's steps, nobody here knows which comes first."""
        in_order = len(scripts) == 1 or all(basename(each.path) in ACTIONS for each in scripts)
        behind = [before if in_order else dict(before) for _ in scripts]
        for script, told in zip(scripts, behind, strict=True):
            self.follow(script, told, deep + 1)
        for told in behind:
            before |= {name: None for name, value in told.items() if before.get(name) is not value}

    def _placed(self, script: Script, command: Command, install: Install, before: Told) -> _Placed:
        place = moved(moved(script.directory, command.directory), install.directory)
        given = _given(install, command)
        quiet = _is_quiet(place, self.files, install.manager, before) if given is None else given
        return _Placed(script.path, place, quiet)


def as_told(call: Call, command: Command, directory: str | None, files: Mapping[str, bytes]) -> Call:
    """`call`, made from `directory`: told so, npm runs nothing before and after the script that it is asked for."""
    if not isinstance(call, ScriptCall) or not call.hooks or not heeds_settings(command.words):
        return call
    told = told_by_environment(command.settings, "npm")
    place = moved(directory, call.directory) if told is None else None
    quiet = told if place is None else said_around(place, files)
    return replace(call, hooks=False) if quiet else call


def may_run_nothing(files: Mapping[str, bytes]) -> bool:
    """Whether any install may be told to run no script: a glance, before anything is parsed."""
    return any(each in content for content in map(bytes.lower, files.values()) for each in _HINTS)


def installs_of(words: Sequence[str]) -> Install | None:
    """The install that the command `words` is; None where it is none."""
    at = next((number for number, word in enumerate(words) if manager_of(word)), None)
    if at is None or basename(words[0]) in INERT:
        return None
    manager, own = manager_of(words[at]), joined(words[at + 1 :])
    options, said = options_of(own), plain(own, _VALUED)
    verbs = _VERBS | _OF_MANAGERS.get(manager, frozenset())
    if not (said == () and manager == _ALONE) and not (len(said) == 1 and said[0] in verbs):
        return None
    if not _INSTALLS_NOTHING.isdisjoint(options):
        return None
    directory = next((options[flag] for flag in ("C", "dir", "prefix", "cwd") if options.get(flag)), ".")
    return Install(directory, manager, told_by_options(options))


def _machine(script: Script) -> Hashable:
    """Where `script` is run: what one step of a job, or of a stage, writes for the user is there for the next."""
    return script.stage or (script.path, script.job or script.name)


def _given(install: Install, command: Command) -> bool | None:
    """What is said behind the command, which goes before what its environment says; None where neither says it."""
    return told_by_environment(command.settings, install.manager) if install.told is None else install.told


def _is_quiet(
    directory: str | None, files: Mapping[str, bytes], manager: str, before: Mapping[str, bool | None]
) -> bool:
    """Whether the file of the project, or else what was told before, has an install run no script."""
    said = None if directory is None or manager == _ALONE else said_around(directory, files)
    return before.get(manager) is True if said is None else said


def said_around(directory: str, files: Mapping[str, bytes]) -> bool | None:
    """What the nearest `.npmrc` that says so, from `directory` upwards, has every install do."""
    told = (says_nothing_is_run(files.get(normpath(join(place, NPMRC)), b"")) for place in upwards(directory))
    return next((each for each in told if each is not None), None)


def _is_in(place: str, around: str) -> bool:
    return around in (".", place) or place.startswith(f"{around}/")
