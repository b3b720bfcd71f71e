"""A call that migrates in a method of a class is followed to who calls the method."""

import pytest

from tests.support.projects import a_project, package
from tests.support.repositories import GitRepository
from tests.support.runners import found

CLASS = (
    'import {{ migrate }} from "drizzle-orm/node-postgres/migrator";\n'
    "export class Db {{\n  {}{}() {{\n"
    '    await migrate(db, {{ migrationsFolder: "./drizzle" }});\n  }}\n}}\n'
)
INSTANCE, STATIC = CLASS.format("async ", "up"), CLASS.format("static async ", "up")
MAIN, OTHER = "src/main.ts", "src/db.ts"


def changed(repo: GitRepository, **files: str) -> list[str]:
    """What MC604 says where `node dist/main.js` starts the app; `other` is what is beside its `main`."""
    a_project(repo)
    repo.commit(
        {MAIN: files["main"], OTHER: files.get("other", ""), "package.json": package(start="node dist/main.js")}
    )
    return [each.split(" | ")[0] for each in found(repo, "MC604")]


@pytest.mark.parametrize(
    "main",
    [
        f"{INSTANCE}await new Db().up();\n",
        f"{INSTANCE}const it = new Db();\nawait it.up();\n",
        f"{STATIC}await Db.up();\n",
        f"{STATIC}async function boot() {{ await Db.up(); }}\nboot();\n",
        f"{STATIC.replace('up', 'make')[:-2]}  static up() {{ return this.make(); }}\n}}\nawait Db.up();\n",
    ],
)
def test_a_method_of_the_file_itself(a_repo: GitRepository, main: str) -> None:
    assert changed(a_repo, main=main) == [f"warning {MAIN}:4 migrate() of node-postgres is run by the start"]


@pytest.mark.parametrize(
    ("other", "main"),
    [
        (INSTANCE, 'import { Db } from "./db";\nawait new Db().up();\n'),
        (INSTANCE, 'import { Db as It } from "./db";\nconst it = new It();\nawait it.up();\n'),
        (STATIC, 'import { Db } from "./db";\nawait Db.up();\n'),
        (STATIC, 'import * as all from "./db";\nawait all.Db.up();\n'),
    ],
)
def test_a_method_of_another_file(a_repo: GitRepository, other: str, main: str) -> None:
    said = changed(a_repo, other=other, main=main)
    assert said == [f"warning {OTHER}:4 migrate() of node-postgres is run by the start"]


@pytest.mark.parametrize("hook", ["onModuleInit", "onApplicationBootstrap"])
def test_what_nest_calls_when_the_app_starts(a_repo: GitRepository, hook: str) -> None:
    said = changed(a_repo, other=CLASS.format("async ", hook), main="bootstrap();\n")
    assert said == [f"warning {OTHER}:4 migrate() of node-postgres is run by the start"]


@pytest.mark.parametrize(
    "main",
    [
        f"{INSTANCE}await other.up();\n",
        f"{INSTANCE}new Db();\n",
        f"{INSTANCE}await new Other().up();\n",
        f"{STATIC}await Db.down();\n",
    ],
)
def test_a_method_that_nobody_calls_is_no_finding(a_repo: GitRepository, main: str) -> None:
    assert changed(a_repo, main=main) == []
