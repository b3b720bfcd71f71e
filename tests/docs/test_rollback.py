"""docs/rollback.md does what it says: each of its blocks, in their order, with both migrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.docs.journeys import JOURNEYS, deployed
from tests.docs.reader import Reader, programs
from tests.docs.shop import CASES, CONFIG, FILES, PAGE, Shop, write_folders
from tests.support.command import Command
from tests.support.deploys import deploy, ledger_rows
from tests.support.drizzle import drizzle_migrate
from tests.support.folders import a_folder_1_0
from tests.support.pages import dead_links, table
from tests.support.repositories import GitRepository
from tests.support.servers import Servers
from tests.support.target_server import Database, TargetServer

ROWS = table(PAGE, "rows")


@pytest.fixture(scope="module")
def tools(target_server: TargetServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs(tmp_path_factory.mktemp("rollback") / "bin", target_server.bin)


@pytest.fixture(scope="module")
def scratch(target_server: TargetServer, servers: Servers) -> str:
    """A server of the target's major, which runs already."""
    return servers.admin_url(target_server.major)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The example's folders, as the real drizzle-kit writes them where it is there."""
    return [] if missing("node") else write_folders(tmp_path_factory.mktemp("kit"))


@pytest.fixture
def reader(a_repo: GitRepository, target_server: TargetServer, tools: Path, scratch: str, command: Command) -> Reader:
    return Reader(Shop(a_repo, target_server.database()), target_server.database, tools, scratch, command)


def test_every_case_of_the_page_is_tried_and_every_link_leads_somewhere() -> None:
    assert set(CASES) == {*JOURNEYS, "drizzle-1"}
    assert dead_links(PAGE) == set()


# The release before writes products without `sku`: drizzle-kit's snapshots tell, which stops `migcheck apply`, and the
# manual says that it is meant.
_TOLD = frozenset({"failed", "failed-edit", "restored", "row-without-schema", "schema-without-row"})
_MEANT = """
[[waiver]]
code = "MC322"
migration = "0002_sku"
reason = "meant: nobody adds products meanwhile"
until = 2099-12-31
"""
_ASKED_ABOUT = frozenset({"failed-edit", "schema-without-row"})


@pytest.mark.server
@pytest.mark.parametrize("case", JOURNEYS)
def test_each_block_does_what_the_page_says(reader: Reader, written: list[Path], case: str) -> None:
    by_kit = bool(written) and case not in _TOLD
    reader = replace(reader, shop=replace(reader.shop, written=written if by_kit else ()))
    JOURNEYS[case].begin(reader.shop)
    assert tuple(reader.play(CASES[case])) == JOURNEYS[case].states
    if by_kit:
        drizzle_runs_nothing(reader.shop.app, reader.shop.path)


def drizzle_runs_nothing(app: Database, folder: Path) -> None:
    left = ledger_rows(app)
    assert (drizzle_migrate(app, folder).ok, ledger_rows(app)) == (True, left)


DEPLOYING = [case for case in JOURNEYS if any("migcheck apply" in block.text for block in CASES[case])]


@pytest.mark.server
@pytest.mark.node
@pytest.mark.parametrize("case", DEPLOYING)
def test_drizzle_in_place_of_apply_comes_to_the_same(reader: Reader, written: list[Path], case: str) -> None:
    """Verified on the way is what drizzle-kit wrote and is not verified above."""
    kit_above = case not in _TOLD
    shop = replace(reader.shop, written=() if kit_above else written)
    reader = replace(reader, shop=shop, drizzle=True, unverified=kit_above)
    JOURNEYS[case].begin(reader.shop)
    if case in _ASKED_ABOUT:
        reader.shop.repo.write({"migcheck.toml": _MEANT})
    assert tuple(reader.play(CASES[case])) == JOURNEYS[case].states
    drizzle_runs_nothing(reader.restored if case == "restored" else reader.shop.app, reader.shop.path)


@contextmanager
def touched(shop: Shop, by_hand: str) -> Iterator[None]:
    """Somebody runs `by_hand` on the ledger; afterwards it is as before."""
    rows = "drizzle.__drizzle_migrations"
    shop.app.run(f"create table before as table {rows}", by_hand)
    yield
    shop.app.run(f"truncate {rows}", f"insert into {rows} table before", "drop table before")


@pytest.mark.server
def test_what_status_says_of_a_row_that_was_touched(reader: Reader) -> None:
    deployed(reader.shop)
    told = {}
    for by_hand, _, status, _ in ROWS:
        with touched(reader.shop, by_hand):
            said = reader.migcheck("status")
        line = said.out.splitlines()[-1]
        told[by_hand] = (status if status in line else line, said.code)
    assert told == {by_hand: (status, int(code)) for by_hand, _, status, code in ROWS}


@pytest.mark.server
@pytest.mark.node
def test_what_drizzle_runs_where_a_row_was_touched(reader: Reader) -> None:
    deployed(reader.shop)
    # What it runs is there already: the message names it.
    met = {"": "runs nothing", "products": "runs 0000_products again", "sku": "runs 0002_sku again"}
    found, left = {}, {}
    for by_hand, *_ in ROWS:
        with touched(reader.shop, by_hand):
            before = ledger_rows(reader.shop.app)
            ran = drizzle_migrate(reader.shop.app, reader.shop.path)
            found[by_hand] = met["" if ran.ok else ran.message.split('"')[1]]
            left[by_hand] = ledger_rows(reader.shop.app) == before
    assert found == {by_hand: runs for by_hand, runs, *_ in ROWS}
    assert all(left.values()), left


@pytest.mark.server
def test_apply_waits_for_whoever_holds_the_ledger_by_hand(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migcheck.verify.PATIENCE", 0.01)
    deployed(reader.shop)
    reader.shop.repo.write({"migcheck.toml": "[apply]\nlock_wait = 1\n"})
    (block,) = CASES["every-case"]
    with reader.shop.app.connect() as person:
        person.execute(block.text.replace("COMMIT;", "").encode())
        told = reader.migcheck("apply")
    assert told.code == 3
    assert "drizzle.__drizzle_migrations on db.example.com/shop is locked" in " ".join(told.out.split())


@pytest.mark.server
def test_a_row_of_1_0_is_written_with_its_name(reader: Reader) -> None:
    shop, names = reader.shop, ("20251126094000_products", "20251126101000_orders", "20251127094000_sku")
    migrations = dict(zip(names, FILES.values(), strict=True))
    a_folder_1_0(shop.path, dict(list(migrations.items())[:2]))
    deploy(shop.app, shop.folder)
    shop.app.run(FILES["0002_sku"])
    a_folder_1_0(shop.path, dict(list(migrations.items())[2:]))
    shop.repo.commit({"drizzle.config.ts": CONFIG})
    reader.play(CASES["drizzle-1"])
