"""Files that commands name to a tool: found by a glance at the text."""

import pytest

from migcheck.scripts.named_files import Named, named_to_tools
from tests.support.growth import LINEAR, growth

BEGUN = ("COMPOSE_FILE=a\\ b.yml", "COMPOSE_FILE: a.yml,b.yml", "COMPOSE_FILE='a.yml'$X")


@pytest.mark.parametrize(
    ("text", "tool", "path"),
    [
        ("make -f build/rules push", "make", "build/rules"),
        ("\t$(MAKE) -C x --file=rules", "make", "rules"),
        ("run: docker compose -f './deploy/stack.yml' up", "compose", "deploy/stack.yml"),
        ('"x": "docker-compose --file \\"stack.yml\\" up"', "compose", "stack.yml"),
        ("just --justfile ../tasks push", "just", "tasks"),
        ("task -t db/tasks.yml push", "task", "db/tasks.yml"),
        ("env: {COMPOSE_FILE: x.yml, X: y}", "compose", "x.yml"),
        ('["-e", "COMPOSE_FILE=x.yml","y"]', "compose", "x.yml"),
        ("task --taskfile=db/tasks.yml push", "task", "db/tasks.yml"),
    ],
)
def test_what_is_named_is_found_without_what_leads_up(text: str, tool: str, path: str) -> None:
    assert Named(tool, path) in named_to_tools({"x": text.encode()})


@pytest.mark.parametrize("text", ["rm -f x", "make x\nrm -f y", "make all", "make -f $X", "maker -f x", *BEGUN])
def test_what_is_named_to_no_tool_is_not(text: str) -> None:
    assert named_to_tools({"x": text.encode()}) == frozenset()


def test_a_name_may_stand_in_any_directory() -> None:
    files = dict.fromkeys(("rules", "a/rules", "a/brules", "rules/x"), b"")
    assert list(Named("make", "rules").places(files)) == [("rules", "."), ("a/rules", "a")]


@pytest.mark.parametrize("part", [b"make ", b"make -f ", b"task -t a\n", b"-f ", b"compose\t"])
def test_a_text_that_is_made_to_hurt_takes_no_longer_than_its_size(part: bytes) -> None:
    assert growth(lambda size: named_to_tools({"x": part * size}), 1_000) < LINEAR


def test_no_more_is_named_than_a_person_would() -> None:
    text = "".join(f"make -f x{number}\n" for number in range(5_000))
    assert len(named_to_tools({"x": text.encode()})) == 100
