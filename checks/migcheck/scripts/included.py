"""Files that others take in or name, whatever those are called.

What GitLab and compose files include, and what commands name to their tool.
"""

from collections.abc import Iterator, Mapping

from migcheck.scripts.ci.gitlab_includes import documents, included
from migcheck.scripts.file_names import GITLAB
from migcheck.scripts.images.compose import is_compose
from migcheck.scripts.images.compose_files import taken_in
from migcheck.scripts.named_files import named_to_tools

_ENDS = (".yml", ".yaml")
_PATTERN = "[?\\\\"
"""What would make a pattern of a path; `*` is one for GitLab as well."""


def lacking(files: Mapping[str, bytes]) -> frozenset[str]:
    """What of it is not among `files`: paths from the top, and patterns of them."""
    ci = (each for each in _of_gitlab(files) if each.endswith(_ENDS))
    composes = taken_in(files, filter(is_compose, files))
    own = (each for each in (*ci, *composes) if each not in files and _is_plain(each))
    named = (f"**/{each.path}" for each in named_to_tools(files) if not any(each.places(files)))
    return frozenset((*own, *named))


def _of_gitlab(files: Mapping[str, bytes]) -> Iterator[str]:
    if GITLAB in files:
        for document in documents(GITLAB, files[GITLAB], files):
            yield from included(document)


def _is_plain(path: str) -> bool:
    return not any(each in path for each in _PATTERN)
