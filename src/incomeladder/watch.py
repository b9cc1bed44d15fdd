"""Who needs a visit now, and why: households below the floor, out of sight, falling, or close to a line.

The last of the rounds is now. A household's previous income is its last known one in the rounds before.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID, INCOME, PLACE_COLUMNS
from incomeladder.panel import NUMBER, SHOWN, numbered, stacked
from incomeladder.programme import units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from incomeladder.panel import Rounds
    from incomeladder.programme import Programme, Tier, TierName

REASONS: Final = (
    "below_floor_new",
    "below_floor_persistent",
    "below_floor_again",
    "unseen_below_floor",
    "missing_below_floor",
    "dropped",
    "just_above_floor",
    "just_above_low",
    "just_above_middle",
    "near_low_target",
    "near_middle_target",
)
"""Why a household is listed, the most serious first."""
PREVIOUS: Final = "previous_income"
LAST_SEEN: Final = "last_seen"
COLUMNS: Final = (ID, *SHOWN, LAST_SEEN, INCOME, PREVIOUS, "reasons")
_BELOW: Final = REASONS[:3]
_OUT_OF_SIGHT: Final = ("unseen_below_floor", "missing_below_floor")
_EVENTS: Final = ("below_floor_new", "below_floor_again", "dropped")
"""Reasons that tell what happened in the latest round: they are news on every list."""
_NEAR: Final[tuple[TierName, ...]] = ("low", "middle")
_LOWEST: Final = "_lowest"
_RANK: Final = "_rank"
_NEED: Final = "_need"


def watch(rounds: Rounds, programme: Programme) -> pl.LazyFrame:
    """Every household that needs a visit, once, with all its reasons; those in the greatest need first.

    ``income`` is that of the latest round, null for a household that is not in it; what else is shown of a household
    is of the round in which it was last seen.
    """
    *earlier, (_, latest) = rounds
    known = _known(earlier)
    seen = numbered(len(earlier), latest, (ID, INCOME, *SHOWN)).join(known, on=ID, how="left")
    households = pl.concat([seen, _unseen(earlier, latest, known, programme)], how="diagonal")
    conditions = _conditions(programme, pl.col(NUMBER) == len(earlier))
    listed = households.with_columns(**conditions).filter(pl.any_horizontal(*conditions))
    told = listed.with_columns(
        _named({reason: pl.col(reason) for reason in conditions}).alias("reasons"),
        pl.col(NUMBER).replace_strict(dict(enumerate(label for label, _ in rounds))).alias(LAST_SEEN),
    )
    return _by_need(told, programme).select(COLUMNS)


def _known(earlier: Rounds) -> pl.LazyFrame:
    """Of every household whose income was ever known before: the last known income, and the lowest."""
    incomes = stacked(earlier).filter(pl.col(INCOME).is_not_null())
    return incomes.group_by(ID).agg(pl.col(INCOME).max_by(NUMBER).alias(PREVIOUS), pl.col(INCOME).min().alias(_LOWEST))


def _unseen(earlier: Rounds, latest: pl.LazyFrame, known: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    """The households last known below the floor that the latest round lacks, as they were when last seen."""
    poor = known.filter(pl.col(PREVIOUS) < programme.floor).join(latest.select(ID), on=ID, how="anti")
    # When it was last seen, such a household had no income or one below the floor: few rows to look at, not all.
    rows = stacked(earlier, SHOWN).filter(pl.col(INCOME).is_null() | (pl.col(INCOME) < programme.floor))
    last = rows.drop(INCOME).join(poor, on=ID, how="inner").sort(NUMBER)
    return last.unique(ID, keep="last", maintain_order=True)


def _conditions(programme: Programme, seen: pl.Expr) -> dict[str, pl.Expr]:
    """For each reason whether it holds, in the order of REASONS; null where an income that it needs is unknown."""
    income, line = pl.col(INCOME), programme.floor
    below = income < line
    was = (pl.col(PREVIOUS) < line).fill_null(value=False)
    ever = (pl.col(_LOWEST) < line).fill_null(value=False)
    just_above = {f"just_above_{name}": _just_above(programme, name) for name in programme.watch.lines}
    found = just_above | {
        "below_floor_new": below & ~ever,
        "below_floor_persistent": below & was,
        "below_floor_again": below & ever & ~was,
        "unseen_below_floor": ~seen & was,
        "missing_below_floor": seen & income.is_null() & was,
        "dropped": _dropped(programme.watch.drop),
        **{f"near_{name}_target": _near(programme, name) for name in _NEAR},
    }
    return {reason: found[reason] for reason in REASONS if reason in found}


def _dropped(drop: Decimal) -> pl.Expr:
    """Whether more than this fraction of a previous income above 0 is gone; in 128 bits no product overflows."""
    kept, whole = (1 - drop).as_integer_ratio()
    income, previous = pl.col(INCOME).cast(pl.Int128), pl.col(PREVIOUS).cast(pl.Int128)
    return (previous > 0) & (income * whole < previous * kept)


def _just_above(programme: Programme, name: TierName) -> pl.Expr:
    target = _tier(programme, name).target
    return pl.col(INCOME).is_between(units(target), floor(units(target) * (1 + programme.watch.margin)))


def _near(programme: Programme, name: TierName) -> pl.Expr:
    tier = _tier(programme, name)
    least = ceil(units(tier.target) * (1 - programme.watch.close))
    near = (pl.col(INCOME) >= least) & (pl.col(INCOME) < units(tier.target))
    return near if tier.lower is None else near & (pl.col(INCOME) >= units(tier.lower))


def _tier(programme: Programme, name: TierName) -> Tier:
    tier: Tier = getattr(programme.tiers, name)
    return tier


def _named(conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """The names of the conditions that hold, as a list; some must."""
    # A list made of columns (concat_list) takes eight times as long.
    names = [pl.when(holds).then(pl.lit(name)) for name, holds in conditions.items()]
    return pl.concat_str(names, separator=",", ignore_nulls=True).str.split(",")


def _by_need(listed: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    """Below the floor, out of sight, fallen, just above the floor, near to another line; ties by place and id."""
    income, previous, has = pl.col(INCOME), pl.col(PREVIOUS), pl.col("reasons").list.contains
    order = [
        (pl.any_horizontal(has(reason) for reason in _BELOW), income),
        (pl.any_horizontal(has(reason) for reason in _OUT_OF_SIGHT), previous),
        (has("dropped"), income - previous),
        (has("just_above_floor"), income - programme.floor),
    ]
    rank, need = pl.lit(len(order)), _distance(programme)
    for number, (holds, amount) in reversed(list(enumerate(order))):
        rank, need = pl.when(holds).then(number).otherwise(rank), pl.when(holds).then(amount).otherwise(need)
    ties = (*PLACE_COLUMNS, ID)
    return listed.with_columns(rank.alias(_RANK), need.alias(_NEED)).sort(_RANK, _NEED, *ties, nulls_last=True)


def _distance(programme: Programme) -> pl.Expr:
    """How far the income is from the nearest of the targets of the upper tiers that the reasons name."""
    has, distances = pl.col("reasons").list.contains, []
    for name in _NEAR:
        close = has(f"just_above_{name}") | has(f"near_{name}_target")
        distances.append(pl.when(close).then((pl.col(INCOME) - units(_tier(programme, name).target)).abs()))
    return pl.min_horizontal(distances)


def news(now: pl.LazyFrame, then: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a list with a reason that an earlier list did not give, and ``new_reasons``; the order is kept.

    What happened in the latest round is always new; to be below the floor still is not, for a household that was
    listed as below it.
    """
    before = then.select(ID, pl.col("reasons").alias("_before"))
    both = now.join(before, on=ID, how="left", maintain_order="left")
    new = {reason: pl.col("reasons").list.contains(reason) & ~_old(reason) for reason in REASONS}
    return both.filter(pl.any_horizontal(*new.values())).with_columns(_named(new).alias("new_reasons")).drop("_before")


def _old(reason: str) -> pl.Expr:
    """Whether the earlier list gave the reason, or one that says as much."""
    same = () if reason in _EVENTS else _BELOW if reason in _BELOW else (reason,)
    given = (pl.col("_before").list.contains(each) for each in same)
    return pl.any_horizontal(pl.lit(value=False), *given).fill_null(value=False)
