"""What manifests of Kubernetes have their containers run.

Facts: kubernetes.io "Workload Resources" (where each kind has its template of a pod), "Define a Command and Arguments
for a Container" (`command` stands for the image's entrypoint and `args` for its command; no shell reads either),
"Init Containers", "Attach Handlers to Container Lifecycle Events". A chart's template that is no YAML is left alone:
only its values make it one.
"""

import re
import shlex
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from posixpath import basename
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.at_hand import is_cluster_at_hand
from migcheck.scripts.directories import home
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.yaml_nodes import BadYamlError, elements, is_literal, items, line, member, read_yamls, text

if TYPE_CHECKING:
    from yaml import Node

_TEMPLATE = ("spec", "template", "spec")
_PODS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
    **dict.fromkeys(("Job", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), _TEMPLATE),
}
_LIST = "List"
_KIND = regex(rb"^kind:[ \t]*[\"']?(?:%s)\b" % "|".join((_LIST, *_PODS)).encode(), re.MULTILINE)
_VERSION = regex(rb"^apiVersion:", re.MULTILINE)
_STARTED = ("lifecycle", "postStart", "exec")
_ENDS_BY_ITSELF = frozenset({"Job"})
_YAML = (".yml", ".yaml")
_RUNS_TEXT = regex(r"-[a-z]*c")
_MOST = 1_000


def is_manifest(path: str, content: bytes) -> bool:
    """Whether the file at `path` may be a manifest of what runs containers: a glance."""
    return path.endswith(_YAML) and _KIND.search(content) is not None and _VERSION.search(content) is not None


def read_manifest(path: str, content: bytes, packages: Container[str]) -> Iterator[Script]:
    """What the manifests at `path` run; `packages` are the directories that hold one. Nothing where it is no YAML."""
    try:
        documents = read_yamls(content)
    except BadYamlError:
        return
    place = home(path, packages)
    directory = place if place in packages or place == "." else None
    for number, (kind, pod) in enumerate(islice(_pods(documents), _MOST)):
        for group in ("initContainers", "containers"):
            ends = group != "containers" or kind in _ENDS_BY_ITSELF
            # What people keep for a cluster of their own is started by themselves.
            starter = None if is_cluster_at_hand(path) else Starter.DEPLOY if ends else Starter.START
            for at, container in enumerate(elements(member(pod, group))):
                for name, words in _commands(container):
                    where = f"{number}/{group}/{at}{name}"
                    at_line, told, options = _script(words)
                    yield Script(path, where, at_line, told, directory, options, started_by=starter)


def _pods(documents: Iterable["Node | None"]) -> Iterator[tuple[str, "Node | None"]]:
    """The kind of each that runs containers, alone or in a list, and what it says of its pod."""
    for document in documents:
        if member(document, "apiVersion") is None:
            continue
        kind = text(member(document, "kind"))
        for each in elements(member(document, "items")) if kind == _LIST else (document,):
            own = text(member(each, "kind"))
            if own in _PODS:
                yield own, member(each, *_PODS[own])


def _commands(container: "Node") -> Iterator[tuple[str, list["Node"]]]:
    """What a container runs: its program, and what is run in it once it has started."""
    for name, words in (
        ("", [*_words(container, "command"), *_words(container, "args")]),
        ("/postStart", [*_words(member(container, *_STARTED), "command")]),
    ):
        if words:
            yield name, words


def _script(words: Sequence["Node"]) -> tuple[int, str, ShellOptions]:
    """What is run, where it stands, and how: a block that a shell is given is a script of its own."""
    texts = tuple(map(text, words))
    match texts:
        case (shell, flags, told) if basename(shell) in SHELLS and _RUNS_TEXT.fullmatch(flags) and is_literal(words[2]):
            return line(words[2]), told, ShellOptions(errexit="e" in flags)
        case _:
            return line(words[0]), shlex.join(texts), ShellOptions()


def _words(container: "Node | None", key: str) -> Iterator["Node"]:
    return (each for each in items(member(container, key)) if text(each))
