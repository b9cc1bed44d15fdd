"""What the cells of a list are chosen from, and the empty columns beside it for who helps whom, and until when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.render.workbook.book import TEXT
from incomeladder.render.workbook.tables import LAST_ROW, fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.programme import Programme
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book, Sheet

_ACTION, _PERSON, _DATE = "action", "person_responsible", "completed_on"
_FORMS: Final = {_ACTION: (20, TEXT), _PERSON: (22, TEXT), _DATE: (14, "yyyy-mm-dd")}
"""Room to write in, and how it is taken: a name that begins with = is text."""


def offers(programme: Programme, words: Words) -> dict[str, Sequence[str]]:
    """What may be chosen in the columns of a list of households: the programme's key groups, and its measures."""
    measures = [getattr(title, words.language) for title in programme.measures.values()]
    return {"key_group": programme.key_groups, _ACTION: measures, _PERSON: (), _DATE: ()}


def offer(book: Book, sheet: Sheet, place: tuple[int, int], column: str, choices: Sequence[str]) -> None:
    """Let the cells below a heading be chosen from a list, or hold days; another text is asked about, not refused.

    All of the column, so that it holds for rows that are added, and wherever sorting puts a row.
    """
    rule: dict[str, object] = {"error_type": "information", "ignore_blank": True}
    row, number = place
    if column in _FORMS:
        columns, form = _FORMS[column]
        sheet.set_column(number, number, columns, book.style(form, align="left", indent=1))
    if column == _DATE:
        rule |= {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
    elif choices:
        book.choices[column] = choices
        letter = chr(ord("A") + [*book.choices].index(column))
        source = f"='{book.words.sheet('choices')}'!${letter}$2:${letter}${len(choices) + 1}"
        rule |= {"validate": "list", "source": source}
    if "validate" in rule:
        sheet.data_validation(row + 1, number, LAST_ROW, number, rule)


def add(book: Book) -> None:
    """The lists that cells are chosen from, on the last sheet."""
    if book.choices:
        longest = max(map(len, book.choices.values()))
        lists = {column: [*choices, *[None] * (longest - len(choices))] for column, choices in book.choices.items()}
        fill(book, "choices", pl.DataFrame(lists, schema=dict.fromkeys(lists, pl.String)))


def beside(table: pl.DataFrame, offered: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The table with the columns that are to be filled in."""
    return table.with_columns(pl.lit(None, pl.String).alias(name) for name in offered if name not in table.columns)
