"""Pulling an image, its progress on standard error."""

import sys
from collections.abc import Iterable, Iterator, Mapping

import docker
from docker.errors import APIError, DockerException
from docker.utils import parse_repository_tag

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.engine import Engine

# The client lets through what its transport raises: time-outs, lost connections.
ENGINE_FAULTS = (DockerException, OSError)


def pull(engine: Engine, image: str) -> None:
    """Pull it. Raises UndecidableError where that fails."""
    try:
        client = docker.DockerClient(base_url=engine.host)
        try:
            name, tag = parse_repository_tag(image)
            for line in progress(image, client.api.pull(name, tag=tag or "latest", stream=True, decode=True)):
                print(line, file=sys.stderr, flush=True)  # noqa: T201 - progress, for people
        finally:
            client.close()
    except ENGINE_FAULTS as error:
        # Else the client adds the URL of its own request.
        said = error.explanation if isinstance(error, APIError) else None
        raise UndecidableError(
            f"the image {image} cannot be pulled: {said or error}",
            f"run `docker pull {image}`, name another image, or choose another --scratch",
        ) from error


def progress(image: str, events: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One line at the start and one whenever a layer has come. Raises DockerException where the engine says so.

    Which layers there are is known by the time that the first has come.
    """
    yield f"pulling {image}"
    layers: set[object] = set()
    done: set[object] = set()
    for event in events:
        if "error" in event:
            raise DockerException(str(event["error"]))
        layer, status = event.get("id"), event.get("status")
        if status in {"Pulling fs layer", "Already exists"}:
            layers.add(layer)
        if status in {"Pull complete", "Already exists"}:
            done.add(layer)
        if status == "Pull complete":
            yield f"pulling {image}: {len(done)} of {len(layers)} layers"
