"""What variables and parameters of a pipeline of Azure stand for.

Facts: learn.microsoft.com "Define variables": names know no case; a macro that names none is left as it is.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.yaml_nodes import items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_VALUE = regex(
    r"\$\((?P<macro>[A-Za-z_][\w.-]{0,200})\)|\$\{\{[ \t]*(?P<inner>(?:(?!\$\{\{|\}\})[^\n]){0,1000})\}\}", re.ASCII
)
_OF_VARIABLES = regex(r"variables(?:\.(?P<name>[\w.]+)|\['(?P<key>[\w.]+)'\])", re.ASCII)
SHELLOPTS = "SHELLOPTS"
"""A variable from which bash takes its options."""
_MOST = 1_000
_LONGEST = 1_000
_LARGEST = 64 * 1024
"""Characters that values add to a text."""


class Variables(Struct, frozen=True):
    """What is known, by its name in small letters, a parameter's with its prefix.

    `environment` is what of it a step is given that could matter, `groups` are named and hold more.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    def more(self, node: "Node | None") -> "Variables":
        """With the variables of a pipeline, a stage or a job, and with what its parameters are unless a person says."""
        known, environment, groups = dict(self.known), dict(self.environment), list(self.groups)
        for each in items(member(node, "parameters")):
            known[f"parameters.{text(member(each, 'name')).lower()}"] = text(member(each, "default"))
        told = member(node, "variables")
        for each in items(told):
            groups += filter(None, [text(member(each, "group"))])
        named = [(text(member(each, "name")), member(each, "value")) for each in items(told)]
        for name, value in (*members(told), *named):
            filled = Variables(known).filled(text(value))
            if name and len(filled) <= _LONGEST:
                known[name.lower()] = filled
                variable = re.sub(r"\W", "_", name).upper()
                environment |= {variable: filled} if _is_told(variable) else {}
            if len(known) >= _MOST:
                break
        return Variables(known, environment, tuple(groups))

    def filled(self, told: str) -> str:
        """`told`, with what is known in it; a variable of the shell where only running tells."""
        left = _LARGEST

        def value(found: re.Match[str]) -> str:
            nonlocal left
            inner = (found["inner"] or "").strip()
            variable = _OF_VARIABLES.fullmatch(inner)
            name = found["macro"] or (variable["name"] or variable["key"] if variable else inner)
            known = self.known.get(name.lower())
            left -= len(known or "")
            return f"${re.sub(r'[^A-Za-z0-9]+', '_', name)[:100]}" if known is None or left < 0 else known

        return _VALUE.sub(value, told)


def _is_told(variable: str) -> bool:
    return variable == SHELLOPTS or names_a_database(variable)
