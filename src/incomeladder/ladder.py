"""The ladder as a small frame, and the arithmetic that finished tables share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import BAND, BELOW_ZERO, MONEY_UNIT, SEGMENT, WEIGHT, WEIGHT_UNIT
from incomeladder.programme import units

if TYPE_CHECKING:
    from decimal import Decimal

    from incomeladder.programme import Ladder, Programme

MISSING: Final = "missing"
NAME: Final = "band_name"


def band_frame(ladder: Ladder) -> pl.DataFrame:
    """Number, name and edges in yuan of every band, lowest first, and last the band of a missing income (null)."""
    edges: list[tuple[int | None, str, Decimal | None, Decimal | None]] = [(BELOW_ZERO, "<0", None, ladder.step * 0)]
    for number in range(ladder.bands):
        lower, upper = ladder.step * number, ladder.step * (number + 1)
        edges.append((number, f"{_plain(lower)}-{_plain(upper)}", lower, upper))
    edges += [(ladder.bands, f"{_plain(ladder.top)}+", ladder.top, None), (None, MISSING, None, None)]
    rows = [(number, name, *(None if edge is None else float(edge) for edge in ends)) for number, name, *ends in edges]
    schema = {BAND: pl.Int32, NAME: pl.String, "lower": pl.Float64, "upper": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def band_name(ladder: Ladder, band: str = BAND) -> pl.Expr:
    """A band's number to its name, which is the same in every language."""
    names = dict(band_frame(ladder).select(BAND, NAME).iter_rows())
    missing = names.pop(None)
    return pl.col(band).replace_strict(names, default=missing, return_dtype=pl.String)


def _plain(yuan: Decimal) -> str:
    return f"{yuan.normalize():f}"


def band_of(programme: Programme, segment: str = SEGMENT) -> pl.Expr:
    """The number of the band that a segment lies in."""
    ladder = programme.ladder
    bands = {number: min(edge // units(ladder.step), ladder.bands) for number, edge in enumerate(programme.edges)}
    return pl.col(segment).replace_strict({BELOW_ZERO: BELOW_ZERO, **bands}, default=None, return_dtype=pl.Int32)


def within(programme: Programme, lower: Decimal | None, upper: Decimal | None, segment: str = SEGMENT) -> pl.Expr:
    """Whether a segment lies from ``lower``, held, up to ``upper``, not held; false for a missing income."""
    place = {edge: number for number, edge in enumerate(programme.edges)}
    inside = pl.col(segment).is_not_null()
    if lower is not None:
        inside &= pl.col(segment) >= place[units(lower)]
    if upper is not None:
        inside &= pl.col(segment) < place[units(upper)]
    return inside.fill_null(value=False)


def yuan(column: pl.Expr) -> pl.Expr:
    """Ten-thousandths of a yuan to yuan: the nearest double, which prints as the exact decimal."""
    return _divided(column, MONEY_UNIT)


def plain_weight(column: pl.Expr | str = WEIGHT) -> pl.Expr:
    """Billionths to a weight."""
    return _divided(pl.col(column) if isinstance(column, str) else column, WEIGHT_UNIT)


def _divided(column: pl.Expr, unit: int) -> pl.Expr:
    # Polars would multiply by the reciprocal of a constant, which is one rounding too many; of a column it does not.
    return column.cast(pl.Float64) / (column * 0 + unit).cast(pl.Float64)


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """A part of a whole; null where the whole is 0."""
    return pl.when(whole != 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))
