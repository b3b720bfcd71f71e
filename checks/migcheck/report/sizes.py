"""How large what pending migrations touch is on the target, for people."""

from collections.abc import Sequence

from migcheck.facts.target.sizes import Sized, TargetSizes, Unsized
from migcheck.report.page import Page
from migcheck.wording import listed

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1024


def write_sizes(page: Page, sizes: TargetSizes, outside: Sequence[str]) -> None:
    """Write one row for each table of each migration; `outside` are the tags of what runs outside of a transaction."""
    match sizes:
        case Unsized(reason=reason):
            page.text(reason, lead="sizes on the target are not known: ", style="quiet")
        case () if not outside:
            page.text("none of the target's tables", lead="pending migrations touch ", style="quiet")
        case ():
            pass
        case _:
            page.text("pending migrations touch, on the target:")
            cells = [(each.migration, each.table, each.lock, rows_of(each), bytes_of(each)) for each in sizes]
            widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
            for row in cells:
                page.line("  ", "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if outside and not isinstance(sizes, Unsized):
        page.text(unseen(outside), style="quiet")


def unseen(outside: Sequence[str]) -> str:
    """Of migrations whose locks are gone with each of their statements."""
    they_run = "it runs" if len(outside) == 1 else "they run"
    return f"what {listed(outside)} may lock was not seen: {they_run} outside of a transaction"


def rows_of(sized: Sized) -> str:
    """`about 1,234,567 rows`."""
    if sized.size is None:
        return "not there"
    return "never analysed" if sized.size.rows is None else f"about {sized.size.rows:,} rows"


def bytes_of(sized: Sized) -> str:
    """`1.2 GB`, in the units of Postgres's pg_size_pretty (1 kB is 1024 bytes)."""
    if sized.size is None:
        return ""
    amount, unit = float(sized.size.bytes), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{sized.size.bytes} bytes"
