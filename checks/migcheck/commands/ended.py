"""A run that an error ends: whoever reads its report is told as well, in the format that was asked for.

People read standard error, where `exits` says the same.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from migcheck.commands.options import Format, Options
from migcheck.errors import MigcheckError, ReportedError, as_told
from migcheck.exits import USAGE
from migcheck.facts.disk import is_regular
from migcheck.finding import Location
from migcheck.odd_names import remember_names
from migcheck.report.emit import add_step_summary, emit
from migcheck.report.ended import Ended

# Their JSON is a list of rules, which has no place for an error.
_LISTS = frozenset({"explain", "rules"})
_WITH_SUMMARY = frozenset({"verify", "apply", "baseline", "undo"})


def do(options: Options, work: Callable[[Options], int]) -> int:
    """Do a command's work. What ends it without a report of its own is told there, and raised."""
    remember_names(_told(options))
    try:
        return work(options)
    except ReportedError:
        raise
    except Exception as error:
        tell_ended(options, as_told(error))
        raise


def tell_ended(options: Options, error: MigcheckError) -> None:
    """Write `error` to where the reports would have gone."""
    if options.output_format is Format.TEXT and options.report is None:
        return
    from migcheck.commands.outputs import usable_output  # noqa: PLC0415 - brings configurations

    ended = Ended(options.command, error.problem, error.remedy, error.exit_code, _place(error.problem))
    # What ended the run is told all the same, on standard error.
    with suppress(ReportedError):
        if options.output_format is Format.GITHUB:
            _tell_github(ended, usable_output(options))
        elif options.output_format is Format.JSON and not _has_no_place(options, error):
            _tell_json(ended, usable_output(options))
    # Where the one for people cannot be written, the other still can.
    with suppress(ReportedError):
        if (path := usable_output(options, "--report")) is not None:
            _tell_json(ended, path, "--report")


def _has_no_place(options: Options, error: MigcheckError) -> bool:
    """Whether the JSON that was asked for has no place for it."""
    return options.command in _LISTS or _was_to_be_a_ledger(options, error)


def _was_to_be_a_ledger(options: Options, error: MigcheckError) -> bool:
    """Whether it is about the ledger that `status` was to write: without one there is no file for `--ledger`."""
    return options.command == "status" and error.exit_code != USAGE


def _told(options: Options) -> Iterator[str]:
    """The texts and paths of the command line."""
    for field in options.__struct_fields__:
        match getattr(options, field):
            case str() | Path() as one:
                yield str(one)
            case tuple() | list() as several:
                yield from map(str, several)
            case _:
                pass


def _tell_json(ended: Ended, path: Path | None, option: str = "--output") -> None:
    from migcheck.report.json_status import render_ended_json  # noqa: PLC0415 - brings pydantic

    emit(render_ended_json(ended), path, option)


def _tell_github(ended: Ended, output: Path | None) -> None:
    from migcheck.report.github import render_ended  # noqa: PLC0415 - only where it is asked for
    from migcheck.report.step_summary import render_ended_summary  # noqa: PLC0415 - likewise

    emit(render_ended(ended), output)
    if ended.command in _WITH_SUMMARY:
        add_step_summary(render_ended_summary(ended))


def _place(problem: str) -> Location | None:
    """The place in a file that `problem` begins with; a host and its port are none. Paths are told from the top."""
    found = Location.leading(problem)
    return found if found is not None and any(is_regular(each / found.path) for each in _around()) else None


def _around() -> tuple[Path, ...]:
    try:
        here = Path.cwd()
    except OSError:
        return ()
    return (here, *here.parents)
