"""A folder that the command line names: what is configured for it counts, and what cannot be one is refused."""

from pathlib import Path

import pytest
from tests.support.configuration import load, paths
from tests.support.files import write

from migcheck.config.config import FolderConfig
from migcheck.errors import UsageError


def test_a_named_folder_needs_no_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"app/x/meta/_journal.json": "{}"})
    assert load(tmp_path, "app", folder="x").config.folder == (FolderConfig(path="app/x"),)


def test_a_named_folder_keeps_what_is_configured_for_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/meta/_journal.json": "{}",
            "b/meta/_journal.json": "{}",
            "migcheck.toml": '[[folder]]\npath = "a"\n[[folder]]\npath = "b"\ntransaction = "each"\nledger.table = "b"',
        },
    )
    (chosen,) = load(tmp_path, folder="b").config.folder
    assert (chosen.path, chosen.transaction) == ("b", "each")


def test_a_named_folder_takes_the_ledger_of_the_drizzle_config_above_it(tmp_path: Path) -> None:
    text = "export default { dialect: 'postgresql', out: 'x', migrations: { table: 't' } }"
    write(tmp_path, {"app/x/meta/_journal.json": "{}", "app/drizzle.config.ts": text})
    assert load(tmp_path, folder="app/x").config.folder[0].ledger.table == "t"


def test_what_is_said_of_a_named_folder_is_what_is_said_of_it_among_others(tmp_path: Path) -> None:
    text = "export default {{ dialect: 'postgresql', out: './drizzle', migrations: {{ table: '{}' }} }}"
    of_each = {f"{each}/drizzle.config.ts": text.format(each) for each in ("a", "b")}
    own = '[[folder]]\npath = "a/drizzle"\n[[folder]]\npath = "b/drizzle"\n'
    write(tmp_path, {**of_each, "migcheck.toml": own, "a/drizzle/x": "", "b/drizzle/x": ""})
    told = [f"{each}/drizzle is configured by {each}/drizzle.config.ts, which was read and not run" for each in "ab"]
    assert load(tmp_path).notes == (*told,)
    for each, line in zip("ab", told, strict=True):
        named = load(tmp_path, folder=f"{each}/drizzle")
        assert (named.config.folder[0].ledger.table, named.notes) == (each, (line,))


@pytest.mark.parametrize(
    ("folder", "problem"),
    [("none", "none does not exist"), ("file", "file is a file"), ("..", "lies outside")],
)
def test_a_folder_that_cannot_be_one(tmp_path: Path, folder: str, problem: str) -> None:
    write(tmp_path, {"repo/file": ""})
    with pytest.raises(UsageError, match=problem):
        load(tmp_path / "repo", folder=folder)


def test_a_linked_folder_is_where_its_files_are(tmp_path: Path) -> None:
    """Git knows nothing below a link, so an edit of what landed would pass for a new folder."""
    write(tmp_path, {"repo/packages/db/drizzle/meta/_journal.json": "{}", "elsewhere/x": ""})
    repo = tmp_path / "repo"
    (repo / "drizzle").symlink_to("packages/db/drizzle")
    (repo / "out").symlink_to("../elsewhere")
    assert paths(load(repo, folder="drizzle")) == ["packages/db/drizzle"]
    write(repo, {"drizzle.config.ts": "export default { dialect: 'postgresql' }"})
    assert paths(load(repo)) == ["packages/db/drizzle"]
    write(repo, {"migcheck.toml": '[[folder]]\npath = "drizzle"\n[[folder]]\npath = "out"\nledger.table = "b"'})
    with pytest.raises(UsageError, match=r"the folder out \(out\) is a symbolic link that leaves"):
        load(repo)


def test_a_path_with_a_nul_character_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": '[[folder]]\npath = "a\\u0000/b"'})
    with pytest.raises(UsageError, match="holds a NUL character"):
        load(tmp_path)
    write(
        tmp_path, {"migcheck.toml": "", "drizzle.config.ts": "export default { dialect: 'postgresql', out: '\\0/a' }"}
    )
    with pytest.raises(UsageError, match="holds a NUL character"):
        load(tmp_path)
