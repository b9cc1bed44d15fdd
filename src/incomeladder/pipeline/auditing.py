"""Where the report can be fooled: every test of the answers, by place and round."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.errors import Reason
from incomeladder.estimation.audit.alike import alike
from incomeladder.estimation.audit.copied import copied
from incomeladder.estimation.audit.density import density
from incomeladder.estimation.audit.digits import digits
from incomeladder.estimation.audit.heaping import heaping
from incomeladder.estimation.audit.on_line import on_line
from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, judged
from incomeladder.frames import ID, INCOME, MONEY_UNIT, ROUND
from incomeladder.natural import natural
from incomeladder.pipeline.gathering import by_of, gathered
from incomeladder.pipeline.tables import headed, in_order
from incomeladder.report import Report
from incomeladder.size import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.estimation.audit.verdicts import Test
    from incomeladder.pipeline.gathering import Gathered
    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source


def audit(sources: tuple[Source, ...], request: Request) -> Report:
    """The tests of each wanted round and place, on incomes as they were reported: no size rule and no prices."""
    by = by_of(sources, request)
    plain = replace(request, programme=replace(request.programme, size_rule="as-is", prices={}))
    has_ids = all(ID in source.columns for source in sources)
    found = gathered(sources, plain, (*by, *((ID,) if has_ids else ())))
    places = in_order(found.households.select(ROUND, *by).unique(), by).with_row_index(PLACE)
    before = _before(found) if has_ids else {}
    table = judged((test.results() for test in _tests(found, places, before, by)), places)
    return Report(
        "audit",
        plain.programme,
        found.parameters,
        found.accounting,
        headed({"audit": _in_yuan(table)}),
        (
            *_notes(found, request, before, by, has_ids=has_ids),
            *_meanings(table),
            *found.notes("audit_incomes_missing"),
        ),
        found.rejects,
    )


def _before(found: Gathered) -> Mapping[str, str]:
    """The round that comes before each of the wanted ones in the files."""
    every = natural(found.every[ROUND].unique())
    return {after: before for before, after in pairwise(every) if after in found.rounds}


def _tests(found: Gathered, places: pl.DataFrame, before: Mapping[str, str], by: Sequence[str]) -> Iterator[Test]:
    """Those that compare rounds only where one comes before; those that compare places only where there are any."""
    answers = _answers(found.households, places, by)
    yield from heaping(answers, places)
    yield from density(answers, places, found.request.programme)
    yield from on_line(answers, places, found.request.programme)
    if before:
        income, label = pl.col(INCOME).alias(AMOUNT), pl.col(ROUND)
        every = found.every.lazy()
        sides = [
            (answers.filter(label == after), every.filter(label == earlier).select(ID, income))
            for after, earlier in before.items()
        ]
        yield copied(sides, places.filter(label.is_in(list(before))))
    if by:
        yield alike(answers, places)
    yield from digits(answers, places)


def _answers(households: pl.DataFrame, places: pl.DataFrame, by: Sequence[str]) -> pl.LazyFrame:
    """The households with an income, each with the number of its place: made once, since every test begins with it."""
    known = households.lazy().filter(pl.col(INCOME).is_not_null())
    numbered = known.join(places.lazy(), on=[ROUND, *by], nulls_equal=True)
    kept = [name for name in (ID,) if name in households.columns]
    return numbered.select(ROUND, PLACE, pl.col(INCOME).alias(AMOUNT), *kept).collect(engine="in-memory").lazy()


def _in_yuan(table: pl.DataFrame) -> pl.DataFrame:
    """Amounts are whole yuan, unless a line of the programme is not."""
    amount = pl.col("amount")
    is_whole = bool((table["amount"].drop_nulls() % MONEY_UNIT == 0).all())
    return table.with_columns(amount // MONEY_UNIT if is_whole else amount / MONEY_UNIT)


def _notes(
    found: Gathered, request: Request, before: Mapping[str, str], by: Sequence[str], *, has_ids: bool
) -> Iterator[Reason]:
    """What was not looked at, and why."""
    if not by:
        yield Reason("audit_no_places")
    if not has_ids:
        yield Reason("audit_no_ids")
    elif first := [label for label in found.rounds if label not in before]:
        yield Reason("audit_no_earlier", {"rounds": first})
    if found.is_weighted:
        yield Reason("audit_unweighted")
    if not Scale.of(request.programme).is_plain:
        yield Reason("audit_as_reported")


def _meanings(table: pl.DataFrame) -> Iterator[Reason]:
    """What each of the tests means, and what it does not."""
    return (Reason(f"audit_{name}") for name in table["test"].unique(maintain_order=True))
