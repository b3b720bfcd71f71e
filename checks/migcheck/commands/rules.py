"""`migcheck rules`: every rule, gate by gate."""

import sys
from pathlib import Path

from migcheck.catalogue import rule_pages
from migcheck.commands.options import Format
from migcheck.exits import CLEAR
from migcheck.report.emit import emit, has_colour, page_width, prepare_output
from migcheck.report.rules import render_rules, render_rules_json


def run(wanted: Format, output: Path | None) -> int:
    """Print the catalogue."""
    prepare_output(output)
    pages = tuple(rule_pages())
    colour = output is None and has_colour(sys.stdout)
    emit(
        render_rules_json(pages)
        if wanted is Format.JSON
        else render_rules(pages, page_width(sys.stdout), colour=colour),
        output,
    )
    return CLEAR
