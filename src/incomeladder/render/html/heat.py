"""The matrix as a table shaded by the share of each row: marks say which way, shades how many."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from incomeladder.render.facts import told
from incomeladder.render.html.nodes import first, heading, node, number, paragraphs, section, table
from incomeladder.render.numbers import counted, percent
from incomeladder.render.square import Square
from incomeladder.render.wording import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from incomeladder.render.bands import Stretch
    from incomeladder.render.facts import Facts
    from incomeladder.render.square import Cell

_MOST: Final = 60
"""Bands up to which each has a row and a column."""
_ACROSS: Final = 18
"""Columns that an upright page of paper takes."""
_SHADES: Final = (0.05, 0.15, 0.30, 0.50, 0.75)
"""Shares of a row from which on a cell is a shade darker."""
_MARKS: Final = {None: "", 0: "=", 1: "+", -1: "−"}


def heat(facts: Facts) -> Element:
    """The matrix, in parts where there are more columns than a page of paper takes."""
    words, square = facts.words, Square(facts, _MOST)
    count = -(-len(square.columns) // _ACROSS)
    across = -(-len(square.columns) // count)
    parts = [square.columns[place : place + across] for place in range(0, len(square.columns), across)]
    said = [words("page.matrix", **facts.named())]
    said += [words("page.matrix_floor", floor=counted(facts.programme.tiers.floor.upper))]
    said += [words("page.merged")] if square.is_merged else []
    tables = (_part(facts, square, part, place if count > 1 else 0) for place, part in enumerate(parts, start=1))
    return section("matrix", words("page.matrix_title"), *paragraphs(said), _legend(facts), *tables)


def _part(facts: Facts, square: Square, columns: Sequence[Stretch], part: int) -> Element:
    words, is_last = facts.words, columns[-1] is square.columns[-1]
    caption = words("page.matrix_caption", **facts.named()) + (words("page.part", part=part) if part else "")
    above = [heading(words("matrix.corner"), class_="corner"), *(_headed(column, "col") for column in columns)]
    above += [heading(words("page.total"), class_="n total")] if is_last else []
    rows = [_row(square, row, columns, with_total=is_last) for row in square.rows]
    sums = (number(told(square.after(column)), class_=_cut("n", column)) for column in columns)
    feet = [first(words("page.total"), class_="t"), *sums]
    feet += [number(told(square.whole), class_="n total")] if is_last else []
    made = table(caption, [above], rows, [feet])
    made[0].set("class", "heat")
    return made


def _row(square: Square, row: Stretch, columns: Sequence[Stretch], *, with_total: bool) -> Element:
    cells = [_headed(row, "row"), *(_shaded(square.cell(row, column), row, column) for column in columns)]
    cells += [number(told(square.before(row)), class_="n total")] if with_total else []
    return node("tr", *cells, **({"class_": "edge"} if row.at_floor else {}))


def _headed(stretch: Stretch, scope: str) -> Element:
    """The heading of a row or column; that of a column may break behind its hyphen."""
    kind = f"{'n' if scope == 'col' else 't'}{' below' if stretch.below else ''}"
    attributes = {"scope": scope, "class_": _cut(kind, stretch) if scope == "col" else kind}
    begin, hyphen, end = stretch.label.partition("-")
    if scope == "row" or stretch.outside or not hyphen:
        return node("th", stretch.label, **attributes)
    return node("th", begin + hyphen, node("wbr"), end, **attributes)


def _cut(kind: str, column: Stretch) -> str:
    """What marks the floor between columns."""
    return f"{kind} cut" if column.at_floor else kind


def _shaded(cell: Cell, row: Stretch, column: Stretch) -> Element:
    if cell.households == 0:
        return number("·", class_=_cut("n none", column))
    text = HIDDEN if cell.households is None else f"{_MARKS[cell.move]}{told(cell.households)}"
    same = " same" if cell.move == 0 else ""
    if cell.share is None:
        return number(text, class_=_cut(f"n{same}", column))
    shade = sum(cell.share >= shade for shade in _SHADES) + 1
    kind = f"n h{shade}{same}"
    return number(text, class_=_cut(kind, column), title=f"{row.label} → {column.label}: {percent(cell.share)}")


def _legend(facts: Facts) -> Element:
    """Marks and shades, each with what it says."""
    edges = [0.0, *_SHADES, 1.0]
    shades = (
        node("li", node("span", class_=f"swatch h{place}", aria_hidden="true"), f" {low:.0%}–{high:.0%}")
        for place, (low, high) in enumerate(pairwise(edges), start=1)
    )
    marks = (node("li", facts.words(key, minus=_MARKS[-1])) for key in ("page.marks", "page.shades"))
    return node("ul", *marks, *shades, class_="key")
