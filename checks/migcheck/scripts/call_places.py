"""Where what a command calls is run: in the directory that the command stands in, or where an option puts it."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from migcheck.paths import lies_below
from migcheck.scripts.calls import ActionCall, Call, Migrate, Push
from migcheck.scripts.configs import Configs
from migcheck.scripts.shell.command import Command
from migcheck.scripts.tasks.chosen import directories
from migcheck.scripts.tasks.managers import RunIn, ScriptCall, place_of
from migcheck.scripts.tasks.packages import Package


class CallPlaces(Struct):
    """The directories of calls, from the root; None for one that only running tells."""

    configs: Configs
    packages: Callable[[], Mapping[str, Package]]
    _known: dict[tuple[Call, RunIn, str | None], tuple[str | None, ...]] = field(default_factory=dict)

    def of(self, call: Call, command: Command, here: str | None) -> tuple[str | None, ...]:
        """Where `call` begins that `command` makes `here`; nothing where a filter chooses no package.

        Of several packages drizzle-kit is of interest in the one that has the folder's configuration.
        """
        if isinstance(call, ScriptCall | ActionCall):
            return (here,)
        if command.elsewhere and isinstance(call, Push | Migrate) and not self._is_there(here):
            here = None
        asked = call, place_of(command.words), here
        if asked not in self._known:
            self._known[asked] = self._chosen(*asked)
        return self._known[asked]

    def best(self, call: Call, found: Iterable[str | None]) -> tuple[str | None, ...]:
        """The one of `found` in which `call` is of interest: drizzle-kit, where it takes the folder's configuration."""
        several = sorted(dict.fromkeys(found), key=lambda each: each is None)
        match call:
            case Push(config=config) | Migrate(config=config, by_drizzle_kit=True):
                taken = [each for each in several if self.configs.concern(each, config)]
                away = (each for each in taken if not self.by_config(call, each))
                return (next(away, taken[0]),) if taken else (*several[:1],)
            case _:
                return (*several[:1],)

    def by_config(self, call: Call, directory: str | None) -> bool:
        """Whether a drizzle-kit that is called in `directory` takes a configuration with a constant local address."""
        match call:
            case Push(config=config, url="") | Migrate(config=config, by_drizzle_kit=True):
                return self.configs.are_local(directory, config)
            case _:
                return False

    def variable(self, call: Call, directory: str | None) -> str:
        """The variable that a drizzle-kit that is called in `directory` takes its address from; empty where none is."""
        match call:
            case Push(config=config, url="") | Migrate(config=config, by_drizzle_kit=True):
                return self.configs.variable(directory, config)
            case _:
                return ""

    def _is_there(self, directory: str | None) -> bool:
        """Whether the repository has files in `directory`."""
        return directory is not None and any(lies_below(each, directory) for each in self.configs.files)

    def _chosen(self, call: Call, place: RunIn, here: str | None) -> tuple[str | None, ...]:
        if place == RunIn():
            return (here,)
        found = directories(place, here, self.packages())
        match call:
            case Push(config=config) | Migrate(config=config, by_drizzle_kit=True):
                return next(((each,) for each in found if self.configs.concern(each, config)), found[:1])
            case _:
                return found if len(found) <= 1 else (None,)
