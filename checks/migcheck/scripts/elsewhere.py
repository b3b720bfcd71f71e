"""What nobody here reads: what files that say what is run take in from elsewhere, and what some of them are.

Of a pipeline of Jenkins, Travis CI, Drone, Woodpecker or Buildkite, of what Heroku, CodeBuild and Bake are told, and of
what just, Task and PowerShell run, that is all. A glance at texts, line by line, before anything is parsed. Facts:
docs.github.com "Reuse workflows"; docs.gitlab.com "Use CI/CD configuration from other files"; circleci.com "Orbs";
learn.microsoft.com "Template usage reference".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import basename, dirname

from migcheck.regex import regex
from migcheck.scripts.file_names import (
    AMPLIFYS,
    AZURE_DIRECTORIES,
    BAKES,
    BUILDSPECS,
    CIRCLECIS,
    CLOUD_BUILDS,
    COMPOSES,
    DRONE,
    FLIES,
    GITHUBS,
    GITLAB,
    HEROKU,
    JENKINSFILES,
    JUSTFILES,
    PIPELINE_DIRECTORIES,
    POWERSHELL,
    TASKFILES,
    TRAVIS,
    WOODPECKERS,
)

_QUOTE = rb"[ \t]*[\"']?"
_NAME = rb"(?P<name>[^\s\"'#,}\]]{1,200})"
_WORKFLOW = regex(
    rb"^[ \t]*uses:" + _QUOTE + rb"(?P<name>[\w.-]+/[\w.-]+/\.(?:github|gitea|forgejo)/workflows/[^\s\"'#]{1,200})",
    re.MULTILINE,
)
_ORB = regex(rb"^[ \t]+[\w-]+:" + _QUOTE + rb"(?P<name>[\w.-]+/[\w.-]+@[\w.:-]{1,100})", re.MULTILINE)
_TEMPLATE = regex(rb"\btemplate:" + _QUOTE + _NAME)
_INCLUDE = regex(
    rb"(?:\b(?:remote|project|component|template):" + _QUOTE + rb"|[ \t\[-]" + _QUOTE + rb"(?=https?://))" + _NAME
)
_BLOCK = rb"^%s:(?P<block>[^\n]*(?:\n(?:[ \t#-][^\n]*)?)*)"
_ORBS, _INCLUDED = (regex(_BLOCK % each, re.MULTILINE) for each in (b"orbs", b"include"))
_OF_WOODPECKER, _OF_BUILDKITE = "(a pipeline of Woodpecker)", "(a pipeline of Buildkite)"
_UNREAD: Mapping[str, Sequence[str]] = {
    "(a pipeline of Jenkins)": JENKINSFILES,
    "(a pipeline of Travis CI)": (TRAVIS,),
    "(a pipeline of Drone)": (DRONE,),
    _OF_WOODPECKER: WOODPECKERS,
    "(a deployment of Heroku)": (HEROKU,),
    "(a build of CodeBuild)": BUILDSPECS,
    "(a build of Amplify)": AMPLIFYS,
    "(a build of Cloud Build)": CLOUD_BUILDS,
    "(a build of Docker Bake)": BAKES,
    "(a deployment of Fly)": FLIES,
}
_OF_ANYTHING: Mapping[str, Sequence[str]] = {
    "(recipes of just)": JUSTFILES,
    "(tasks of Task)": TASKFILES,
    "(a script of PowerShell)": (f"*{POWERSHELL}",),
}
"""They are told where they speak of migrations: most do other things."""
_OF_MIGRATIONS = regex(rb"drizzle|migrat|db[:-]push", re.IGNORECASE)
_UNREAD_BELOW = dict(zip(PIPELINE_DIRECTORIES, (_OF_WOODPECKER, _OF_BUILDKITE), strict=True))
_MOST = 200


def elsewhere(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """What is taken in, each with the file that does so, and what is not read, as a person reads it."""
    found = (f"{path} {what}" for path, content in files.items() for what in _in_file(path, content))
    return tuple(dict.fromkeys(each for each, _ in zip(found, range(_MOST), strict=False)))


def templates_in(content: bytes) -> Iterator[str]:
    """The templates that a pipeline of Azure takes in, as it names them."""
    return _names(_TEMPLATE, content)


def _in_file(path: str, content: bytes) -> Iterator[str]:
    name = basename(path)
    if path.partition("/")[0] in GITHUBS:
        yield from (f"calls {each} (another repository)" for each in _names(_WORKFLOW, content))
    elif path in CIRCLECIS:
        yield from (f"uses the orb {each}" for each in _names(_ORB, _block(_ORBS, content)))
    elif path == GITLAB or (path.startswith(".gitlab") and name.endswith((".yml", ".yaml"))):
        included = _names(_INCLUDE, _block(_INCLUDED, content))
        yield from (f"includes {each} (not of this repository)" for each in included)
    elif name.startswith("azure-pipelines") or path.startswith(tuple(f"{each}/" for each in AZURE_DIRECTORIES)):
        yield from (f"takes in {each} (a template)" for each in templates_in(content))
    elif (what := not_read(path)) and (what not in _OF_ANYTHING or _OF_MIGRATIONS.search(content)):
        yield what


def not_read(path: str) -> str:
    """What the file at `path` is, where it says what is run and nobody here reads it; empty for any other."""
    name = basename(path)
    # What a pipeline starts may lie beside it: a compose file, a Dockerfile.
    if dirname(path) in _UNREAD_BELOW and name.endswith((".yml", ".yaml")) and not _is_one(name, COMPOSES):
        return _UNREAD_BELOW[dirname(path)]
    return next((what for what, names in (*_UNREAD.items(), *_OF_ANYTHING.items()) if _is_one(name, names)), "")


def _is_one(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def _block(pattern: re.Pattern[bytes], content: bytes) -> bytes:
    """What stands below one key at the top of a file."""
    found = pattern.search(content)
    return found["block"] if found else b""


def _names(pattern: re.Pattern[bytes], content: bytes) -> Iterator[str]:
    return (each["name"].decode("utf-8", "replace") for each in pattern.finditer(content))
