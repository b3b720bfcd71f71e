"""Variables come from the process, and from a `.env` file only where one is asked for."""

from pathlib import Path

import pytest

from migcheck.errors import UsageError
from migcheck.facts.configuration.environment import parse_env, read_environment


def test_a_dotenv_file_is_read_as_dotenv_reads_it() -> None:
    text = """
    # a comment
    export A=plain
    B = 'single # quoted'
    C="double\\r\\nline"   # behind
    D=bare value   # behind
    E=pass#word
    F=
    G=`tick`
    A=later
    """
    assert parse_env(text) == {
        "A": "later",
        "B": "single # quoted",
        "C": "double\r\nline",
        "D": "bare value",
        "E": "pass",
        "F": "",
        "G": "tick",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=postgres://app:p#w@h/d", "postgres://app:p"),
        ("A='p#w' # behind", "p#w"),
        ('A="p#w"#behind', "p#w"),
        (r'A="say \"hi\""', r"say \"hi\""),
        (r"A='it\'s'", r"it\'s"),
        ("A='it's'", "it's"),
        (r'A="a\nb\tc"', "a\nb\\tc"),
        (r"A='a\nb'", r"a\nb"),
        (r"A=a\nb", r"a\nb"),
        ("A='one\ntwo'", "one\ntwo"),
        (r"A='C:\dir\' # behind", "C:\\dir\\"),
        ('A="open # cut', '"open'),
        ('A="a" and "b"', 'a" and "b'),
        ('A="a" b', '"a" b'),
        ("A: colon", "colon"),
        ("A=  spaced  out  ", "spaced  out"),
        ("A=#", ""),
        ("export A=x", "x"),
        ("\ufeffA=x", "x"),
        ("X=1\rA=x\rY=2", "x"),
    ],
)
def test_each_form_has_the_value_that_dotenv_gives_it(text: str, value: str) -> None:
    assert parse_env(text)["A"] == value


def test_windows_line_ends_do_not_reach_the_value() -> None:
    assert parse_env("A=1\r\nB=2\r\n") == {"A": "1", "B": "2"}


def test_the_file_is_read_only_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://h/d")
    assert read_environment({}, None).get("DATABASE_URL") is None
    assert read_environment({}, tmp_path / ".env").get("DATABASE_URL") == "postgres://h/d"


def test_a_variable_with_two_values_names_no_database(tmp_path: Path) -> None:
    (tmp_path / "prod.env").write_text("DATABASE_URL=postgres://prod/d")
    environment = read_environment({"DATABASE_URL": "postgres://app:s3cr3t@dev/d"}, tmp_path / "prod.env")
    with pytest.raises(UsageError) as raised:
        environment.get("DATABASE_URL")
    assert "DATABASE_URL is set in the environment and has another value in" in raised.value.problem
    assert "s3cr3t" not in raised.value.problem + raised.value.remedy


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://h/d")
    assert read_environment({"DATABASE_URL": ""}, tmp_path / ".env").get("DATABASE_URL") == "postgres://h/d"


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file or directory"), (b"\xff\xfe", "is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / ".env").write_bytes(content)
    with pytest.raises(UsageError, match=problem):
        read_environment({}, tmp_path / ".env")
