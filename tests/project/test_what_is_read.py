"""What a command reads behind redirections, of files, and of what is piped into it."""

import pytest

from migcheck.scripts.calls import FileCall
from migcheck.scripts.script import Script
from migcheck.scripts.shell.parsed import read_shell
from tests.support.growth import LINEAR, growth

PUSH = "npx drizzle-kit push"


def lines_of(text: str) -> list[int]:
    """The lines of its pushes."""
    return [each.line for each in read_shell(text) if str(each) == PUSH]


def files_of(text: str) -> list[str]:
    """The files that its commands run."""
    script = Script("x.sh", "", 1, text, ".")
    calls = (call for command in script.commands for call in script.calls(command))
    return [each.path for each in calls if isinstance(each, FileCall)]


@pytest.mark.parametrize(
    "text",
    [
        "ssh host > log 2>&1 <<'E'\n{}\nE",
        "ssh host >> log <<E\n{}\nE",
        "bash 2>&1 <<E\n{}\nE",
        "bash </dev/stdin <<'E'\n{}\nE",
        "m && bash > log <<E\n{}\nE",
        "cat x | bash > log <<E\n{}\nE",
        "if ! bash >l <<E; then m; fi\n{}\nE",
        "x=$(bash 2>&1 <<E\n{}\nE\n)",
        "bash 0<<E\n{}\nE",
        "bash <<E\n{}",
        "bash <<E\n{}\n E",
        "x=$((1<<2)); bash <<E\n{}\nE",
        "echo $((1 << 2))\n{}\n2",
        "(( x = 1 << E ))\n{}\nE",
        "cat <<E\n$({})\nE",
        "cat > x <<E\n$({})\nE",
        "{{ cat <<E\n{}\nE\n}} | bash",
        "cat 2>/dev/null <<E | bash 2>&1 | tee log\n{}\nE",
        "bash <<< '\n{}'",
        "bash > log <<< '\n{}'",
    ],
)
def test_a_shell_reads_what_it_is_given(text: str) -> None:
    assert lines_of(text.format(PUSH)) == [2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("cat <<E \\\n | bash\n{}\nE", 3),
        ("echo '{}' | bash", 1),
        ("printf '%s\\n' '{}' | bash -e", 1),
        ("m\necho -e 'a\\n{}' | ssh host", 2),
        ("(echo set -e; echo '{}') | bash", 1),
        ("echo '{}' | bash 2>&1 | tee log", 1),
    ],
)
def test_a_shell_reads_what_is_piped_into_it(text: str, line: int) -> None:
    assert lines_of(text.format(PUSH)) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "cat > x <<E | bash\n{}\nE",
        "echo '{}' > x | bash",
        "echo '{}' | tee x",
        "echo '{}' | bash x.sh",
        "echo '{}' | bash < x.sh",
        "(m; echo '{}') | bash",
        "bash 3<<E\n{}\nE",
        "cat <<'E'\n$({})\nE",
        "cat <<E\n\\$({})\nE",
        "cat <<E\n{}",
        "m <<E\n{}\nE",
    ],
)
def test_what_is_read_elsewhere_is_not_run(text: str) -> None:
    assert lines_of(text.format(PUSH)) == []


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("psql $U < a.sql", ["a.sql"]),
        ("psql $U < a.sql > log", ["a.sql"]),
        ("cat a.sql b/c.sql | psql $U", ["a.sql", "b/c.sql"]),
        ("ssh host 'psql $U' < a.sql", ["a.sql"]),
        ("bash < a.sh", ["a.sh"]),
        ("bash -s a < x.sh", ["x.sh"]),
        ("ssh host 'bash -s' < x.sh", ["x.sh"]),
        ("cat x.sh | ssh host", ["x.sh"]),
        ("psql -c 'select 1' < a.sql", []),
        ("grep a | psql $U", []),
        ("cat a.sql | grep b | psql $U", []),
        ("m <&3", []),
    ],
)
def test_files_that_are_read(text: str, files: list[str]) -> None:
    assert files_of(text) == files


def test_a_file_that_a_shell_reads_has_its_arguments() -> None:
    assert [each.words for each in read_shell("bash -s -- a b < x.sh")][1:] == [("sh", "x.sh", "a", "b")]


def test_a_text_that_is_read_says_where_it_begins() -> None:
    (psql,) = read_shell("psql > x <<E\na\nE", 10)
    assert (psql.stdin, psql.stdin_line) == ("a", 11)
    (_, psql) = read_shell("echo 'a' | psql")
    assert (psql.stdin, psql.stdin_line) == ("a", 0)


@pytest.mark.parametrize("line", ["bash > x <<E\nE\n", "echo a | bash\n", "bash <<E\n"])
def test_what_is_read_costs_in_proportion_to_the_script(line: str) -> None:
    assert growth(lambda size: read_shell(line * size + "m"), 300) < LINEAR
