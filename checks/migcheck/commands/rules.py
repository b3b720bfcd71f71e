"""`migcheck rules`: every rule, gate by gate."""

from migcheck.catalogue import rule_pages
from migcheck.commands.options import Format, Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.exits import CLEAR
from migcheck.report.emit import emit, look_of
from migcheck.report.rules import render_rules, render_rules_json


def run(options: Options) -> int:
    """Print the catalogue."""
    prepare_outputs(options)
    pages = tuple(rule_pages())
    as_json = options.output_format is Format.JSON
    emit(render_rules_json(pages) if as_json else render_rules(pages, look_of(options.output)), options.output)
    return CLEAR
