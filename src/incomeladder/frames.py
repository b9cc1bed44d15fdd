"""The columns and units of every frame between stages.

raw         text as the file has it: ``_file`` (number of the file in the survey), ``_row`` (its line), ``_fault``
            (what is wrong with the row's shape, or null), ``_first`` (text of the first column, if that is not the
            ids'), then the canonical columns under their own names and all others as ``column:HEADING``.
tidy        raw, with canonical columns typed and their text kept beside them as ``raw_*``; where a file has parts of
            incomes, ``_from_parts``, ``_lacks_part``, ``_parts_differ``.
checked     tidy, with ``_skipped`` and ``_rejected``: of the three fates of a row the third, accepted, is neither.
households  the accepted rows of checked; of a roster of persons, one row for the members of each household.
classified  households, with ``band`` and ``segment``.
linked      households of two rounds side by side, the later round's columns ending in ``_after``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    import narwhals.stable.v2 as nw

    Lazy: TypeAlias = nw.LazyFrame[Any]
    Query: TypeAlias = Callable[[list[Lazy]], list[Lazy]]

MONEY_UNIT: Final = 10_000
"""Amounts are held in whole ten-thousandths of a yuan: 1 yuan is this many."""

WEIGHT_UNIT: Final = 1_000_000_000
"""Weights are held in whole billionths, so that sums are exact and do not depend on their order."""

LARGEST_AMOUNT: Final = 10**11 * MONEY_UNIT
LARGEST_WEIGHT: Final = 10**8 * WEIGHT_UNIT

ID: Final = "household_id"
ROUND: Final = "survey_round"
INCOME: Final = "income"
WEIGHT: Final = "weight"
SIZE: Final = "size"
ADULTS: Final = "adults"
CHILDREN: Final = "children"
SIZES: Final = (SIZE, ADULTS, CHILDREN)
"""Members of a household: all, those of 14 or more, those below."""
RESIDENCE: Final = "residence"
PARTS: Final = ("wage_income", "business_income", "property_income", "transfer_income")
COUNTY: Final = "county"
PLACE_COLUMNS: Final = (COUNTY, "township", "village")
TEXTS: Final = (*PLACE_COLUMNS, "key_group")
NUMBERS: Final = frozenset({INCOME, *PARTS, *SIZES, WEIGHT})
Column = Literal[
    "household_id",
    "survey_round",
    "county",
    "township",
    "village",
    "residence",
    "key_group",
    "size",
    "adults",
    "children",
    "income",
    "wage_income",
    "business_income",
    "property_income",
    "transfer_income",
    "weight",
]
CANONICAL: Final[tuple[Column, ...]] = get_args(Column)

OUT_OF_SCOPE: Final = "_out_of_scope"
TO_OWN: Final = "_to_own"
"""What a yuan on the ladder is to a household that a size rule has placed: as many of its own."""
OWN: Final = "_own_income"
"""The income of a household that a size rule has placed elsewhere: what its members have between them."""
FILE: Final = "_file"
ROW: Final = "_row"
KEY: Final = "_key"
FAULT: Final = "_fault"
FIRST: Final = "_first"
TOTALLED: Final = "_totalled"
NOTED: Final = "_noted"
"""Whether a row without an id holds the label of a total, or a note; known where ids are read with care."""
TOTALS_END: Final = "计"
"""The last character of 合计, 总计, 小计, 共计, 累计: without it no place is the label of a total."""
UNPROVED: Final = "_unproved"
"""Whether a row of which nobody has looked yet whether it has the right length may have another."""
SKIPPED: Final = "_skipped"
REJECTED: Final = "_rejected"
EXTRA: Final = "column:"
"""Goes before the heading of a column that is not canonical, so that no heading can pass for a column of ours."""

FROM_PARTS: Final = "_from_parts"
LACKS_PART: Final = "_lacks_part"
PARTS_DIFFER: Final = "_parts_differ"
"""Incomes that are the sum of their parts, which parts they lack, and whether they are not what the parts add up to."""

BAND: Final = "band"
SEGMENT: Final = "segment"
AFTER: Final = "_after"

BELOW_ZERO: Final = -1
"""The band of incomes below 0; the ladder's own bands count from 0, a missing income has no band."""

HOUSEHOLDS: Final = "households"
IN_BEFORE: Final = "in_before"
IN_AFTER: Final = "in_after"


def part_bit(part: str) -> int:
    """The bit of ``_lacks_part`` that says that a row lacks this part of its income, of which its file has a column."""
    return 1 << PARTS.index(part)
