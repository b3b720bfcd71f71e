"""Running one hardened container through testcontainers, tied to the life of this process."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import docker
from msgspec import Struct
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.utils import inside_container

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.engine import Engine
from migcheck.postgres.scratch.pull import ENGINE_FAULTS

# Every image has /tmp, open to all; of a directory that it lacks some engines make one that root alone can write.
HOME, SOCKETS, PORT = "/tmp", "/migcheck-sockets", "5432/tcp"  # noqa: S108 - in the container
LABEL = "migcheck.run"
# The first process reads a pipe whose other end is ours: the container ends however we do, and is removed.
TIED = f"""
: >{SOCKETS}/here
( "$@"; echo $? >{SOCKETS}/exit ) &
read -r _ <{SOCKETS}/alive
"""
# Without that pipe a container of a killed run ends when its time is over. $1 seconds.
TIMED = """
seconds=$1; shift
"$@" & server=$!
( sleep "$seconds"; kill -s QUIT "$server" ) &
wait "$server"
"""
# As the container's root, which owns the control files and has no other right left. $@ extensions to trust.
TRUST = """
for name; do for place in /usr/share/postgresql/*/extension /usr/local/share/postgresql/extension; do
  control=$place/$name.control
  [ -f "$control" ] && ! grep -q '^trusted' "$control" && printf '\\ntrusted = true\\n' >>"$control"
done; done; :
"""


class Setup(Struct, frozen=True):
    """What a container is made of. MiB of memory and of disk, which is a file system in memory: both count together.

    `seconds` is how long it may live where it cannot be tied to this process.
    """

    image: str
    memory: int
    disk: int
    environ: dict[str, str]
    seconds: float


class Held:
    """A container that runs for us."""

    def __init__(self, container: DockerContainer, sockets: Path) -> None:
        """Hold a started container; `sockets` is the directory shared with it, if one is."""
        self._container = container
        self._sockets = sockets
        self._killed = False

    def fault(self) -> str:
        """Why it failed; empty while it lives."""
        if self._killed:
            return "its container was ended"
        wrapped = self._container.get_wrapped_container()
        try:
            if not (self._sockets / "exit").exists():
                wrapped.reload()
                if wrapped.status in {"created", "running"}:
                    return ""
            log = wrapped.logs(tail=5).decode(errors="replace").strip()
        except ENGINE_FAULTS:
            log = ""
        return log or "its container ended"

    def kill(self) -> None:
        """End it now. Harmless the second time."""
        self._killed = True
        with suppress(*ENGINE_FAULTS):
            self._container.get_wrapped_container().kill()

    def port(self) -> tuple[str, int]:
        """Where the published port is."""
        return self._container.get_container_host_ip(), self._container.get_exposed_port(5432)

    def trust(self, extensions: Sequence[str]) -> None:
        """Mark extensions as trusted. They are looked up when one is created, so any time before is early enough."""
        with suppress(*ENGINE_FAULTS):
            self._container.get_wrapped_container().exec_run(["sh", "-c", TRUST, "sh", *extensions], user="0")


@contextmanager
def held(engine: Engine, setup: Setup, command: Sequence[str], directory: Path) -> Iterator[Held]:
    """Run `command` in a container. Where the engine shares our sockets it gets no network and ends when we do.

    Raises UndecidableError where the engine refuses.
    """
    sockets = directory / "sockets"
    container = _container(engine, setup, directory)
    if engine.shares_sockets:
        _share(container, sockets)
        command = ["sh", "-c", TIED, "sh", *command]
    else:
        # A tuple keeps the port off the machine's other addresses; testcontainers passes it through untyped. From
        # inside a container it is the engine's gateway that leads to the port.
        container.ports[PORT] = None if inside_container() else ("127.0.0.1", None)  # type: ignore[assignment]
        command = ["sh", "-c", TIMED, "sh", f"{setup.seconds:.0f}", *command]
    container.with_command(list(command))
    alive = os.open(sockets / "alive", os.O_RDWR) if engine.shares_sockets else -1
    try:
        _start(engine, container, setup.image)
        yield Held(container, sockets)
    finally:
        if alive >= 0:
            os.close(alive)
        # It may be on its way out by itself.
        with suppress(*ENGINE_FAULTS):
            container.stop()


def _start(engine: Engine, container: DockerContainer, image: str) -> None:
    try:
        sweep_containers(engine)
        container.start()
    except ENGINE_FAULTS as error:
        raise UndecidableError(
            f"the container of {image} did not start: {error}", "name another image, or choose another --scratch"
        ) from error


def _container(engine: Engine, setup: Setup, directory: Path) -> DockerContainer:
    logging.getLogger("testcontainers").setLevel(logging.ERROR)
    # The reaper is one more image to pull; the pipe and the label do its work.
    testcontainers_config.ryuk_disabled = True
    container = DockerContainer(
        setup.image, env=setup.environ, docker_client_kw={"environment": {**os.environ, "DOCKER_HOST": engine.host}}
    )
    container.tmpfs[HOME] = f"size={setup.disk}m,mode=1777"
    return container.with_kwargs(
        entrypoint=[],
        user="postgres",
        working_dir=HOME,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=f"{setup.memory + setup.disk}m",
        pids_limit=200,
        auto_remove=True,
        labels={LABEL: str(directory)},
        **({"network_mode": "none"} if engine.shares_sockets else {}),
    )


def _share(container: DockerContainer, sockets: Path) -> None:
    """Make the directory of sockets. Its parent is ours alone; in it the container's user must be able to write."""
    sockets.mkdir()
    sockets.chmod(0o777)
    os.mkfifo(sockets / "alive")
    (sockets / "alive").chmod(0o666)
    container.with_volume_mapping(str(sockets), SOCKETS, "rw,z")


def seen(sockets: Path, seconds: float = 5.0) -> bool:
    """Whether the container's file appears here: not where the engine runs on another file system than ours."""
    deadline = monotonic() + seconds
    while not (sockets / "here").exists():
        if monotonic() > deadline:
            return False
        sleep(0.01)
    return True


def sweep_containers(engine: Engine) -> None:
    """Remove containers of ours whose run is dead: its directory is gone (swept by its lock)."""
    client = docker.DockerClient(base_url=engine.host)
    try:
        for container in client.containers.list(all=True, filters={"label": LABEL}):
            if not Path(container.labels[LABEL]).exists():
                with suppress(*ENGINE_FAULTS):
                    container.remove(force=True)
    finally:
        client.close()
