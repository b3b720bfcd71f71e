"""Installs by a package manager, and whether they run the scripts that a package has for them.

Facts: docs.npmjs.com "scripts" (life cycle: `preinstall`, `install`, `postinstall`, `prepare` with what comes before
and after it; none where packages are named) and "config", `ignore-scripts`; the same option of pnpm, yarn 1 and bun;
yarnpkg.com "yarn install", `--mode=skip-build`. Yarn takes no such setting from a `.npmrc`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname, join, normpath

from msgspec import Struct

from migcheck.scripts.command import Command
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import NPMRC, PACKAGE
from migcheck.scripts.options import options_of, plain
from migcheck.scripts.programs import INERT, MANAGERS, VALUED
from migcheck.scripts.script import Script

_SCRIPTS = frozenset({"preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare"})
_VERBS = frozenset({"install", "i", "ci", "clean-install"})
_IGNORES = "ignore-scripts"
_BY_ENVIRONMENT = "npm_config_ignore_scripts"
_TRUE = (b"true", b"1")
_MODE, _SKIPS = "mode", "skip-build"
_HINTS = (b"ignore-scripts", b"skip-build", b"ignore_scripts", b"IGNORE_SCRIPTS")
_VALUED = VALUED | {_MODE, "omit", "include", "registry", "cache", "cache-folder", "modules-folder", "network-timeout"}
_ALONE = "yarn"
"""It installs where it is told nothing else."""
_INSTALLS_NOTHING = frozenset(
    {"g", "global", "lockfile-only", "package-lock-only", "dry-run", "version", "v", "help", "h"}
)
_UNASKED = frozenset(
    {"vercel.json", "netlify.toml", "render.yaml", "railway.json", "railway.toml", "nixpacks.toml", "Procfile"}
)
"""Platforms that install what a repository needs, unless they are told how to."""
_SETTING = re.compile(rb"^[ \t]*+ignore-scripts[ \t]*+(?:=[ \t]*+(?P<value>[^\r\n;#]*+)[^\r\n]*)?\r?$", re.MULTILINE)


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
        if all(quiet) and _is_quiet(place, self.files):
            return True
        return bool(quiet) and all(quiet) and not self._by_a_platform(place)

    def _by_a_platform(self, place: str) -> bool:
        told = {each.path for each in self.made}
        unasked = (dirname(path) or "." for path in self.files if basename(path) in _UNASKED and path not in told)
        return any(_is_in(place, each) or _is_in(each, place) for each in unasked)


def installs_among(scripts: Iterable[Script], files: Mapping[str, bytes]) -> Installs:
    """The installs that `scripts`, which are those that are run without a person, ask for."""
    return Installs([each for script in scripts for each in _made_by(script, files)], files)


def may_run_nothing(files: Mapping[str, bytes]) -> bool:
    """Whether any install may be told to run no script: a glance, before anything is parsed."""
    return any(each in content for content in files.values() for each in _HINTS)


def installs_of(words: Sequence[str]) -> Install | None:
    """The install that the command `words` is; None where it is none."""
    at = next((number for number, word in enumerate(words) if _named(word) in MANAGERS), None)
    if at is None or basename(words[0]) in INERT:
        return None
    manager, own = _named(words[at]), words[at + 1 :]
    options, said = options_of(own), plain(own, _VALUED)
    if not (said == () and manager == _ALONE) and not (len(said) == 1 and said[0] in _VERBS):
        return None
    if not _INSTALLS_NOTHING.isdisjoint(options):
        return None
    directory = next((options[flag] for flag in ("C", "dir", "prefix", "cwd") if options.get(flag)), ".")
    return Install(directory, manager, _told(options))


def says_nothing_is_run(content: bytes) -> bool | None:
    """Whether a `.npmrc` has every install run no script; None where it says nothing of that."""
    found = [each["value"] for each in _SETTING.finditer(content)] if _IGNORES.encode() in content else []
    return None if not found else (found[-1] or b"true").strip().strip(b"\"'").lower() in _TRUE


def _told(options: Mapping[str, str]) -> bool | None:
    if _IGNORES in options:
        return options[_IGNORES] != "false"
    if options.get(_MODE) == _SKIPS:
        return True
    return False if f"no-{_IGNORES}" in options else None


def _made_by(script: Script, files: Mapping[str, bytes]) -> Iterator[_Placed]:
    for command in script.commands:
        install = installs_of(command.words)
        if install is not None:
            place = moved(moved(script.directory, command.directory), install.directory)
            yield _Placed(script.path, place, _runs_nothing(install, command, place, files))


def _runs_nothing(install: Install, command: Command, place: str | None, files: Mapping[str, bytes]) -> bool:
    """What is said behind the command goes before what its environment says, and both before a `.npmrc`."""
    if install.told is not None:
        return install.told
    given = {name.lower(): value for name, value in command.settings}.get(_BY_ENVIRONMENT)
    if given is not None:
        return given.lower().encode() in _TRUE
    return install.manager != _ALONE and place is not None and _is_quiet(place, files)


def _is_quiet(directory: str, files: Mapping[str, bytes]) -> bool:
    """Whether the nearest `.npmrc` that says so, from `directory` upwards, has every install run no script."""
    place = directory
    while not place.startswith(".."):
        told = says_nothing_is_run(files.get(normpath(join(place, NPMRC)), b""))
        if told is not None or place == ".":
            return told is True
        place = dirname(place) or "."
    return False


def _named(word: str) -> str:
    return basename(word).partition("@")[0]


def _is_in(place: str, around: str) -> bool:
    return around in (".", place) or place.startswith(f"{around}/")
