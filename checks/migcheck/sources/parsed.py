"""Source files that were parsed, each once in a run."""

from msgspec import Struct, field

from migcheck.sources.module import Module, read_module
from migcheck.typescript.syntax import Patience

_Modules = dict[tuple[str, bytes], Module]


class Parsed(Struct):
    """The source files of one revision. `known` are by path and content those of the whole run, which it adds to.

    What is left out since `patience` is spent is so here alone: another revision, or another folder, has its own.
    """

    known: _Modules
    patience: Patience = field(default_factory=Patience)
    _left_out: _Modules = field(default_factory=dict)

    def module(self, path: str, content: bytes) -> Module:
        """The file at `path`."""
        asked = path, content
        found = self.known.get(asked) or self._left_out.get(asked)
        if found is None:
            found = read_module(path, content, self.patience)
            kept = self.known if self.patience.left > 0 else self._left_out
            kept[asked] = found
        return found
