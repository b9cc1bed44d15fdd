"""Where the headings of a table stand among its first rows, and what stands above them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from operator import ne
from typing import TYPE_CHECKING, Final, NamedTuple

from incomeladder.frames import INCOME, PARTS
from incomeladder.read.headings import Columns, is_known, known, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from incomeladder.errors import Reason
    from incomeladder.read.headings import Naming

DEEPEST_HEADING: Final = 20
FIRST_ROWS: Final = DEEPEST_HEADING + 5
"""So many rows that are not blank are looked at to find the headings, and the first row below them."""
_MOST_ROWS: Final = 3

_SAYS: Final = r"(?<!填报)(?<!编制)(?<!制表)(?<!报送)(?<!主管)单位\s*[:：]"
_TITLE_UNIT: Final = re.compile(rf"{_SAYS}(?:[^:：\s]*?[、，,/])??(万元|元)(?=$|[\s,，、;；/)）])|以(万元|元)为单位")
_OTHER_UNIT: Final = re.compile(rf"{_SAYS}[^:：\s]*?((?:[十百千]+万?|亿)元)")
_SEVERAL_UNITS: Final = re.compile(rf"{_SAYS}(?=\S*(?<!万)元)(?=\S*万元)")
_SPACES: Final = re.compile(r"\s*[\r\n]\s*")
_CHINESE_BREAK: Final = re.compile(r"(?<=[^\x00-\x7f])\s*[\r\n]\s*(?=[^\x00-\x7f])")
_NUMBER: Final = re.compile(r"[-+]?[0-9０-９][0-9０-９,.，．]*%?")
_UNIT_ONLY: Final = re.compile(r"[(（]?(?:单位[:：]?)?(?:万元|万|元|人|口|户|yuan|persons?)(?:/[年户人])?[)）]?")
_TOTAL: Final = re.compile(r"[合小总共]?计")
_COLUMN_LETTERS: Final = frozenset("甲乙丙丁戊己庚辛壬癸") | {"栏次", "栏目"}
_FEWEST_ORDINALS: Final = 5


@dataclass(frozen=True)
class Layout:
    """How a table is laid out: ``heading_row`` is the last row of its headings, ``titles`` stand above them.

    ``first_row`` is the first below that is not blank, or nothing; ``numbering_row`` numbers the columns. Of text only:
    the ``delimiter``, and ``old_line_ends``, which tells of a CR alone down to the headings, which polars takes for no
    line's end.
    """

    columns: Columns
    heading_row: int = 0
    titles: tuple[str, ...] = ()
    first_row: tuple[str, ...] = ()
    numbering_row: int | None = None
    delimiter: str = ""
    old_line_ends: bool = False

    @property
    def title_wan(self) -> bool | None:
        """Whether a title such as 单位：万元 names the unit of bare amounts."""
        titles = " ".join(self.titles)
        if _SEVERAL_UNITS.search(titles):
            return None
        units = {(found[1] or found[2]).startswith("万") for found in _TITLE_UNIT.finditer(titles)}
        return units.pop() if len(units) == 1 else None

    @property
    def other_unit(self) -> str | None:
        """A unit that a title names and nobody here counts in, such as 千元."""
        found = _OTHER_UNIT.search(" ".join(self.titles))
        return found[1] if found else None


@dataclass(frozen=True)
class Table:
    """One table of a file: its layout, and its rows as raw text.

    ``typed`` has the rows as they are scanned, numbers where the file has numbers; None where they are in memory.
    ``prove`` reads it again where the shape of the rows is not known for certain; ``notes`` tell what is odd about it.
    """

    kind: str
    layout: Layout
    raw: pl.LazyFrame
    encoding: str | None = None
    sheet: str | None = None
    typed: pl.LazyFrame | None = None
    prove: Callable[[], Table] | None = None
    notes: tuple[Reason, ...] = ()


class Row(NamedTuple):
    """A row that is not blank: its last line, and its cells without outer spaces, empty ones as ''."""

    line: int
    cells: tuple[str, ...]


def heading_cell(text: str) -> str:
    """A cell above the data: without outer spaces, and on one line; between Chinese characters a break is no space."""
    return _SPACES.sub(" ", _CHINESE_BREAK.sub("", text.strip(" \t\r\n\ufeff")))


class Merges(NamedTuple):
    """The merged ranges of a sheet that are wider than a column, as first and last row (from 1) and column (from 0).

    None are known of text, nor of .ods: there no heading reaches over its neighbours.
    """

    ranges: tuple[tuple[int, int, int, int], ...] = ()

    def start(self, row: Row, column: int) -> int | None:
        """The first column of the range that a cell belongs to."""
        of_row = (one for one in self.ranges if one[0] <= row.line <= one[1])
        return next((left for _, _, left, right in of_row if left <= column <= right), None)


_NO_MERGES: Final = Merges()


class Headings(NamedTuple):
    """Rows that may hold the headings; the first row where nothing is known.

    ``score`` is how many columns are known, and then how many cells there are.
    """

    score: tuple[int, int]
    line: int = 0
    titles: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    first_row: tuple[str, ...] = ()
    numbering_row: int | None = None

    def layout(self, columns: Columns, *, delimiter: str = "", old_line_ends: bool = False) -> Layout:
        """The layout of the table whose columns these headings were recognised as."""
        return Layout(columns, self.line, self.titles, self.first_row, self.numbering_row, delimiter, old_line_ends)


def find_headings(rows: Sequence[Row], naming: Naming, merges: Merges = _NO_MERGES) -> Headings:
    """The row, or the two or three rows, by which most columns are known."""
    best = Headings((-1, 0))
    for place in range(min(len(rows), DEEPEST_HEADING)):
        cells, depth = _at(rows, place, naming, merges)
        score = len(known(cells, naming)), 0 if place else len(cells)
        if score > best.score:
            best = _headings(rows, place, depth, cells, score)
        if best.score[0] > 1 and not known(best.cells, naming).isdisjoint((INCOME, *PARTS)):
            break
    return best


def _headings(rows: Sequence[Row], place: int, depth: int, cells: tuple[str, ...], score: tuple[int, int]) -> Headings:
    end = place + depth
    numbered = end < len(rows) and _numbers_columns(rows[end].cells)
    end += numbered
    titles = tuple(" ".join(filter(None, row.cells)) for row in rows[:place])
    line, first_row = rows[end - 1].line, rows[end].cells if end < len(rows) else ()
    return Headings(score, line, titles, cells, first_row, line if numbered else None)


def _at(rows: Sequence[Row], place: int, naming: Naming, merges: Merges) -> tuple[tuple[str, ...], int]:
    """The headings that begin in a row, and how many rows they take.

    A lower row belongs to them if with it more columns are known than it knows by itself; else a title stands above.
    """
    headings, depth = rows[place], 1
    for lower in rows[place + 1 : place + _MOST_ROWS]:
        if not _continues(headings, lower, merges):
            break
        both = tuple(_combined(headings, lower, column, merges) for column in range(len(lower.cells)))
        least = max(len(known(headings.cells, naming)), len(known(lower.cells, naming)) + 1)
        if len(known(both, naming)) < least:
            break
        headings, depth = Row(lower.line, both), depth + 1
    return headings.cells, depth


def _continues(upper: Row, lower: Row, merges: Merges) -> bool:
    """Whether the lower row holds the parts of headings above it, or their units, and so is no household."""
    held = [column for column, cell in enumerate(lower.cells) if cell]
    if len(upper.cells) != len(lower.cells) or any(_NUMBER.fullmatch(lower.cells[column]) for column in held):
        return False
    return all(not upper.cells[column] or _may_part(upper, lower, column, merges) for column in held)


def _may_part(upper: Row, lower: Row, column: int, merges: Merges) -> bool:
    """Whether a cell below a heading may be a part of it: its unit, or the first of several below a wide one."""
    if _UNIT_ONLY.fullmatch(lower.cells[column]) or merges.start(upper, column) is not None:
        return True
    beside = column + 1
    return beside < len(upper.cells) and not upper.cells[beside] and bool(lower.cells[beside])


def _combined(upper: Row, lower: Row, column: int, merges: Merges) -> str:
    """One heading of two that stand above each other: a part known by itself, with the unit that its top names."""
    start, part = merges.start(upper, column), lower.cells[column]
    top = upper.cells[column if start is None else start]
    if not top or not part:
        return top or part
    if _TOTAL.fullmatch(part) and not is_known(part):
        return top
    if _UNIT_ONLY.fullmatch(part):
        return f"{top}（{part.strip('()（）')}）"
    unit = None if start is None or unit_of(part) else unit_of(top)
    named = part if is_known(part) else f"{top} {part}"
    return f"{named}（{unit}）" if unit else named


def _numbers_columns(cells: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 甲 乙 1 2 3, (1) (2) (3), or all of five and more from 1 on."""
    held = [unicodedata.normalize("NFKC", cell) for cell in cells if cell]
    bare = [cell.strip("()").removesuffix("栏") for cell in held]
    ordinals = [cell for cell in bare if cell not in _COLUMN_LETTERS]
    if ordinals != [str(number) for number in range(1, len(ordinals) + 1)]:
        return False
    marked = len(ordinals) < len(held) or all(map(ne, bare, filter(None, cells)))
    return len(held) > 1 and (marked or len(held) == len(cells) >= _FEWEST_ORDINALS)
