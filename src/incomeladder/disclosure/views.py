"""Counts as moves see them: groups, places in a group, what each number shown is the sum of, and what is coarser."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Group: TypeAlias = tuple[object, ...]
Atom: TypeAlias = tuple[object, ...]
Pattern: TypeAlias = frozenset[tuple[Atom, int]]
"""What a move does in one group."""
ABSENT: Final = -2
"""The segment of who is not in a round."""
Move: TypeAlias = dict[Group, dict[Atom, int]]
"""By how many households each count changes."""
Name: TypeAlias = tuple[str, ...]
"""Which count of a table: the table, its row, its column."""


@dataclass(frozen=True)
class Coarser:
    """A view of the same households that is shown as well: where a count of the finer one belongs to, if anywhere.

    ``line`` tells apart the finer counts that belong to the same one; ``outside`` is the count of a line
    that belongs to none here, from which a household comes that is one more here.
    """

    view: View
    group: Callable[[Group], Group]
    atom: Callable[[Atom], Atom | None] = lambda atom: atom
    line: Callable[[Atom], object] = lambda _: None
    outside: Callable[[object], Atom | None] = lambda _: None

    def projected(self, move: Move) -> Move:
        """What a move of the finer view does to this one."""
        found: Move = defaultdict(lambda: defaultdict(int))
        for group, pattern in move.items():
            for atom, change in pattern.items():
                place = self.atom(atom)
                if place is not None:
                    found[self.group(group)][place] += change
        return _without_zeros(found)

    def allows(self, move: Move) -> bool:
        """Whether what this view shows is the same after the move: it changes nothing, or as another move does here."""
        done = self.view.patterns
        return all(frozenset(pattern.items()) in done[group] for group, pattern in self.projected(move).items())


@dataclass
class View:
    """``counts`` has the atoms that may change; ``sums`` the atoms of each number that is shown of a group.

    ``scarce`` is what it costs if a small number and its companion are small together: in a ladder they are neighbours,
    which somebody might look at as one band. The ``listed`` are in a table only where there is somebody.
    """

    counts: Mapping[Group, Mapping[Atom, int]]
    sums: Mapping[Name, frozenset[Atom]]
    coarser: tuple[Coarser, ...] = ()
    scarce: int = 10
    listed: frozenset[Atom] = frozenset()
    moves: list[Move] = field(default_factory=list)
    patterns: dict[Group, set[Pattern]] = field(default_factory=lambda: defaultdict(set))
    hidden: dict[Group, set[Name]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Sums by atom, groups by the larger one, and what a pattern changes: most come again in every group."""
        self.seen: dict[Pattern, list[Name]] = {}
        self.within: dict[Group, list[Group]] = defaultdict(list)
        for group in self.counts if self.coarser else ():
            self.within[self.coarser[0].group(group)].append(group)
        self.parts: dict[Atom, set[Name]] = defaultdict(set)
        for name, atoms in self.sums.items():
            for atom in atoms:
                self.parts[atom].add(name)

    def carry_out(self, move: Move) -> None:
        """Hide what the move changes."""
        self.moves.append(move)
        for group, pattern in move.items():
            self.patterns[group].add(frozenset(pattern.items()))
            self.hidden[group].update(self.changed(pattern))

    def changed(self, pattern: Mapping[Atom, int]) -> list[Name]:
        """The sums that are others after this."""
        key = frozenset(pattern.items())
        if key not in self.seen:
            touched = dict.fromkeys(name for atom in pattern for name in self.parts[atom])
            self.seen[key] = [name for name in touched if self.changes(name, pattern)]
        return self.seen[key]

    def changes(self, name: Name, pattern: Mapping[Atom, int]) -> bool:
        """Whether a sum is another after this."""
        return sum(change for atom, change in pattern.items() if atom in self.sums[name]) != 0

    def small(self, group: Group, threshold: int) -> list[tuple[int, Name]]:
        """The sums below the threshold, the smallest first."""
        counts = self.counts[group]
        found = ((sum(counts.get(atom, 0) for atom in atoms), name) for name, atoms in self.sums.items())
        return sorted((value, name) for value, name in found if 0 < value < threshold)

    def reach(self, move: Move) -> int:
        """How often the move can be made before a count falls below 0; or below 1, where a row tells it is not 0."""
        falling = [
            (self.counts[group].get(atom, 0) - (atom in self.listed)) // -change
            for group, atom, change in places(move)
            if change < 0
        ]
        return min(falling, default=1 << 30)

    def may(self, move: Move) -> bool:
        """Whether all it changes are counts that the tables show, and nothing coarser would show it."""
        there = all(atom in self.counts.get(group, {}) for group, atom, _ in places(move))
        return there and all(coarser.allows(move) for coarser in self.coarser)


def each(counts: Mapping[Group, Mapping[Atom, int]]) -> dict[Name, frozenset[Atom]]:
    """Every count by itself: where a line of the programme parts a band, numbers that are shown tell its parts."""
    return {("segments", repr(atom), ""): frozenset([atom]) for there in counts.values() for atom in there}


def places(move: Move) -> Iterable[tuple[Group, Atom, int]]:
    """Every count that a move changes, and by how much."""
    return ((group, atom, change) for group, pattern in move.items() for atom, change in pattern.items())


def opposite(move: Move) -> Move:
    """The move undone."""
    return {group: {atom: -change for atom, change in pattern.items()} for group, pattern in move.items()}


def _without_zeros(move: Move) -> Move:
    kept = {group: {atom: change for atom, change in pattern.items() if change} for group, pattern in move.items()}
    return {group: pattern for group, pattern in kept.items() if pattern}
