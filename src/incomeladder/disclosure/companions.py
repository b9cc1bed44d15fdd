"""The moves that come into question for a count: who else changes, so that what is shown of all stays the same."""

from __future__ import annotations

from heapq import nlargest
from typing import TYPE_CHECKING, Final

from incomeladder.disclosure.views import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.disclosure.views import Atom, Group, Move, View

_FULLEST: Final = 8
"""Counts of a row and of a column that are looked at: of many more none would hide less."""
_SIBLINGS: Final = 3
"""The same of groups."""


def of_ladder(view: View, group: Group, atom: Atom) -> Iterator[Move]:
    """A household more in a band, or one that comes from another band."""
    yield {group: {atom: 1}}
    yield from ({group: {atom: 1, other: -1}} for other in _nearest(view, group, atom))


def of_matrix(view: View, group: Group, atom: Atom) -> Iterator[Move]:
    """Besides, what leaves both ladders as they are: two households that change places, or are or are not the same one.

    Who left from a band and who entered another are, in another world, one household that moved.
    """
    yield {group: {atom: 1}}
    row, column = _crossing(view, group, atom)
    yield from ({group: {atom: 1, other: -1}} for other in (*row, *column))
    for beside in (*row, (atom[0], ABSENT)):
        for above in (*column, (ABSENT, atom[1])):
            corners = {atom: 1, beside: -1, above: -1, (above[0], beside[1]): 1}
            there = {place: change for place, change in corners.items() if place != (ABSENT, ABSENT)}
            if beside != atom != above and there.keys() <= view.counts[group].keys():
                yield {group: there}


def of_groups(view: View, group: Group, atom: Atom) -> Iterator[Move]:
    """Within the group; between it and another, which gives one household of a kind for one of another; or for none."""
    others = _siblings(view, group, atom)
    yield {group: {atom: 1}}
    for beside in _beside(view, group, atom):
        yield {group: {atom: 1, beside: -1}}
        yield from (
            {group: {atom: 1, beside: -1}, other: {atom: -1, beside: 1}}
            for other in others
            if beside in view.counts[other]
        )
    yield from ({group: {atom: 1}, other: {atom: -1}} for other in others)


def _beside(view: View, group: Group, atom: Atom) -> Sequence[Atom]:
    """Other counts of the group: bands of a ladder, or those in the same row or column of a matrix."""
    if len(atom) == 1:
        return _nearest(view, group, atom)
    row, column = _crossing(view, group, atom)
    return (*row, *column)


def _nearest(view: View, group: Group, atom: Atom) -> list[Atom]:
    """The other bands, the nearest first; those of households without an income last."""
    there = [*view.counts[group]]
    place = there.index(atom)
    return sorted((other for other in there if other != atom), key=lambda other: abs(there.index(other) - place))


def _crossing(view: View, group: Group, atom: Atom) -> tuple[list[Atom], list[Atom]]:
    """Other counts in the row and in the column, the fullest first."""
    counts = view.counts[group]
    row = [other for other in counts if other[0] == atom[0] and other != atom]
    column = [other for other in counts if other[1] == atom[1] and other != atom]
    return nlargest(_FULLEST, row, key=counts.__getitem__), nlargest(_FULLEST, column, key=counts.__getitem__)


def _siblings(view: View, group: Group, atom: Atom) -> list[Group]:
    """Groups of the same larger group, those with the most of such households first."""
    there = view.within[view.coarser[0].group(group)]
    others = (other for other in there if other != group and atom in view.counts[other])
    return nlargest(_SIBLINGS, others, key=lambda other: view.counts[other][atom])
