"""Which targets of which projects a command line asks Nx for.

Facts: nx.dev "Nx Commands". Of `project:target:configuration` the target may have colons, and a configuration none.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.scripts.shell.options import options_of, plain
from migcheck.scripts.shell.programs import VALUED

_VALUED = VALUED | {"configuration"}
_TELLS = frozenset({"graph", "help", "version"})
_WITHOUT_BEFORE = frozenset({"exclude-task-dependencies", "excludeTaskDependencies"})
# What it does itself, where no project is named.
_OWN = frozenset(
    [
        "add",
        "configure-ai-agents",
        "connect",
        "daemon",
        "format",
        "graph",
        "import",
        "init",
        "list",
        "login",
        "logout",
        "migrate",
        "register",
        "release",
        "repair",
        "report",
        "reset",
        "show",
        "sync",
        "view-logs",
        "watch",
    ]
)


class NxWords(Struct, frozen=True):
    """Targets of `projects`, of all but those with a `!`, or where none is named of the one at hand.

    `every`: of all. `only`: without what goes before them.
    """

    names: tuple[str, ...]
    projects: tuple[str, ...] = ()
    every: bool = False
    only: bool = False


def asked_of_nx(words: Sequence[str]) -> Iterator[NxWords]:
    """What `words`, those behind `nx`, ask for; `-c production` of each target the configuration, if it has that."""
    own = words[: words.index("--")] if "--" in words else words
    options = options_of(own)
    configuration = options.get("configuration") or options.get("c", "")
    if not _TELLS.isdisjoint(options):
        return
    for each in _asked(own, only=not _WITHOUT_BEFORE.isdisjoint(options)):
        yield each
        if configuration:
            yield replace(each, names=tuple(f"{name}:{configuration}" for name in each.names))


def _asked(own: Sequence[str], *, only: bool) -> Iterator[NxWords]:
    match plain(own, _VALUED):
        case ("run", task, *_) if ":" in task:
            project, _, name = task.partition(":")
            for each in dict.fromkeys((name, name.rpartition(":")[0] or name)):
                yield NxWords((each,), (project,), only=only)
        case ("run-many" | "affected" as verb, *_):
            names = _listed(own, "-t", "--target", "--targets")
            chosen = _listed(own, "-p", "--projects") if verb == "run-many" else ()
            without = tuple(f"!{each}" for each in _listed(own, "--exclude"))
            yield NxWords(names, (*chosen, *without), every=_all_but(chosen), only=only)
        case (name, project):
            yield NxWords((name,), (project,), only=only)
        case (name,) if name not in _OWN:
            yield NxWords((name,), only=only)
        case _:
            pass


def _all_but(chosen: Sequence[str]) -> bool:
    """Whether nothing is chosen: those behind a `!` are left out of all."""
    return all(each.startswith("!") for each in chosen)


def _listed(words: Sequence[str], *flags: str) -> tuple[str, ...]:
    """The values of an option that takes several, with commas or blanks between them."""
    found, wanted = list[str](), False
    for word in words:
        flag, told, value = word.partition("=")
        if word.startswith("-"):
            wanted = flag in flags
        said = word if not word.startswith("-") else value if told else ""
        found += (each for each in said.split(",") if each and wanted)
    return tuple(found)
