"""Tables as they are, under headings for people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, overload

from incomeladder.frames import WEIGHT
from incomeladder.render.blocks import Cell, Grid
from incomeladder.render.numbers import aligned, counted, measured, percent
from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from incomeladder.render.wording import Words

SHARES = frozenset({"share", "cumulative_share", "below_floor_share", "middle_income_share", "row_share"})
_AMOUNTS: Final = frozenset(
    {"income", "from_income", "to_income", "previous_income", "change", "shortfall", "total_shortfall", "own_income"}
)
_TEXTS = frozenset({"survey_round", "household_id", "county", "township", "village", "residence", "key_group", "band"})
_OURS: Final = frozenset({"tier", "severity", "movement", "outcome", "state", "residence", "size_rule"})
_BANDS: Final = frozenset({"band", "from_band", "to_band"})
_NO_BANDS: Final = frozenset({"missing", "left", "entered"})
"""What stands in the place of a band."""


def grid(table: pl.DataFrame, words: Words, spare: Sequence[str] = ()) -> Grid:
    """A table as it is, under headings for people."""
    table = without_weights(table, words)
    right = frozenset(number for number, kind in enumerate(table.dtypes) if kind.is_numeric())
    places = tuple(table.columns.index(name) for name in spare if name in table.columns)
    return Grid(tuple(map(words.column, table.columns)), _Rows(table, words), right, places)


def without_weights(table: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The table; of a report that publishes none of its weights, without their column."""
    is_hidden = words.hides and WEIGHT in table.columns and table[WEIGHT].null_count() == table.height
    return table.drop(WEIGHT) if is_hidden else table


class _Rows(Sequence[tuple[Cell, ...]]):
    """The rows of a table, put into words when they are asked for: of a long list, workbooks ask for none."""

    def __init__(self, table: pl.DataFrame, words: Words) -> None:
        self._table, self._words = table, words

    def __len__(self) -> int:
        return self._table.height

    @overload
    def __getitem__(self, place: int) -> tuple[Cell, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[tuple[Cell, ...], ...]: ...
    def __getitem__(self, place: int | slice) -> tuple[Cell, ...] | tuple[tuple[Cell, ...], ...]:
        return self._made[place]

    @cached_property
    def _made(self) -> tuple[tuple[Cell, ...], ...]:
        return tuple(zip(*(tuple(map(Cell, self._column(name))) for name in self._table.columns), strict=True))

    def _column(self, name: str) -> list[str]:
        values = self._table[name]
        told = [self._told(name, value, values.dtype.is_numeric()) for value in values]
        return aligned(told) if name in _AMOUNTS else told

    def _told(self, name: str, value: object, is_number: bool) -> str:  # noqa: FBT001  (it is of the column, as the name)
        told = in_words(name, value, self._words)
        return self._words.number(value, told) if is_number else told


def in_words(name: str, value: object, words: Words) -> str:
    """A value of our own vocabulary in the reader's language; a value of the survey as it is."""
    if isinstance(value, bool):
        return words("yes" if value else "no")
    if value is not None and name in _OURS:
        return words(f"{name}.{value}")
    if name in _BANDS and value in _NO_BANDS:
        return words(f"band.{value}")
    return plain_value(name, value)


def group_value(name: str, value: object, words: Words) -> str:
    """The value of a group's column; a word where there is none."""
    return in_words(name, value, words) or words("none")


def group_name(row: Mapping[str, object], by: Sequence[str], words: Words) -> str:
    """The values of a group's columns, to follow a title."""
    named = (words("title.group", name=words.column(name), value=group_value(name, row[name], words)) for name in by)
    return "".join(f" | {group}" for group in named)


def plain_value(name: str, value: object) -> str:
    """A value as people write it."""
    if isinstance(value, str):
        return safe(value)
    if name in SHARES:
        return percent(value)  # type: ignore[arg-type]  # shares are floats or null
    if name == "value":
        return measured(value)  # type: ignore[arg-type]  # so are measures
    if isinstance(value, (int, float)) and name not in _TEXTS:
        return counted(value)
    return "" if value is None else safe(value)
