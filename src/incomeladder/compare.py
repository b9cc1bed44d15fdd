"""Two rounds: who moved between which bands, and the programme's scorecard.

The counting is lazy narwhals; what it leaves is a small polars frame, one row for each way that households went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.frames import AFTER, BAND, HOUSEHOLDS, ID, IN_AFTER, IN_BEFORE, INCOME, SEGMENT, WEIGHT
from incomeladder.ladder import MISSING, NAME, band_frame, band_name, band_of, plain_weight, share, within, yuan
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.frames import Lazy
    from incomeladder.programme import Programme, Tier

Movers = Literal["up", "down", "rose", "fell", "left", "entered", "all"]
FROM, TO = "from_band", "to_band"
WAYS: Final = (IN_BEFORE, IN_AFTER, SEGMENT, SEGMENT + AFTER)
LEFT, ENTERED = "left", "entered"
MATCHED: Final = pl.col(IN_BEFORE) & pl.col(IN_AFTER)
_LEFT: Final = pl.col(IN_BEFORE) & ~pl.col(IN_AFTER)
_ENTERED: Final = ~pl.col(IN_BEFORE) & pl.col(IN_AFTER)
_BANDED: Final = MATCHED & pl.col(BAND).is_not_null() & pl.col(BAND + AFTER).is_not_null()


def count(linked: Lazy, by: Sequence[str]) -> Lazy:
    """Households and weight per group and way: presence and segment in either round; sums are exact on any engine."""
    return linked.group_by(*by, *WAYS).agg(
        nw.len().cast(nw.Int64).alias(HOUSEHOLDS), nw.col(WEIGHT).cast(nw.Decimal(38, 0)).sum().alias(WEIGHT)
    )


def count_alike(linked: Lazy, by: Sequence[str], design: Sequence[str]) -> Lazy:
    """The same of a sample: how many households of each way have the same weight and place in its ``design``."""
    keys = dict.fromkeys((*by, *WAYS, *design, WEIGHT))
    return linked.group_by(*keys).agg(nw.len().cast(nw.Int64).alias(HOUSEHOLDS))


def counted(alike: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """What ``count`` would tell of the households that ``count_alike`` told."""
    weight = (pl.col(WEIGHT).cast(pl.Int128) * pl.col(HOUSEHOLDS)).sum().alias(WEIGHT)
    return alike.group_by(*by, *WAYS).agg(pl.col(HOUSEHOLDS).sum(), weight)


def banded(counts: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """The counts with the band of either round's segment."""
    bands = (band_of(programme, SEGMENT + end).alias(BAND + end) for end in ("", AFTER))
    return counts.with_columns(pl.col(WEIGHT).cast(pl.Int128), *bands)


def matrix(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """Households and weight by band before and after, for every pair of bands; ``left`` and ``entered`` beside.

    ``row_share`` divides by the matched and banded weight of the origin band, and is null where that is 0.
    """
    named = counts.with_columns(
        _place(programme, BAND, IN_BEFORE, ENTERED).alias(FROM),
        _place(programme, BAND + AFTER, IN_AFTER, LEFT).alias(TO),
    )
    cells = named.group_by(*by, FROM, TO).agg(pl.col(HOUSEHOLDS, WEIGHT).sum())
    grid = (
        counts.select(by).unique(maintain_order=True).join(_grid(named, programme), how="cross")
        if by
        else _grid(named, programme)
    )
    filled = grid.join(cells, on=[*by, FROM, TO], how="left", nulls_equal=True, maintain_order="left")
    whole = pl.col(HOUSEHOLDS, WEIGHT).fill_null(0)
    moved = ~pl.col(FROM).is_in([ENTERED, MISSING]) & ~pl.col(TO).is_in([LEFT, MISSING])
    origin = pl.when(moved).then(WEIGHT).sum().over([*by, FROM])
    return filled.with_columns(whole).select(
        *by,
        FROM,
        TO,
        HOUSEHOLDS,
        plain_weight().alias(WEIGHT),
        pl.when(moved).then(share(pl.col(WEIGHT), origin)).alias("row_share"),
    )


def _place(programme: Programme, band: str, present: str, absent: str) -> pl.Expr:
    return pl.when(pl.col(present)).then(band_name(programme.ladder, band)).otherwise(pl.lit(absent))


def _grid(named: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """The pairs of the matrix in order; ``<0`` and ``missing`` only where there are such incomes."""
    seen = set(named[FROM]) | set(named[TO])
    ladder = [name for name in band_frame(programme.ladder)[NAME] if name in seen or name not in {"<0", MISSING}]
    origins, ends = pl.DataFrame({FROM: [*ladder, ENTERED]}), pl.DataFrame({TO: [*ladder, LEFT]})
    return origins.join(ends, how="cross").filter(~((pl.col(FROM) == ENTERED) & (pl.col(TO) == LEFT)))


def summary(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """One row a group: households of either round, what became of them, and the moves over the floor."""
    was, is_now = (within(programme, None, programme.tiers.floor.upper, SEGMENT + end) for end in ("", AFTER))
    change = pl.col(BAND + AFTER) - pl.col(BAND)
    return _counted(
        counts,
        by,
        {
            "before": pl.col(IN_BEFORE),
            "after": pl.col(IN_AFTER),
            "matched": MATCHED,
            "left": _LEFT,
            "entered": _ENTERED,
            "up": _BANDED & (change > 0),
            "same": _BANDED & (change == 0),
            "down": _BANDED & (change < 0),
            "missing": MATCHED & ~_BANDED,
            "below_floor_before": was,
            "below_floor_after": is_now,
            "rose_above_floor": _BANDED & was & ~is_now,
            "stayed_below_floor": _BANDED & was & is_now,
            "fell_below_floor": _BANDED & ~was & is_now,
            "left_below_floor": _LEFT & was,
            "entered_below_floor": _ENTERED & is_now,
        },
    )


def tiers(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """For each tier, what became of the households in it before, and how many are in it after.

    ``reached_target``, ``stayed``, ``fell_back``, ``left`` and ``missing`` add up to ``before``.
    """
    listed = []
    for name in Tiers.names:
        tier: Tier = getattr(programme.tiers, name)
        counted = _counted(counts, by, _tier_conditions(programme, tier))
        listed.append(counted.select(*by, pl.lit(name).alias("tier"), pl.exclude(by)))
    return pl.concat(listed).sort(by, maintain_order=True, nulls_last=True) if by else pl.concat(listed)


def _tier_conditions(programme: Programme, tier: Tier) -> Mapping[str, pl.Expr]:
    was = within(programme, tier.lower, tier.upper) & pl.col(IN_BEFORE)
    is_now = within(programme, tier.lower, tier.upper, SEGMENT + AFTER) & pl.col(IN_AFTER)
    later = SEGMENT + AFTER
    below = within(programme, None, tier.lower, later) if tier.lower is not None else pl.lit(value=False)
    return {
        "before": was,
        "reached_target": was & _BANDED & within(programme, tier.target, None, later),
        "stayed": was & _BANDED & within(programme, tier.lower, tier.target, later),
        "fell_back": was & _BANDED & below,
        "left": was & _LEFT,
        "missing": was & MATCHED & ~_BANDED,
        "after": is_now,
        "entered": is_now & _ENTERED,
    }


def _counted(counts: pl.DataFrame, by: Sequence[str], conditions: Mapping[str, pl.Expr]) -> pl.DataFrame:
    sums = [pl.col(HOUSEHOLDS).filter(condition).sum().alias(name) for name, condition in conditions.items()]
    return counts.group_by(*by, maintain_order=True).agg(sums) if by else counts.select(sums)


def moves(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of matched, banded households: what measures of mobility are made of."""
    return counts.filter(_BANDED)


def movers(linked: Lazy, programme: Programme, kind: Movers, by: Sequence[str]) -> Lazy:
    """The households that moved: ``up`` and ``down`` between bands, ``rose`` and ``fell`` over the floor."""
    was, is_now = (nw.col(INCOME + end) < programme.floor for end in ("", AFTER))
    band, later, gone, new = nw.col(BAND), nw.col(BAND + AFTER), ~nw.col(IN_AFTER), ~nw.col(IN_BEFORE)
    wanted = {
        "up": later > band,
        "down": later < band,
        "rose": was & ~is_now,
        "fell": ~was & is_now,
        "left": gone,
        "entered": new,
        "all": (later != band) | (was != is_now) | gone | new,
    }
    movement = nw.when(gone).then(nw.lit(LEFT)).when(new).then(nw.lit(ENTERED)).when(later > band).then(nw.lit("up"))
    told = movement.when(later < band).then(nw.lit("down")).otherwise(nw.lit("same"))
    columns = dict.fromkeys((ID, *by, INCOME, INCOME + AFTER, BAND, BAND + AFTER))
    return linked.filter(wanted[kind]).with_columns(movement=told).select(*columns, "movement").sort(ID)


def list_movers(moved: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """The movers with amounts in yuan and bands by name; what a household was not in has neither."""
    ends = {FROM: (BAND, moved["movement"] != ENTERED), TO: (BAND + AFTER, moved["movement"] != LEFT)}
    names = [pl.when(there).then(band_name(programme.ladder, band)).alias(name) for name, (band, there) in ends.items()]
    change = yuan(pl.col(INCOME + AFTER) - pl.col(INCOME)).alias("change")
    incomes = (yuan(pl.col(INCOME)).alias("from_income"), yuan(pl.col(INCOME + AFTER)).alias("to_income"))
    return moved.select(ID, *(column for column in by if column != ID), *incomes, change, *names, "movement")
