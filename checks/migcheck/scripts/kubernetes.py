"""What manifests of Kubernetes have their containers run.

Facts: kubernetes.io "Workload Resources" (where each kind has its template of a pod), "Define a Command and Arguments
for a Container" (`command` stands for the image's entrypoint and `args` for its command; no shell reads either), "Init
Containers". A chart's template that is no YAML is left alone: only its values make it one.
"""

import re
import shlex
from collections.abc import Container, Iterator, Mapping
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.directories import home
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, listed, member, read_yamls, text

if TYPE_CHECKING:
    from yaml import Node

_TEMPLATE = ("spec", "template", "spec")
_PODS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
    **dict.fromkeys(("Job", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), _TEMPLATE),
}
_KIND = regex(rb"^kind:[ \t]*[\"']?(?:%s)\b" % "|".join(_PODS).encode(), re.MULTILINE)
_VERSION = regex(rb"^apiVersion:", re.MULTILINE)
_ENDS_BY_ITSELF = frozenset({"Job"})
# What people keep for a cluster of their own is started by themselves.
_AT_HAND = regex(r"(?:^|[/._-])(?:dev|development|local|localhost|minikube|kind|tests?|examples?)(?:[/._-]|$)")
_YAML = (".yml", ".yaml")


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
    for number, document in enumerate(documents):
        kind = text(member(document, "kind"))
        if member(document, "apiVersion") is None or kind not in _PODS:
            continue
        pod = member(document, *_PODS[kind])
        for group in ("initContainers", "containers"):
            ends = group != "containers" or kind in _ENDS_BY_ITSELF
            entry = None if _AT_HAND.search(path) else Entry.DEPLOY if ends else Entry.START
            for at, container in enumerate(listed(member(pod, group))):
                words = [*_words(container, "command"), *_words(container, "args")]
                if words:
                    told = shlex.join(map(text, words))
                    yield Script(path, f"{number}/{group}/{at}", line(words[0]), told, directory, entry=entry)


def _words(container: "Node", key: str) -> Iterator["Node"]:
    return (each for each in items(member(container, key)) if text(each))
