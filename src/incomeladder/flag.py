"""The households of a tier, with what each is short of the tier's target. Lazy narwhals frames in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw

from incomeladder.frames import INCOME
from incomeladder.programme import Tiers, units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.frames import Lazy
    from incomeladder.programme import Programme, Tier, TierName

RANK: Final = "tier_rank"
_NEED: Final = "need"


def flag(classified: Lazy, programme: Programme, tiers: Sequence[TierName]) -> Lazy:
    """Keep the households of the tiers and add ``tier``, ``target`` and ``shortfall`` in ten-thousandths of a yuan."""
    # First who is in any of them: the rest would be looked at for nothing.
    inside = [_inside(getattr(programme.tiers, name)) for name in tiers]
    found = classified.filter(nw.any_horizontal(*inside, ignore_nulls=True))
    # Copied, since a text that polars has chosen keeps all those in memory that were read beside it.
    texts = [name for name, kind in found.collect_schema().items() if kind == nw.String]
    return tiered(found.with_columns(nw.concat_str(nw.col(name), nw.lit("")) for name in texts), programme, tiers)


def _inside(tier: Tier) -> nw.Expr:
    below = nw.col(INCOME) < units(tier.upper)
    return below if tier.lower is None else below & (nw.col(INCOME) >= units(tier.lower))


def tiered(households: Lazy, programme: Programme, tiers: Sequence[TierName]) -> Lazy:
    """Add ``tier``, ``target`` and ``shortfall``, null for households that are in none of the tiers."""
    income = nw.col(INCOME)
    tier, rank, target = nw.lit(None, nw.String), nw.lit(None, nw.Int32), nw.lit(None, nw.Int64)
    for name in tiers:
        rule: Tier = getattr(programme.tiers, name)
        inside = _inside(rule)
        tier = nw.when(inside).then(nw.lit(name)).otherwise(tier)
        rank = nw.when(inside).then(nw.lit(Tiers.names.index(name))).otherwise(rank)
        target = nw.when(inside).then(nw.lit(units(rule.target))).otherwise(target)
    found = households.with_columns(tier=tier, target=target, **{RANK: rank})
    return found.with_columns(shortfall=nw.col("target") - income)


def by_need(flagged: Lazy, first: Sequence[str], ties: str) -> Lazy:
    """The neediest first in the floor tier, the nearest to its target first in the others; ties by id."""
    need = nw.when(nw.col("tier") == "floor").then(-nw.col("shortfall")).otherwise(nw.col("shortfall"))
    return flagged.with_columns(need.alias(_NEED)).sort(*first, RANK, _NEED, ties, nulls_last=True).drop(_NEED)
