"""Measures migcheck against drizzle-kit and drizzle-orm on synthetic folders, and prints the budgets as ratios.

`make bench`, or `python -m benchmarks --runs 5`. Needs `make node`. Exits with 1 where a budget is not kept.
"""

import argparse
import compileall
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.target_server import running

from benchmarks import observing
from benchmarks.deploys import pending, side_by_side
from benchmarks.folders import with_snapshots, without_snapshots
from benchmarks.measure import Command, interleaved, peak
from migcheck.config.config import ScratchConfig
from migcheck.postgres.scratch.candidates import Candidate, candidates
from migcheck.postgres.scratch.contract import ScratchServer

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "tests" / "node"
KIT_CONFIG = 'export default { dialect: "postgresql", schema: "./schema.ts", out: "./migrations" };\n'
CHECK_TIMES_FASTER = 5
HOOK_TIMES_FASTER = 5
HOOK_SECONDS = 0.3
# What runs the migrations, and an edit of it that the gate `project` has to judge.
WORKFLOW = "on: push\njobs:\n  ci:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm run %s\n"
PACKAGE = '{"scripts": {"lint": "eslint .", "test": "vitest run", "db:push": "drizzle-kit push"}}\n'
REPLAY_TIMES = 2
REPLAY_SECONDS = 1.5
MEMORY_MB = 200
# How a deploy goes: over a WebSocket or not, seconds of a round trip, and the part of Drizzle's time that it may take.
DISTANCES = ((False, 0.0, 0.6), (False, 0.02, 0.1), (False, 0.06, 0.06), (True, 0.02, 0.15))
NEW = 5
OBSERVED_MIGRATIONS = 300
WATCHED_TIMES = 1.3
OBSERVED_TIMES = 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    migcheck: str
    drizzle: str
    ratio: str
    budget: str
    kept: bool

    def __str__(self) -> str:
        """As Markdown."""
        cells = (self.what, self.migcheck, self.drizzle, self.ratio, self.budget, "yes" if self.kept else "NO")
        return f"| {' | '.join(cells)} |"


def main() -> int:
    """Measure, print, and return the exit code."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--runs", type=int, default=5, help="runs of each command; the median counts")
    runs = options.parse_args().runs
    if not (NODE / "node_modules" / "drizzle-kit").is_dir():
        sys.exit("the real Drizzle is not here: run `make node`")
    # As pip does when it installs: without it, and where bytecode is not written, each run would compile all of it.
    compileall.compile_dir(ROOT / "checks", quiet=1)
    print("| what | migcheck | Drizzle | ratio | budget | kept |\n|---|---|---|---|---|---|")
    kept = True
    for row in rows(runs):
        print(row, flush=True)
        kept = kept and row.kept
    return 0 if kept else 1


def rows(runs: int) -> Iterator[Row]:
    """Every measurement, one after the other."""
    with tempfile.TemporaryDirectory(prefix="migcheck-bench-") as work:
        for migrations, megabytes in ((200, 30), (300, 90)):
            yield offline(Path(work) / f"offline-{migrations}", migrations, megabytes, runs)
        yield hooked(Path(work) / "hooked", runs)
        yield passed_over(Path(work) / "passed-over", runs)
        candidate = next(candidates(ScratchConfig(kind="embedded")))
        with candidate.start() as server:
            for migrations in (200, 1000):
                for new in (migrations, NEW):
                    yield from rehearsed(Path(work) / f"{migrations}-{new}", server, migrations, new, runs)
        yield from observed(Path(work) / "observed", candidate, runs)
        yield from deployed(Path(work) / "deployed", runs)


def offline(work: Path, migrations: int, megabytes: int, runs: int) -> Row:
    """`verify --offline` beside `drizzle-kit check` on the same folder."""
    with_snapshots(work / "migrations", migrations, megabytes)
    (work / "drizzle.config.js").write_text(KIT_CONFIG, "utf-8")
    repository(work, new=NEW)
    ours, kit = interleaved([migcheck(work, "--offline"), drizzle_kit(work)], runs)
    return Row(
        f"`verify --offline`, {migrations} migrations, {megabytes} MB of snapshots",
        f"{ours:.2f} s",
        f"`check` {kit:.2f} s",
        f"{kit / ours:.1f}x faster",
        f"at least {CHECK_TIMES_FASTER}x faster",
        kit >= CHECK_TIMES_FASTER * ours,
    )


def hooked(work: Path, runs: int) -> Row:
    """The hook before a commit that says what is run around a folder, beside `drizzle-kit check` on that folder."""
    with_snapshots(work / "migrations", 200, 30)
    (work / "drizzle.config.js").write_text(KIT_CONFIG, "utf-8")
    (work / "package.json").write_text(PACKAGE, "utf-8")
    workflow = work / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW % "lint", "utf-8")
    repository(work, new=NEW)
    workflow.write_text(WORKFLOW % "test", "utf-8")
    _git(work, "add", "--all")
    ours, kit = interleaved([hook(work), drizzle_kit(work)], runs)
    return Row(
        "hook before a commit of a workflow, 200 migrations, 30 MB of snapshots",
        f"{ours:.2f} s",
        f"`check` {kit:.2f} s",
        f"{kit / ours:.1f}x faster",
        f"at least {HOOK_TIMES_FASTER}x faster",
        kit >= HOOK_TIMES_FASTER * ours,
    )


def passed_over(work: Path, runs: int) -> Row:
    """The hook before a commit that is none of its business, which is most of them."""
    without_snapshots(work / "migrations", NEW)
    (work / "drizzle.config.js").write_text(KIT_CONFIG, "utf-8")
    repository(work, new=NEW)
    (work / "app.ts").write_text("export {};\n", "utf-8")
    _git(work, "add", "--all")
    (ours,) = interleaved([hook(work)], runs)
    budget = f"at most {HOOK_SECONDS} s"
    return Row("hook before a commit of something else", f"{ours:.2f} s", "-", "-", budget, ours <= HOOK_SECONDS)


def rehearsed(work: Path, server: ScratchServer, migrations: int, new: int, runs: int) -> Iterator[Row]:
    """`verify` with all rehearsals beside one run of drizzle-orm's migrator on a server of the same kind."""
    without_snapshots(work / "migrations", migrations)
    repository(work, new=new)
    verify = migcheck(work, "--scratch", "embedded")
    ours, theirs = interleaved([verify, drizzle_orm(work, server)], runs)
    yield Row(
        f"`verify`, {migrations} migrations, {new} of them new",
        f"{ours:.2f} s",
        f"`migrate` once {theirs:.2f} s",
        f"{ours / theirs:.2f}x in all",
        f"at most {REPLAY_TIMES}x + {REPLAY_SECONDS} s",
        ours <= REPLAY_TIMES * theirs + REPLAY_SECONDS,
    )
    memory = peak(verify)
    yield Row(
        f"its peak memory (its server: {memory.started_mb:.0f} MB)",
        f"{memory.own_mb:.0f} MB",
        "",
        "",
        f"under {MEMORY_MB} MB",
        memory.own_mb < MEMORY_MB,
    )


def observed(work: Path, scratch: Candidate, runs: int) -> Iterator[Row]:
    """The rehearsals with what they observe beside the same that only run."""
    took = observing.side_by_side(scratch, observing.requested(work, OBSERVED_MIGRATIONS, NEW), runs)
    for what, seconds, times in (
        ("watched", took.watched, WATCHED_TIMES),
        ("watched, with rows and the release", took.everything, OBSERVED_TIMES),
    ):
        yield Row(
            f"rehearsals of {OBSERVED_MIGRATIONS} migrations, {NEW} of them new, {what}",
            f"{seconds:.2f} s",
            f"no Drizzle: plain {took.plain:.2f} s",
            f"{seconds / took.plain:.2f}x",
            f"at most {times}x",
            seconds <= times * took.plain,
        )


def deployed(work: Path, runs: int) -> Iterator[Row]:
    """The deploy step beside drizzle-orm's migrator, near and far."""
    due = pending(work)
    with running() as server:
        for websocket, round_trip, part in DISTANCES:
            ours, theirs = side_by_side(server, due, runs, round_trip=round_trip, websocket=websocket)
            way = "WebSocket" if websocket else "TCP"
            yield Row(
                f"deploy of {due.folder.count}, {way}, {round_trip * 1000:.0f} ms away",
                f"{ours:.2f} s",
                f"`migrate` {theirs:.2f} s",
                f"{ours / theirs:.2f}x",
                f"at most {part}x",
                ours <= part * theirs,
            )


def migcheck(work: Path, *options: str) -> Command:
    """`migcheck verify` in `work`, as its own process."""
    return _migcheck(work, "migrations", "--base", "HEAD~1", *options)


def hook(work: Path) -> Command:
    """What .pre-commit-hooks.yaml runs before a commit, in `work`, as its own process."""
    return _migcheck(work, "--offline", "--staged", "--if-changed")


def _migcheck(work: Path, *words: str) -> Command:
    argv: list[str | Path] = [sys.executable, "-m", "migcheck", "verify", *words]
    return Command(argv, work, {"PYTHONPATH": str(ROOT / "checks"), "NO_COLOR": "1"})


def drizzle_kit(work: Path) -> Command:
    """`drizzle-kit check` in `work`, as its own process."""
    return Command(
        [NODE / "node_modules" / ".bin" / "drizzle-kit", "check"], work, {"NODE_PATH": str(NODE / "node_modules")}
    )


def drizzle_orm(work: Path, server: ScratchServer) -> Command:
    """drizzle-orm's migrator on an empty database of a server that runs already, as its own process."""
    _empty_again(server)
    with server.connect("bench") as session:
        at = session.info
        url = f"postgresql:///{at.dbname}?host={at.host}&port={at.port}&user={at.user}&password={at.password}"
    argv: list[str | Path] = ["node", NODE / "migrate.mjs", "--url", url, "--folder", work / "migrations"]
    return Command(argv, work, {}, before=partial(_empty_again, server))


def repository(work: Path, *, new: int) -> None:
    """Make `work` a git repository whose last commit adds the `new` last migrations, and whose first has the rest."""
    files = sorted((work / "migrations").glob("*.sql"))
    journal = work / "migrations" / "meta" / "_journal.json"
    whole = journal.read_text("utf-8")
    _git(work, "init", "--quiet", "--initial-branch=main")
    if landed := len(files) - new:
        data = json.loads(whole)
        data["entries"] = data["entries"][:landed]
        journal.write_text(json.dumps(data, indent=2), "utf-8")
        _git(work, "add", "migrations/meta", *(str(each) for each in files[:landed]))
        journal.write_text(whole, "utf-8")
    _git(work, "commit", "--quiet", "--allow-empty", "--message", "What has landed")
    _git(work, "add", "--all")
    _git(work, "commit", "--quiet", "--message", "What is new")


def _empty_again(server: ScratchServer) -> None:
    server.drop_database("bench")
    server.create_database("bench")


def _git(work: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    subprocess.run(["git", *identity, *arguments], cwd=work, check=True)


if __name__ == "__main__":
    sys.exit(main())
