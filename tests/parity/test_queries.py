"""What is planned for a release is what drizzle-orm sends, for the same tables, character by character."""

import json
import subprocess

import pytest

from migcheck.drizzle.queries import Kind, least_insert, queries_of, value_queries
from migcheck.drizzle.read_schema import parse_schema
from tests.support.drizzle import NODE

pytestmark = pytest.mark.node


def test_every_statement_is_drizzles_own() -> None:
    out = subprocess.run(["node", "queries.mjs"], cwd=NODE, capture_output=True, text=True, check=True).stdout
    told = json.loads(out)
    relations = parse_schema(json.dumps(told["snapshot"]).encode())
    assert relations is not None
    (users,) = (each for each in relations if each.name == "users")
    ours = {(each.text, each.parameters) for each in queries_of(relations) if each.kind is not Kind.VALUES}
    ours |= {(least_insert(users), 1), *((each.text, 0) for each in value_queries(users) if "green" in each.value)}
    assert ours == {(each["sql"], each["params"]) for each in told["queries"]}
    assert len(ours) == len(told["queries"])
