"""The files of a repository that its .gitlab-ci.yml includes, and what their `!reference` names.

Facts: docs.gitlab.com "Use CI/CD configuration from other files": what a file says goes before what it includes, of
two that it includes the later one; `include` without a key is local where it is no URL; `*` and `**` in a path.
"YAML syntax", `!reference`: ten levels at most.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.file_names import GITLAB
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_MOST_FILES = 150
_MOST_STARS = 4
_STARS = regex(r"(\*\*/|\*\*|\*)")
_PATTERN = frozenset("[?\\")
"""What would make a pattern of a path for git; `*` is one for GitLab as well."""
_AS_STARS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


def documents(path: str, content: bytes, files: Mapping[str, bytes]) -> tuple["Node", ...]:
    """The document at `path` and those of `files` that it includes, of two that say the same the one that counts first.

    What cannot be read is left out.
    """
    found: dict[str, Node] = {}
    left = [(path, content)]
    while left and len(found) < _MOST_FILES:
        path, content = left.pop()
        document = None if path in found else _read(path, content)
        if document is not None:
            found[path] = document
            patterns = islice(dict.fromkeys(included(document)), _MOST_FILES)
            names = (name for each in patterns for name in _matching(each, files))
            left += [(each, files[each]) for each in dict.fromkeys(names)]
    return tuple(found.values())


def included(document: "Node") -> Iterator[str]:
    """What a file of GitLab includes of its own repository: paths from the top, or patterns of them."""
    include = member(document, "include")
    for each in (include, *(each for each in items(include) if each is not include)):
        for told in (each, *items(member(each, "local"))):
            if text(told) and "://" not in text(told):
                yield text(told).removeprefix("/")


def lacking(files: Mapping[str, bytes]) -> frozenset[str]:
    """What a project's CI includes that is not among `files`: paths from the top, and patterns of them."""
    read = documents(GITLAB, files[GITLAB], files) if GITLAB in files else ()
    named = frozenset(each for document in read for each in included(document) if each.endswith((".yml", ".yaml")))
    return frozenset(each for each in named - files.keys() if _PATTERN.isdisjoint(each))


def _read(path: str, content: bytes) -> "Node | None":
    try:
        return read_yaml(content, path)
    except BadYamlError:
        return None


def _matching(name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    parts = _STARS.split(name)
    if len(parts) == 1:
        yield from (name,) if name in files else ()
    elif len(parts) <= 2 * _MOST_STARS + 1:
        pattern = re.compile("".join(_AS_STARS.get(each) or re.escape(each) for each in parts))
        yield from sorted(each for each in files if pattern.fullmatch(each))
