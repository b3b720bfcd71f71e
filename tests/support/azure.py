"""Pipelines of Azure in tests, and what is read of them."""

from migcheck.scripts.ci.azure import read_azure
from migcheck.scripts.script import Script

PATH = "azure-pipelines.yml"
PUSH = "npx drizzle-kit push"
MIGRATE = "npx drizzle-kit migrate"
LOCAL = "{DATABASE_URL: 'postgres://a:b@localhost/x'}"
POSTGRES = "resources: {containers: [{container: pg, image: 'postgres:16'}]}\n"


def read(text: str, *, is_template: bool = False) -> list[Script]:
    return list(read_azure(PATH, text.encode(), is_template=is_template))


def steps(*listed: str, before: str = "") -> str:
    """A pipeline of one job. Without `before`, the first step stands on line 2."""
    return f"{before}steps:\n" + "".join(f"- {each}\n" for each in listed)
