"""What landed with a fault warns, and its fix is what can still be done."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from migcheck.catalogue import FOLDER_RULES
from migcheck.rule import LEAVE_IT
from tests.support.folders import (
    STEP,
    WHEN,
    a_folder,
    add_entry,
    add_migration,
    add_snapshot,
    change_entry,
    drop_entry,
    snapshot_id,
)
from tests.support.judging import NOW, findings, read

MARKER = b"--> statement-breakpoint"
CUSTOM = b"-- Custom SQL migration file, put your code below! --"


def _sql(sql: bytes) -> Callable[[Path], object]:
    return lambda folder: add_migration(folder, "0003_new", sql)


def _without_idx(folder: Path, at: int = 1) -> None:
    path = folder / "meta" / "_journal.json"
    journal = json.loads(path.read_bytes())
    del journal["entries"][at]["idx"]
    path.write_text(json.dumps(journal))


def _of_one_parent(folder: Path) -> None:
    add_migration(folder, "0003_new", "select 1;", snapshot=False)
    add_snapshot(folder, "0003_new", parent=snapshot_id("0001_posts"))


def _broken_snapshot(folder: Path) -> None:
    (folder / "meta" / "0001_snapshot.json").write_text("{")


def _of_no_parent(folder: Path) -> None:
    add_migration(folder, "0003_new", "select 1;", snapshot=False)
    add_snapshot(folder, "0003_new", parent="11111111-1111-1111-1111-111111111111")
    add_migration(folder, "0004_more", "select 1;")


def _without_snapshot(folder: Path) -> None:
    (folder / "meta" / "0001_snapshot.json").unlink()


FAULTS: dict[str, Callable[[Path], object]] = {
    "MC102": lambda folder: drop_entry(folder, "0002_likes"),
    "MC103": _without_idx,
    "MC104": lambda folder: add_entry(folder, "0001_posts"),
    "MC105": lambda folder: change_entry(folder, "0002_likes", idx=1),
    "MC106": lambda folder: change_entry(folder, "0001_posts", when=WHEN + 9 * STEP),
    "MC107": lambda folder: change_entry(folder, "0002_likes", when=2 * NOW),
    "MC110": _without_snapshot,
    "MC111": lambda folder: add_snapshot(folder, "0003_gone"),
    "MC112": _broken_snapshot,
    "MC113": _of_one_parent,
    "MC114": _of_no_parent,
    "MC120": _sql(b"\xef\xbb\xbfselect 1;"),
    "MC121": _sql(b"select '\xe9';"),
    "MC122": _sql(b"select '\0';"),
    "MC123": _sql(b"select 1;\r\n"),
    "MC124": _sql(b"<<<<<<< a\nselect 1;\n>>>>>>> b"),
    "MC125": _sql(b"-- later"),
    "MC126": _sql(CUSTOM + b"select 1;"),
    "MC127": _sql(b"\\i other.sql"),
    "MC130": _sql(b"select 1;\n-->statement-breakpoint\nselect 2;"),
    "MC131": _sql(b"select 'a\n" + MARKER + b"\nb';"),
    "MC132": _sql(b"select 1;\n" + MARKER + b" then\nselect 2;"),
}

# Their fix is to leave it as it is and no more, so a line is enough for all of them.
LEFT = {"MC103", "MC110", "MC114", "MC130", "MC132"}


@pytest.mark.parametrize("code", FAULTS)
def test_the_fix_of_what_landed_is_not_that_of_what_is_new(drizzle: Path, code: str) -> None:
    FAULTS[code](drizzle)
    rule = next(each for each in FOLDER_RULES if each.code == code)
    told = (rule.landed or LEAVE_IT).split("\n\n")[0].replace("\n", " ")

    (new,) = (each for each in findings(drizzle) if each.code == code)
    (old,) = (each for each in findings(drizzle, before=read(drizzle)) if each.code == code)

    assert (old.severity, old.fix) == ("warning", told)
    assert (new.left, old.left) == (False, code in LEFT)
    assert new.fix != old.fix


@pytest.mark.parametrize(("code", "told"), [("MC103", "by hand"), ("MC110", "generate`"), ("MC114", "generate`")])
def test_what_drizzle_kit_goes_on_from_is_not_left(drizzle: Path, code: str, told: str) -> None:
    if code == "MC103":
        _without_idx(drizzle, -1)
    else:
        (drizzle / "meta" / "0002_snapshot.json").unlink()
    if code == "MC114":
        add_snapshot(drizzle, "0002_likes", parent="11111111-1111-1111-1111-111111111111")
    (old,) = (each for each in findings(drizzle, before=read(drizzle)) if each.code == code)
    assert (old.severity, old.left, told in old.fix) == ("warning", False, True)


def test_no_rule_that_knows_of_landed_things_is_left_out() -> None:
    knowing = {each.code for each in FOLDER_RULES if "landed=" in inspect.getsource(each.check)}
    assert knowing == set(FAULTS)


def test_the_fix_for_a_landed_file_that_nothing_else_is_known_of(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;\n-->statement-breakpoint\nselect 2;"})
    (found,) = findings(folder, before=read(folder))
    assert found.fix == "Leave it: it has landed, and to change it now would be an edit that no database gets."
