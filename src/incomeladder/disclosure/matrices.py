"""Transition matrices that may be published, beside the ladders of both of their rounds."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.disclosure.choosing import choose
from incomeladder.disclosure.companions import of_groups, of_matrix
from incomeladder.disclosure.ladders import Level
from incomeladder.disclosure.views import ABSENT, Coarser, View, each
from incomeladder.disclosure.worlds import Counted
from incomeladder.frames import AFTER, IN_AFTER, IN_BEFORE, ROUND, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from incomeladder.disclosure.views import Atom, Group, Name
    from incomeladder.disclosure.worlds import Make

_WAYS = (SEGMENT, SEGMENT + AFTER)


def levels(
    counts: pl.DataFrame, make: Make, by: Sequence[str], ladders: Mapping[str, View], threshold: int
) -> list[Level]:
    """The matrix of all, then those of groups; ``counts`` are those of ``compare.count``.

    ``ladders`` are those of all households in the rounds, the earlier first. Raises SurveyRefused where small counts
    cannot be hidden.
    """
    whole = Counted(_placed(counts), tuple(by), _WAYS, lambda frame, columns: make(_present(frame), columns))
    found: list[Level] = []
    for depth in range(len(by) + 1):
        counted = whole.over(by[:depth])
        view = _view(counted, found[-1].view if found else None, ladders)
        choose(view, of_groups if found else of_matrix, threshold)
        found.append(Level(counted, view))
    return found


def _placed(counts: pl.DataFrame) -> pl.DataFrame:
    """A way by two segments, one of them ``ABSENT`` where a household was not there."""
    ends = zip(_WAYS, (IN_BEFORE, IN_AFTER), strict=True)
    return counts.with_columns(
        pl.when(pl.col(present)).then(pl.col(segment)).otherwise(ABSENT).alias(segment) for segment, present in ends
    ).drop(IN_BEFORE, IN_AFTER)


def _present(counts: pl.DataFrame) -> pl.DataFrame:
    """The way back."""
    ends = [*zip(_WAYS, (IN_BEFORE, IN_AFTER), strict=True)]
    there = counts.with_columns(pl.col(segment).ne_missing(ABSENT).alias(present) for segment, present in ends)
    return there.with_columns(pl.when(present).then(pl.col(segment)).alias(segment) for segment, present in ends)


def ladders_of(counts: pl.DataFrame, rounds: Sequence[str]) -> pl.DataFrame:
    """The ladders of both rounds, as ``summarise.count`` would count them."""
    sides = []
    for label, end, present in zip(rounds, ("", AFTER), (IN_BEFORE, IN_AFTER), strict=True):
        there = counts.filter(present).with_columns(pl.lit(label).alias(ROUND), pl.col(SEGMENT + end).alias(SEGMENT))
        sides.append(
            there.select(
                ROUND, SEGMENT, "households", pl.col("weight").cast(pl.Int128), pl.lit(0, pl.Int128).alias("income")
            )
        )
    return pl.concat(sides)


def _view(counted: Counted, parent: View | None, ladders: Mapping[str, View]) -> View:
    there = counted.counts()
    ends = [[*{atom[end]: None for counts in there.values() for atom in counts}] for end in (0, 1)]
    for end, (label, ladder) in enumerate(ladders.items()):
        ends[end] = sorted({ABSENT, *ends[end], *(atom[0] for atom in ladder.counts.get((label,), {}))}, key=_order)
    grid: list[Atom] = [(was, is_now) for was in ends[0] for is_now in ends[1] if (was, is_now) != (ABSENT, ABSENT)]
    counts = {group: {atom: kinds.get(atom, 0) for atom in grid} for group, kinds in there.items()}
    sums = counted.sums(grid)
    sums |= _others(sums) | each(counts)
    if parent is not None:
        return View(counts, sums, (Coarser(parent, lambda group: group[:-1]),))
    coarser = tuple(
        Coarser(ladder, _always((label,)), _end(end), itemgetter(1 - end), _outside(end))
        for end, (label, ladder) in enumerate(ladders.items())
    )
    return View(counts, sums, coarser)


def _others(sums: Mapping[Name, frozenset[Atom]]) -> dict[Name, frozenset[Atom]]:
    """Who came into a tier from elsewhere: pages tell it, and whoever subtracts knows it."""
    found: dict[Name, frozenset[Atom]] = {}
    for table, tier, column in sums:
        if (table, column) == ("tiers", "after"):
            after, stayed, entered = (sums[table, tier, name] for name in ("after", "stayed", "entered"))
            found |= {(table, tier, "others"): after - stayed - entered} if stayed <= after else {}
    return found


def _order(segment: object) -> tuple[bool, int]:
    return segment is None, segment if isinstance(segment, int) else 0


def _always(group: Group) -> Callable[[Group], Group]:
    return lambda _: group


def _end(end: int) -> Callable[[Atom], Atom | None]:
    """The segment of a way in a round; nothing where the household was not in it."""
    return lambda atom: None if atom[end] == ABSENT else (atom[end],)


def _outside(end: int) -> Callable[[object], Atom | None]:
    """Who is in the other round only, in the segment of the line there."""
    return lambda line: None if line == ABSENT else ((ABSENT, line), (line, ABSENT))[end]
