"""Which tables nobody can use while another one is read from its beginning. No I/O."""

from collections.abc import Iterable

from migcheck.facts.locked import WEAK
from migcheck.facts.observation import Change, Validated
from migcheck.facts.replay.watching.locks import EVERYTHING, strongest
from migcheck.facts.replay.watching.looking import Look
from migcheck.postgres.table import Table


def held_meanwhile(look: Look, before: Table, now: Table, found: Iterable[Change]) -> set[int]:
    """The tables that earlier statements took from everybody, where all of this one was read, which others use.

    It was, where a constraint was validated, or the plan of a statement says so: nobody plans a block.
    """
    planned = now.scans > before.scans and look.plan.scans.get(before.name, 0) > 0
    checked = any(isinstance(each, Validated) for each in found)
    if not (planned or checked) or strongest(look.modes(before.oid)) not in WEAK:
        return set()
    held = {oid for oid, modes in look.held_before.items() if EVERYTHING in modes and oid in look.before}
    return held - {before.oid}
