"""Raw frames, the same for all kinds of files: cells as the text that a person would have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import FAULT, FIRST, ID, ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.read.headings import Columns

DIGITS: Final = 15
"""Significant digits that a binary double carries for certain; Excel shows no more either."""

_LARGE: Final = 10.0**DIGITS
_SMALL: Final = 1e-4
_NOISE: Final = 1e-12
"""What adding and subtracting doubles leaves over where nothing should be left."""


def column_names(columns: Columns) -> list[str]:
    """A name for every column of the raw frame, those without a heading too."""
    return [name or f"_blank_{place}" for place, name in enumerate(columns.names)]


def finished(cells: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """Rows of text with their number as a raw frame: a row without any text is blank, and has no other fault."""
    blank = pl.all_horizontal(pl.col(name).is_null() for name in names)
    fault = pl.when(blank).then(pl.lit("blank_row"))
    return cells.with_columns(pl.col(ROW).cast(pl.Int64), fault.alias(FAULT), first_text(names[0]))


def first_text(name: str) -> pl.Expr:
    """The first column's text; nothing where it is the ids', which are looked at for what they are."""
    return (pl.lit(None, pl.String) if name == ID else pl.col(name)).alias(FIRST)


def as_text(values: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """The text of typed values.

    A double gives its first 15 digits (29,999.999999999996 is the 30,000 that Excel shows), without a fraction where it
    is whole, and from 10¹⁵ on, where whole numbers are no longer exact, in the form 5.10402198501012E+17.
    """
    if kind == pl.Float32:
        return _of_double(values.cast(pl.String).cast(pl.Float64))
    if kind == pl.Float64:
        return _of_double(values)
    if kind == pl.Boolean:
        return values.cast(pl.String).str.to_uppercase()
    if isinstance(kind, pl.Datetime):
        return values.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if isinstance(kind, pl.Decimal):
        return values.cast(pl.String).str.replace(r"\.0+$", "")
    return values.cast(pl.String)


def can_be_text(kind: pl.DataType) -> bool:
    """Whether values of a type are single cells."""
    return not kind.is_nested() and kind not in {pl.Binary, pl.Object}


def _of_double(values: pl.Expr) -> pl.Expr:
    """The shortest text that gives the same double, of no more digits than are certain.

    Rare forms are worked out of columns that are empty but for them: polars works out every branch for every row.
    """
    rounded = values.round_sig_figs(DIGITS)
    # Just below a power of ten polars rounds to a digit less: what has no more digits than are certain stays.
    doubtful = pl.when(rounded != values).then(values)
    kept = pl.when(_digits(doubtful) > DIGITS).then(rounded).otherwise(values)
    size = kept.abs()
    large = _with_exponent(pl.when((kept >= _LARGE) & kept.is_finite()).then(kept))
    small = _with_decimals(pl.when(size.is_between(_NOISE, _SMALL)).then(kept))
    usual = pl.when(size < _NOISE).then(0.0).otherwise(kept).cast(pl.String).str.strip_suffix(".0")
    return pl.coalesce(large, small, usual)


def _digits(values: pl.Expr) -> pl.Expr:
    """How many significant digits the shortest text has."""
    bare = values.cast(pl.String).str.replace(r"[eE].*$", "").str.replace(r"\.0$", "")
    return bare.str.replace_all(r"^-?0?\.?0*|\.", "").str.len_bytes()


def _with_exponent(values: pl.Expr) -> pl.Expr:
    """As 5.10402198501012E+17, which polars writes with a small e, and below 10¹⁶ without one."""
    text = values.cast(pl.String)
    plain = text.str.strip_suffix(".0")
    digits = pl.concat_str(plain.str.head(1), pl.lit("."), plain.str.slice(1).str.strip_chars_end("0"))
    written = pl.concat_str(digits.str.strip_suffix("."), pl.lit("E+"), (plain.str.len_bytes() - 1).cast(pl.String))
    return pl.when(text.str.contains("e", literal=True)).then(text.str.replace(r"e\+?", "E+")).otherwise(written)


def _with_decimals(values: pl.Expr) -> pl.Expr:
    return values.cast(pl.Decimal(38, 18)).cast(pl.String).str.strip_chars_end("0")
