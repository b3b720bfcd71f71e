"""The same folder, read by drizzle-orm from npm and by migcheck: the same migrations in the same pieces."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NODE
from tests.support.folders import STEP, WHEN, a_folder, add_entry, add_migration
from tests.support.judging import read

READER = NODE.parent.parent / "read.mjs"


@pytest.mark.node
def test_every_file_is_read_as_drizzle_reads_it(tmp_path: Path) -> None:
    marker = "--> statement-breakpoint"
    folder = a_folder(
        tmp_path / "drizzle",
        {
            "0000_plain": f"create table users (id int);\n{marker}\nselect 1;",
            "0001_trailing": f"select 1;{marker}\n{marker}",
            "0002_empty": "",
            "0003_crlf": f"select 1;\r\n{marker}\r\nselect 2;\r\n",
            "0004_bom": b"\xef\xbb\xbfselect 1;",
            "0005_latin": b"select '\xe9\xff\xc3(\xe2\x82';",
            "0006_nul": b"select '\0';",
            "0007_quoted": f"do $$ begin\n{marker}\nend $$;",
            "0008_near": "select 1;-->statement-breakpoint\n--> STATEMENT-BREAKPOINT\nselect 2;",
            "0009_remark": f"select 1;{marker} then\nselect 2;",
            "0010_hearts": "select '♥ 👍';",
        },
        version="5",
        dialect="pg",
    )
    (folder / "billing").mkdir()
    add_migration(folder, "billing/0011_plans", "select 1;", snapshot=False)
    add_entry(folder, "0000_plain")
    add_migration(folder, "0012_late", "select 1;", when=WHEN - STEP)

    done = subprocess.run(["node", READER, folder], capture_output=True, check=True)

    assert [
        {"sql": [piece.text for piece in each.pieces], "folderMillis": each.when, "hash": each.hash}
        for each in read(folder).migrations
    ] == json.loads(done.stdout)


@pytest.mark.node
@pytest.mark.parametrize("version", ["5", "6", "7"])
def test_drizzle_never_looks_at_the_dialect_of_a_journal(tmp_path: Path, version: str) -> None:
    """drizzle-kit neither: it adds to a journal that an earlier database left behind, and does not correct it."""
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"}, version=version, dialect="mysql")
    (tmp_path / "drizzle.config.ts").write_text("export default { dialect: 'postgresql' }")

    done = subprocess.run(["node", READER, folder], capture_output=True, check=True)

    assert [each["hash"] for each in json.loads(done.stdout)] == [each.hash for each in read(folder).migrations]
