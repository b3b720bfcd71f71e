"""Files of the repository that a pipeline of Azure takes in.

Facts: learn.microsoft.com "Template types & usage": a path is seen from the file that names it, `/` is the top of the
repository, and `@self` is the repository itself.
"""

from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from migcheck.scripts.yaml_nodes import BadYamlError, member, nodes, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_SIGN = b"template"


def templates_in(path: str, content: bytes) -> frozenset[str]:
    """The paths of those that the pipeline or the template at `path` names."""
    if _SIGN not in content:
        return frozenset()
    try:
        document = read_yaml(content)
    except BadYamlError:
        return frozenset()
    found = (template_of(path, each) for each in nodes(document))
    return frozenset(each for each in found if each)


def template_of(path: str, node: "Node | None") -> str:
    """The file that stands in the place of a stage, a job or a step of the one at `path`; empty where none does."""
    named, told, where = text(member(node, "template")).partition("@")
    if not named or "$" in named or (told and where != "self"):
        return ""
    found = normpath(named.lstrip("/") if named.startswith("/") else join(dirname(path), named))
    return "" if found.startswith("..") else found
