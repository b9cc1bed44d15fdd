"""What reports are asked with, and what all of them refuse and tell alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.classify import classify
from incomeladder.errors import Reason, RowsRejected, SurveyRefused, UsageRefused
from incomeladder.frames import ID, INCOME, OWN, PARTS, ROUND, SIZE, SIZES, TO_OWN, WEIGHT
from incomeladder.intake.survey import Survey, refuse_empty, refuse_without_ids, resolve
from incomeladder.intake.workspace import Workspace
from incomeladder.size import Scale

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from incomeladder.engine import Engine
    from incomeladder.frames import Lazy
    from incomeladder.intake.verdict import Verdict
    from incomeladder.programme import Programme
    from incomeladder.read.source import Source


@dataclass(frozen=True)
class Request:
    """What every report is asked with: the rules, the rounds, the groups, and whether invalid rows may be left out.

    ``allow_empty`` makes zeros of files that hold no household; ``max_problems`` is how many problems people want to
    see, 0 for all; ``engine`` answers in the place of polars; what is to ``publish`` hides small counts.
    """

    programme: Programme
    rounds: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    skip_invalid: bool = False
    allow_empty: bool = False
    max_problems: int = 0
    engine: Engine | None = None
    publish: bool = False
    workspace: Workspace = field(default_factory=Workspace)


def refuse_unless_filled(sources: tuple[Source, ...], request: Request) -> None:
    """Raise SurveyRefused for files without rows, unless they may be empty, and for rosters that name no households."""
    refuse_without_ids([source for source in sources if source.persons], "--level person")
    if not request.allow_empty:
        refuse_empty(sources)


def judge(judged: Sequence[tuple[Verdict, Sequence[str]]], request: Request) -> None:
    """Raise for rows that were rejected, unless they may be left out, and for surveys that hold nothing to report."""
    refuse_without_prices([label for _, rounds in judged for label in rounds], request.programme.prices)
    found = rejects(judged)
    if found is not None and not request.skip_invalid:
        raise RowsRejected(found, sum(verdict.accounting(rounds).rejected for verdict, rounds in judged))
    for verdict, rounds in judged:
        if not request.allow_empty or verdict.accounting(rounds).accepted:
            verdict.refuse_unusable(rounds)


def refuse_without_prices(rounds: Sequence[str], prices: Collection[str]) -> None:
    """Raise SurveyRefused for rounds that are to be compared in prices, and have none."""
    if lacking := [label for label in rounds if prices and label not in prices]:
        raise SurveyRefused.because("prices_missing", rounds=lacking)


def refuse_without_sizes(columns: Mapping[str, Collection[str]], scale: Scale) -> None:
    """Raise SurveyRefused for the files, named with their columns, that lack one which a size rule needs."""
    lacking = [
        Reason("size_columns_missing", {"file": file, "rule": scale.rule, "columns": names})
        for file, there in columns.items()
        if (names := [name for name in scale.columns if name not in there])
    ]
    if lacking:
        raise SurveyRefused(*lacking)


def scaled(survey: Survey, request: Request) -> Survey:
    """The survey, its households placed by the programme's size rule.

    Raises SurveyRefused where a file lacks a column that the rule needs, UsageRefused where another engine counts.
    """
    scale = Scale.of(request.programme)
    if scale.is_plain:
        return survey
    if request.engine is not None:
        option = "--deflate" if scale.rule == "as-is" else f"--size-rule {scale.rule}"
        raise UsageRefused.because("engine_size_rule", engine=request.engine.name, rule=option)
    # A roster tells how many its households are, and not who of them is a child.
    known = {source.name: {SIZE} if survey.persons else source.columns for source in survey.sources}
    refuse_without_sizes(known, scale)
    return replace(survey, scale=scale)


def rejects(judged: Sequence[tuple[Verdict, Sequence[str]]]) -> pl.DataFrame | None:
    """The problems of the surveys that hold rows which cannot be used; None where there are none."""
    found = [verdict.problems(rounds) for verdict, rounds in judged if verdict.accounting(rounds).rejected]
    return pl.concat(found) if found else None


_NO_GROUPS: Final = frozenset({ID, INCOME, WEIGHT, ROUND, *PARTS})


def groups(surveys: Sequence[Survey], names: Sequence[str]) -> tuple[str, ...]:
    """The frame's columns for the names of groups.

    Raises UsageRefused for those that are not there, and for those that make no groups.
    """
    columns = tuple(dict.fromkeys(resolve(surveys, name) for name in names))
    if unfit := _NO_GROUPS & set(columns):
        raise UsageRefused.because("no_group", column=min(unfit))
    return columns


def classified(households: Lazy, programme: Programme, columns: Sequence[str]) -> Lazy:
    """What ``chosen`` keeps, with its place on the ladder."""
    return classify(chosen(households, columns), programme)


def chosen(households: Lazy, columns: Sequence[str]) -> Lazy:
    """Only what the report needs goes on; a column that the survey, or one of two, lacks is null there."""
    there = households.collect_schema().names()
    wanted = dict.fromkeys((ROUND, INCOME, WEIGHT, *columns))
    return households.select(*(nw.col(name) if name in there else _lacking(name) for name in wanted))


def _lacking(name: str) -> nw.Expr:
    return nw.lit(None, nw.Int64 if name in {*SIZES, OWN, TO_OWN} else nw.String).alias(name)


def native(frame: Lazy) -> pl.LazyFrame:
    """The polars frame behind a narwhals one."""
    unwrapped: pl.LazyFrame = nw.to_native(frame)
    return unwrapped


def parameters(survey: Survey, request: Request, rounds: Sequence[str]) -> dict[str, object]:
    """How the files were understood and what was asked for, as the JSON report says it."""
    return {
        "sources": [_understood(source) for source in survey.sources],
        "rounds": list(rounds),
        "by": list(request.by),
        "weighted": WEIGHT in survey.columns,
        "size_rule": request.programme.size_rule,
        "skip_invalid": request.skip_invalid,
        **_in_prices(request.programme.prices),
    }


def _in_prices(prices: Mapping[str, Decimal]) -> dict[str, object]:
    """The rounds in whose prices incomes are, unless they are as they are."""
    return {"prices_of": [label for label, price in prices.items() if price == 1]} if prices else {}


def _understood(source: Source) -> dict[str, object]:
    wan = [column for column in source.incomes if column in source.wan]
    return {
        "file": source.name,
        "encoding": source.table.encoding,
        "columns": source.layout.columns.heading_of,
        "in_wan": wan,
    }
