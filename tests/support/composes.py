"""One compose file on its own."""

from collections.abc import Container

from migcheck.scripts.images.compose import Composes
from migcheck.scripts.script import Script


def read_compose(path: str, content: bytes, directories: Container[str]) -> tuple[Script, ...]:
    """What the services of one compose file run; there is nothing where it cannot be read."""
    return tuple(Composes({path: content}, (path,), directories).scripts)
