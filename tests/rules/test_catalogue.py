"""Every rule that is written is judged: a file that the catalogue forgot would find nothing, in silence."""

from collections import Counter
from pathlib import Path

import migcheck.rules
from migcheck.catalogue import RULES, rule_pages


def test_every_file_of_a_rule_is_in_the_catalogue() -> None:
    (root,) = map(Path, migcheck.rules.__path__)
    written = {f"{path.parent.name}/{path.stem.replace('_', '-')}" for path in root.glob("*/[!_]*.py")}

    assert {f"{page.gate}/{page.name}" for page in rule_pages()} == written


def test_no_two_rules_have_one_code() -> None:
    codes = Counter(page.code for page in rule_pages())
    assert [code for code, times in codes.items() if times > 1] == []


def test_of_what_landed_only_what_asks_for_nothing_is_old_debt_to_be_left() -> None:
    """The report for people says no more of it than where it is: what it asks for would not be seen."""
    of_their_own = [each for rules in RULES.values() for each in rules if each.landed]
    assert {each.code for each in of_their_own if each.asks_nothing} == {"MC103", "MC110", "MC114"}
    assert all(each.landed.startswith("Leave it: ") for each in of_their_own if each.asks_nothing)
    assert all(each.asks_nothing for rules in RULES.values() for each in rules if not each.landed)
