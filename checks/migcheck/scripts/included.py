"""Files that GitLab takes in, whatever those are called."""

from collections.abc import Iterator, Mapping

from migcheck.scripts.ci.gitlab_includes import documents, included
from migcheck.scripts.file_names import GITLAB

_ENDS = (".yml", ".yaml")
_PATTERN = "[?\\\\"
"""What would make a pattern of a path; `*` is one for GitLab as well."""


def lacking(files: Mapping[str, bytes]) -> frozenset[str]:
    """What of it is not among `files`: paths from the top, and patterns of them."""
    ci = (each for each in _of_gitlab(files) if each.endswith(_ENDS))
    return frozenset(each for each in ci if each not in files and _is_plain(each))


def _of_gitlab(files: Mapping[str, bytes]) -> Iterator[str]:
    if GITLAB in files:
        for document in documents(GITLAB, files[GITLAB], files):
            yield from included(document)


def _is_plain(path: str) -> bool:
    return not any(each in path for each in _PATTERN)
