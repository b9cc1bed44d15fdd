"""The flows between bands as a drawing: each way that households went is a ribbon as broad as they are many."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incomeladder.render.bands import Stretch
from incomeladder.render.square import Square

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.render.facts import Facts

_MOST: Final = 14
"""Bands up to which each is drawn."""
_HEIGHT: Final = 480.0
"""What all households together are high."""
_SLOT: Final = 15.0
"""What a band takes at least, so that its name can be read."""
_GAP: Final = 3.0
_STEP: Final = 38.0
"""Room at the floor, and before what lies beside the ladder."""
_TOP: Final = 34.0
_MARGIN: Final = 8.0


@dataclass(frozen=True)
class Flow:
    """Households that went one way between two places of the drawing."""

    origin: Stretch
    end: Stretch
    households: int
    kind: str
    """``same``, ``up``, ``down``, or ``out`` for what begins or ends beside the ladder."""

    @property
    def touches_floor(self) -> bool:
        """Whether it begins or ends below the floor."""
        return self.origin.below or self.end.below


@dataclass(frozen=True)
class Block:
    """A place of the drawing: from ``top`` on so many households, who are ``height`` high."""

    stretch: Stretch
    households: int | None
    top: float
    height: float


@dataclass(frozen=True)
class Ribbon:
    """A flow, from where on it leaves and arrives, and how broad it is."""

    flow: Flow
    leaves: float
    arrives: float
    breadth: float


@dataclass(frozen=True)
class Drawing:
    """Both sides, the highest band above, and the ribbons between them; the lines at which the floor lies."""

    before: list[Block]
    after: list[Block]
    ribbons: list[Ribbon]
    floors: tuple[float | None, float | None]
    height: float
    is_merged: bool


def drawing(facts: Facts) -> Drawing:
    """The places and ribbons of a report; a way whose households are not published has none."""
    square = Square(facts, _MOST)
    flows = list(_flows(square))
    counts = (
        {row: square.before(row) for row in square.rows},
        {column: square.after(column) for column in square.columns},
    )
    drawn = Counter[Stretch](), Counter[Stretch]()
    for flow in flows:
        drawn[0][flow.origin] += flow.households
        drawn[1][flow.end] += flow.households
    sides = [
        {stretch: known[stretch] if count is None else count for stretch, count in told.items()}
        for told, known in zip(counts, drawn, strict=True)
    ]
    unit = _HEIGHT / max(1, *(sum(side.values()) for side in sides))
    before, after = (_stacked(told, side, unit) for told, side in zip(counts, sides, strict=True))
    height = max(block.top + max(block.height, _SLOT) for block in (*before, *after)) + _MARGIN
    ribbons = list(_ribbons(flows, before, after, unit))
    return Drawing(before, after, ribbons, (_floor(before), _floor(after)), height, square.is_merged)


def _flows(square: Square) -> Iterator[Flow]:
    kinds = {0: "same", 1: "up", -1: "down", None: "out"}
    for row in square.rows:
        for column in square.columns:
            cell = square.cell(row, column)
            if cell.households:
                yield Flow(row, column, cell.households, kinds[cell.move])


def _from_above(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The highest band first, so that a ribbon which rises rises; what lies beside the ladder stays last."""
    ladder = [stretch for stretch in stretches if not stretch.outside]
    return [*reversed(ladder), *(stretch for stretch in stretches if stretch.outside)]


def _stacked(told: Mapping[Stretch, int | None], known: Mapping[Stretch, int], unit: float) -> list[Block]:
    """A block for each place, as high as its households: of a number that is not published, as its ribbons."""
    blocks: list[Block] = []
    top, above = _TOP, None
    for stretch in _from_above(list(told)):
        if above is not None:
            top += _STEP if (stretch.below, stretch.outside) != (above.below, above.outside) else _GAP
        height = known[stretch] * unit
        slot = max(height, _SLOT)
        blocks.append(Block(stretch, told[stretch], top + (slot - height) / 2, height))
        top, above = top + slot, stretch
    return blocks


def _floor(blocks: Sequence[Block]) -> float | None:
    """The middle of the room between the last band above the floor and the first below it."""
    below = [block for block in blocks if block.stretch.below]
    if not below:
        return None
    return below[0].top - max(0, _SLOT - below[0].height) / 2 - _STEP / 2 + 4


def _ribbons(flows: Sequence[Flow], before: Sequence[Block], after: Sequence[Block], unit: float) -> Iterator[Ribbon]:
    """Ribbons leave and arrive in the order of where they go and come from, so that few of them cross."""
    order = {block.stretch.label: place for place, block in enumerate(before)}
    ends = {block.stretch.label: place for place, block in enumerate(after)}
    leaves, arrives = ({block.stretch.label: block.top for block in side} for side in (before, after))
    starts = {}
    for flow in sorted(flows, key=lambda flow: ends[flow.end.label]):
        starts[flow] = leaves[flow.origin.label]
        leaves[flow.origin.label] += flow.households * unit
    for flow in sorted(flows, key=lambda flow: order[flow.origin.label]):
        yield Ribbon(flow, starts[flow], arrives[flow.end.label], flow.households * unit)
        arrives[flow.end.label] += flow.households * unit
