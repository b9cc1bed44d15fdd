"""Two rounds side by side: matched, left, entered. Lazy narwhals frames in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder.frames import AFTER, IN_AFTER, IN_BEFORE, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.frames import Lazy


def link(before: Lazy, after: Lazy, on: str, *, carried: Sequence[str], compared: Sequence[str]) -> Lazy:
    """Every household of either round once; ``on`` is the column of its ids, or of their keys.

    Weight and the columns ``carried`` are those of the earlier round; an entrant's are those of the later. The columns
    ``compared`` are there for both, those of the later round ending in ``_after``.
    """
    joined = before.join(after, on=on, how="full", suffix=AFTER)
    was_there = ~nw.col(on).is_null()
    shared = (
        nw.when(was_there).then(nw.col(column)).otherwise(nw.col(column + AFTER)).alias(column)
        for column in dict.fromkeys((on, WEIGHT, *carried))
    )
    return joined.select(
        *shared,
        *(nw.col(column + end) for column in compared for end in ("", AFTER)),
        was_there.alias(IN_BEFORE),
        (~nw.col(on + AFTER).is_null()).alias(IN_AFTER),
    )
