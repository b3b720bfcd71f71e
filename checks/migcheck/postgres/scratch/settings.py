"""How every server of ours is set up and started: one script, in a sandbox or in a container."""

import os
from collections.abc import Sequence

SETTINGS = (
    "listen_addresses=",
    # Nothing here has to survive a crash.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=256MB",
    # Rows counted and plans made must not depend on when a worker woke up.
    "autovacuum=off",
    "jit=off",
    # The files of a catalogue are small and in memory: since 18 a process of its own read each page ahead, and who
    # asked waited for that one's turn.
    "effective_io_concurrency=0",
    "timezone=UTC",
    "max_connections=20",
    # With the default of 64 two replays of 1,000 migrations, each in one transaction, ran out of shared memory.
    "max_locks_per_transaction=2048",
    # Segments in /dev/shm would stay behind after SIGKILL.
    "dynamic_shared_memory_type=mmap",
    # A flood of messages must not fill the disk; sessions get theirs all the same.
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
    "log_checkpoints=off",
)
# A session is short, and touches what it allocates once, page by page. In pages of 2 MiB, where the machine gives them
# to who asks, and with none given back before its end, it reads a catalogue in three quarters of the time, and once
# more in two thirds. For glibc from 2.35 on (its manual, "Memory Allocation Tunables"); others do not read it.
_MIB = 1024**2
_TUNABLES = {"hugetlb": 1, "top_pad": 6 * _MIB, "mmap_threshold": 32 * _MIB, "trim_threshold": 64 * _MIB}
ALLOCATION = {"GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in _TUNABLES.items())}
"""How a server asks for memory, as environment."""
# Every database is copied from a template: without the maps of free space and of visible pages, a quarter of its files,
# it is made and dropped a sixth faster. A server takes a map that is not there for an empty one (PostgreSQL 17,
# storage/freespace/README, access/heap/visibilitymap.c).
# $1 administrator, $2 initdb, $3 what to pack a new data directory into, then the server and its arguments. The
# password comes by the environment, which other users of the machine cannot read. Runs in the directory that is to hold
# data and socket. Data that is there already was made by an earlier run, with no password: one is set before anybody
# can connect, by a server without a socket. Not every system knows C.UTF-8.
PASSWORD = "MIGCHECK_PASSWORD"  # noqa: S105 - a name
SCRIPT = """
umask 077
admin=$1 initdb=$2 packed=$3 password=$MIGCHECK_PASSWORD; shift 3; unset MIGCHECK_PASSWORD
init() { "$initdb" -D "$PWD/data" -U "$admin" -A reject -E UTF8 --locale="$1" --no-sync >/dev/null; }
[ -d data ] || {
  init C.UTF-8 || init C || exit
  rm -f data/base/*/*_fsm data/base/*/*_vm
  printf '%s all all %s\\n' local scram-sha-256 host 'all scram-sha-256' >data/pg_hba.conf
  [ -z "$packed" ] || tar -cf "$packed" data || rm -f "$packed"
}
postgres=$1; shift
printf "alter role %s password '%s'\\n" "$admin" "$password" | "$postgres" --single "$@" template1 >/dev/null || exit
unset password
exec "$postgres" "$@"
"""


def server_command(initdb: str, postgres: str, *, admin: str, packed: str = "", extra: Sequence[str] = ()) -> list[str]:
    """A shell that makes the data directory, packs it into `packed` where that is named, and becomes the server.

    `admin` is the superuser's role.
    """
    settings = [word for setting in (*SETTINGS, *extra) for word in ("-c", setting)]
    # The server resolves its socket directory from inside the data directory.
    return ["sh", "-c", SCRIPT, "sh", admin, initdb, packed, postgres, "-D", "data", "-k", "..", *settings]


def server_environment(password: str) -> dict[str, str]:
    """All that a server of ours gets of an environment: nothing of the caller's, which holds secrets and PG*."""
    return {"PATH": os.environ.get("PATH", os.defpath), PASSWORD: password, **ALLOCATION}
