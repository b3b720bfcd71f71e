"""How large what pending migrations touch is on the target, for people."""

from migcheck.facts.sizes import Sized, TargetSizes, Unsized
from migcheck.report.page import Page

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1024


def write_sizes(page: Page, sizes: TargetSizes) -> None:
    """Write one row for each table of each migration."""
    match sizes:
        case Unsized(reason=reason):
            page.text(reason, lead="sizes on the target are not known: ", style="quiet")
        case ():
            page.text("none of the target's tables", lead="pending migrations touch ", style="quiet")
        case _:
            page.text("pending migrations touch, on the target:")
            cells = [(each.migration, each.table, each.lock, rows_of(each), bytes_of(each)) for each in sizes]
            widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
            for row in cells:
                page.line("  ", "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


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
