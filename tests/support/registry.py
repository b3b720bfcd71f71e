"""A registry on loopback, read only, with one image to pull: what the engine has, and a layer that it has not.

The registry's API as the engine asks it: docs.docker.com/registry/spec/api, manifests of schema version 2.
"""

import base64
import hashlib
import io
import json
import secrets
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docker
from msgspec import Struct

from migcheck.postgres.scratch.engine import Engine

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"


class Registry(Struct, frozen=True):
    """Where it listens, and how many layers its image has."""

    address: str
    layers: int

    def image(self, tag: str) -> str:
        """What to name to pull it; any tag is this image."""
        return f"{self.address}/postgres:{tag}"


class _Content(Struct, frozen=True):
    """What there is by its digest: the configuration and the layers; and the manifest, which names these."""

    blobs: Mapping[str, bytes]
    manifest: bytes
    layers: int


@contextmanager
def registry(engine: Engine, image: str, login: tuple[str, str] | None = None) -> Iterator[Registry]:
    """A registry that has the `engine`'s `image` with one layer more; `login` is who may ask, everybody where None.

    In the end what was pulled from it is removed again.
    """
    client = docker.DockerClient(base_url=engine.host)
    content = _with_one_more(_saved(client, image))
    handler = type("Handler", (_Handler,), {"content": content, "wanted": _basic(login) if login else None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    try:
        yield Registry(address, content.layers)
    finally:
        server.shutdown()
        server.server_close()
        for tag in [tag for each in client.images.list() for tag in each.tags if tag.startswith(f"{address}/")]:
            client.images.remove(tag)
        client.close()


def _saved(client: docker.DockerClient, image: str) -> Mapping[str, bytes]:
    """The files of `docker save`."""
    file = io.BytesIO(b"".join(client.images.get(image).save()))
    with tarfile.open(fileobj=file) as tar:
        files = {each.name: tar.extractfile(each) for each in tar}
        return {name: file.read() for name, file in files.items() if file is not None}


def _with_one_more(saved: Mapping[str, bytes]) -> _Content:
    [told] = json.loads(saved["manifest.json"])
    layers = [*(saved[each] for each in told["Layers"]), _layer()]
    config = json.loads(saved[told["Config"]])
    config["rootfs"]["diff_ids"] = [_digest(each) for each in layers]
    config["history"] = []
    written = json.dumps(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": _CONFIG, "size": len(written), "digest": _digest(written)},
        "layers": [{"mediaType": _LAYER, "size": len(each), "digest": _digest(each)} for each in layers],
    }
    blobs = {_digest(each): each for each in (written, *layers)}
    return _Content(blobs, json.dumps(manifest).encode(), len(layers))


def _layer() -> bytes:
    """A file that no image has: no two registries have the same."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        content = secrets.token_bytes(100_000)
        about = tarfile.TarInfo("pulled")
        about.size = len(content)
        tar.addfile(about, io.BytesIO(content))
    return made.getvalue()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _basic(login: tuple[str, str]) -> str:
    return f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"


class _Handler(BaseHTTPRequestHandler):
    content: _Content
    wanted: str | None

    def do_GET(self) -> None:
        *_, kind, name = self.path.split("/")
        if self.wanted and self.headers["Authorization"] != self.wanted:
            self._refuse(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "authentication required")
        elif kind == "manifests" and name != "absent":
            self._answer(HTTPStatus.OK, self.content.manifest, _MANIFEST)
        elif found := b"{}" if self.path == "/v2/" else self.content.blobs.get(name):
            self._answer(HTTPStatus.OK, found, "application/octet-stream")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "MANIFEST_UNKNOWN", "manifest unknown")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        told = {"errors": [{"code": code, "message": message}]}
        self._answer(status, json.dumps(told).encode(), "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", _digest(body))
        self.send_header("WWW-Authenticate", 'Basic realm="tests"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
