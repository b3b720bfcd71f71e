"""Regular expressions are compiled when they are first asked: loading the command is half of an offline run."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import TypeGuard

import migcheck
import migcheck.regex as ours
from migcheck.regex import regex

CHECKS = Path(__file__).parents[2] / "checks"
_OF_RE = re.compile(r"\bre\s*\.")


def test_one_answers_as_the_compiled_one_does() -> None:
    word = regex(r"(?P<first>[a-z])\w*", re.IGNORECASE)
    found = word.fullmatch("Ab")
    assert found is not None
    assert (found["first"], word.findall("b, C"), word.sub("x", "a b"), word.flags) == (
        "A",
        ["b", "C"],
        "x x",
        re.compile("", re.IGNORECASE).flags,
    )
    assert regex(rb"\d").search(b"a1") is not None


def test_each_of_ours_can_be_compiled() -> None:
    """Nothing else would tell before one is asked."""
    kept = list(_kept())
    assert len(kept) > 300
    assert [each for each in kept if not isinstance(re.compile(each.pattern, each.flags), re.Pattern)] == []


def test_none_is_handed_to_re() -> None:
    """Whose functions refuse what only stands in for a pattern, which the types do not tell."""
    found = [
        f"{module.__name__}:{call.lineno}"
        for module in _modules()
        # To parse all of them takes a second, and few have such a call.
        if _OF_RE.search(source := Path(str(module.__file__)).read_text("utf-8"))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re.") and module is not ours
        if any(isinstance(each, ast.Name) and _is_kept(vars(module).get(each.id)) for each in call.args)
    ]
    assert found == []


def _kept() -> Iterator["re.Pattern[str] | re.Pattern[bytes]"]:
    for module in _modules():
        yield from _among(vars(module).values())


def _modules() -> Iterator[ModuleType]:
    named = (each.name for each in walk_packages(migcheck.__path__, "migcheck."))
    return (import_module(each) for each in named if not each.endswith("__main__"))


def _among(values: Iterable[object]) -> Iterator["re.Pattern[str] | re.Pattern[bytes]"]:
    for value in values:
        match value:
            case tuple() | list():
                yield from _among(value)
            case dict():
                yield from _among((*value, *value.values()))
            case _ if _is_kept(value):
                yield value


def _is_kept(value: object) -> "TypeGuard[re.Pattern[str] | re.Pattern[bytes]]":
    return type(value) is type(regex(""))


def test_loading_compiles_none() -> None:
    code = (
        "import re; compiled = []; ask = re._compile\n"
        "def told(pattern, flags):\n    compiled.append(pattern)\n    return ask(pattern, flags)\n"
        "import migcheck.regex; kept = migcheck.regex.re = type(re)('re'); kept.compile = told\n"
        "import migcheck.cli, migcheck.commands.verify; print(compiled)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKS)
    assert told.stdout == "[]\n"
