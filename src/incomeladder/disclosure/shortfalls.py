"""What all below the floor lack, where it would tell how many of them are in a band whose count is hidden."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import gcd, inf
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.frames import BELOW_ZERO, INCOME, MONEY_UNIT, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.disclosure.views import Atom, Group, Pattern, View
    from incomeladder.disclosure.worlds import Counted
    from incomeladder.programme import Programme

_BELOW = ("summary", "", "below_floor")


def telling(counted: Counted, view: View, programme: Programme) -> frozenset[Group]:
    """The groups whose shortfall is not to be shown, besides those of which it is another in another world.

    It tells where what they lack could not be lacked in one of the worlds: two below 0 lack more than twice the floor.
    """
    below = counted.frame.filter(pl.col(SEGMENT) < programme.edges.index(programme.floor))
    below = below.with_columns(pl.col(INCOME).cast(pl.Int128))
    incomes = _incomes(below, counted.by)
    ends = _ends(below, [edge for edge in programme.edges if edge <= programme.floor])
    found = {
        group
        for group, patterns in view.patterns.items()
        if any(not _fits(view.counts[group], pattern, incomes.get(group, 0), ends) for pattern in patterns)
    }
    moved = {group for group, names in view.hidden.items() if _BELOW in names}
    alone = (group for group in found - moved if not (found | moved).intersection(_siblings(view, group)))
    return frozenset(found.union(*(_companion(view, group) for group in alone)))


def _incomes(below: pl.DataFrame, by: Sequence[str]) -> dict[Group, int]:
    """What all below the floor have together in each group, in ten-thousandths of a yuan."""
    summed = below.group_by(by).agg(pl.col(INCOME).sum())
    return {row[:-1]: row[-1] for row in summed.iter_rows()}


def _ends(below: pl.DataFrame, edges: Sequence[int]) -> list[tuple[float, int]]:
    """The least and the most that a household of each segment below the floor can have.

    Who reads it knows that incomes are whole yuan, or whole hundreds where the survey has no others.
    """
    unit = max(gcd(*edges, *below[INCOME]), MONEY_UNIT)
    return [(-inf, edges[0] - unit), *((lower, upper - unit) for lower, upper in pairwise(edges))]


def _fits(counts: Mapping[Atom, int], pattern: Pattern, income: int, ends: Sequence[tuple[float, int]]) -> bool:
    """Whether the households of the other world can have this income together, each within its segment."""
    there = Counter(counts)
    there.update(dict(pattern))
    numbers = [there[segment,] for segment in range(BELOW_ZERO, BELOW_ZERO + len(ends))]
    least, most = (
        sum(number * end[side] for number, end in zip(numbers, ends, strict=True) if number) for side in (0, 1)
    )
    return least <= income <= most


def _siblings(view: View, group: Group) -> Iterable[Group]:
    """The other groups of the larger one, whose shortfall would tell this one's by what is left."""
    return [other for other in view.within[view.coarser[0].group(group)] if other != group] if view.coarser else []


def _companion(view: View, group: Group) -> Iterable[Group]:
    """The one in which the most are below the floor: it could lack more, or less."""
    below = view.sums[_BELOW]
    some = {other: sum(view.counts[other].get(atom, 0) for atom in below) for other in _siblings(view, group)}
    return [max(some, key=some.__getitem__)] if any(some.values()) else []
