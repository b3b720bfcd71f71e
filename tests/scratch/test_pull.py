"""Images that the engine has to pull first: from a real registry, with what people see of it meanwhile."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.registry import Registry, registry
from tests.support.servers import ENGINE, IMAGE

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.candidates import Candidate, candidates
from migcheck.postgres.scratch.engine import Engine, find_engine

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def engine() -> Engine:
    found = find_engine(ENGINE)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def shop(engine: Engine) -> Iterator[Registry]:
    with registry(engine, IMAGE) as open_to_all:
        yield open_to_all


def docker(image: str, **environ: str) -> Candidate:
    [found] = candidates(ScratchConfig(kind="docker", image=image), environ={**ENGINE, **environ})
    return found


def test_an_image_is_pulled_once_and_its_server_starts(shop: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    image = shop.image("15")
    for present in (False, True):
        one = docker(image)
        assert (one.present, one.major) == (present, 15)
        with one.start() as server:
            server.create_database("pulled")
            with server.connect("pulled") as session:
                assert session.execute("select 1").fetchall() == [(1,)]
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == f"pulling {image}"
    # How many of them the engine has already is its own affair.
    come = [f"pulling {image}: {number} of {shop.layers} layers" for number in range(1, shop.layers + 1)]
    assert lines
    assert lines == come[-len(lines) :]


def test_an_image_that_is_not_there_is_told_with_the_way_out(shop: Registry) -> None:
    image = shop.image("absent")
    with pytest.raises(UndecidableError) as told, docker(image).start():
        pass
    # In the words of the engine's version, and nothing of the client's request.
    engines = rf"the image {re.escape(image)} cannot be pulled: [^(]*(manifest unknown|not found)[^(]*"
    assert re.fullmatch(engines, told.value.problem), told.value.problem
    assert told.value.remedy == f"run `docker pull {image}`, name another image, or choose another --scratch"


def test_a_private_image_is_pulled_with_what_docker_login_has_kept(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry(engine, IMAGE, login=("ada", "secret")) as closed:
        image = closed.image("15")
        with pytest.raises(UndecidableError, match="no basic auth credentials"), docker(image).start():
            pass
        kept = {"auths": {closed.address: {"auth": "YWRhOnNlY3JldA=="}}}
        (tmp_path / "config.json").write_text(json.dumps(kept), "utf-8")
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        with docker(image).start() as server:
            assert server.description.origin == image
