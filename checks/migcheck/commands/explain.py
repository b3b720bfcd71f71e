"""`migcheck explain CODE`: one rule, why it is one, and how to fix what breaks it; or how a deploy is undone."""

import difflib
from importlib.resources import files

from migcheck.catalogue import rule_pages
from migcheck.commands.options import Format, Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.errors import UsageError
from migcheck.exits import CLEAR
from migcheck.report.emit import emit, look_of
from migcheck.report.manual import read_manual, render_case, render_overview
from migcheck.report.rules import render_rule, render_rules_json
from migcheck.rule import RulePage
from migcheck.wording import near_code

_PAGE = "rollback"


def run(options: Options) -> int:
    """Print the rule that has this code or name, or the page of this name. Raises UsageError where there is none."""
    prepare_outputs(options)
    emit(_page(options.case, options) if options.code.lower() == _PAGE else _rule(options), options.output)
    return CLEAR


def _rule(options: Options) -> str:
    page = _find(options.code)
    if options.case is not None:
        raise UsageError(f"{page.code} is a rule and has no cases", f"leave out {options.case}")
    as_json = options.output_format is Format.JSON
    return render_rules_json([page]) if as_json else render_rule(page, look_of(options.output))


def _page(asked: str | None, options: Options) -> str:
    """docs/rollback.md, of which docs/generate.py keeps a copy in the package: what it has, or the case `asked`."""
    if options.output_format is Format.JSON:
        raise UsageError(f"{_PAGE} is a page and no rule: there is no JSON of it", "leave out --format")
    manual, look = read_manual(files("migcheck").joinpath(f"{_PAGE}.md").read_text("utf-8")), look_of(options.output)
    if asked is None:
        return render_overview(manual, look)
    for case in manual.cases:
        if case.name == asked.lower():
            return render_case(manual, case, look)
    near = difflib.get_close_matches(asked.lower(), [case.name for case in manual.cases], n=1)
    remedy = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"there is no case {asked}", f"{remedy}`migcheck explain {_PAGE}` lists them all")


def _find(asked: str) -> RulePage:
    pages = tuple(rule_pages())
    for page in pages:
        if asked.lower().replace("_", "-") in {page.code.lower(), page.code.removeprefix("MC"), page.name}:
            return page
    names = difflib.get_close_matches(asked.lower(), [*(page.name for page in pages), _PAGE], n=1)
    # Codes are numbers: one that is near by its letters has nothing to do with what was meant.
    near = near_code(asked, [page.code for page in pages]) or next(iter(names), None)
    remedy = f"did you mean {near}? " if near else ""
    raise UsageError(f"there is no rule {asked}", f"{remedy}`migcheck rules` lists them all")
