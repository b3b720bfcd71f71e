"""The command, however it is started: `migcheck`, `drizzle-migcheck` and `python -m migcheck`."""

import sys


def main() -> None:
    """Load the command line and run it. Loading takes a third of a second, and Ctrl-C may come in it as well."""
    try:
        from migcheck.cli import main as run  # noqa: PLC0415 - that is what takes the time
    except KeyboardInterrupt:
        sys.stderr.write("migcheck: interrupted; nothing was done\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
