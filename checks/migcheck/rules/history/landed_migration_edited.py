"""MC201."""

from collections.abc import Iterator
from itertools import zip_longest

from migcheck.drizzle.change import Pair
from migcheck.drizzle.pieces import decode
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import counted, listed

# Characters of a line that are shown: what fits a page. A file of drizzle-kit may be one line of thousands.
_WIDTH = 90
_HOUR = 3600
# Hours are counted up to here.
_DAYS_FROM = 72


@rule("MC201")
def landed_migration_edited(facts: HistoryFacts) -> Iterator[Violation]:
    """A migration that has landed keeps its bytes.

    ## Why it matters
    Drizzle never compares hashes. Every database that ran the file keeps what the old text built, new databases get
    what the new text builds, and nobody is told. A comment or a line ending counts: the hash is that of the whole file.

    ## How to fix
    Put the file back as base has it, and make the change in a new migration. If no database ever ran the old file,
    waive this finding in migcheck.toml with the reason "never applied: ...".

    Where a ledger is known (DATABASE_URL, `--ledger`), what none holds as it landed only warns.

    Within the `grace` that [history] gives, the edit of a file that landed so lately only warns, where no ledger is
    known and its `when` is as it was. Base's grace counts, and the time since the file first came to base's branch.

    Fixing a file that base's own rehearsal cannot run is a warning: it was applied nowhere. Of several such files each
    is tried on what the fixed ones before it make. A file that never landed without such a one was taken back with it.
    """
    change = facts.change
    for pair in change.edited:
        first, severity = _first_difference(pair), facts.weight(pair.before, repairs=True)
        if severity is Severity.ERROR and facts.in_grace(pair.after.tag) and pair.before.when == pair.after.when:
            yield _in_grace(facts, pair, first)
            continue
        never_ran = facts.never_ran(pair.before) if severity is Severity.WARNING else ""
        yield Violation(
            Location(pair.after.path, first),
            f"{pair.after.tag} has landed, and its SQL is not what landed",
            migration=pair.after.tag,
            evidence="\n".join(filter(None, (_evidence(pair, first), _past_grace(facts, pair, severity)))),
            severity=severity,
            fix=never_ran
            or facts.fix(
                f"Put it back ({facts.restore(pair.before.path)}) and make the change in a new migration.",
                "MC201",
                pair.after.tag,
                severity,
            ),
        )
    if change.restored:
        names = listed([each.tag for each in change.restored])
        one = len(change.restored) == 1
        yield Violation(
            Location(change.restored[0].path),
            f"{names} {'has its file' if one else 'have their files'} again, which base lacks",
            migration=change.restored[0].tag,
            severity=Severity.WARNING,
            fix="Make sure that each is the file as it was first written: databases may have run that.",
        )


def _in_grace(facts: HistoryFacts, pair: Pair, line: int) -> Violation:
    grace = facts.history.grace
    return Violation(
        Location(pair.after.path, line),
        f"{pair.after.tag} landed {_ago(grace.ages[pair.after.tag])}, within the grace of {grace.said}, and its SQL is "
        "not what landed",
        migration=pair.after.tag,
        evidence=_evidence(pair, line),
        severity=Severity.WARNING,
        fix="Make sure that it was deployed nowhere: a database that has the old one will never get the edit, and "
        f"nothing will say so. Else put it back ({facts.restore(pair.before.path)}) and make the change in a new "
        "migration.",
    )


def _past_grace(facts: HistoryFacts, pair: Pair, severity: Severity) -> str:
    """Why a grace that is configured does not help; empty where there is none, or where ledgers decide."""
    grace = facts.history.grace
    if not grace.seconds or facts.ledgers or severity is not Severity.ERROR:
        return ""
    if pair.before.when != pair.after.when:
        return f"its `when` was changed as well: the grace of {grace.said} is for the file alone"
    age = grace.ages.get(pair.after.tag)
    if age is None:
        return f"when it landed cannot be told in this clone, so the grace of {grace.said} does not count"
    return f"it landed {_ago(age)}, and the grace is {grace.said}"


def _ago(seconds: int) -> str:
    hours = seconds // _HOUR
    if not hours:
        return "less than an hour ago"
    return f"{counted(hours, 'hour')} ago" if hours < _DAYS_FROM else f"{hours // 24} days ago"


def _first_difference(pair: Pair) -> int:
    """The 1-based line where the two files part."""
    lines = zip_longest(pair.before.sql.split(b"\n"), pair.after.sql.split(b"\n"))
    return next(number for number, (then, now) in enumerate(lines, 1) if then != now)


def _evidence(pair: Pair, line: int) -> str:
    hashes = f"hash {pair.before.hash[:12]} in base, {pair.after.hash[:12]} here"
    if pair.before.sql.replace(b"\r\n", b"\n") == pair.after.sql.replace(b"\r\n", b"\n"):
        return f"{hashes}: only the line ends differ"
    if pair.before.sql.rstrip(b"\n") == pair.after.sql.rstrip(b"\n"):
        return f"{hashes}: only the newline at the end differs"
    then, now = (_line(each.sql, line) for each in (pair.before, pair.after))
    blanks = then is not None and now is not None and then.split() == now.split()
    which = ", where only blanks differ" if blanks else ""
    return "\n".join((f"{hashes}, from line {line} on{which}:", *_parted(then, now)))


def _line(sql: bytes, number: int) -> str | None:
    lines = decode(sql).split("\n")
    return lines[number - 1] if number <= len(lines) else None


def _parted(then: str | None, now: str | None) -> Iterator[str]:
    """The two lines, where there are two, cut to the part in which they differ."""
    start = 0
    if then is not None and now is not None:
        first = next((at for at, (was, becomes) in enumerate(zip(then, now, strict=False)) if was != becomes), None)
        parted = min(len(then), len(now)) if first is None else first
        start = max(min(parted - _WIDTH // 2, max(len(then), len(now)) - _WIDTH), 0)
    for sign, line in (("-", then), ("+", now)):
        if line is not None:
            yield f"{sign} {'…' if start else ''}{line[start:][:_WIDTH]}{'…' if len(line) > start + _WIDTH else ''}"
