"""`migcheck guide`: what it says of how the project deploys."""

import json

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository

RUNNER = """
import { migrate } from "drizzle-orm/node-postgres/migrator";
await migrate(db, { migrationsFolder: "./drizzle" });
"""
HOOK = """
import { migrate } from "drizzle-orm/node-postgres/migrator";
export async function register() {
  await migrate(db, { migrationsFolder: "./drizzle" });
}
"""
PROJECT = {
    "drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }",
    "package.json": json.dumps({"scripts": {"db:migrate": "drizzle-kit migrate", "db:up": "tsx scripts/migrate.ts"}}),
    "package-lock.json": "",
    "scripts/migrate.ts": RUNNER,
}
WORKFLOW = ".github/workflows/deploy.yml"
HOOKED = "`instrumentation.ts` (the start runs it)"
GATE = "migcheck apply --clearance cleared.json"


def a_job(*commands: str) -> dict[str, str]:
    """A workflow with one job that runs these."""
    steps = [{"run": command} for command in commands]
    return {WORKFLOW: json.dumps({"on": "push", "jobs": {"a": {"steps": steps}}})}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (a_job("npx tsx scripts/migrate.ts"), f"deploys with `scripts/migrate.ts` (CI runs it: `{WORKFLOW}`). "),
        (a_job("npm run db:up"), f"deploys with `scripts/migrate.ts` (CI runs it: `{WORKFLOW}`). "),
        (a_job("npx drizzle-kit migrate"), f"deploys with `drizzle-kit migrate` (CI runs it: `{WORKFLOW}`). "),
        (
            {"Dockerfile": "FROM node\nCOPY . .\nCMD npx tsx scripts/migrate.ts && node app.js\n"},
            "deploys with `scripts/migrate.ts` (the start runs it: `Dockerfile`). ",
        ),
        (
            {"instrumentation.ts": HOOK, **a_job("npm run db:migrate")},
            f"deploys with `drizzle-kit migrate` (CI runs it: `{WORKFLOW}`), {HOOKED}. ",
        ),
        ({}, "has the script `npm run db:up`, which nothing here is seen to run on a database that lasts. "),
    ],
)
def test_what_deploys_is_named_and_no_script_beside_it(
    a_repo: GitRepository, command: Command, files: dict[str, str], told: str
) -> None:
    assert land(a_repo, command, files).startswith(f"The project {told}`migcheck apply`")


@pytest.mark.parametrize("more", [(), ("npx tsx scripts/migrate.ts",)])
def test_who_runs_the_gate_deploys_with_it(a_repo: GitRepository, command: Command, more: tuple[str, ...]) -> None:
    assert land(a_repo, command, a_job(GATE, *more)) == f"`migcheck apply` deploys it: see `{WORKFLOW}`."


def land(repo: GitRepository, command: Command, files: dict[str, str]) -> str:
    """What the guide of the project with `files` says of the third step, as one line."""
    a_folder(repo / "drizzle", {"0000_users": "create table users (id int);"})
    repo.commit({**PROJECT, **files})
    page = command("guide", cwd=repo.top).out
    return " ".join(page.partition("3. **Land.** ")[2].partition("\n\n")[0].split())
