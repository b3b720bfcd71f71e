"""`migcheck verify --staged --if-changed`: whether a hook has anything to judge."""

from migcheck.errors import UsageError


def nothing_staged(*, staged: bool, clearing: bool) -> bool:
    """Whether a hook has nothing to judge; most commits are none of its business, and wait for it."""
    from migcheck.facts.staged_change import touches_migrations  # noqa: PLC0415 - no other command needs git for it

    if not staged:
        raise UsageError("--if-changed asks what is staged", "use it with --staged")
    if clearing:
        # It would leave with 0, no clearance, and whatever an older run wrote there.
        raise UsageError("--if-changed may judge nothing, which gives no --clearance", "leave out one of them")
    return not touches_migrations()
