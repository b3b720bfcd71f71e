"""One compose file on its own."""

from collections.abc import Container, Mapping

from migcheck.scripts.images.compose import Composes
from migcheck.scripts.images.compose_services import Service


def read_compose(path: str, content: bytes, directories: Container[str]) -> Mapping[str, Service]:
    """The services of one compose file, which takes in no other; there are none where it cannot be read."""
    return Composes({path: content}, (path,), directories).project((path,), None)
