"""The example of docs/rollback.md: its repository, its databases, and how each case begins."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migcheck.drizzle.folder import Folder
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from tests.support.deploys import deploy
from tests.support.drizzle import NODE
from tests.support.files import write
from tests.support.folders import a_folder, change_entry
from tests.support.pages import cases, file_of
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

PAGE = (Path(__file__).parents[2] / "docs/rollback.md").read_text("utf-8")
CASES = cases(PAGE)
WHEN = {"0000_products": 1764150000000, "0001_orders": 1764151800000, "0002_sku": 1764236400000}
SKU = "drizzle/0002_sku.sql"
FILES = {
    "0000_products": 'CREATE TABLE "products" (\n\t"id" serial PRIMARY KEY NOT NULL,\n\t"name" text NOT NULL\n);\n',
    "0001_orders": 'CREATE TABLE "orders" (\n\t"id" serial PRIMARY KEY NOT NULL,\n\t"product" integer NOT NULL\n);\n',
    "0002_sku": file_of(PAGE, SKU),
}
CONFIG = 'export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };\n'
_SCHEMA = """\
import {{ integer, pgTable, serial, text }} from "drizzle-orm/pg-core";

export const products = pgTable("products", {{
  id: serial().primaryKey(),
  name: text().notNull(),{sku}
}});
{orders}"""
_ORDERS = """
export const orders = pgTable("orders", {
  id: serial().primaryKey(),
  product: integer().notNull(),
});
"""
REQUIRED = _SCHEMA.format(sku="\n  sku: text().notNull().unique(),", orders=_ORDERS)
SCHEMAS = (
    _SCHEMA.format(sku="", orders=""),
    _SCHEMA.format(sku="", orders=_ORDERS),
    REQUIRED,
)
"""schema.ts as it is at each of the migrations."""
NEXT_SCHEMA = {
    "sku_optional": _SCHEMA.format(sku="\n  sku: text().unique(),", orders=_ORDERS),
    "drop_sku": SCHEMAS[1],
}
"""What a reader makes of schema.ts before he lets drizzle-kit write the migration of this name."""
_COLUMNS = """
    select concat_ws(', ',
        (select case when attnotnull then 'sku required' else 'sku' end from pg_attribute
         where attrelid = to_regclass('products') and attname = 'sku' and not attisdropped),
        (select case when indisvalid then 'unique' else 'invalid index' end from pg_index
         where indexrelid = to_regclass('products_sku_unique')),
        (select 'orders' where to_regclass('orders') is not null),
        (select string_agg(to_jsonb(products) ->> 'sku', ' ' order by id) from products))
"""


@dataclass(frozen=True)
class Shop:
    """The repository and its target. `written` are the folder of each release where drizzle-kit wrote them."""

    repo: GitRepository
    app: Database
    written: Sequence[Path] = ()

    @property
    def path(self) -> Path:
        """Where the folder is."""
        return self.repo / "drizzle"

    def release(self, number: int) -> None:
        """Commit the release that brings the migration of this number, counted from 1."""
        tags = list(FILES)[:number]
        if self.written:
            shutil.copytree(self.written[number - 1], self.path, dirs_exist_ok=True)
        else:
            a_folder(self.path, {tag: FILES[tag] for tag in tags}, when=WHEN)
        files = {"schema.ts": SCHEMAS[number - 1], "drizzle.config.ts": CONFIG, ".gitignore": "node_modules\n"}
        self.repo.commit({**files, "app.ts": f"// Release {number}\n"}, tags[-1])

    @property
    def folder(self) -> Folder:
        """The folder as it lies in the work tree."""
        return read_folder(DiskTree(self.repo.top), "drizzle")

    def deploy(self) -> None:
        """Bring the target to the folder."""
        deploy(self.app, self.folder)

    def state(self, at: Database) -> str:
        """The ledger's rows by `created_at`, then what is there: `0000 0001 ? | sku, orders, mug cup`.

        A row is its migration's number, or `?` where the folder has no file with this hash and `when`.
        """
        known: dict[tuple[object, ...], str] = {(each.hash, each.when): each.tag[:4] for each in self.folder.migrations}
        rows = at.ask("select hash, created_at from drizzle.__drizzle_migrations order by created_at, id")
        return " ".join(known.get(row, "?") for row in rows) + f" | {at.ask(_COLUMNS)[0][0]}"


def write_folders(top: Path) -> list[Path]:
    """Let the real drizzle-kit write the folder of each release, each in a directory of its own below `top`."""
    kept = []
    for number, (tag, schema) in enumerate(zip(FILES, SCHEMAS, strict=True)):
        write(top, {"drizzle.config.ts": CONFIG, "schema.ts": schema})
        generate(top, "--name", tag.partition("_")[2])
        (top / f"drizzle/{tag}.sql").write_text(FILES[tag])
        change_entry(top / "drizzle", tag, when=WHEN[tag])
        kept.append(shutil.copytree(top / "drizzle", top / f"release-{number}"))
    return kept


def generate(top: Path, *options: str) -> None:
    """Let the real drizzle-kit write a migration."""
    modules = top / "node_modules"
    if not modules.exists():
        modules.symlink_to(NODE / "node_modules")
    # Where npx finds it, which takes longer to look than drizzle-kit to write.
    command = [str(modules / ".bin" / "drizzle-kit"), "generate", *options]
    done = subprocess.run(command, cwd=top, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert "Your SQL migration file" in done.stdout, done.stdout + done.stderr
