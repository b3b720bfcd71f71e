"""What ALTER DOMAIN asks of the rows of each table with a column of it.

Source: PostgreSQL's manual, ALTER DOMAIN; `validateDomainCheckConstraint` in typecmds.c, which locks those tables.
"""

from msgspec.structs import replace

from migcheck.facts.lint.constraints import constraint_name
from migcheck.facts.lint.model import Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.sql.types import called
from migcheck.postgres.table import Constraint

_KEEPS_WRITERS_OUT = "SHARE"
_OF_VALUES = "SET_NOT_NULL"


def alter_domain(model: Model, sql: Sql, node: Node) -> None:
    """A new check, one that is validated, or NOT NULL. What is of a domain over this one, nobody tells."""
    named = node.child("DOMAIN_REF")
    path = () if named is None else sql.path(named)
    does = node.child("ADD_CONSTRAINT", "VALIDATE_CONSTRAINT", _OF_VALUES)
    if not path or does is None:
        return
    check = does.child("CHECK_CONSTRAINT")
    is_left = check is not None and check.has("NOT_VALID")
    if does.kind == "ADD_CONSTRAINT" and (check is None or is_left):
        return
    kind, number = called(".".join(path)), model.number()
    new = Constraint(_named(sql, does) or f"{path[-1]}_check", foreign=False, validated=True, says="")
    for oid, table in list(model.now.items()):
        for at, column in table.columns.items():
            if column.kind == kind:
                model.lock(oid, _KEEPS_WRITERS_OUT)
                asked = replace(column, checks={**column.checks, number: new})
                model.put(oid, column=(at, replace(column, required=True) if does.kind == _OF_VALUES else asked))


def _named(sql: Sql, does: Node) -> str | None:
    check = does.child("CHECK_CONSTRAINT")
    return (check and constraint_name(sql, check)) or sql.name(does.child("CONSTRAINT_NAME_REF"))
