"""A page whose blocks are run says what they are, and what they print."""

import pytest

from tests.support.pages import Block, Command, cases, commands, dead_links, file_of, lacking, table

PAGE = """# A page

The file `drizzle/0000_a.sql`:

```sql
select 1;
```

<!-- case: one -->
```sh
true
false   # exit code 1
```

```text
something
```

Put this into `drizzle/0001_b.sql`, by hand:

<!-- case: two -->
```sql
select 2;
```

See [above](#a-page) and [nowhere](#nowhere).

<!-- rows -->
| what | code |
|---|---|
| `select 3;` | 1 |

"""
RUN, PRINTED = Block("sh", "true\nfalse   # exit code 1\n"), Block("text", "something\n")


def test_a_page_is_cut_into_cases_and_their_blocks() -> None:
    assert cases(PAGE) == {
        "one": (RUN, PRINTED),
        "two": (Block("sql", "select 2;\n", "drizzle/0001_b.sql"),),
    }
    assert file_of(PAGE, "drizzle/0000_a.sql") == "select 1;\n"


def test_a_line_says_how_it_ends_where_it_does_not_end_well() -> None:
    assert commands(RUN) == (Command("true", 0), Command("false", 1))


def test_a_table_is_found_by_its_name() -> None:
    assert table(PAGE, "rows") == [["select 3;", "1"]]


def test_a_link_to_no_heading_is_dead() -> None:
    assert dead_links(PAGE) == {"nowhere"}


@pytest.mark.parametrize(
    ("expected", "first"),
    [
        ("a\nc", ""),
        ("a\n\nb … d", ""),
        ("c\na", "a"),
        ("b", "b"),
        ("b c … e", "b c … e"),
    ],
)
def test_what_was_not_printed_in_this_order_is_lacking(expected: str, first: str) -> None:
    assert lacking(expected, "a\nb c d\nc\n") == first
