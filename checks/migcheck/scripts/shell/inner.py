"""Scripts that a command is given: as an argument (`sh -c "…"`, `ssh host "…"`, `concurrently "…" "…"`), or to read."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.options import plain
from migcheck.scripts.shell.programs import INERT, SHELLS

_TAKES_SCRIPT = regex(r"-[A-Za-z]*c[A-Za-z]*", re.ASCII)
_SEVERAL = "concurrently"
_HANDED_ON = frozenset({"-c", "-C", "--command"})
_READERS = ("sh", "su", "psql", "cat")
_READING = regex(r"-[A-Za-z]*s[A-Za-z]*")
_LAST_OPTION = frozenset({"-", "--"})
_INPUT = "/dev/stdin"
_VALUED_OF_SHELLS = frozenset({"--rcfile", "--init-file"})
_OPTIONS_OF_SSH = regex(r"^\$(?:\{\w+\[@\]\}$|\{?\w*(?:OPT|ARG|FLAG)\w*\}?$)", re.ASCII | re.IGNORECASE)
_AROUND_SSH = frozenset({"ssh", "sshpass", "sudo", "timeout", "env", "exec", "command", "time", "nohup", "retry"})
_VALUED_OF_SSH = regex(r"-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOopQRSWw]", re.ASCII)


class InnerScript(Struct, frozen=True):
    """A script and what the shell that runs it is told."""

    text: str
    options: ShellOptions = ShellOptions()


def inner_scripts(words: Sequence[str]) -> Iterator[InnerScript]:
    """The scripts among the arguments of a command."""
    program = basename(words[0])
    if program in INERT:
        return
    if program == "eval":
        yield InnerScript(" ".join(words[1:]))
    elif _SEVERAL in words:
        given = words[words.index(_SEVERAL) + 1 :]
        yield from (InnerScript(_of_concurrently(each)) for each in given if " " in each or each.startswith("npm:"))
    elif (remote := run_elsewhere(words)) is not None and any(" " in each for each in remote):
        yield InnerScript(" ".join(remote))
    else:
        yield from _handed_on(words)


def _handed_on(words: Sequence[str]) -> Iterator[InnerScript]:
    for at, word in enumerate(words):
        told, behind = _of_shell(words[at + 1 :]) if basename(word) in SHELLS else ((), ())
        if behind and any(map(_TAKES_SCRIPT.fullmatch, told)):
            yield InnerScript(behind[0], ShellOptions().told(" ".join(told)))
            return
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        flag, told, value = word.partition("=")
        text = value if told else after
        if flag in _HANDED_ON and " " in text:
            yield InnerScript(text)
            return


def _of_concurrently(word: str) -> str:
    return f"npm run {word.removeprefix('npm:')}" if word.startswith("npm:") else word


def run_elsewhere(words: Sequence[str]) -> Sequence[str] | None:
    """The words that ssh has run on another machine, none where it begins a shell there; None where there is no ssh."""
    # `fly ssh console`, `gcloud compute ssh` and the like are other programs.
    if basename(words[0]) not in _AROUND_SSH:
        return None
    at = next((number for number, word in enumerate(words) if basename(word) == "ssh"), None)
    if at is None:
        return None
    behind = words[at + 1 :]
    skip = False
    for number, word in enumerate(behind):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = _VALUED_OF_SSH.fullmatch(word) is not None
        elif _OPTIONS_OF_SSH.search(word) is None:
            return behind[number + 1 :]
    return None


def may_read(words: Sequence[str]) -> bool:
    """Whether it is of interest what the command `words` reads: a glance."""
    return any(each in word for word in words for each in _READERS)


def arguments_read(words: Sequence[str]) -> Sequence[str]:
    """What the script that a shell reads gets as its arguments: `a` of `bash -s a`."""
    at = next((number for number, word in enumerate(words) if _READING.fullmatch(word)), len(words))
    behind = words[at + 1 :]
    return behind[1:] if behind[:1] == ("--",) else behind


def reads_script(words: Sequence[str]) -> ShellOptions | None:
    """What the shell is told that runs what the command `words` reads; None where that is no script to it."""
    if basename(words[0]) in INERT:
        return None
    remote = run_elsewhere(words)
    if remote is not None:
        return reads_script(remote) if remote else ShellOptions()
    at = next((number for number in reversed(range(len(words))) if basename(words[number]) in (*SHELLS, "su")), None)
    if at is None:
        return None
    behind = words[at + 1 :]
    if basename(words[at]) == "su":
        return ShellOptions() if "-c" not in behind and len(plain(behind)) <= 1 else None
    told, arguments = _of_shell(behind)
    # Where no option says so, it reads its script only if no file is named to it.
    reads = any(map(_READING.fullmatch, told)) or not arguments or arguments[0] == _INPUT
    return ShellOptions().told(" ".join(told)) if reads and not any(map(_TAKES_SCRIPT.fullmatch, told)) else None


def told_to_shell(words: Sequence[str], file: str) -> ShellOptions:
    """What a shell is told by the `words` behind its name, to whatever it hands `file`: nothing is told to another."""
    told, arguments = _of_shell(words)
    runs_it = next(iter(arguments), None) == file and not any(map(_TAKES_SCRIPT.fullmatch, told))
    return ShellOptions().told(" ".join(told)) if runs_it else ShellOptions()


def _of_shell(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The words behind a shell's name that are options, each with its value, and those behind them."""
    at = 0
    while at < len(words) and words[at][:1] in ("-", "+"):
        if words[at] in _LAST_OPTION:
            return words[:at], words[at + 1 :]
        at += 1 + (words[at] in _VALUED_OF_SHELLS or (words[at][1:2] != "-" and words[at][-1] in "oO"))
    return words[:at], words[at:]
