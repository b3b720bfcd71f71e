"""The plain command lines of a PowerShell script, in a shell's words: a program and its arguments, and nothing else.

Facts: learn.microsoft.com "about_Comments", "about_Quoting_Rules" (here-strings), "about_Operators" (`&` calls what it
names), "about_Environment_Variables", "about_Preference_Variables" ($PSNativeCommandUseErrorActionPreference: $false).
Lines keep their places. What PowerShell makes of a failure accuses nobody, save in a script or a step of CI that is
plain all through.
"""

import re
from collections.abc import Sequence
from posixpath import basename

from migcheck.regex import regex
from migcheck.scripts.script import Script
from migcheck.scripts.shell.bash import is_bash
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.fate import POWERSHELL

_LEFT_OUT = regex(r"<#.*?(?:#>|\Z)|@(?P<quote>[\"'])[ \t]*\n.*?(?:\n(?P=quote)@|\Z)", re.DOTALL)
_WORD = r"(?:[\w.@/:\\=,+*-]+|\"[^\"`$;]*\"|'[^';]*')"
_PLAIN = regex(rf"(?:&[ \t]+)?(?P<command>[\w.@/][\w.@/:\\-]*(?:[ \t]+{_WORD})*)[ \t]*(?:#.*)?")
_SETTING = regex(
    r"\$env:(?P<name>\w+)[ \t]*=[ \t]*(?P<value>\"[^\"`$]*\"|'[^']*')[ \t]*(?:#.*)?", re.ASCII | re.IGNORECASE
)
_PLACE = regex(r"(?:Set-Location|Push-Location|sl|chdir|pushd)[ \t]+(?:-(?:Literal)?Path[ \t]+)?", re.IGNORECASE)
# Blocks are not followed: what ends one of them does not end the script.
_ENDS_IT = r"(?:exit|return|throw|break|continue)\b"
_ENDS = regex(_ENDS_IT, re.IGNORECASE)
_LEAVES = regex(r"(?:exit|throw)(?![\w.-])", re.IGNORECASE)
_TRAPS = regex(r"\btrap\b", re.IGNORECASE)
_OPENS, _CLOSES = ("{", "(", "$("), ("}", ")")
_HEADS = regex(
    r"\s*(?:if|elseif|else|for|foreach|while|until|do|switch|try|catch|finally|function)(?![\w.-])", re.IGNORECASE
)
_QUOTED = r"'[^']*+(?:'|\Z)|\"(?:[^\"`]|`.)*+(?:\"|`?\Z)"
# What stands in brackets is cut out as a block is, save a variable of Azure. After `|` and `&` the next line goes on.
_PART = regex(
    rf"(?P<part>(?:{_QUOTED}|`.|\$\{{+[^{{}}\n]*+\}}+|\$\([\w.]++\)|[|&]\s*+|(?<=[^\s;{{}}()])#|[^;{{}}()\n'\"`#$|&]"
    r"|`|\$(?!\())*)(?:(?P<end>[;{}()]|\$\()|#[^\n]*+)?",
    re.DOTALL,
)
_SAYS = regex(rf"\s*Write-(?:{_QUOTED}|&(?!&)|[^'\"|&])*+", re.DOTALL | re.IGNORECASE)
# What a line says up to the next `;`: behind a quote that does not end, or a comment, there is none.
_STATEMENT = regex(r"(?P<said>(?:'[^']*'|\"(?:[^\"`]|`.)*\"|`.|(?<=\S)#|[^;'\"`#])*)(?P<end>;|['\"`#].*|$)")
_CMDLET = regex(r"[A-Za-z]+-[A-Z]\w*(?:[ \t]|$)")
OPTIONS = ShellOptions(errexit=True, pipefail=True)
"""With which nothing in such lines goes on after a failure."""
_HEEDLESS = ShellOptions(pipefail=True, heedless=POWERSHELL)
# Behind a cmdlet the exit code is still that of the program before it.
_PROGRAM = regex(r"(?:npx|npm|pnpm|yarn|bunx?|node|vercel|netlify|fly|flyctl|wrangler|railway|docker|kubectl|helm)\s")
ENDS_AT_FAILURE = b"PSNativeCommandUseErrorActionPreference"
"""What a script that calls another may set for that as well."""
POWERSHELLS = frozenset({"pwsh", "pwsh.exe", "powershell", "powershell.exe"})
_LONGEST = 2_000


def is_powershell(shell: str) -> bool:
    """Whether the command line `shell` is of PowerShell."""
    return basename(next(iter(shell.split()), "")) in POWERSHELLS


def read_powershell(path: str, content: bytes, *, strict: bool = False) -> Script:
    """The script at `path`. `strict`: whoever calls it may have told PowerShell to end where a program fails."""
    told = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    return Script(path, "", 1, "\n".join(map(in_line, _lines(told))), ".", OPTIONS if strict else step_options(told))


def in_step(text: str) -> str:
    """What a step of CI is told, as a shell would have it: what stands in blocks and brackets, and not their heads.

    What may run something and is no plain command stays so, where a shell can read it.
    """
    return _PART.sub(_in_step, "\n".join(_lines(text)))


def step_options(text: str) -> ShellOptions:
    """What becomes of such a step or script where a program fails: the next line is run, and the last code is its own.

    Only where each line is a plain command, which asks for nothing, and the last is surely a program.
    """
    said = [each for each in map(str.strip, _lines(text)) if each and not each.startswith("#")]
    told = [in_shell(each) for each in said if not _SAYS.fullmatch(each)]
    return _HEEDLESS if all(told) and _PROGRAM.match(f"{told[-1]} " if told else "") else OPTIONS


def _in_step(found: re.Match[str]) -> str:
    part, end = found["part"], ";" if found["end"] else ""
    says = None if "$(" in part else _SAYS.match(part)
    rest = part if says is None else part[says.end() :]
    # What ends a block would end a shell's script.
    if not rest.strip() or _ENDS.match(part.lstrip()) or _HEADS.match(part):
        return "\n" * part.count("\n")
    if plain := in_shell(part):
        return plain + end
    # A backtick is PowerShell's backslash.
    told = (rest if says is None else f":{rest}").replace("\\", "/").replace("`", "\\") + end
    return told if len(told) > _LONGEST or is_bash(told) else "\n" * part.count("\n")


def _lines(text: str) -> Sequence[str]:
    told = _LEFT_OUT.sub(lambda found: "\n" * found[0].count("\n"), text.replace("\r\n", "\n"))
    return told[: _end_of(told)].split("\n")


def _end_of(text: str) -> int:
    """Where a script surely ends: behind an `exit` or a `throw` that stands in no block."""
    deep = 0
    for found in _PART.finditer(text) if _LEAVES.search(text) and not _TRAPS.search(text) else ():
        begins = text[max(found.start() - 1, 0)] in "\n;" or not found.start()
        if begins and not deep and _LEAVES.match(found["part"].lstrip()):
            return found.end()
        deep = max(deep + (found["end"] in _OPENS) - (found["end"] in _CLOSES), 0)
    return len(text)


def in_line(line: str) -> str:
    """The plain commands of a line, of which it may have several, as a shell would have them."""
    if ";" not in line or len(line) > _LONGEST:
        return in_shell(line)
    told = list[str]()
    for found in _STATEMENT.finditer(line):
        if _ENDS.match(found["said"].strip()):
            break
        told += [plain] if (plain := in_shell(found["said"])) else []
        if found["end"] != ";":
            break
    return "; ".join(told)


def in_shell(line: str) -> str:
    """A statement as a shell would have it; empty where it is no plain command."""
    plain = line.strip()
    if len(plain) > _LONGEST:
        return ""
    if setting := _SETTING.fullmatch(plain):
        return f"export {setting['name']}={setting['value']}"
    found = _PLAIN.fullmatch(plain)
    if found is None or _ENDS.match(plain):
        return ""
    command = _PLACE.sub("cd ", found["command"]).replace("\\", "/")
    # `Write-Host npx x` runs nothing.
    return "" if _CMDLET.match(command) else command
