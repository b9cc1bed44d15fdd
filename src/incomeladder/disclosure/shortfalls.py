"""What all below the floor lack, where it would tell how many of them are in a band whose count is hidden."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.frames import BELOW_ZERO, INCOME, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incomeladder.disclosure.views import Atom, Group, Pattern, View
    from incomeladder.disclosure.worlds import Counted
    from incomeladder.programme import Programme

_BELOW = ("summary", "", "below_floor")


def telling(counted: Counted, view: View, programme: Programme) -> frozenset[Group]:
    """The groups whose shortfall is not to be shown, besides those of which it is another in another world.

    It tells where what they lack could not be lacked in one of the worlds: two below 0 lack more than twice the floor.
    """
    incomes = _incomes(counted, programme)
    edges = [edge for edge in programme.edges if edge <= programme.floor]
    found = {
        group
        for group, patterns in view.patterns.items()
        if any(not _fits(view.counts[group], pattern, incomes.get(group, 0), edges) for pattern in patterns)
    }
    moved = {group for group, names in view.hidden.items() if _BELOW in names}
    alone = (group for group in found - moved if not (found | moved).intersection(_siblings(view, group)))
    return frozenset(found.union(*(_companion(view, group) for group in alone)))


def _incomes(counted: Counted, programme: Programme) -> dict[Group, int]:
    """What all below the floor have together in each group, in ten-thousandths of a yuan."""
    below = counted.frame.filter(pl.col(SEGMENT) < programme.edges.index(programme.floor))
    summed = below.group_by(counted.by).agg(pl.col(INCOME).cast(pl.Int128).sum())
    return {row[:-1]: row[-1] for row in summed.iter_rows()}


def _fits(counts: Mapping[Atom, int], pattern: Pattern, income: int, edges: list[int]) -> bool:
    """Whether the households of the other world can have this income together, each within its segment."""
    there = Counter(counts)
    there.update(dict(pattern))
    ends = [(-inf, edges[0] - 1), *((lower, upper - 1) for lower, upper in pairwise(edges))]
    numbers = [there[segment,] for segment in range(BELOW_ZERO, len(edges) - 1)]
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
