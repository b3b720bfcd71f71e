"""What package managers are told of the scripts of installs: on the way, by a file, and what of that is true.

Facts: npm 11, `@npmcli/config` (`loadEnv` passes over an empty variable, `parseField` takes an empty value of a file
for true) and nopt (`validateBoolean`: a number is what it counts; `false`, `null` and `undefined` are false, and any
other word is true); docs.npmjs.com "npm config" (`set K V`, `set K=V`, several at once; it writes what is the user's,
and the file of a project goes before that); pnpm.io "pnpm config"; classic.yarnpkg.com "yarn config"; bun.sh "npmrc".
Yarn 2 and later run the scripts of a project's own packages whatever `enableScripts` says (yarnpkg/berry#4780).
Tried with each variable in either case: npm 11, pnpm 10, yarn 1.22, bun 1.4. Of pnpm 11, pnpm/pnpm#11468.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from posixpath import basename

from migcheck.regex import regex
from migcheck.scripts.options import plain
from migcheck.scripts.programs import INERT, MANAGERS, VALUED

IGNORES = "ignore-scripts"
_NAMES = frozenset({IGNORES, "ignoreScripts"})
_FALSE = regex(r"false|null|undefined|[+-]?(?:0+(?:\.0*)?|\.0+)(?:e[+-]?\d+)?|0[xob]0+", re.ASCII)
_ONLY_RUNNING_TELLS = "$"
_SETTING = regex(rb"^[ \t]*+ignore-scripts[ \t]*+(?:=[ \t]*+(?P<value>[^\r\n;#]*+)[^\r\n]*)?\r?$", re.MULTILINE)
_VALUED = VALUED | {"location", "L"}
_READ_BY: Mapping[str, tuple[str, ...]] = {"npm": ("npm", "pnpm", "bun"), "pnpm": ("pnpm",), "yarn": ("yarn",)}
"""Who reads what each writes."""
_BY_NPM = "npm_config_ignore_scripts"
_VARIABLES: Mapping[str, frozenset[str]] = {
    "npm": frozenset({_BY_NPM}),
    "pnpm": frozenset({_BY_NPM, "pnpm_config_ignore_scripts"}),
    "bun": frozenset({_BY_NPM}),
    "yarn": frozenset({"yarn_ignore_scripts"}),
}
"""What each reads of the environment, in small letters. Yarn 2 and later stop at theirs, which they do not know."""
_EVERY = frozenset().union(*_VARIABLES.values())
_MODE, _SKIPS = "mode", "skip-build"
_OF_NPM = frozenset({"npm", "pnpm"})
"""They have `set` for `config set`."""


def is_true(value: str) -> bool:
    """Whether npm takes `value` for true; not where only running tells what it is."""
    return _ONLY_RUNNING_TELLS not in value and _FALSE.fullmatch(value.strip()) is None


def says_nothing_is_run(content: bytes) -> bool | None:
    """Whether a `.npmrc` has every install run no script; None where it says nothing of that."""
    found = [each["value"] for each in _SETTING.finditer(content)] if IGNORES.encode() in content else []
    return None if not found else is_true((found[-1] or b"").decode("utf-8", "replace").strip().strip("\"'"))


def tells_of_scripts(variable: str) -> bool:
    """Whether some manager takes the variable for whether it is to run scripts."""
    return variable.lower() in _EVERY


def told_by_environment(settings: Iterable[tuple[str, str]], manager: str) -> bool | None:
    """Whether variables tell `manager` to run no script; None where they say nothing of that. An empty one does not.

    Of two that differ in case alone, nobody knows which is read.
    """
    wanted = _VARIABLES.get(manager, frozenset())
    told = [value for name, value in dict(settings).items() if value and name.lower() in wanted]
    return all(map(is_true, told)) if told else None


def told_by(words: Sequence[str]) -> Iterator[tuple[str, bool | None]]:
    """Each manager that the command `words` tells to run no script from there on; None: that is taken back."""
    at = next((number for number, word in enumerate(words) if basename(word) in _READ_BY), None)
    if at is None or basename(words[0]) in INERT:
        return
    manager = basename(words[at])
    match plain(words[at + 1 :], _VALUED):
        case ("config" | "c", "set", *told):
            pass
        case ("set", *told) if manager in _OF_NPM:
            pass
        case ("config" | "c", "delete" | "del" | "rm", *names):
            told = [f"{each}=" for each in names]
        case _:
            return
    for name, value in _pairs(told):
        if name in _NAMES:
            yield from ((each, is_true(value) if value else None) for each in _READ_BY[manager])


def told_by_options(options: Mapping[str, str]) -> bool | None:
    """Whether the options of a command have it run no script: what is told last; None where nothing is."""
    told = None
    for name, value in options.items():
        if name == IGNORES or (name, value) == (_MODE, _SKIPS):
            told = value != "false"
        elif name == f"no-{IGNORES}":
            told = value == "false"
    return told


def joined(words: Sequence[str]) -> tuple[str, ...]:
    """`words`, with `--ignore-scripts false` as one: of no other word does nopt take the next one for its value."""
    flags = (f"--{IGNORES}", f"--no-{IGNORES}")
    found = list[str]()
    for before, word in pairwise(("", *words)):
        if before in flags and word in ("true", "false"):
            found[-1] = f"{before}={word}"
        else:
            found.append(word)
    return tuple(found)


def manager_of(word: str) -> str:
    """The package manager that `word` names, whatever its version; empty where it names none."""
    name = basename(word).partition("@")[0]
    return name if name in MANAGERS else ""


def _pairs(told: Sequence[str]) -> Iterator[tuple[str, str]]:
    left = list(told)
    while left:
        name, equals, value = left.pop(0).partition("=")
        yield name, value if equals else left.pop(0) if left else ""
