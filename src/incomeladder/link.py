"""Two rounds side by side: matched, left, entered. Lazy narwhals frames in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder.frames import AFTER, BAND, ID, IN_AFTER, IN_BEFORE, INCOME, SEGMENT, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.frames import Lazy
_SIDES = (BAND, SEGMENT, INCOME)


def link(before: Lazy, after: Lazy, by: Sequence[str]) -> Lazy:
    """Every household of either round once.

    Weight and ``by`` values are those of the earlier round; an entrant's are those of the later.
    """
    joined = before.join(after, on=ID, how="full", suffix=AFTER)
    was_there = ~nw.col(ID).is_null()
    shared = (
        nw.when(was_there).then(nw.col(column)).otherwise(nw.col(column + AFTER)).alias(column)
        for column in dict.fromkeys((ID, WEIGHT, *by))
    )
    sides = (column + suffix for column in _SIDES for suffix in ("", AFTER))
    return joined.select(
        *shared,
        *(nw.col(side) for side in sides),
        was_there.alias(IN_BEFORE),
        (~nw.col(ID + AFTER).is_null()).alias(IN_AFTER),
    )
