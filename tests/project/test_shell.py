"""Shell scripts: which commands there are, and how the script goes on where one of them fails."""

import pytest

from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.parsed import UnreadableScriptError, read_shell

STRICT = ShellOptions(errexit=True)


def going_on(text: str, options: ShellOptions = STRICT) -> dict[str, str]:
    """Each command that is told from the others by its words, with how the script goes on where it fails."""
    return {str(each): each.goes_on for each in read_shell(text, options=options)}


def test_words_are_what_the_program_gets() -> None:
    (command,) = read_shell("A=1 B='x y' npx \"drizzle-kit\" p\\ush --url=\"$URL\" --name='a b' 2>&1 # why", 7)
    assert (command.words, command.line) == (("npx", "drizzle-kit", "push", "--url=$URL", "--name=a b"), 7)
    assert command.settings == (("A", "1"), ("B", "x y"))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("A=1 m", {"A": "1"}),
        ("export A=1\nm", {"A": "1"}),
        ("export A=1 B='2 3'; n && m", {"A": "1", "B": "2 3"}),
        ("A=1\nexport A B\nm", {"A": "1"}),
        ("declare -x A=1; m", {"A": "1"}),
        ("export A=1; A=2; m", {"A": "2"}),
        ("export A=1; A=2 m", {"A": "2"}),
        ("export A=1; A=2 B=3; m", {"A": "2"}),
        ("export A=1; sh -c 'm'", {"A": "1"}),
        ("A=1; m", {}),
        ("A=1 n; m", {}),
        ("(export A=1); m", {}),
        ("declare A=1; m", {}),
        ("if n; then export A=1; fi; m", {}),
        ("if n; then export A=1; else m; fi", {}),
    ],
)
def test_what_a_script_sets_is_handed_on(text: str, settings: dict[str, str]) -> None:
    assert {str(each): dict(each.settings) for each in read_shell(text)}["m"] == settings


@pytest.mark.parametrize("wrapper", ["env", "env -i", "cross-env", "npx cross-env", "B=2 /usr/bin/env"])
def test_a_program_sets_what_it_is_given(wrapper: str) -> None:
    (command,) = read_shell(f"{wrapper} A=1 m C=3")
    assert dict(command.settings) == {"A": "1", **({"B": "2"} if wrapper.startswith("B") else {})}


def test_a_script_that_sets_without_end_comes_to_an_end() -> None:
    found = read_shell("".join(f"export A{number}=1\nm\n" for number in range(2_000)))
    assert len(found[-1].settings) == 50


def test_a_line_is_that_of_the_file() -> None:
    text = "if true; then\n  one\nfi\nfor x in a; do\n  two\ndone\n"
    assert [(str(each), each.line) for each in read_shell(text, 10)] == [("true", 10), ("one", 11), ("two", 14)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cd db && m", "db"),
        ("cd db\ncd ../x\nm", "x"),
        ("(cd db && n); m", "."),
        ("cd $DB && m", None),
        ("cd /srv && m", None),
        ("sh -c 'cd db && m'", "db"),
        ("f() { cd db; }; m", "."),
        ("case $1 in a) cd db ;; b) m ;; esac", "."),
        ("case $1 in a) cd db ;; b) cd x ;; esac; m", None),
        ("case $1 in a) cd db ;; b) n ;; esac; m", None),
        ("case $1 in a) n ;; b) n ;; esac; m", "."),
    ],
)
def test_where_a_command_runs_is_followed(text: str, expected: str | None) -> None:
    assert {each.directory for each in read_shell(text) if each.words == ("m",)} == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "m",
        "m && n",
        "m\nn",
        "m || exit 1",
        "m || { echo failed; exit 1; }",
        "m || { exit 1; echo never; }",
        "m || n",
        "if ! m; then exit 1; fi\nn",
        "set +e\nm\nif [ $? -ne 0 ]; then exit 1; fi\nn",
        "for i in 1 2 3; do m && break; sleep 1; done",
        "for ((i=0;i<3;i++)); do m && break; done",
        "for i in 1 2; do m && break; sleep 1; done\nx || exit 1",
        "for i in 1 2; do m && break; sleep 1; done\n[ $i -lt 2 ] && x",
        "for i in 1 2; do m && break; sleep 1; done\nm && x",
        "for i in 1 2; do m && break; [ $i = 2 ] && exit 1; done\nx",
        "for i in 1 2; do m && done=1 && break; sleep 1; done\ntest $done",
        "die() { exit 1; }\nfor i in 1 2; do m && break; sleep 1; done\nis_up && x\ndie",
        "for i in 1 2; do m && break; sleep 1; done < list\nx",
        "for i in 1 2; do m && break; fix; done\nx",
        'for i in 1 2; do m && break; done; exec "$0"',
        "while [ $n ]; do m && break; sleep 1; done\nx",
        "until [ $n -ge 5 ]; do m && break; n=$((n+1)); done\n[ $n -lt 5 ] && x",
        "doppler run --command='n && m'",
        "set -o pipefail\nm | tee log\nn",
        "trap 'exit 1' ERR\nm\nn",
        "set +e\ncase $1 in a) m ;; b) n ;; esac",
        "set +e\ncase $1 in a | b) m ;; *) exec n ;; esac",
        "set +e\nf() { m; }\nf || exit 1\nn",
        "f() {\n  m\n  n\n}\nf",
        "f() { m || return 1; n; }\nf || exit 1",
        "f() {\n  m\n  n\n}\nf || exit 1\nf",
        "set +e\nf() { m; }\nf\nx=$?\nf\nn",
        "set +e\nf() { m; }\ng() { f; n; }\ng",
        "set +e\nf() { m; }\nf() { n; m; }\nf\nn",
        "f() { m; }\nif f; then n; fi",
        "set +e\nm | tee log; exit ${PIPESTATUS[0]}",
        "set +e\nm 2>&1 | tee log\ncode=${PIPESTATUS[0]}\nexit $code",
        "set +e\nm & wait $! || exit 1",
        "set +e\nm &\npid=$!\nn\nwait $pid || exit 1",
        "set +e\nm &\nwait -n\nn",
        "set +e\nif n; then\n  m\n  exit\nfi\nx",
        "set +e\nf() {\n  m\n  exit\n}\nf\nn",
        "set +e\nf() {\n  m\n  return\n}\nf || exit 1\nn",
        "set +e\n(n; m; exit) || exit 1\nx",
        "set +e\nm || rc=$?\nn\nexit ${rc:-0}",
        "set +e\nm || rc=$?\ncase $rc in '') ;; *) exit 1 ;; esac\nn",
        "set +e\nm || failed=$((failed + 1))\n(( failed > 0 )) && exit 1\nn",
        "set +e\nm || { echo failed; failed=1; }\nif [[ $failed == 1 ]]; then exit 1; fi\nn",
        'set +e\nuntil "$ok"; do\n  n\n  m && ok=true\ndone\nn',
        'set +e\nm && ok=yes\ntest -n "$ok" || exit 1\nn',
        "set +e\nm || failed=true\n! $failed || exit 1\nn",
        "set +e\nm || { echo failed; failed=1; }\nn",
        "set +e\nm || TAG=$(git describe)\nn",
        "set +e\nf() {\n  m\n  return\n}\nf\nn",
        "if ! m; then echo failed; fi\nn",
        "for i in 1 2; do\n  m && break\n  sleep 1\ndone\nn",
        "m || echo ok=false >> $GITHUB_OUTPUT",
        "m || echo '##vso[task.complete result=Failed;]'",
        "set +e\nlook() { return $failed; }\nm || export failed=1\nlook || exit 1\nn",
    ],
)
def test_a_failure_ends_the_script(text: str) -> None:
    assert going_on(text)["m"] == ""


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("m || true", "|| true"),
        ("m || :", "|| :"),
        ("m 2>&1 || echo failed", "|| echo failed"),
        ("m || exit 0", "|| exit 0"),
        ("m || (echo a && echo b)", "|| (echo a && echo b)"),
        ("m && n || true", "|| true"),
        ("m | tee log", "| tee log"),
        ("m &\nn", "&"),
        ("m && echo done\nn", "&&"),
        ("set +e\nm\nn", "no `set -e`"),
        ("set +e; m; n", "; n"),
        ("set +e\ncase $1 in a) m ;; esac\nn", "no `set -e`"),
        ("set +e\ncase $1 in a) m\nn ;; b) x ;; esac", "no `set -e`"),
        ("set +e\nf() { m; n; }\nf || exit 1", "; n"),
        ("m & wait", "&"),
        ("m & wait\nx=wait-$y", "&"),
    ],
)
def test_a_failure_is_passed_over(text: str, how: str) -> None:
    assert going_on(text)["m"] == how


def test_without_set_e_the_last_command_alone_decides() -> None:
    plain = ShellOptions()
    assert going_on("m; n", plain) == {"m": "; n", "n": ""}
    assert going_on("m && n", plain) == {"m": "", "n": ""}
    assert going_on("set -euo pipefail\nm | tee log\nn", plain)["m"] == ""


@pytest.mark.parametrize(
    ("first", "how"),
    [
        ("#!/bin/bash -e", ""),
        ("#!/bin/bash -eu", ""),
        ("#!/usr/bin/bash -u -e", ""),
        ("#!/usr/bin/env -S bash -e", ""),
        ("#! /bin/sh -xe", ""),
        ("#!/bin/bash -o errexit", ""),
        ("#!/bin/bash", "no `set -e`"),
        ("#!/bin/bash -x", "no `set -e`"),
        ("#!/home/me/refresh -e", "no `set -e`"),
    ],
)
def test_the_first_line_may_set_it(first: str, how: str) -> None:
    assert going_on(f"{first}\nm\nn", ShellOptions())["m"] == how


def test_who_runs_a_script_may_pass_over_its_failure() -> None:
    told = "continue-on-error: true"
    assert [each.goes_on for each in read_shell("n\nm", options=STRICT, fate=told)] == [told, told]


@pytest.mark.parametrize(
    "text",
    [
        "exit 1; m",
        "echo no && exit 1\nm",
        "exec n\nm",
        "sh -c 'exit 1; m'",
        "{ exit 0; }; m",
        "echo '\nm\n'",
        "cat <<E\nm\nE",
        "# m",
    ],
)
def test_what_is_never_run_is_left_out(text: str) -> None:
    assert ("m",) not in [each.words for each in read_shell(text)]


@pytest.mark.parametrize(
    "text",
    [
        '[ -n "$X" ] && exit 1; m',
        "(exit 1); m",
        "if a; then exit 1; fi; m",
        "f() { exit 1; }; m",
        "x=$(m)",
        "sh -c 'exit 1'; m",
        "exec > >(tee log) 2>&1\nm",
        "exec 3>&1; m",
        "case $1 in a) exit 1 ;; b) m ;; esac",
    ],
)
def test_what_may_be_run_is_there(text: str) -> None:
    assert ("m",) in [each.words for each in read_shell(text)]


@pytest.mark.parametrize(
    "text",
    [
        "bash -lc 'm'",
        "docker compose exec app sh -c 'n && m'",
        "eval m",
        "ssh host 'cd app && m'",
        "concurrently -k 'n x' ' m'",
        "fly ssh console -C 'm && n'",
        "sh -c \"bash -c 'm'\"",
    ],
)
def test_a_script_in_a_script_is_read(text: str) -> None:
    assert ("m",) in [each.words for each in read_shell(text)]


@pytest.mark.parametrize(
    ("shell", "first", "second"),
    [
        ("bash -c", "; n", "| tee log"),
        ("bash -euo pipefail -c", "", ""),
        ("bash --norc -e -o pipefail -c", "", ""),
        ("docker compose exec app bash -uo errexit -c", "", "| tee log"),
        ("env A=1 sh -ceu --", "", "| tee log"),
        ("bash +x --rcfile x -ec", "", "| tee log"),
    ],
)
def test_a_shell_is_told_by_its_options_how_it_runs_a_script(shell: str, first: str, second: str) -> None:
    assert [going_on(f"{shell} '{each}'", ShellOptions())["m"] for each in ("m; n", "m | tee log")] == [first, second]


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    with pytest.raises(UnreadableScriptError, match="larger than 256 KiB"):
        read_shell("m\n" * 200_000)
    with pytest.raises(UnreadableScriptError, match="nested too deeply"):
        read_shell("(" * 5_000 + "m" + ")" * 5_000)


@pytest.mark.parametrize("text", ["", "\0", "if then fi (", "${{ x }}", "\ud800", "&& || ;;"])
def test_what_is_no_shell_is_read_as_far_as_it_goes(text: str) -> None:
    assert all(each.words for each in read_shell(text))
