"""A process that cannot outlive this one: a small shell holds it, and ends it when our end of a pipe closes.

A pipe rather than a parent-death signal: the signal is tied to the thread that started the child (prctl(2)), and
macOS has none. The kernel closes the pipe however we end, SIGKILL included, and the shell then removes the directory.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct, field

from migcheck.postgres.scratch.confinement import Confinement, as_user

# $1 directory to remove, $2 signal that ends the command, $3 KiB of address space for each process, then the command.
# The signal is repeated: a background command of a shell ignores QUIT until it is the server, which takes it.
SUPERVISE = """
directory=$1 signal=$2 memory=$3; shift 3
ulimit -c 0; ulimit -v "$memory" 2>/dev/null
( "$@" & echo $! >"$directory/pid"; wait $!; echo $? >"$directory/exit" ) </dev/null >"$directory/log" 2>&1 &
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -e "$directory/exit" ] && break
  kill -s "$signal" "$(cat "$directory/pid")" 2>/dev/null
  sleep 0.02 || sleep 1
done
[ -e "$directory/exit" ] || kill -s KILL "$(cat "$directory/pid")"
wait
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$directory" 2>/dev/null && break; sleep 0.05; done
"""


class Supervised(Struct, frozen=True):
    """A command under supervision, with the directory it lives in."""

    process: subprocess.Popen[bytes]
    directory: Path
    home: Path
    _faults: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the command is gone."""
        return self.process.poll() is not None or (self.directory / "exit").exists()

    @property
    def log(self) -> str:
        """The last lines it wrote."""
        with suppress(OSError):
            lines = (self.directory / "log").read_text(errors="replace").splitlines()
            return "\n".join([line for line in lines if "the database system is starting up" not in line][-5:])
        return ""

    def fault(self) -> str:
        """Why it failed; empty while it lives."""
        if self._faults:
            return self._faults[0]
        return (self.log or "its process ended") if self.ended else ""

    def fail(self, reason: str) -> None:
        """End it for a reason that `fault` tells from now on."""
        self._faults.append(reason)
        self.end()

    def end(self) -> None:
        """End it now and remove its directory. Harmless the second time."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def supervised(
    command: Sequence[str], confinement: Confinement, home: Path, *, memory: int, environ: Mapping[str, str]
) -> Iterator[Supervised]:
    """Run `command`, confined, in `home`, until the context ends or this process does.

    Then the directory that `home` is in is removed. `memory` is MiB of address space for each of its processes.
    """
    directory = home.parent
    held = [str(directory), confinement.stop, str(memory * 1024), *confinement.prefix, *command]
    process = subprocess.Popen(
        ["sh", "-c", SUPERVISE, "sh", *held],
        cwd=home,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Ctrl-C reaches us alone; the pipe then ends the server in order.
        start_new_session=True,
        **as_user(confinement.user),
    )
    supervisor = Supervised(process, directory, home)
    try:
        yield supervisor
    finally:
        supervisor.end()
