"""What compose files say of a service together: files over each other, what they include, what services extend.

Facts: docs.docker.com "Merge" (`!reset`, `!override`; paths are those of the first file), "Include" (paths are those of
what is included), "Services", `extends`; compose-go 2, `loader`: a file first takes in what it includes, which what it
says itself goes before, then what its services extend (of an extended file nothing but its services counts), and then
lies over the files before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.scripts.directories import moved
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_RESET, _OVERRIDE = "!reset", "!override"
_MOST = 500
"""Services of one file. No person writes more; aliases can."""
_MOST_TAKEN_IN = 20_000
"""Services that all files of a repository may take in of others: one can be in many."""
_MOST_INCLUDED = 50
_DEEPEST = 10
_TAKES_IN = (b"include", b"extends")


class ComposeFile(Struct, frozen=True):
    """A compose file, as it is written; without a document where it cannot be read."""

    path: str
    document: "Node | None"

    @property
    def services(self) -> "Iterator[tuple[str, Node]]":
        """Its own services, each as it is written."""
        for (name, node), _ in zip(members(member(self.document, "services")), range(_MOST), strict=False):
            yield name, node

    @property
    def includes(self) -> Iterator[tuple[Sequence[str], str]]:
        """What it includes: files that lie over each other, and the directory that their paths begin in, if told."""
        for each in [*items(member(self.document, "include"))][:_MOST_INCLUDED]:
            named = [text(each)] if text(each) else [text(one) for one in items(member(each, "path"))]
            if named:
                yield named[:_MOST_INCLUDED], text(member(each, "project_directory"))


class Layer(Struct, frozen=True):
    """What the file at `path` says of a service at `node`. `directory` is where its paths begin; None: not known."""

    path: str
    directory: str | None
    node: "Node"


Layers = tuple[Layer, ...]
"""A service: what is said of it, what lies lowest first."""


def told(layers: Layers, *keys: str) -> "list[tuple[Layer, Node]]":
    """What is said of a service at `keys`, the lowest first, as far as nothing above takes it back."""
    found: list[tuple[Layer, Node]] = []
    for layer in layers:
        node = member(layer.node, *keys)
        if node is None:
            continue
        if node.tag in (_RESET, _OVERRIDE):
            found.clear()
        if node.tag != _RESET:
            found.append((layer, node))
    return found


class ComposeFiles(Struct):
    """The `files` of a repository, of which those are read as compose files that are asked for.

    `left` is how much may still be taken in of other files: one can be in many.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: int = _MOST_TAKEN_IN
    _read: dict[str, ComposeFile] = field(default_factory=dict)
    _own: dict[tuple[str, str | None], Mapping[str, Layer]] = field(default_factory=dict)

    def services(self, paths: Sequence[str | None], directory: str | None, deep: int = 0) -> dict[str, Layers]:
        """The services of files that lie over each other, and whose paths begin in `directory`."""
        found: dict[str, Layers] = {}
        for path in paths:
            if path is not None and path in self.files:
                for name, layers in self._of_file(path, directory, deep).items():
                    found[name] = (*found.get(name, ()), *layers)
        return found

    def _of_file(self, path: str, directory: str | None, deep: int) -> dict[str, Layers]:
        included = self._included(self.read(path), directory, deep)
        own = self._layers(path, directory)
        extended = {name: self._extended(layer, own, included) for name, layer in own.items()}
        return included | {name: (*extended[name], *included.get(name, ()), layer) for name, layer in own.items()}

    def _included(self, file: ComposeFile, directory: str | None, deep: int) -> dict[str, Layers]:
        """What a file includes; of two that say something of one service, the first counts for more."""
        found: dict[str, Layers] = {}
        for named, place in file.includes if deep < _DEEPEST else ():
            paths = [moved(directory, each) for each in named]
            begin = moved(directory, place) if place else None if paths[0] is None else _home(paths[0])
            inner = self.services(paths, begin, deep + 1) if self.left > 0 else {}
            for name, layers in inner.items():
                found[name] = (*layers, *found.get(name, ()))
                self.left -= len(found[name])
            self.left -= 1
        return found

    def _extended(self, layer: Layer, own: Mapping[str, Layer], included: Mapping[str, Layers]) -> Layers:
        """What lies below a service by its own word: what it extends, and what that does."""
        found: Layers = ()
        for _ in range(_DEEPEST):
            node = member(layer.node, "extends")
            wanted = text(node) or text(member(node, "service"))
            if file := text(member(node, "file")):
                path = moved(layer.directory, file)
                own, included = {} if path is None else self._layers(path, _home(path)), {}
            below = (*included.get(wanted, ()), *((own[wanted],) if wanted in own else ()))
            self.left -= len(below)
            if not below or self.left < 0:
                break
            found = (*below, *found)
            if wanted not in own:
                break
            layer = own[wanted]
        return found

    def _layers(self, path: str, directory: str | None) -> Mapping[str, Layer]:
        """The services of one file as they are written there."""
        if (path, directory) not in self._own:
            file = self.read(path)
            self._own[path, directory] = {name: Layer(path, directory, node) for name, node in file.services}
        return self._own[path, directory]

    def read(self, path: str) -> ComposeFile:
        """The file at `path`."""
        if path not in self._read:
            try:
                document = read_yaml(self.files[path]) if path in self.files else None
            except BadYamlError:
                document = None
            self._read[path] = ComposeFile(path, document)
        return self._read[path]


def taken_in(files: Mapping[str, bytes], paths: Iterable[str]) -> Iterator[str]:
    """What the compose files at `paths`, and what those take in, include and extend of the repository, by its path.

    What is read from another directory than its own begins there; here each is taken to begin in its own.
    """
    composes = ComposeFiles(files)
    left, seen = list(paths), set[str]()
    while left:
        path = left.pop()
        if path in seen or not any(each in files.get(path, b"") for each in _TAKES_IN):
            continue
        seen.add(path)
        file = composes.read(path)
        named = [each for several, _ in file.includes for each in several]
        named += [text(member(node, "extends", "file")) for _, node in file.services]
        found = [place for each in named if each and (place := moved(_home(path), each)) is not None]
        yield from found
        left += found


def _home(path: str) -> str:
    return dirname(path) or "."
