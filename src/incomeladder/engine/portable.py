"""The straight road (``intake.plain``) for any engine: typed rows, what of them does not read as it stands, accounts.

What reads here has the value that polars gives it. Some of what polars can read is in doubt here; nothing that is in
doubt there is read here, but for amounts so long that polars reads them with care.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw

from incomeladder.clean import careful
from incomeladder.clean.numeric import CERTAIN
from incomeladder.clean.straight import HOUSEHOLD_ID, RESIDENCE_WORDS
from incomeladder.engine.shape import UNDECODED, names
from incomeladder.frames import (
    EXTRA,
    FILE,
    FIRST,
    FROM_PARTS,
    ID,
    INCOME,
    LACKS_PART,
    PARTS,
    PLACE_COLUMNS,
    RESIDENCE,
    ROUND,
    SIZE,
    SIZES,
    WEIGHT,
    WEIGHT_UNIT,
)
from incomeladder.intake.incomes import UNREAD, settled
from incomeladder.read.text import BLANKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from narwhals.dtypes import DType

    from incomeladder.frames import Lazy
    from incomeladder.read.source import Source

_AMOUNT: Final = 4
_WAN: Final = 8
_WEIGHT: Final = 9
"""Decimals that are kept of amounts in yuan and in 万元, and of weights."""
_LARGEST: Final = {_AMOUNT: 10**11, _WAN: 10**7, _WEIGHT: 10**8, 0: 10_000}
"""What numbers stay below, by the decimals that are kept of them."""
_WIDE: Final = 24
"""Digits of a decimal that can be multiplied by any unit, and is then no wider than an engine's widest."""
_SIZE: Final = r"^[0-9]{1,4}\z"
_WIDE_FORMS: Final = "\uff01-\uff5e\u3000\u2212"
"""What is made half-width in ids and the labels of rounds."""
_ODD: Final = rf"(?i)^(?:{'|'.join(map(re.escape, careful.MISSING))})?\z|^[{BLANKS}]|[{BLANKS}]\z|[\x00{UNDECODED}]"
"""Texts that are cleaned where they are read with care, and such as no engine should have made."""
_NO_ID: Final = (
    f"[\x00-\x20\"'\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f{_WIDE_FORMS}\ufeff{UNDECODED}]"
)
"""What is cleaned out of ids, and all that any engine may take for a space in the patterns of labels and notes."""
_LABELS: Final = (careful.DESTROYED, careful.TOTALS, careful.NOTES)
"""Ids that are none; without spaces in them the patterns mean the same to every engine."""
_PLACE_LABEL: Final = rf"(?:[合总小共累{BLANKS}]|其中.*)计\z"
_NUMBERS: Final = (INCOME, *PARTS, WEIGHT)
_DOUBT: Final = "doubt_"
_VALUE: Final = "value_"


def rows(scanned: Sequence[Lazy], sources: Sequence[Source]) -> Lazy:
    """The typed rows of a survey's sources, each with a ``doubt_*`` for each thing that there is to prove of it.

    Where no source has weights every household counts as one, as it does in rounds of the ledger without weights.
    """
    weighted = any(WEIGHT in source.columns for source in sources)
    census = not weighted or all(source.kept for source in sources)
    pairs = zip(scanned, sources, strict=True)
    return nw.concat([_rows(each, source, census=census) for each, source in pairs], how="diagonal")


def of_rounds(read: Lazy, labels: Collection[str]) -> Lazy:
    """The rows of these rounds, and those whose label is not known or in doubt: they must not fall between reports."""
    return read.filter(nw.col(ROUND).is_in(sorted(labels)) | nw.col(_DOUBT + ROUND))


def households(read: Lazy) -> Lazy:
    """The rows without their doubts."""
    return read.select(name for name in read.collect_schema().names() if not name.startswith(_DOUBT))


def doubts(read: Lazy, extra: Sequence[str] = ()) -> Lazy:
    """How many rows are in doubt, by what of them is; of the survey's own columns only the ``extra`` ones are asked."""
    there = (name.removeprefix(_DOUBT) for name in read.collect_schema().names() if name.startswith(_DOUBT))
    asked = [name for name in there if name in extra or not name.startswith(EXTRA)]
    return read.select(_number(nw.col(_DOUBT + name)).alias(name) for name in asked)


def repeated(read: Lazy) -> Lazy:
    """How many ids stand more than once in a round."""
    times = read.filter(~nw.col(ID).is_null()).group_by(ROUND, ID).agg(nw.len().alias(SIZE))
    return times.filter(nw.col(SIZE) > 1).select(nw.len().cast(nw.Int64).alias(ID))


def account(read: Lazy) -> Lazy:
    """As ``validate.account`` says it, of rows that are all accepted."""
    count, income = nw.len().cast(nw.Int64), nw.col(INCOME)
    added = [name for name in (FROM_PARTS, LACKS_PART) if name in read.collect_schema().names()]
    told = read.group_by(FILE, ROUND).agg(
        count.alias("rows_read"),
        count.alias("households"),
        _number(income.is_null()).alias("missing_income"),
        income.max().alias("largest_income"),
        nw.when(income > 0).then(income).log().mean().alias("log_income"),
        *(_number(nw.col(name).cast(nw.Int64) > 0).alias(name) for name in added),
    )
    return told.with_columns(nw.lit(0, nw.Int64).alias(name) for name in ("skipped", "rejected"))


def _number(condition: nw.Expr) -> nw.Expr:
    return condition.cast(nw.Int64).sum().cast(nw.Int64)


def _rows(scanned: Lazy, source: Source, *, census: bool) -> Lazy:
    told = scanned.with_columns(nw.lit(text).alias(name) for name, text in _told(source).items())
    kinds = told.collect_schema()
    read = [name for name in kinds.names() if name in source.columns or name.startswith(EXTRA)]
    values = (_value(name, kinds[name], wan=name in source.wan).alias(_VALUE + name) for name in read)
    valued = told.with_columns(*values)
    named = (nw.col(_VALUE + name).alias(name) for name in read)
    counted = () if WEIGHT in read else _unweighted(census=census)
    proved = (*_doubts(read), *_doubts_of_first(kinds, source))
    read_so = valued.select(nw.lit(source.number, nw.Int32).alias(FILE), *named, *counted, *proved)
    return settled(read_so.with_columns(nw.lit(value=False).alias(UNREAD)), source).drop(UNREAD)


def _told(source: Source) -> dict[str, str]:
    """What names tell of columns that the table does not have."""
    return {**source.places} if source.has_rounds else {**source.places, ROUND: source.label}


def _unweighted(*, census: bool) -> tuple[nw.Expr, nw.Expr]:
    weight = nw.lit(WEIGHT_UNIT if census else None, nw.Int64)
    return weight.alias(WEIGHT), nw.lit(not census, nw.Boolean).alias(_DOUBT + WEIGHT)


def _doubts(columns: Sequence[str]) -> Iterator[nw.Expr]:
    for name in columns:
        cell, value = nw.col(name), nw.col(_VALUE + name)
        left_over = value.is_null() & ~cell.is_null()
        yield (left_over | _odd(name, value).fill_null(name in {ID, ROUND, WEIGHT})).alias(_DOUBT + name)


def _odd(name: str, value: nw.Expr) -> nw.Expr:
    """What there is to say against a value; null where there is no value."""
    if name == ID:
        return ~value.str.contains(HOUSEHOLD_ID) & _is_odd_id(value)
    if name == WEIGHT:
        return value < 0
    if name in {INCOME, *PARTS, *SIZES, RESIDENCE}:
        return value.is_null() & ~value.is_null()
    odd = value.str.contains(_ODD)
    if name == ROUND:
        return odd | _may_be_label(value) | value.str.contains(f"[{_WIDE_FORMS}]")
    return odd | value.str.contains(_PLACE_LABEL) if name in PLACE_COLUMNS else odd


def _is_odd_id(value: nw.Expr) -> nw.Expr:
    """Whether an id is cleaned where it is read with care, or may be none."""
    odd = value.str.contains(_ODD) | value.str.contains(_NO_ID)
    return odd | nw.any_horizontal(*(value.str.contains(label) for label in _LABELS), ignore_nulls=False)


def _may_be_label(text: nw.Expr) -> nw.Expr:
    """Whether a text may be the label of a total: without its blanks, of which each engine knows others."""
    return text.str.replace_all(f"[{BLANKS}]", "").str.contains(careful.TOTALS)


def _doubts_of_first(kinds: Mapping[str, DType], source: Source) -> Iterator[nw.Expr]:
    """Whether the first cell may label a total, unless it is the id."""
    first = names(source)[0]
    if first != ID and kinds[first] == nw.String:
        yield _may_be_label(nw.col(first)).fill_null(value=False).alias(_DOUBT + FIRST)


def _value(name: str, kind: DType, *, wan: bool) -> nw.Expr:
    """Null where a cell is missing, and where its type or its text is none that is read here."""
    cell = nw.col(name)
    if name in SIZES:
        return _size(name, cell, kind)
    if name == RESIDENCE:
        return _residence(cell) if kind == nw.String else nw.lit(None, nw.String)
    if name in _NUMBERS:
        return _units(cell, kind, _decimals(name, wan=wan))
    return cell.cast(nw.String) if kind == nw.String or kind.is_integer() else nw.lit(None, nw.String)


def _decimals(name: str, *, wan: bool) -> int:
    if name == WEIGHT:
        return _WEIGHT
    return _WAN if wan else _AMOUNT


def _residence(text: nw.Expr) -> nw.Expr:
    urban, rural = (text.is_in(RESIDENCE_WORDS[name]) for name in ("urban", "rural"))
    return nw.when(urban).then(nw.lit("urban")).when(rural).then(nw.lit("rural"))


def _size(name: str, cell: nw.Expr, kind: DType) -> nw.Expr:
    if kind == nw.String:
        number: nw.Expr = nw.when(cell.str.contains(_SIZE)).then(cell).cast(nw.Int64)
    elif isinstance(kind, nw.Decimal):
        number = nw.when(cell.cast(nw.String).str.contains(r"^[0-9]{1,4}(?:\.0*)?\z")).then(cell).cast(nw.Int64)
    else:
        number = _units(cell, kind, 0)
    return nw.when(number >= int(name == SIZE)).then(number)


def _units(cell: nw.Expr, kind: DType, decimals: int) -> nw.Expr:
    """Whole units of the last of the ``decimals``, cut towards minus infinity."""
    if kind == nw.String:
        return _of_text(cell, decimals)
    if kind == nw.Float64:
        return _of_double(cell, decimals)
    if isinstance(kind, nw.Decimal) and kind.scale > decimals:
        return _of_text(cell.cast(nw.String), decimals)
    number, unit = _within(cell, _LARGEST[decimals]), int(10**decimals)
    if isinstance(kind, nw.Decimal):
        return (number.cast(nw.Decimal(_WIDE, kind.scale)) * unit).cast(nw.Int64)
    return number.cast(nw.Int64) * unit if kind.is_integer() else nw.lit(None, nw.Int64)


def _within(number: nw.Expr, largest: int) -> nw.Expr:
    return nw.when((number > -largest) & (number < largest)).then(number)


def _of_double(cell: nw.Expr, decimals: int) -> nw.Expr:
    """Doubles that are the nearest to a whole number of units, and to no other of so few digits."""
    units = (cell * 10**decimals).round(0)
    # Polars would multiply by the reciprocal of a constant; the quotient of two columns is rounded once.
    same = units / (units * 0 + 10**decimals) == cell
    largest = min(_LARGEST[decimals] * 10**decimals, CERTAIN)
    # DuckDB believes what parquet says of the numbers there are, and there no NaN is one: it would not look for any.
    held = (cell - cell == 0) & same & (units > -largest) & (units < largest)
    return nw.when(held).then(units).cast(nw.Int64)


def _of_text(text: nw.Expr, decimals: int) -> nw.Expr:
    """Plain decimals: the digits of the whole and as many of the fraction, read as one number."""
    longest = len(str(_LARGEST[decimals])) - 1
    plain = nw.when(text.str.contains(rf"^-?[0-9]{{1,{longest}}}(?:\.[0-9]+)?\z")).then(text)
    fraction = nw.concat_str([plain.str.replace_all(r"^-?[0-9]+\.?", ""), nw.lit("0" * decimals)])
    digits = [plain.str.replace_all(r"\..*", ""), fraction.str.slice(0, decimals)]
    beyond = plain.str.contains(rf"^-[0-9]+\.[0-9]{{{decimals}}}[0-9]*[1-9]")
    return _within(nw.concat_str(digits).cast(nw.Int64) - beyond.cast(nw.Int64), _LARGEST[decimals] * 10**decimals)
