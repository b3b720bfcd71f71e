"""What names say, as Drizzle reads them."""

import pytest

from migcheck.drizzle.names import by_locale, leaves_folder, prefix_of, time_of


@pytest.mark.parametrize(
    ("tag", "prefix"),
    [
        ("0003_dark_thanos", "0003"),
        ("20231114221320_dark_thanos", "20231114221320"),
        ("1700000000_dark_thanos", "1700000000"),
        ("_dark_thanos", ""),
        ("billing/0003_plans", "0003"),
        ("init", "init"),
    ],
)
def test_the_snapshot_is_named_by_what_stands_before_the_first_underscore(tag: str, prefix: str) -> None:
    assert prefix_of(tag) == prefix


@pytest.mark.parametrize(
    ("tag", "leaves"),
    [
        ("0003_users", False),
        ("billing/../0003_users", False),
        ("..0003_users", False),
        ("../0003_users", True),
        ("billing/../../0003_users", True),
        ("..\\0003_users", True),
        ("/0003_users", True),
    ],
)
def test_a_tag_stays_in_the_folder_or_leaves_it(tag: str, *, leaves: bool) -> None:
    assert leaves_folder(tag) is leaves


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("20231114221320_users", 1_700_000_000_000),
        ("20231114221320", 1_700_000_000_000),
        ("20240230000000_runs_over", 1_709_251_200_000),
        ("20231301000000_runs_over", 1_704_067_200_000),
        ("2023111422132_users", None),
        ("users", None),
        ("00000000000000_zero", None),
        ("99999999999999_beyond", None),
    ],
)
def test_the_time_of_a_folder_is_that_of_date_utc(name: str, when: int | None) -> None:
    assert time_of(name) == when


def test_names_sort_as_locale_compare_sorts_them() -> None:
    # The output of node -e for the same names in reverse.
    in_order = ["1_a b", "1_a_b", "1_a-b", "1_a.b", "1_a1", "1_aa", "1_ab", "1_aB", "1_Ab", "1_áb", "1_b", "1_B", "1a"]

    assert sorted(set(in_order), key=by_locale) == in_order
