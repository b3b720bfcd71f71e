"""Every rule that is written is judged: a file that the catalogue forgot would find nothing, in silence."""

from collections import Counter
from pathlib import Path

import migcheck.rules
from migcheck.catalogue import rule_pages


def test_every_file_of_a_rule_is_in_the_catalogue() -> None:
    (root,) = map(Path, migcheck.rules.__path__)
    written = {f"{path.parent.name}/{path.stem.replace('_', '-')}" for path in root.glob("*/[!_]*.py")}

    assert {f"{page.gate}/{page.name}" for page in rule_pages()} == written


def test_no_two_rules_have_one_code() -> None:
    codes = Counter(page.code for page in rule_pages())
    assert [code for code, times in codes.items() if times > 1] == []
