"""Whether a source file is what a command runs: as it is, or compiled."""

from posixpath import basename, splitext

from migcheck.paths import lies_below
from migcheck.scripts.tasks.packages import Package

_BUILT = frozenset({"dist", "build", "out", "lib", "output", ".output", "bundle", "compiled", ".next", "server"})
_OUTPUTS = frozenset({"dist", "build", "out", "output", "compiled", "bundle"})
_COMMON = frozenset({"index", "main", "app", "server", "cli"})


def is_run_as(path: str, named: str, package: Package | None) -> bool:
    """Whether running `named` runs the source file at `path`, which lies in `package`.

    `dist/db/migrate.js` is what `src/db/migrate.ts` became. Where only running tells the directory, and in an image,
    the end of the path has to do.
    """
    source, run = without_end(path), without_end(named)
    if path == named or source == run:
        return True
    if basename(source) != basename(run):
        return False
    if named.startswith("/"):
        return run.endswith(f"/{source}") or _is_built(run)
    if package is None or not lies_below(named, package.directory):
        return False
    return _is_built(run) or _is_output(source, run, package.directory)


def without_end(path: str) -> str:
    """`path` without how its name ends; what is run as a source file has the same name then."""
    return splitext(path)[0]


def _is_output(source: str, run: str, directory: str) -> bool:
    """Whether `run` is below an output directory of the package what `source` is below its `src`."""
    prefix = "" if directory == "." else f"{directory}/"
    output, _, rest = run.removeprefix(prefix).partition("/")
    return output in _OUTPUTS and rest.removeprefix("src/") == source.removeprefix(prefix).removeprefix("src/")


def _is_built(run: str) -> bool:
    parts = run.split("/")
    return parts[-1] not in _COMMON and not _BUILT.isdisjoint(parts[:-1])
