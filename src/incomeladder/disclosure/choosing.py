"""Which moves are made: for every small count the one that hides the least, after those of what is coarser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.disclosure.views import opposite
from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from incomeladder.disclosure.views import Atom, Coarser, Group, Move, Name, View

    Companions: TypeAlias = Callable[[View, Group, Atom], Iterable[Move]]
    """The moves that change a count of a group."""

_PRICE: Final = {"segments": 0, "bands": 1, "matrix": 1, "tiers": 10, "summary": 20}
"""What it costs to hide a number of a table: what is said of all is wanted more than a single cell."""


def choose(view: View, companions: Companions, threshold: int) -> None:
    """Carry out moves until no count below the threshold is shown.

    Raises SurveyRefused where there is none that could hide one.
    """
    for coarser in view.coarser:
        there = {coarser.group(group) for group in view.counts}
        for move in coarser.view.moves:
            if there.issuperset(move):
                view.carry_out(_lifted(view, coarser, move, threshold))
    for group in view.counts:
        for value, name in view.small(group, threshold):
            if name in view.hidden[group]:
                continue
            found = _best(view, group, name, companions, threshold - value)
            if found is None:
                raise SurveyRefused.because("not_publishable", threshold=threshold)
            view.carry_out(found)


def _best(view: View, group: Group, name: Name, companions: Companions, wanted: int) -> Move | None:
    """The move that changes a number so often as is wanted, if any does, and hides the least."""
    best: tuple[tuple[float, ...], Move] | None = None
    least = _PRICE[name[0]], 0, -wanted
    atoms = sorted(view.sums[name] & view.counts[group].keys(), key=repr)
    for place, atom in enumerate(atoms):
        for candidate in companions(view, group, atom):
            if not view.changes(name, candidate[group]):
                continue
            for order, move in enumerate((candidate, opposite(candidate))):
                if order and best is not None and best[0][:2] <= (least[0] + view.scarce, 0):
                    continue  # undone it would hide no less
                rank = _rank(view, move, order, wanted, place)
                # Whether it may be made takes longest to say.
                if rank is not None and (best is None or rank < best[0]) and view.may(move):
                    best = rank, move
                    if rank[:-1] == least:
                        return move
    return None if best is None else best[1]


def _rank(view: View, move: Move, order: int, wanted: int, place: int) -> tuple[float, ...] | None:
    """The lower the better; none for a move that cannot be made once."""
    reach = view.reach(move)
    if reach < 1:
        return None
    scarce = view.scarce if order or reach < wanted else 0
    return (_cost(view, move) + scarce, order, -min(reach, wanted), place)


def _cost(view: View, move: Move) -> int:
    """How much is hidden by the move that is shown without it."""
    found = 0
    for group, pattern in move.items():
        hidden = view.hidden[group]
        found += sum(_PRICE[name[0]] for name in view.changed(pattern) if name not in hidden)
    return found


def _lifted(view: View, coarser: Coarser, move: Move, threshold: int) -> Move:
    """A move of what is coarser, made in the finer view: along one line, or count by count where no line has all."""
    found: Move = {}
    for group, pattern in move.items():
        line = _best_line(view, coarser, group, pattern, threshold)
        parts = [line] if line else [_best_line(view, coarser, group, {a: c}, threshold) for a, c in pattern.items()]
        for part in parts:
            if part is None:
                raise SurveyRefused.because("not_publishable", threshold=threshold)
            for fine, done in part.items():
                found[fine] = found.get(fine, {}) | done
    return found


def _best_line(view: View, coarser: Coarser, group: Group, pattern: Mapping[Atom, int], threshold: int) -> Move | None:
    """The line along which the change can be made most often, up to the threshold, and which hides the least."""
    best: tuple[tuple[int, int], Move] | None = None
    for move in _lines(view, coarser, group, pattern):
        reach = view.reach(move)
        if reach < 1:
            continue
        rank = min(reach, threshold), -_cost(view, move)
        if best is None or rank > best[0]:
            best = rank, move
    return None if best is None else best[1]


def _lines(view: View, coarser: Coarser, group: Group, pattern: Mapping[Atom, int]) -> Iterator[Move]:
    """The same change along each line of the finer view that holds all of its counts; else it stays as it is."""
    lines: dict[tuple[Group, object], dict[Atom, int]] = {}
    for fine, counts in view.counts.items():
        if coarser.group(fine) == group:
            for atom in counts:
                place = coarser.atom(atom)
                if place is not None and place in pattern:
                    lines.setdefault((fine, coarser.line(atom)), {})[atom] = pattern[place]
    more = sum(pattern.values())
    for (fine, line), done in lines.items():
        if len(done) == len(pattern):
            outside = coarser.outside(line) if more else None
            yield {fine: done if outside is None else done | {outside: -more}}
