"""How a row becomes a line of cells: widths of columns, texts cut or filled to them, whatever letters they have."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from auralis_cli.terminal_text import printable
from auralis_cli.tui.widgets.rows import Column

# Between columns.
GAP = 2
# Nothing narrower can be read.
_LEAST = 4


def column_widths(columns: Sequence[Column], width: int) -> list[int]:
    """How wide each column is in a list of `width` cells; 0 for those that have no place."""
    shown = [column.from_width <= width for column in columns]
    fixed = sum(column.width for column, is_shown in zip(columns, shown, strict=True) if is_shown)
    left = max(width - fixed - GAP * max(sum(shown) - 1, 0), 0)
    shares = sum(column.share for column, is_shown in zip(columns, shown, strict=True) if is_shown and not column.width)
    widths = []
    for column, is_shown in zip(columns, shown, strict=True):
        if not is_shown or column.width:
            widths.append(column.width if is_shown else 0)
            continue
        # Of what is left each takes its share, so that no cell is left over.
        own = left * column.share // shares
        left, shares = left - own, shares - column.share
        widths.append(max(own, _LEAST))
    return widths


def fitted(text: str, width: int, *, is_right: bool = False) -> str:
    """`text` in exactly `width` cells, made harmless; an ellipsis tells that there is more."""
    shown = printable(text)
    taken = cell_len(shown)
    if taken > width:
        return set_cell_size(set_cell_size(shown, max(width - 1, 0)).rstrip() + "…", width)
    fill = " " * (width - taken)
    return fill + shown if is_right else shown + fill


def line_of(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    """One line of a table."""
    parts = [
        fitted(cell, width, is_right=column.is_right)
        for cell, column, width in zip(cells, columns, widths, strict=False)
        if width
    ]
    return (" " * GAP).join(parts)
