"""The command, however it is started: `migcheck`, `drizzle-migcheck` and `python -m migcheck`."""

import atexit
import gc
import sys

_OBJECTS = 100_000


def main() -> None:
    """Load the command line and run it. Loading takes a third of a second, and Ctrl-C may come in it as well."""
    # What was loaded stays to the end: to look through it for garbage, then and on the way, takes 15 ms of 300.
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)
    try:
        from migcheck.cli import main as run  # noqa: PLC0415 - that is what takes the time
    except KeyboardInterrupt:
        sys.stderr.write("migcheck: interrupted; nothing was done\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
