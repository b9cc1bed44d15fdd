"""One function a command: the stages set in order, and a finished report at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder import compare, measures, summarise
from incomeladder.classify import classify
from incomeladder.errors import RowsRejected, SurveyRefused, UsageRefused
from incomeladder.flag import by_need, flag
from incomeladder.frames import AFTER, BAND, CANONICAL, EXTRA, ID, INCOME, PARTS, ROUND, WEIGHT
from incomeladder.intake.notes import reading_notes, round_notes, row_notes, unit_notes
from incomeladder.intake.rounds import narrowed, natural, two_rounds, wanted
from incomeladder.intake.settle import settle
from incomeladder.intake.survey import Survey, refuse_empty, refuse_without_ids, resolve
from incomeladder.ladder import band_name, plain_weight, yuan
from incomeladder.link import link
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.compare import Movers
    from incomeladder.frames import Lazy
    from incomeladder.intake.settle import Verdict
    from incomeladder.programme import Loaded, Programme, TierName
    from incomeladder.read.survey import Source

_NO_GROUPS: Final = frozenset({ID, INCOME, WEIGHT, ROUND, *PARTS})


@dataclass(frozen=True)
class Request:
    """What every report is asked with: the rules, the rounds, the groups, and whether invalid rows may be left out.

    ``allow_empty`` makes zeros of files that hold no household; ``max_problems`` is how many problems people want to
    see, 0 for all.
    """

    programme: Programme
    rounds: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    skip_invalid: bool = False
    allow_empty: bool = False
    max_problems: int = 0


def check(sources: tuple[Source, ...], request: Request) -> Report:
    """Say whether the files are sound: every problem with its place, and how often each rule is broken."""
    _refuse_empty(sources, request)
    survey = Survey(sources)
    (verdict,), _ = settle([survey], lambda _: [], request.programme.key_groups)
    rounds = wanted(verdict.rounds(), request.rounds or ("all",))
    problems = verdict.problems(rounds)
    counts = problems.group_by("rule", "severity").agg(pl.len().cast(pl.Int64).alias("count")).sort("severity", "rule")
    if not problems.height:
        _judge([(verdict, rounds)], request)
    return Report(
        "check",
        request.programme,
        _parameters(survey, request, rounds) | {"max_problems": request.max_problems},
        {"": verdict.accounting(rounds)},
        {"problems": problems, "rules": counts},
        (*reading_notes(sources), *row_notes(verdict, rounds)),
        problems,
    )


def bands(sources: tuple[Source, ...], request: Request) -> Report:
    """The ladder of each wanted round, and its headline."""
    _refuse_empty(sources, request)
    survey, programme = Survey(sources), request.programme
    by = _groups([survey], request.by)

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        return [_native(summarise.count(_classified(households[0], programme, by), programme, by))]

    (verdict,), (counts,) = settle([survey], query)
    rounds = wanted(verdict.rounds() or survey.labels(), request.rounds)
    _judge([(verdict, rounds)], request)
    chosen = _in_order(summarise.with_empty(counts.filter(pl.col(ROUND).is_in(list(rounds))), rounds, by), by)
    tables = {
        "bands": summarise.bands(chosen, programme, by),
        "summary": summarise.summary(chosen, programme, by),
    }
    return Report(
        "bands",
        programme,
        _parameters(survey, request, rounds),
        {"": verdict.accounting(rounds)},
        _named(tables),
        (*reading_notes(sources), *row_notes(verdict, rounds), *round_notes(verdict, verdict.rounds(), rounds)),
        _rejects([(verdict, rounds)]),
    )


def flagged(
    sources: tuple[Source, ...], request: Request, *, tiers: Sequence[TierName] = ("floor",), extra: Sequence[str] = ()
) -> Report:
    """The households of the tiers with their shortfall to the tier's target."""
    _refuse_empty(sources, request)
    programme, whole = request.programme, Survey(sources)
    refuse_without_ids(sources, "flag")
    by = _groups([whole], request.by)
    shown = tuple(dict.fromkeys((*by, *(resolve([whole], name) for name in extra))))

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        classified = _classified(households[0], programme, (ID, *_LISTED, *shown))
        return [_native(by_need(flag(classified, programme, tiers), (ROUND, *by), ID))]

    for certain in (False, True):
        survey, labels, rounds = narrowed(sources, request.rounds, certain=certain)
        (verdict,), (found,) = settle([survey], query)
        if verdict.rounds() <= labels:
            break
    _judge([(verdict, rounds)], request)
    return Report(
        "flag",
        programme,
        _parameters(survey, request, rounds) | {"tier": list(tiers)},
        {"": verdict.accounting(rounds)},
        _named({"flagged": _listed(found, programme, rounds, shown)}),
        (*reading_notes(sources), *row_notes(verdict, rounds), *round_notes(verdict, labels, rounds)),
        _rejects([(verdict, rounds)]),
    )


_LISTED: Final = ("county", "township", "village", "residence", "key_group", "size")


def _listed(found: pl.DataFrame, programme: Programme, rounds: Sequence[str], shown: Sequence[str]) -> pl.DataFrame:
    money = [yuan(pl.col(column)).alias(column) for column in (INCOME, "target", "shortfall")]
    money += [yuan(pl.col(column)).alias(column) for column in shown if column in PARTS]
    weights = [plain_weight(pl.col(column)).alias(column) for column in shown if column == WEIGHT]
    told = found.with_columns(*money, *weights, band_name(programme.ladder).alias(BAND))
    columns = dict.fromkeys((ROUND, ID, *_LISTED, INCOME, BAND, "tier", "target", "shortfall", *shown))
    order = {label: number for number, label in enumerate(rounds)}
    return told.select(*columns).sort(pl.col(ROUND).replace_strict(order, return_dtype=pl.Int32), maintain_order=True)


def transitions(
    before: tuple[Source, ...], after: tuple[Source, ...] | None, request: Request, *, movers: Movers | None = None
) -> Report:
    """Two rounds: matrix, scorecard, tiers, measures of mobility, and on request the households that moved.

    ``request.rounds`` names the earlier and the later round; an empty name is the round that the files suggest.
    """
    programme = request.programme
    sources = (*before, *(after or ()))
    _refuse_empty(sources, request)
    refuse_without_ids(sources, "transitions")
    by = _groups([Survey(before), Survey(after or ())], request.by)

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        earlier, later = (_classified(frame, programme, (ID, *by)) for frame in households)
        linked = link(earlier, later, by)
        listed = [] if movers is None else [_native(compare.movers(linked, programme, movers, by))]
        return [_native(compare.count(linked, by)), *listed]

    for certain in (False, True):
        surveys, rounds = two_rounds(before, after, request.rounds, certain=certain)
        verdicts, (counts, *listed) = settle(surveys, query)
        judged = [(verdict, (label,)) for verdict, label in zip(verdicts, rounds, strict=True)]
        if all(verdict.rounds().issubset(label) for verdict, label in judged):
            break
    _judge(judged, request)
    if not request.allow_empty or counts.height:
        _refuse_strangers(counts, rounds)
    tables = _compared(_in_order(counts, by), programme, by)
    if movers is not None:
        tables["movers"] = compare.list_movers(listed[0], programme, by)
    notes = [note for verdict, label in judged for note in row_notes(verdict, label)]
    return Report(
        "transitions",
        programme,
        _parameters(Survey(sources), request, rounds) | {"from": rounds[0], "to": rounds[1], "movers": movers},
        {side: verdict.accounting(label) for side, (verdict, label) in zip(("before", "after"), judged, strict=True)},
        _named(tables),
        (*unit_notes(verdicts, rounds), *reading_notes(sources), *notes),
        _rejects(judged),
    )


def _compared(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> dict[str, pl.DataFrame]:
    return {
        "matrix": compare.matrix(counts, programme, by),
        "summary": compare.summary(counts, programme, by),
        "tiers": compare.tiers(counts, programme, by),
        "measures": measures.mobility(compare.moves(counts), by),
    }


def rules_in_force(loaded: Loaded) -> Report:
    """The rules of the programme, and where each was said."""
    rows = [(key, _spoken(value), loaded.sources[key]) for key, value in loaded.values.items()]
    table = pl.DataFrame(rows, schema=dict.fromkeys(("key", "value", "source"), pl.String), orient="row")
    return Report("programme", loaded.programme, {}, {}, {"programme": table})


def _spoken(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refuse_empty(sources: tuple[Source, ...], request: Request) -> None:
    if not request.allow_empty:
        refuse_empty(sources)


def _judge(judged: Sequence[tuple[Verdict, Sequence[str]]], request: Request) -> None:
    """Raise for rows that were rejected, unless they may be left out, and for surveys that hold nothing to report."""
    rejects = _rejects(judged)
    if rejects is not None and not request.skip_invalid:
        raise RowsRejected(rejects, sum(verdict.accounting(rounds).rejected for verdict, rounds in judged))
    for verdict, rounds in judged:
        if not request.allow_empty or verdict.accounting(rounds).accepted:
            verdict.refuse_unusable(rounds)


def _rejects(judged: Sequence[tuple[Verdict, Sequence[str]]]) -> pl.DataFrame | None:
    found = [verdict.problems(rounds) for verdict, rounds in judged if verdict.accounting(rounds).rejected]
    return pl.concat(found) if found else None


def _refuse_strangers(counts: pl.DataFrame, rounds: Sequence[str]) -> None:
    if not counts.filter(compare.MATCHED).height:
        raise SurveyRefused.because("nothing_in_common", before=rounds[0], after=rounds[1])


def _groups(surveys: Sequence[Survey], names: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(dict.fromkeys(resolve(surveys, name) for name in names))
    if unfit := _NO_GROUPS & set(columns):
        raise UsageRefused.because("no_group", column=min(unfit))
    return columns


def _classified(households: pl.LazyFrame, programme: Programme, columns: Sequence[str]) -> Lazy:
    """Only what the report needs goes on; a column that one of two surveys lacks is null there."""
    there = households.collect_schema().names()
    wanted = dict.fromkeys((ROUND, INCOME, WEIGHT, *columns))
    lacking = [
        pl.lit(None, pl.Int64 if name == "size" else pl.String).alias(name) for name in wanted if name not in there
    ]
    return classify(nw.from_native(households.with_columns(lacking).select(*wanted)), programme)


def _native(frame: Lazy) -> pl.LazyFrame:
    native: pl.LazyFrame = nw.to_native(frame)
    return native


def _in_order(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Rounds in natural order, then groups by value, then bands; so that tables need no order of their own."""
    keys = [*by, *(key for key in (BAND, BAND + AFTER) if key in counts.columns)]
    counts = counts.sort(keys, nulls_last=True)
    if ROUND not in counts.columns:
        return counts
    order = {label: number for number, label in enumerate(natural(counts[ROUND].unique()))}
    return counts.sort(pl.col(ROUND).replace_strict(order, return_dtype=pl.Int32), maintain_order=True)


def _named(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Columns under the headings that users know them by, whole numbers without a fraction."""
    return {name: _whole(_headed(table)) for name, table in tables.items()}


def _headed(table: pl.DataFrame) -> pl.DataFrame:
    taken = set(table.columns)
    plain = {column: column.removeprefix(EXTRA) for column in taken if column.startswith(EXTRA)}
    return table.rename({column: heading for column, heading in plain.items() if heading not in taken})


def _whole(table: pl.DataFrame) -> pl.DataFrame:
    """Amounts and weights that are all whole become integers: 30000 reads better than 30000.0."""
    floats = [name for name, kind in table.schema.items() if kind == pl.Float64 and not name.endswith("share")]
    whole = [
        name for name in floats if name != "value" and (table[name] == table[name].floor()).fill_null(value=True).all()
    ]
    return table.with_columns(pl.col(whole).cast(pl.Int64))


def _understood(source: Source) -> dict[str, object]:
    columns = source.layout.columns
    headings = {
        name: heading for heading, name in zip(columns.headings, columns.names, strict=True) if name in CANONICAL
    }
    wan = [column for column in source.incomes if column in source.wan]
    return {"file": source.name, "encoding": source.table.encoding, "columns": headings, "in_wan": wan}


def _parameters(survey: Survey, request: Request, rounds: Sequence[str]) -> dict[str, object]:
    return {
        "sources": [_understood(source) for source in survey.sources],
        "rounds": list(rounds),
        "by": list(request.by),
        "weighted": WEIGHT in survey.columns,
        "size_rule": request.programme.size_rule,
        "skip_invalid": request.skip_invalid,
    }
