"""Pulling an image, its progress on standard error."""

import sys
from collections.abc import Iterable, Iterator, Mapping

import docker
from docker.errors import DockerException

from migcheck.errors import UndecidableError
from migcheck.postgres.engine import Engine


def pull(engine: Engine, image: str) -> None:
    """Pull it. Raises UndecidableError where that fails."""
    name, _, tag = image.partition(":") if "/" not in image.rpartition(":")[2] else (image, "", "")
    client = docker.DockerClient(base_url=engine.host)
    try:
        for line in progress(image, client.api.pull(name, tag=tag or "latest", stream=True, decode=True)):
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress, for people
    except DockerException as error:
        raise UndecidableError(
            f"the image {image} cannot be pulled: {error}",
            f"run `docker pull {image}`, name another image, or choose another --scratch",
        ) from error
    finally:
        client.close()


def progress(image: str, events: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One line at the start and one whenever a layer is done. Raises DockerException where the engine says so."""
    yield f"pulling {image}"
    layers: set[object] = set()
    done: set[object] = set()
    for event in events:
        if "error" in event:
            raise DockerException(str(event["error"]))
        layer, status = event.get("id"), event.get("status")
        if status == "Pulling fs layer":
            layers.add(layer)
        elif status in {"Pull complete", "Already exists"} and layer not in done:
            layers.add(layer)
            done.add(layer)
            yield f"pulling {image}: {len(done)} of {len(layers)} layers"
