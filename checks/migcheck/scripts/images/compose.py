"""Which services a call of Docker Compose starts: of the files that it takes, and of what lies over them.

Facts: docs.docker.com "How Compose works" and compose-go 2, `cli`: names of files in their order, of two in a directory
the first counts, and the way up to one; "Pre-defined environment variables": COMPOSE_FILE names others; "docker compose
run": words behind a service stand for its command, `--entrypoint` for both.
"""

import shlex
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.paths import upwards
from migcheck.regex import regex
from migcheck.scripts.calls import calls_of
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import ENVIRONMENT
from migcheck.scripts.images.compose_calls import ComposeCall, compose_calls
from migcheck.scripts.images.compose_files import ComposeFiles, Layers
from migcheck.scripts.images.compose_services import LONGEST, Project, Service, is_served, needs, runs_script
from migcheck.scripts.images.compose_variable import files_of, values_in
from migcheck.scripts.script import Script
from migcheck.scripts.shell.parsed import UnreadableScriptError, read_shell

_NAME = regex(r"[\w.-]*compose[\w.-]*\.ya?ml")
_AT_HAND = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = tuple(f"{name}.override.{end}" for name in ("compose", "docker-compose") for end in ("yml", "yaml"))
_MOST_RUN = 500
"""Calls that give a service other words."""


class Composes(Struct, dict=True):
    """The compose files of a repository: `files` are all there are, `paths` those that are read for themselves.

    `directories` are those that hold a package.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    directories: Container[str] = ()
    _found: dict[tuple[tuple[str, ...], str], Mapping[str, Layers]] = field(default_factory=dict)
    _projects: dict[tuple[tuple[str, ...], str], Mapping[str, Service]] = field(default_factory=dict)
    _scripts: dict[tuple[object, ...], Script] = field(default_factory=dict)
    _run: dict[tuple[object, str], Script] = field(default_factory=dict)

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """Everything that they run, each taken for itself, and one that lies over another with that."""
        last = sorted(self.paths, key=lambda each: basename(each) in _OVERRIDES)
        services = [each for path in last for each in self.project(self._with_base(path), None).values()]
        return tuple({each.key: each for one in services for each in one.scripts.values()}.values())

    def asked(self, call: ComposeCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has Compose run; nothing where only running it tells."""
        # Read first: what a call asks for is one of these, where it says the same.
        _ = self.scripts
        services = self._asked(call, directory)
        every = [name for name, each in services.items() if call.profiled or not each.profiled]
        left, seen = list(call.services or every), set[str]()
        while left:
            name = left.pop()
            if name in services and name not in seen:
                seen.add(name)
                left += services[name].needs
                if call.instead and name in call.services:
                    yield from self._instead(services[name], call.words)
                else:
                    yield from services[name].scripts.values()

    def may_serve(self, step: str) -> bool:
        """Whether there may be a Postgres in what the script `step` has Compose start, of the files that it may take.

        Where it is run and what its environment names is not looked at: no file that may be meant has to have one.
        """
        try:
            calls = [each for command in read_shell(step) for each in compose_calls(command.words)]
        except UnreadableScriptError:
            return True
        return not calls or any(map(self._may_serve, calls))

    def _may_serve(self, call: ComposeCall) -> bool:
        names = frozenset(basename(each) for each in call.files)
        known = names or (frozenset(map(basename, self.paths)) if self._named else {*_AT_HAND, *_OVERRIDES})
        meant = [path for path in self.paths if basename(path) in known]
        return (
            len(meant) < len(names)
            or not meant
            or any(self._may_have_a_database(each, call.services) for each in meant)
        )

    def _may_have_a_database(self, path: str, named: Sequence[str]) -> bool:
        """Whether the file at `path` has a Postgres among its services, or tells of no service at all.

        Of services that are `named`, and that are all there, what they need counts.
        """
        services = self._services((path,), None)
        left, wanted = list(named), set[str]()
        while left and services.keys() >= {*left}:
            name = left.pop()
            left += [] if name in wanted else needs(services[name])
            wanted.add(name)
        among = services if left or not named else {name: services[name] for name in wanted}
        return not services or is_served(among)

    def _asked(self, call: ComposeCall, directory: str | None) -> Mapping[str, Service]:
        """The services of the files that a call takes."""
        place = moved(directory, call.directory) if call.directory else directory
        paths = [moved(directory, each) for each in call.files] or self._at_hand(place)
        found = tuple(dict.fromkeys(each for each in paths if each is not None and each in self.files))
        begin = place if call.directory else dirname(found[0]) or "." if found else None
        return self.project(found, begin) if found else {}

    def _instead(self, service: Service, words: Sequence[str]) -> Iterator[Script]:
        """What runs `words` in place of the command of a service, where they do not say that by themselves."""
        begun = service.entrypoint
        if begun is None or not words:
            return
        if runs_script(begun.text):
            yield begun
            return
        told = f"{begun.text.strip()} {shlex.join(words)}"
        key = begun.key, told
        if key not in self._run and len(self._run) < _MOST_RUN and len(begun.text) < LONGEST:
            self._run[key] = replace(begun, name=f"{begun.name} with {shlex.join(words)}", text=told)
        script = self._run.get(key)
        if script is not None and not all({*script.calls(each)} <= {*calls_of(words)} for each in script.commands):
            yield script

    def project(self, paths: tuple[str, ...], directory: str | None) -> Mapping[str, Service]:
        """The services of `paths`, of which each lies over those before it; their paths begin in `directory`."""
        begin = dirname(paths[0]) or "." if directory is None else directory
        if (paths, begin) not in self._projects:
            made = Project(paths, self.directories, str(len(self._projects))).read(self._services(paths, begin))
            self._projects[paths, begin] = {name: self._known(name, each) for name, each in made.items()}
        return self._projects[paths, begin]

    def _services(self, paths: tuple[str, ...], directory: str | None) -> Mapping[str, Layers]:
        """What is said of each service of `paths`, as of `project`: read once, whoever asks."""
        place = paths, dirname(paths[0]) or "." if directory is None else directory
        if place not in self._found:
            self._found[place] = self._read.services(*place) if self._read.left > 0 or len(paths) == 1 else {}
            self._read.left -= sum(map(len, self._found[place].values())) if len(paths) > 1 else 0
        return self._found[place]

    def _known(self, name: str, service: Service) -> Service:
        """`service`, with the scripts that were found before in place of others that say the same."""
        scripts = {key: self._same(f"{name}/{key}", each) for key, each in service.scripts.items()}
        return replace(service, scripts=scripts)

    def _same(self, name: str, script: Script) -> Script:
        said = name, script.path, script.line, script.text, script.directory, script.started_by, script.own_database
        return self._scripts.setdefault(said, script)

    def _with_base(self, path: str) -> tuple[str, ...]:
        """`path`, and before it the file that Compose lays it over where nobody tells it which to take."""
        if basename(path) not in _OVERRIDES:
            return (path,)
        base = self._first(_AT_HAND, dirname(path))
        return (path,) if base is None or self._first(_OVERRIDES, dirname(path)) != path else (base, path)

    def _at_hand(self, directory: str | None) -> Sequence[str]:
        """The files that Compose takes in `directory` where none is named: the nearest upwards, what overrides it.

        None where the environment may name others: only running tells. A `.env` of `directory` may name them as well,
        and what else names any goes before that.
        """
        named = self._named.get(normpath(join(directory or "", ENVIRONMENT)))
        if named and all(basename(each) == ENVIRONMENT for each in self._named):
            return [each for one in files_of(named[-1]) if (each := moved(directory, one)) is not None]
        for place in () if directory is None or self._named else upwards(directory):
            base = self._first(_AT_HAND, place)
            if base is not None:
                override = self._first(_OVERRIDES, place)
                return [base] if override is None else [base, override]
        return []

    def _first(self, names: Sequence[str], directory: str) -> str | None:
        return next((path for each in names if (path := normpath(join(directory, each))) in self.files), None)

    @cached_property
    def _read(self) -> ComposeFiles:
        return ComposeFiles(self.files)

    @cached_property
    def _named(self) -> Mapping[str, list[str]]:
        """What each file gives COMPOSE_FILE that may name the files to take by it."""
        return {path: told for path, each in self.files.items() if (told := values_in(each)) is not None}


def is_compose(path: str) -> bool:
    """Whether the file at `path` is a compose file, by its name."""
    return _NAME.fullmatch(basename(path)) is not None
