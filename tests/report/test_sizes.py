"""What `--target-sizes` adds to each report."""

import json

import pytest
from msgspec.structs import replace
from tests.support.verdicts import clear

from migcheck.facts.target.sizes import Size, Sized, TargetSizes, Unsized
from migcheck.report.json import render_json
from migcheck.report.run import Run
from migcheck.report.sizes import bytes_of
from migcheck.report.step_summary import render_step_summary
from migcheck.report.text import render_text

SIZES = (
    Sized("0001_a", "public.users", "ACCESS EXCLUSIVE", Size(1_234_567, 3 * 1024**3)),
    Sized("0002_b", 'public."odd|one"', "SHARE", Size(None, 8192)),
    Sized("0002_b", "public.gone", "ROW EXCLUSIVE", None),
)


def run(sizes: TargetSizes | None) -> Run:
    return Run([replace(clear(), sizes=sizes)])


def test_a_row_for_each_table_of_each_migration() -> None:
    assert (
        "pending migrations touch, on the target:\n"
        "  0001_a  public.users      ACCESS EXCLUSIVE  about 1,234,567 rows  3.0 GB\n"
        '  0002_b  public."odd|one"  SHARE             never analysed        8.0 kB\n'
        "  0002_b  public.gone       ROW EXCLUSIVE     not there\n"
    ) in render_text(run(SIZES))


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((), "pending migrations touch none of the target's tables\n"),
        (Unsized("there is no target"), "sizes on the target are not known: there is no target\n"),
    ],
)
def test_where_there_are_none_that_is_told(sizes: TargetSizes, told: str) -> None:
    assert told in render_text(run(sizes))


def test_what_runs_outside_of_a_transaction_was_not_seen() -> None:
    verdict = clear()
    assert verdict.rehearsal is not None
    outside = frozenset(each.tag for each in verdict.rehearsal.request.new)
    rehearsal = replace(verdict.rehearsal, request=replace(verdict.rehearsal.request, outside=outside))
    for sizes in ((), SIZES):
        told = render_text(Run([replace(verdict, sizes=sizes, rehearsal=rehearsal)]))
        assert "may lock was not seen: it runs outside of a transaction" in told
        assert "touch none of" not in told


def test_nobody_is_told_who_did_not_ask() -> None:
    assert "on the target" not in render_text(run(None)) + render_step_summary(run(None))


def test_the_summary_of_a_job_has_a_table() -> None:
    told = render_step_summary(run(SIZES))
    assert (
        "| <code>0001&#95;a</code> | <code>public.users</code> | ACCESS EXCLUSIVE | about 1,234,567 rows | 3.0 GB |"
        in told
    )
    assert "**Sizes on the target are not known:** no" in render_step_summary(run(Unsized("no")))


def test_json_has_numbers() -> None:
    [folder] = json.loads(render_json(run(SIZES), 0))["folders"]
    assert [(each["rows"], each["bytes"]) for each in folder["target_sizes"]] == [
        (1_234_567, 3 * 1024**3),
        (None, 8192),
        (None, None),
    ]
    [unknown] = json.loads(render_json(run(Unsized("no")), 0))["folders"]
    assert (unknown["target_sizes"], unknown["target_sizes_unknown"]) == (None, "no")


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 kB"), (5 * 1024**5, "5120.0 TB")]
)
def test_units(size: int, told: str) -> None:
    assert bytes_of(Sized("0001_a", "public.users", "SHARE", Size(1, size))) == told
