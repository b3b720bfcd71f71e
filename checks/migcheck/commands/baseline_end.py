"""The end of a baseline, as the report tells it."""

from functools import partial

from msgspec import structs

from migcheck.clearance import Withheld
from migcheck.commands.deploy_end import tell_deploy
from migcheck.commands.options import Options
from migcheck.commands.typed import next_apply, next_baseline
from migcheck.deploy.outcome import (
    BaselineOutcome,
    Different,
    NothingToDo,
    Recorded,
    WouldRecord,
)
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.report.deploy import Deploy, End


def tell_baseline(folder: str, target: str, upto: str, outcome: BaselineOutcome | Withheld, options: Options) -> Deploy:
    """What the report says of a baseline up to the migration `upto`."""
    told = partial(Deploy, folder, target, upto=upto)
    match outcome:
        case Recorded(plan=plan, server=server, ms=ms, warnings=warnings, read_back=read_back):
            end = told(End.RECORDED, plan, warnings, ms=ms, read_back=read_back, compared=_named(server))
        case WouldRecord(plan=plan, server=server, warnings=warnings):
            remedy = next_baseline(options, None)
            end = told(End.WOULD_RECORD, plan, warnings, remedy=remedy, compared=_named(server))
        case Different(lines=lines, server=server, warnings=warnings):
            message, remedy = _instead(outcome, upto, options)
            seen = partial(told, differences=lines, compared=_named(server), proposed=outcome.proposed)
            end = seen(End.DIFFERENT, (), warnings, message, remedy)
        case NothingToDo():
            end = told(End.NOTHING, message=f"no row up to {upto} is missing on {target}")
        case _:
            end = structs.replace(tell_deploy(folder, target, outcome), upto=upto)
    return end


def _instead(outcome: Different, upto: str, options: Options) -> tuple[str, str]:
    """What the target is, and what to do."""
    if outcome.as_recorded:
        return "the target has no more than its ledger says", next_apply(options)
    if outcome.equals:
        commands = (next_baseline(options, tag) for tag in outcome.equals)
        return f"the target is as it is after {' and after '.join(outcome.equals)}", " or ".join(commands)
    if outcome.but_for_rows:
        commands = (next_baseline(options, tag) for tag in outcome.but_for_rows)
        after = " and after ".join(outcome.but_for_rows)
        what = f"the tables of the target are as they are after {after}, but rows are missing that migrations insert"
        return what, f"insert them as the migrations do, then {' or '.join(commands)}"
    return (
        f"the target is not what the migrations up to {upto} build",
        "make it so, or bring what it has more as a migration, then run it again",
    )


def _named(server: ServerDescription) -> str:
    return f"PostgreSQL {server.major}, {server.kind} ({server.origin})"
