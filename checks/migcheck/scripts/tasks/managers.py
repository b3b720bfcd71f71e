"""Which scripts of which packages a command line asks npm, pnpm, yarn, bun, turbo and the like to run, and where."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from posixpath import basename

from msgspec import Struct
from msgspec.structs import replace

from migcheck.scripts.shell.options import options_of, plain, plain_places
from migcheck.scripts.shell.programs import INSTALL_TESTS, VALUED, VALUED_OF

_OF_NPM = frozenset({"start", "stop", "restart", "test"})
_EXECUTE = frozenset({"exec", "dlx", "x", "execute"})
_VERBS = _EXECUTE | {"run", "run-script", "workspace", "workspaces", "foreach"}
_NPM = frozenset({"npm", "npx"})
_RUN_BINARIES = _NPM | {"pnpm", "pnpx", "yarn", "bun", "bunx"}
WORKSPACE_ROOT = "/"
"""A filter, so to say: the package at the root of the workspace."""
_AT_ROOT = frozenset({"-w", "--workspace-root"})
_VALUED_OF_RUN_ALL = frozenset({"max-parallel", "npm-path"})
_TELLS_OF_TURBO = frozenset({"dry", "dry-run", "graph"})
_VALUED_OF_DENO = VALUED | {"config"}
_VALUED_OF_NX = VALUED | {"configuration"}
_TELLS_OF_NX = frozenset({"graph", "help", "version"})


class ScriptCall(Struct, frozen=True):
    """Scripts of packages. `names` may be globs; `directory` is where to begin, from where the command runs.

    `packages` are the filters that choose packages, by name or path; empty: the package at hand. `every`: each package
    that has such a script. `hooks`: what is called `pre…` and `post…` is run as well. `deno`: tasks of a
    deno.json count, too. `turbo`: what a turbo.json has go before them is run as well. `nx`: targets of a project.json
    count, too. `arguments` are put behind them.
    """

    names: tuple[str, ...]
    directory: str = "."
    packages: tuple[str, ...] = ()
    every: bool = False
    hooks: bool = True
    deno: bool = False
    turbo: bool = False
    nx: bool = False
    arguments: tuple[str, ...] = ()


class RunIn(Struct, frozen=True):
    """Where a binary is run; the fields are as those of ScriptCall. Nothing is chosen: where the command runs."""

    directory: str = "."
    packages: tuple[str, ...] = ()
    every: bool = False


def place_of(words: Sequence[str]) -> RunIn:
    """Where the package manager among `words`, if there is one, runs the binary that it is told to run."""
    for at, word in enumerate(words):
        manager = basename(word).partition("@")[0]
        if manager in _RUN_BINARIES:
            return _place(manager, words[at + 1 :])
    return RunIn()


def _place(manager: str, words: Sequence[str]) -> RunIn:
    valued = VALUED_OF.get(manager, VALUED)
    own = _leading(words, valued)
    if manager == "pnpm" and not _AT_ROOT.isdisjoint(own):
        return RunIn(packages=(WORKSPACE_ROOT,))
    match plain(own, valued):
        case ("workspace", package, *_):
            return RunIn(packages=(package,))
        case ("workspaces", *_):
            return RunIn(every=True)
        case _:
            call = _chosen((), own)
            # Unlike a script, what `npm --prefix DIR exec` runs begins where npm does.
            return RunIn("." if manager in _NPM else call.directory, call.packages, call.every)


def _leading(words: Sequence[str], valued: Container[str] = VALUED) -> Sequence[str]:
    """The words of a package manager that are its own: those before the program or the script that it is to run."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word.lstrip("-") in valued
        elif word not in _VERBS:
            return words[:at]
        else:
            skip = word == "workspace"
    return words


def script_calls(words: Sequence[str]) -> Iterator[ScriptCall]:
    """The scripts that the command `words` asks for, whatever it is wrapped in."""
    for at, word in enumerate(words):
        reader = _READERS.get(basename(word).partition("@")[0])
        if reader is not None:
            yield from reader(words[at + 1 :])
            return


def _of_npm(words: Sequence[str]) -> Iterator[ScriptCall]:
    places = tuple(plain_places(words, VALUED_OF["npm"]))
    match [words[at] for at in places]:
        case ("run" | "run-script", name, *_):
            yield _by_npm(name, words, places[1])
        case (verb, *_) if verb in _EXECUTE:
            yield from script_calls(words[places[0] + 1 :])
        case (name, *_) if name in _OF_NPM:
            yield _by_npm(name, words, places[0])
        case (name, *_) if name in INSTALL_TESTS["npm"]:
            yield _by_npm("test", words, len(words))
        case _:
            pass


def _by_npm(name: str, words: Sequence[str], at: int) -> ScriptCall:
    # Options before `--` are npm's own; what else stands behind the name, `at`, is the script's, as all is behind it.
    own, past = _parted(words[at + 1 :])
    given = words[at + 1 :] if "--" in words[:at] else (*plain(own, VALUED_OF["npm"]), *past)
    return replace(_chosen((name,), words), arguments=tuple(given))


def _of_pnpm(words: Sequence[str]) -> Iterator[ScriptCall]:
    """Where yarn and bun would take a workspace's name, pnpm's `-w` is a flag: the root's package."""
    own = _leading(words, VALUED_OF["pnpm"])
    at_root = not _AT_ROOT.isdisjoint(own)
    behind = words[len(own) :]
    if behind and behind[0] in INSTALL_TESTS["pnpm"]:
        behind = ("test", *behind[1:])
    rest = (*(each for each in own if each not in _AT_ROOT), *behind)
    call, executed = _asked(rest, VALUED_OF["pnpm"])
    if call is not None:
        # It hands `--` on as well, and behind that no program finds a command.
        given = _parted(call.arguments)[0]
        yield replace(call, packages=(WORKSPACE_ROOT,) if at_root else call.packages, arguments=given)
    for each in script_calls(executed):
        chosen = each.packages or each.every or each.nx
        yield replace(each, packages=(WORKSPACE_ROOT,)) if at_root and not chosen else each


def _of_others(words: Sequence[str], valued: Container[str]) -> Iterator[ScriptCall]:
    call, executed = _asked(words, valued)
    if call is not None:
        # The first yarn takes a `--` before what it hands on away.
        yield replace(call, arguments=call.arguments[call.arguments[:1] == ("--",) :])
    yield from script_calls(executed)


def _asked(words: Sequence[str], valued: Container[str]) -> tuple[ScriptCall | None, Sequence[str]]:
    """The script that is asked for, with all that stands behind it, and the command that is or may be run instead."""
    places = tuple(plain_places(words, valued))
    match [words[at] for at in places]:
        case ("workspace", package, verb, *more):
            at = places[3 if verb == "run" and more else 2]
            return ScriptCall((words[at],), packages=(package,), arguments=tuple(words[at + 1 :])), ()
        case ("workspaces", *_, name):
            return ScriptCall((name,), every=True), ()
        case ("run", name, *_):
            return replace(_chosen((name,), words), arguments=tuple(words[places[1] + 1 :])), ()
        case (verb, *_) if verb in _EXECUTE:
            return None, words[places[0] + 1 :]
        case ("run",) | ():
            return None, ()
        case _:
            name, *behind = words[places[0] :]
            return replace(_chosen((name,), words), arguments=tuple(behind)), (name, *behind)


def _of_node(words: Sequence[str]) -> Iterator[ScriptCall]:
    """`node --run s`: of the package at hand, without what npm runs before and after it (nodejs.org "CLI", `--run`)."""
    own = _leading(words)
    told = next((each.partition("=")[2] for each in own if each.startswith("--run=")), "")
    name = next(iter(words[len(own) :]), "") if "--run" in own else told
    if name:
        yield ScriptCall((name,), hooks=False, arguments=_parted(words)[1])
    else:
        yield from script_calls(words)


def _of_deno(words: Sequence[str]) -> Iterator[ScriptCall]:
    """`deno task s` runs the scripts of package.json as well (docs.deno.com "deno task")."""
    places = tuple(plain_places(words, _VALUED_OF_DENO))
    match [words[at] for at in places]:
        case ("task", name, *_):
            given, _ = _parted(words[places[1] + 1 :])
            yield replace(_chosen((name,), words), deno=True, arguments=given)
        case _:
            yield from script_calls(words)


def _of_turbo(words: Sequence[str]) -> Iterator[ScriptCall]:
    """turborepo.dev "run": `--only` leaves out what goes before a task; `--dry` and `--graph` only tell of tasks."""
    own, past = _parted(words)
    options = options_of(own)
    if _TELLS_OF_TURBO.isdisjoint(options):
        names = tuple(each for each in plain(own, VALUED) if each != "run")
        call = _chosen(names, own)
        yield replace(call, every=not call.packages, turbo="only" not in options, arguments=past)


def _of_nx(words: Sequence[str]) -> Iterator[ScriptCall]:
    """nx.dev "Nx Commands": of `project:target:configuration` the target may have colons, and a configuration none."""
    own, _ = _parted(words)
    if not _TELLS_OF_NX.isdisjoint(options_of(own)):
        return
    match plain(own, _VALUED_OF_NX):
        case ("run", task, *_) if ":" in task:
            project, _, name = task.partition(":")
            for each in dict.fromkeys((name, name.rpartition(":")[0] or name)):
                yield ScriptCall((each,), packages=(project,), hooks=False, nx=True)
        case ("run-many" | "affected" as verb, *_):
            names = _listed(own, "-t", "--target", "--targets")
            chosen = _listed(own, "-p", "--projects") if verb == "run-many" else ()
            chosen += tuple(f"!{each}" for each in _listed(own, "--exclude"))
            yield ScriptCall(names, packages=chosen, every=not chosen, hooks=False, nx=True)
        case (name, project):
            yield ScriptCall((name,), packages=(project,), hooks=False, nx=True)
        case _:
            pass


def _listed(words: Sequence[str], *flags: str) -> tuple[str, ...]:
    """The values of an option that takes several, with commas or blanks between them."""
    found, wanted = list[str](), False
    for word in words:
        flag, _, value = word.partition("=")
        wanted = flag in flags if word.startswith("-") else wanted
        said = value if word.startswith("-") else word
        found += (each for each in said.split(",") if each and wanted)
    return tuple(found)


def _of_run_all(words: Sequence[str]) -> Iterator[ScriptCall]:
    """A task is a script's name, with arguments behind it where it is quoted; what stands behind `--` fills these."""
    own, _ = _parted(words)
    tasks = [each.split() for each in plain(own, _VALUED_OF_RUN_ALL)]
    yield ScriptCall(tuple(each[0] for each in tasks if len(each) == 1))
    yield from (_by_npm(each[0], each, 0) for each in tasks if len(each) > 1)


def _chosen(names: tuple[str, ...], words: Sequence[str]) -> ScriptCall:
    """`names` in the packages that the options among `words` choose."""
    own, _ = _parted(words)
    options = options_of(own)
    chosen = tuple(value for flag in ("F", "filter", "w", "workspace") for value in _all(flag, own))
    directory = next((options[flag] for flag in ("C", "dir", "prefix", "cwd") if options.get(flag)), ".")
    every = not {"r", "recursive", "ws", "workspaces"}.isdisjoint(options)
    return ScriptCall(names, directory, chosen, every=every and not chosen)


def _parted(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before the first `--`, and behind it."""
    at = words.index("--") if "--" in words else len(words)
    return tuple(words[:at]), tuple(words[at + 1 :])


def _all(flag: str, words: Sequence[str]) -> Iterator[str]:
    """Every value of an option that may be given more than once."""
    dashed = f"-{flag}" if len(flag) == 1 else f"--{flag}"
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        if word == dashed and not after.startswith("-"):
            yield after
        elif word.startswith(f"{dashed}="):
            yield word.partition("=")[2]


_READERS: Mapping[str, Callable[[Sequence[str]], Iterator[ScriptCall]]] = {
    "npm": _of_npm,
    "pnpm": _of_pnpm,
    "yarn": partial(_of_others, valued=VALUED_OF["yarn"]),
    "bun": partial(_of_others, valued=VALUED_OF["bun"]),
    "node": _of_node,
    "deno": _of_deno,
    "npx": script_calls,
    "pnpx": script_calls,
    "bunx": script_calls,
    "turbo": _of_turbo,
    "nx": _of_nx,
    "run-s": _of_run_all,
    "run-p": _of_run_all,
    "npm-run-all": _of_run_all,
    "npm-run-all2": _of_run_all,
}
