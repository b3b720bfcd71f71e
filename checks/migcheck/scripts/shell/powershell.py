"""The plain command lines of a PowerShell script, in a shell's words: a program and its arguments, and nothing else.

Facts: learn.microsoft.com "about_Comments", "about_Quoting_Rules" (here-strings), "about_Operators" (`&` calls what it
names), "about_Environment_Variables", "about_Preference_Variables" ($PSNativeCommandUseErrorActionPreference: $false).
Lines keep their places; what stands in a block is read where it has its own lines. What PowerShell makes of a failure
accuses nobody, save in a script or a step of CI that is plain all through.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from posixpath import basename

from migcheck.regex import regex
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.fate import POWERSHELL

# Comments of several lines, here-strings and other texts of several lines: what looks like a command there is none.
_LEFT_OUT = regex(
    r"<#.*?(?:#>|\Z)|@(?P<quote>[\"'])[ \t]*\n.*?(?:\n(?P=quote)@|\Z)"
    r"|(?P<kept>#[^\n]*|`.|'[^'\n]*'|\"(?:[^\"`\n]|`.)*\")|'[^']*+(?:'|\Z)|\"(?:[^\"`]|`.)*+(?:\"|`?\Z)",
    re.DOTALL,
)
_WORD = r"(?:[\w.@/:\\=,+*$-]+|\"(?:[^\"`$;]|\$(?!\())*\"|'[^';]*')"
_PLAIN = regex(rf"(?:&[ \t]+)?(?P<command>[\w.@/][\w.@/:\\-]*(?:[ \t]+{_WORD})*)[ \t]*(?:#.*)?")
_SETTING = regex(
    r"\$env:(?P<name>\w+)[ \t]*=[ \t]*(?P<value>\"[^\"`$]*\"|'[^']*')[ \t]*(?:#.*)?", re.ASCII | re.IGNORECASE
)
_PLACE = regex(r"(?:Set-Location|Push-Location|sl|chdir|pushd)[ \t]+(?:-(?:Literal)?Path[ \t]+)?", re.IGNORECASE)
_ENDS = regex(r"(?:exit|return|throw|break|continue)\b", re.IGNORECASE)
_LEAVES = regex(r"(?:exit|throw)(?![\w.-])", re.IGNORECASE)
_QUOTED = r"'[^']*+(?:'|\Z)|\"(?:[^\"`]|`.)*+(?:\"|`?\Z)"
_SAYS = regex(rf"\s*Write-(?:{_QUOTED}|&(?!&)|[^'\"|&])*+", re.DOTALL | re.IGNORECASE)
# What a line says up to the next statement: behind a quote that does not end, or a comment, there is none.
_STATEMENT = regex(
    r"(?P<said>(?:'[^']*'|\"(?:[^\"`]|`.)*\"|`.|(?<=\S)#|&(?!&)|[^;'\"`#|&])*)(?P<end>;|&&|\|\|?|['\"`#].*|$)"
)
_SEPARATES = (";", "&&", "|", "||")
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
    return Script(path, "", 1, in_shell(told), ".", OPTIONS if strict else step_options(told))


def in_shell(text: str) -> str:
    """A script as a shell would have it, up to an `exit` or a `throw` that stands in no block."""
    told = list[str]()
    for line in _lines(text):
        said = takewhile(lambda each: not _ENDS.match(each), _statements(line))
        told.append("; ".join(filter(None, map(_plain, said))))
        if not line.startswith((" ", "\t")) and any(map(_LEAVES.match, _statements(line))):
            break
    return "\n".join(told)


def step_options(text: str) -> ShellOptions:
    """What becomes of such a step or script where a program fails: the next line is run, and the last code is its own.

    Only where each line is a plain command, which asks for nothing, and the last is surely a program.
    """
    said = [each for each in map(str.strip, _lines(text)) if each and not each.startswith("#")]
    told = [_plain(each) for each in said if not _SAYS.fullmatch(each)]
    return _HEEDLESS if all(told) and _PROGRAM.match(f"{told[-1]} " if told else "") else OPTIONS


def _lines(text: str) -> Sequence[str]:
    told = _LEFT_OUT.sub(lambda found: found["kept"] or "\n" * found[0].count("\n"), text.replace("\r\n", "\n"))
    return told.split("\n")


def _statements(line: str) -> Iterator[str]:
    """What a line says, one behind another or into another."""
    for found in _STATEMENT.finditer(line) if len(line) <= _LONGEST else ():
        yield found["said"].strip()
        if found["end"] not in _SEPARATES:
            return


def _plain(statement: str) -> str:
    """A statement as a shell would have it; empty where it is no plain command."""
    if len(statement) > _LONGEST:
        return ""
    if setting := _SETTING.fullmatch(statement):
        return f"export {setting['name']}={setting['value']}"
    found = _PLAIN.fullmatch(statement)
    if found is None or _ENDS.match(statement):
        return ""
    command = _PLACE.sub("cd ", found["command"]).replace("\\", "/")
    # `Write-Host npx x` runs nothing.
    return "" if _CMDLET.match(command) else command
