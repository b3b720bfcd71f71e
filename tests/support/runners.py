"""Source files that migrate, as people write them."""

import json

from tests.support.projects import project_findings
from tests.support.repositories import GitRepository


def runner(driver: str = "node-postgres", folder: str = "./drizzle", **options: str) -> str:
    """A script that migrates when it is run. `options` are more of what the call is told."""
    config = json.dumps({"migrationsFolder": folder, **options})
    return (
        f'import {{ drizzle }} from "drizzle-orm/{driver}";\n'
        f'import {{ migrate }} from "drizzle-orm/{driver}/migrator";\n'
        f"await migrate(drizzle(process.env.DATABASE_URL!), {config});\n"
    )


def library(name: str = "migrateDb", folder: str = "./drizzle") -> str:
    """A module with a function that migrates, and that nothing calls."""
    return (
        'import { migrate } from "drizzle-orm/node-postgres/migrator";\n'
        f"export async function {name}() {{\n"
        f'  await migrate(db, {{ migrationsFolder: "{folder}" }});\n'
        "}\n"
    )


def found(repo: GitRepository, code: str) -> list[str]:
    """What the rule `code` finds, without its code."""
    return [each.removeprefix(f"{code} ") for each in project_findings(repo) if each.startswith(code)]
