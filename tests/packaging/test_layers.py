"""Imports run one way (docs/design.md "Layout"), rules do no I/O, and nothing grows past what one head holds."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "checks" / "migcheck"
MODULES = sorted(PACKAGE.rglob("*.py"))
RULES = sorted((PACKAGE / "rules").rglob("*.py"))
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef

# What came of a deploy: words alone, as the verdict is, for whoever reports it.
OUTCOME = "deploy.outcome"
# From the top down: a module may import its own layer and those below it.
LAYERS = (
    {"__main__", "cli", "commands", "exits"},
    {
        "verify",
        "stopwatch",
        "settle",
        "gather",
        "no_rehearsal",
        "waiving",
        "project",
        "deploy",
    },
    {
        "facts",
        "rules",
        "report",
        "catalogue",
        "catalogue_sql",
        "verdict",
        "waiver",
        "debt",
        "clearance",
        "evidence",
        OUTCOME,
    },
    {"postgres", "sources"},
    {"scripts", "drizzle"},
    {"typescript"},
    {
        "finding",
        "errors",
        "rule",
        "config",
        "route",
        "waiver_text",
        "redact",
        "regex",
        "odd_names",
        "paths",
        "signals",
        "sql_names",
        "wording",
        "__init__",
    },
)
# Of `facts`, the modules that hold facts: what gathers them is in others, which a test below sees to.
RULES_MAY_IMPORT = {
    "rules",
    "drizzle",
    "scripts",
    "sources",
    "typescript",
    "finding",
    "rule",
    "facts",
    "waiver",
    "wording",
    "paths",
    "regex",
    "sql_names",
}
DOES_IO = {
    "psycopg",
    "git",
    "docker",
    "testcontainers",
    "subprocess",
    "socket",
    "os",
    "pathlib",
    "shutil",
    "tempfile",
    "io",
}
# docs/design.md "Layout": who does I/O, and who has the process's own things alone.
IO = {"facts", "postgres", "deploy"}
REACHES_OUT = DOES_IO - {"os", "pathlib", "shutil", "io"}
OF_THE_PROCESS = {"commands", "exits", "project"}
OTHERS_OF_THE_PROCESS = {PACKAGE / each for each in ("gather/gates.py", "gather/rehearsal.py", "report/emit.py")}


def layer(name: str) -> int:
    """The number of the layer that the top-level piece `name` belongs to: a new piece has to be given one above."""
    return next(number for number, names in enumerate(LAYERS) if name in names)


def piece(path: Path) -> str:
    """The top-level piece of the package that a module belongs to: `rules`, `drizzle`, `cli`."""
    return of_name(".".join(("migcheck", *path.relative_to(PACKAGE).with_suffix("").parts)))


def of_name(name: str) -> str:
    """The same, of a module's full name."""
    inner = name.removeprefix("migcheck.")
    return OUTCOME if f"{inner}.".startswith(f"{OUTCOME}.") else inner.split(".")[0]


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Every module that `path` imports, at its top or deferred in a function, by its full name."""
    return tuple(_names(ast.walk(parsed(path))))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file; each is looked at by many tests."""
    return ast.parse(path.read_text("utf-8"))


def own(names: Iterable[str]) -> set[str]:
    """The top-level pieces of migcheck among `names`."""
    return {of_name(name) for name in names if name.startswith("migcheck.") and name != "migcheck.__version__"}


def told(path: Path, what: Iterable[str]) -> set[str]:
    """What is wrong with a module, each with its place."""
    return {f"{path.relative_to(PACKAGE)}: {each}" for each in what}


def test_imports_run_one_way() -> None:
    wrong = set[str]()
    for path in MODULES:
        wrong |= told(path, (name for name in own(imported(path)) if layer(name) < layer(piece(path))))
    assert wrong == set()


def test_io_is_where_the_design_has_it() -> None:
    wrong = set[str]()
    for path in (each for each in MODULES if piece(each) not in IO):
        processes = piece(path) in OF_THE_PROCESS or path in OTHERS_OF_THE_PROCESS
        barred = REACHES_OUT if processes else REACHES_OUT | {"os", "pathlib", "shutil"}
        wrong |= told(path, {name.split(".")[0] for name in imported(path)} & barred)
    assert wrong == set()


def test_a_rule_is_pure() -> None:
    wrong = set[str]()
    for path in RULES:
        names = imported(path)
        wrong |= told(path, {name.split(".")[0] for name in names} & DOES_IO)
        wrong |= told(path, own(names) - RULES_MAY_IMPORT)
    assert wrong == set()


def reached(path: Path) -> set[Path]:
    """Every module of migcheck that loading `path` loads, by way of others too."""
    found, left = set[Path](), [path]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += [each for name in loaded(one) for each in places_of(name)]
    return found


@cache
def loaded(path: Path) -> tuple[str, ...]:
    """What `path` imports when it is loaded: not for the type checker alone, and not later in a function."""
    return tuple(_names(parsed(path).body))


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from (f"{module}.{each.name}" for each in names)
            case _:
                pass


def places_of(name: str) -> Iterator[Path]:
    """The file of the module that `name` is or is in."""
    inner = name.removeprefix("migcheck.").split(".") if name.startswith("migcheck.") else []
    for depth in (len(inner), len(inner) - 1):
        place = PACKAGE.joinpath(*inner[:depth]) if depth > 0 else None
        if place and place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")
        elif place and (place / "__init__.py").is_file():
            yield place / "__init__.py"


def test_loading_a_rule_loads_nothing_that_does_io() -> None:
    wrong = set[str]()
    for path in set[Path]().union(*map(reached, RULES)):
        wrong |= told(path, (name for name in loaded(path) if name.split(".")[0] in DOES_IO))
    assert wrong == set()


def test_the_command_line_loads_no_gate_before_it_knows_what_is_asked() -> None:
    """A hook that has nothing to judge, and `--version`, wait for none."""
    assert PACKAGE / "verdict.py" not in reached(PACKAGE / "cli.py")


def test_the_import_root_is_never_imported() -> None:
    python = [path for folder in ("checks", "tests", "docs", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    # One to a line, as ruff has it. To parse all of them takes seconds.
    taken = re.compile(r"^\s*(?:from|import) checks\b", re.MULTILINE)
    assert [path for path in python if taken.search(path.read_text("utf-8"))] == []


def test_files_and_functions_stay_small() -> None:
    wrong = set[str]()
    for path in MODULES:
        if (lines := len(path.read_text("utf-8").splitlines())) > 300:
            wrong |= told(path, [f"{lines} lines"])
        functions = (each for each in ast.walk(parsed(path)) if isinstance(each, FUNCTION))
        wrong |= told(path, (each.name for each in functions if (each.end_lineno or each.lineno) - each.lineno >= 60))
    assert wrong == set()
