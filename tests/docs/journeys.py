"""How each case of docs/rollback.md begins, and what is there after each of its blocks."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.docs.shop import FILES, SKU, Shop

LEDGER = "drizzle.__drizzle_migrations"
JOURNAL = "drizzle/meta/_journal.json"
WHOLE = "0000 0001 0002 | sku required, unique, orders, mug cup"
"""All three are applied, and nothing is wrong (Shop.state)."""
WITHOUT_ROW = "0000 0001 | sku required, unique, orders, mug cup"
WITHOUT_SKU = "0000 0001 | orders"
WITHOUT_FILE = "0000 0001 ? | sku required, unique, orders, mug cup"
TORN = "0000 0001 | sku, invalid index, orders, mug mug"
LIKE = ("Mug", "mug")
"""Names that come to one SKU."""


@dataclass(frozen=True)
class Journey:
    """Where a case comes from, and its states, one for each block that does something."""

    begin: Callable[[Shop], None]
    states: tuple[str, ...]


def before_the_sku(shop: Shop, products: tuple[str, ...] = ("Mug", "Cup")) -> None:
    """Two releases are deployed, and there are products; the third release has landed."""
    shop.release(1)
    shop.release(2)
    shop.deploy()
    shop.app.run(*(f"insert into products (name) values ('{each}')" for each in products))
    shop.release(3)


def deployed(shop: Shop, *statements: str) -> None:
    """All three releases are deployed; then somebody ran `statements` by hand."""
    before_the_sku(shop)
    shop.deploy()
    shop.app.run(*statements)


def reverted(shop: Shop) -> None:
    """The commit of the third release was reverted."""
    deployed(shop)
    shop.repo.revert("HEAD")


def run_by_hand(shop: Shop) -> None:
    """The third migration was run without its row."""
    before_the_sku(shop)
    shop.app.run(FILES["0002_sku"])


def edited(shop: Shop, old: str, new: str, path: str = SKU) -> None:
    """All three are deployed, and a commit edits a file."""
    deployed(shop)
    text = (shop.repo / path).read_text("utf-8")
    assert old in text
    shop.repo.commit({path: text.replace(old, new)}, "Edit it")


JOURNEYS = {
    "example": Journey(deployed, (WHOLE, WHOLE)),
    "every-case": Journey(deployed, (WHOLE,)),
    "rolled-back": Journey(
        deployed, (WITHOUT_FILE, WHOLE, WHOLE, "0000 0001 0002 0003 | sku, unique, orders, mug cup")
    ),
    "reverted": Journey(reverted, (WITHOUT_FILE, WHOLE)),
    "failed": Journey(
        lambda shop: before_the_sku(shop, LIKE),
        (
            *(WITHOUT_SKU, WITHOUT_SKU, WITHOUT_SKU),
            "0000 0001 0002 | sku required, unique, orders, mug mug (large)",
        ),
    ),
    "failed-edit": Journey(
        lambda shop: before_the_sku(shop, LIKE),
        (WITHOUT_SKU, "0000 0001 0002 | sku required, unique, orders, mug-1 mug-2"),
    ),
    "torn": Journey(
        lambda shop: before_the_sku(shop, LIKE),
        (
            *(WITHOUT_SKU, TORN, TORN),
            "0000 0001 | sku, orders, mug mug",
            WITHOUT_SKU,
            "0000 0001 0002 | sku, unique, orders, mug mug (large)",
        ),
    ),
    "unknown": Journey(deployed, (WHOLE, WHOLE)),
    "wrong": Journey(deployed, (WHOLE, WHOLE, WHOLE, "0000 0001 0002 0003 | orders")),
    "restored": Journey(before_the_sku, (WITHOUT_SKU, WITHOUT_SKU)),
    "row-without-schema": Journey(
        lambda shop: deployed(shop, "alter table products drop column sku"),
        ("0000 0001 0002 | orders", "0000 0001 0002 | orders", WITHOUT_SKU, WHOLE),
    ),
    "old-row-without-schema": Journey(lambda shop: deployed(shop, "drop table orders"), (WHOLE,)),
    "schema-without-row": Journey(run_by_hand, (WITHOUT_ROW, WITHOUT_ROW, WHOLE, WHOLE)),
    "row-missing": Journey(
        lambda shop: deployed(shop, f"delete from {LEDGER} where id = 2"),
        ("0000 0002 | sku required, unique, orders, mug cup", WHOLE, WHOLE),
    ),
    "edited": Journey(
        lambda shop: edited(shop, "lower", "upper"),
        (WITHOUT_FILE, WHOLE, WHOLE, "0000 0001 0002 0003 | sku required, unique, orders, MUG CUP"),
    ),
    "when-edited": Journey(lambda shop: edited(shop, "1764236400000", "1764236500000", JOURNAL), (WITHOUT_FILE, WHOLE)),
}
