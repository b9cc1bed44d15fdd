"""The standard measures of mobility, from the weights that moved between bands.

W_ij is the weight moving from band i to band j among matched, banded households, W their total, k the bands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import AFTER, BAND, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

MOBILITY: Final = (
    "immobility_ratio",
    "prais_bibby",
    "upward",
    "downward",
    "average_movement",
    "net_movement",
    "shorrocks",
)


def mobility(moves: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Measures of mobility per group, one a row; null where nobody is matched and banded.

    ``moves`` has the group's columns, ``band``, ``band_after`` and ``weight``, a row or more for each pair of bands.

    immobility_ratio   share of the weight that stays in its band
    prais_bibby        1 - immobility_ratio (Bibby 1975, after Prais 1955)
    upward, downward   shares of the weight that moves up, down
    average_movement   mean number of bands moved, either way (Bartholomew 1973, divided by W)
    net_movement       mean number of bands moved, up less down
    shorrocks          (r - trace P) / (r - 1) over the r occupied origin bands (Shorrocks 1978); null for r = 1
    """
    steps = (pl.col(BAND + AFTER) - pl.col(BAND)).cast(pl.Int128)
    measured = moves.with_columns(steps.alias("steps"), _origin_share(by).alias("origin_share")).group_by(
        pl.lit(0).alias("_all"), *by, maintain_order=True
    )
    wide = measured.agg(*_measures()).select(*by, *MOBILITY)
    long = wide.unpivot(index=list(by), variable_name="measure", value_name="value")
    return long.sort(by, maintain_order=True, nulls_last=True) if by else long


def _origin_share(by: Sequence[str]) -> pl.Expr:
    """p_ii on the diagonal: a band's own part of its row."""
    row = pl.col(WEIGHT).sum().over([*by, BAND])
    own = pl.col(BAND) == pl.col(BAND + AFTER)
    return pl.when(own & (row != 0)).then(pl.col(WEIGHT).cast(pl.Float64) / row.cast(pl.Float64)).otherwise(0.0)


def _measures() -> list[pl.Expr]:
    weight, steps = pl.col(WEIGHT), pl.col("steps")
    total = weight.sum().cast(pl.Float64)
    occupied = pl.col(BAND).filter(weight > 0).n_unique().cast(pl.Float64)
    shares = {
        "immobility_ratio": weight.filter(steps == 0).sum(),
        "prais_bibby": weight.filter(steps != 0).sum(),
        "upward": weight.filter(steps > 0).sum(),
        "downward": weight.filter(steps < 0).sum(),
        "average_movement": (weight * steps.abs()).sum(),
        "net_movement": (weight * steps).sum(),
    }
    shorrocks = pl.when(occupied > 1).then((occupied - pl.col("origin_share").sum()) / (occupied - 1))
    return [
        *(pl.when(total > 0).then(part.cast(pl.Float64) / total).alias(name) for name, part in shares.items()),
        shorrocks.alias("shorrocks"),
    ]
