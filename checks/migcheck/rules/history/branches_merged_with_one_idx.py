"""MC208."""

from collections.abc import Iterator
from posixpath import join, relpath
from shlex import quote

from migcheck.drizzle.names import moment, prefix_of
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import TOP


@rule("MC208")
def branches_merged_with_one_idx(facts: HistoryFacts) -> Iterator[Violation]:
    """The `idx` of a new migration is not that of a migration that has landed.

    ## Why it matters
    Two branches each made their next migration, and both were kept. They share a number, so one snapshot was
    overwritten or the two have one parent: the next `drizzle-kit generate` writes again what one of them did already
    (42701, 42P07). The younger branch's `when` is often the older one, and then Drizzle skips it in silence.

    ## How to fix
    Keep a copy of what you wrote by hand. Delete the new migration (file, snapshot, entry), take base's journal and
    snapshots, and run `drizzle-kit generate` again on top of base; what was written by hand goes into
    `drizzle-kit generate --custom`.

    Where every known ledger (DATABASE_URL, `--ledger`) has it as it is, it only warns.
    """
    change = facts.change
    for pair in change.clashing:
        severity, fix = facts.of_new(pair.migration, _make_anew(facts))
        skipped = severity is Severity.ERROR and change.mark is not None and pair.after.when <= change.mark
        yield Violation(
            facts.entry_at(pair.migration.tag),
            f"two branches were merged that both made migration {pair.after.idx}: "
            f"{pair.before.tag} has landed, {pair.after.tag} is new",
            migration=pair.after.tag,
            evidence=f"`when` is {moment(pair.after.when)}, the greatest in base {moment(change.mark or 0)}: Drizzle "
            "will skip it in silence on every database that has base"
            if skipped
            else "",
            severity=severity,
            fix=fix,
        )


def _make_anew(facts: HistoryFacts) -> str:
    """The commands that take out everything new, to be written again as one migration."""
    after, before = facts.history.after, facts.history.before
    if before is None or before.path != after.path:
        return ""
    # git puts back the snapshots that base has, and leaves the others.
    landed = {prefix_of(each.tag) for each in before.migrations}
    snapshots = (each.path for each in after.snapshots if each.prefix not in landed)
    new = (quote(relpath(each, after.path)) for each in (*(each.path for each in facts.change.added), *snapshots))
    # Before a commit, git knows nothing of what these hold.
    return (
        "Keep a copy of what you wrote by hand. Then take out what is new: "
        f"`{facts.restore(join(after.path, 'meta')).strip('`')} && "
        f"(cd {TOP}/{quote(after.path)} && rm {' '.join(new)})`, and run `drizzle-kit generate` again on top of base; "
        "what was written by hand goes into `drizzle-kit generate --custom`."
    )
