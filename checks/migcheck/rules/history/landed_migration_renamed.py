"""MC203."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from posixpath import dirname, relpath
from shlex import quote

from migcheck.drizzle.change import Pair
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.journal import Journal
from migcheck.drizzle.names import moment, prefix_of
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Location, Violation
from migcheck.regex import regex
from migcheck.rule import rule
from migcheck.wording import TOP

_PLAIN = regex(r"[\w-]+", re.ASCII)


@rule("MC203")
def landed_migration_renamed(facts: HistoryFacts) -> Iterator[Violation]:
    """A migration that has landed keeps its name.

    ## Why it matters
    Drizzle 1.0 goes by the name: it would run a renamed migration again. Drizzle 0.x goes by `when`, which a rename by
    hand often changes, too; and drizzle-kit finds its snapshots by the number that the name begins with.

    ## How to fix
    Give the file, its `tag` in the journal and, where its number changed, the snapshot their old name back. If no
    database ever ran it, waive this finding in migcheck.toml with the reason "never applied: ...".

    Where a ledger is known (DATABASE_URL, `--ledger`), what none holds as it landed only warns.
    """
    after = facts.history.after
    snapshots = {each.prefix: each.path for each in after.snapshots}
    prefixes = Counter(prefix_of(each.tag) for each in after.migrations)
    for pair in facts.change.renamed:
        snapshot = _snapshot(pair, snapshots, prefixes)
        severity = facts.weight(pair.before)
        yield Violation(
            Location(pair.after.path),
            f"{pair.before.tag} has landed, and is now called {pair.after.tag}",
            migration=pair.after.tag,
            evidence=_evidence(pair, after.layout),
            severity=severity,
            fix=facts.fix(_name_back(facts, pair, snapshot), "MC203", pair.after.tag, severity),
        )


def _evidence(pair: Pair, layout: Layout) -> str:
    same = f"same hash {pair.before.hash[:12]}"
    if layout is Layout.FOLDERS:
        return f"{same}; Drizzle 1.0 will run it again"
    if pair.before.when == pair.after.when:
        return same
    return f"{same}; its `when` was {moment(pair.before.when)} and is {moment(pair.after.when)}"


def _name_back(facts: HistoryFacts, pair: Pair, snapshot: str) -> str:
    """What to rename, file, snapshot and entry, with the command where one does it all."""
    after, old, new = facts.history.after, pair.before, pair.after
    place = f"{TOP}/{quote(after.path)}"
    if after.layout is Layout.FOLDERS:
        was, name = (quote(relpath(dirname(each.path), _above(each.path))) for each in (new, old))
        return f"Call its folder {old.tag} again: `mv {place}/{was} {place}/{name}`."
    moves = [(relpath(new.path, after.path), f"{old.tag}.sql")]
    if snapshot:
        moves.append((relpath(snapshot, after.path), f"meta/{prefix_of(old.tag)}_snapshot.json"))
    move = " && ".join(f"mv {quote(was)} {quote(name)}" for was, name in moves)
    what = f"Call it {old.tag} again, the file{', the snapshot' if len(moves) > 1 else ''} and its entry in the journal"
    journal = _entry_back(facts, pair)
    if journal:
        return f"{what}: `(cd {place} && {move}) && {journal}`."
    time = f" and the `when` {old.when}" if old.when != new.when else ""
    return f"{what}: `(cd {place} && {move})`, and give the entry of {new.tag} the `tag` {old.tag}{time}."


def _above(path: str) -> str:
    return dirname(dirname(path))


def _snapshot(pair: Pair, snapshots: Mapping[str, str], prefixes: Mapping[str, int]) -> str:
    """The path of its snapshot, where that was renamed with it: drizzle-kit finds it by the number. Else empty.

    `snapshots` are paths by number, `prefixes` say how many migrations have one.
    """
    old, new = prefix_of(pair.before.tag), prefix_of(pair.after.tag)
    alone = prefixes.get(new) == 1 and old not in prefixes and old not in snapshots
    return snapshots.get(new, "") if alone else ""


def _entry_back(facts: HistoryFacts, pair: Pair) -> str:
    """The command for the entry alone, or for the whole journal where base's has all there is; empty where none is."""
    before, after, change = facts.history.before, facts.history.after, facts.change
    if before is None or not isinstance(before.journal, Journal):
        return ""
    if not (change.added or change.removed or change.dropped):
        return facts.restore(before.journal.path).strip("`")
    old, new = pair.before, pair.after
    if old.when != new.when or not (_PLAIN.fullmatch(old.tag) and _PLAIN.fullmatch(new.tag)):
        return ""
    journal = f"{TOP}/{quote(after.path)}/meta/_journal.json"
    # `sed -i` is another on macOS.
    return (
        f"""sed 's/"tag": *"{new.tag}"/"tag": "{old.tag}"/' {journal} > {journal}.new && mv {journal}.new {journal}"""
    )
