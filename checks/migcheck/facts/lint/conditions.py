"""What the condition of a check says of columns."""

import re

from migcheck.regex import regex

_HAS_VALUE = regex(r'(?P<column>"(?:[^"]|"")+"|\w+)\s+is\s+not\s+null\b', re.IGNORECASE)
_NOT_ALWAYS = regex(r"\bor\b|\bnot\s*\(|\bcase\b", re.IGNORECASE)


def columns_with_value(condition: str) -> str:
    """What a check says of columns that always have a value, as the server writes it; nothing of anything else."""
    if _NOT_ALWAYS.search(condition):
        return ""
    return " AND ".join(f"({each['column']} IS NOT NULL)" for each in _HAS_VALUE.finditer(condition))
