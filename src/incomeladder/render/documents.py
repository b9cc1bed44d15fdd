"""Each report as a document: what is said in words first, then the tables, then what was counted and what was not."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from incomeladder.frames import CANONICAL, MONEY_UNIT, PLACE_COLUMNS
from incomeladder.render import ladder, matrix, mobility, why
from incomeladder.render.blocks import PAPER, Block, Line
from incomeladder.render.grids import grid, group_name
from incomeladder.render.numbers import counted
from incomeladder.render.problems import discreet, in_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incomeladder.programme import Programme
    from incomeladder.render.blocks import Page
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_SPARE = {"problems": ("rule", "severity"), "movers": ("from_band", "to_band", "change"), "size_rules": ("households",)}


def document(report: Report, words: Words, page: Page = PAPER) -> list[Block]:
    """The report in the reader's language, laid out for a page."""
    notes = [Line(words("note", message=words.reason(note)), note=True) for note in report.notes]
    return [*body(report, words, page), *accounting(report, words), *notes]


def body(report: Report, words: Words, page: Page) -> Iterable[Block]:
    """What the report says, without what was counted and what was not."""
    if report.name in _LAID_OUT:
        return _LAID_OUT[report.name](report, words, page)
    if report.name in _BODIES:
        return _BODIES[report.name](report, words)
    # Other reports should not wait for these.
    if report.name in _ANALYSES:
        blocks = import_module(f"incomeladder.render.{report.name}").blocks
        return cast("Iterable[Block]", blocks(report, words))
    from incomeladder.render.ledger import BODIES  # noqa: PLC0415  (nor for this)

    return BODIES[report.name](report, words)


def accounting(report: Report, words: Words) -> list[Line]:
    """What became of every row, a line for each round compared."""
    lines = {
        side: words("accounting" if told.households is None else "accounting.persons", **told.shown)
        for side, told in report.accounting.items()
    }
    if set(lines) <= {""}:
        return [Line(line, note=True) for line in lines.values()]
    rounds = {"before": report.parameters["from"], "after": report.parameters["to"]}
    said = {side: words(f"accounting.{side}", round=rounds[side], line=line) for side, line in lines.items()}
    return [Line(line, note=True) for line in said.values()]


def _bands(report: Report, words: Words, page: Page) -> Iterable[Block]:
    bands, summary = report.tables["bands"], report.tables["summary"]
    groups = summary.columns[: summary.columns.index("households")]
    # Of all groups and rounds, so that their bars can be compared.
    scale = ladder.scale(bands, report.programme, words, page)
    for headline in summary.iter_rows(named=True):
        of_group = pl.all_horizontal(pl.col(name).eq_missing(headline[name]) for name in groups)
        yield Line(
            words("title.bands", round=headline["survey_round"]) + group_name(headline, groups[1:], words), title=True
        )
        yield from ladder.headline(headline, report.programme, words)
        yield ladder.grid(bands.filter(of_group), report.programme, words, scale)
    yield Line(words("say.shares"))
    yield from _listed(report, ("size_rules",), words)


def _flag(report: Report, words: Words) -> Iterable[Block]:
    flagged = report.tables["flagged"]
    yield Line(words("title.flag", rounds=report.parameters["rounds"]), title=True)
    tiers = cast("list[str]", report.parameters["tier"])
    for name in tiers:
        of_tier = flagged.filter(pl.col("tier") == name)
        target = counted(getattr(report.programme.tiers, name).target)
        # Each is a whole number of ten-thousandths, so rounding there undoes what adding doubles does.
        short, tier = counted(round(float(of_tier["shortfall"].sum()), 4)), words(f"tier.{name}")
        key = "say.flagged" if of_tier.height else "say.nobody_flagged"
        yield Line(words(key, tier=tier, households=of_tier.height, shortfall=short, target=target))
    yield from _by_place(flagged, cast("list[str]", report.parameters["by"]), words)
    shown = _with_measures_named(flagged, report, words).drop("target")
    if shown["survey_round"].n_unique() <= 1:
        shown = shown.drop("survey_round")
    if len(tiers) == 1:
        shown = shown.drop("tier")
    if flagged.height:
        yield grid(shown, words, spare=("residence", "band", "size", "key_group", "township", "village", "county"))


def _by_place(flagged: pl.DataFrame, by: list[str], words: Words) -> Iterable[Block]:
    """Where the households are, what lacks the most first; if nothing was asked, by the widest kind of place."""
    places = by or [name for name in PLACE_COLUMNS if flagged[name].n_unique() > 1][:1]
    if not places or flagged.is_empty():
        return
    keys = [name for name in ("survey_round", "tier") if flagged[name].n_unique() > 1]
    # Whole ten-thousandths, so that the sum is exact in any order.
    lacking = (pl.col("shortfall") * MONEY_UNIT).round().cast(pl.Int64).sum() / MONEY_UNIT
    counted = flagged.group_by(*keys, *places, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("households"), lacking.alias("shortfall")
    )
    falling = [False] * len(keys) + [True] + [False] * len(places)
    ordered = counted.sort(*keys, "shortfall", *places, descending=falling, nulls_last=True, maintain_order=True)
    named = ordered.with_columns(pl.col(places).fill_null(words("none")))
    yield Line(words("title.by_place"), title=True)
    yield grid(named, words)
    yield Line(words("title.list"), title=True)


def _transitions(report: Report, words: Words, page: Page) -> Iterable[Block]:
    rounds = {"before": report.parameters["from"], "after": report.parameters["to"]}
    summary = report.tables["summary"]
    by = summary.columns[: summary.columns.index("before")]
    for row in summary.iter_rows(named=True):
        of_group = pl.all_horizontal([pl.lit(value=True), *(pl.col(name).eq_missing(row[name]) for name in by)])
        yield Line(words("title.transitions", **rounds) + group_name(row, by, words), title=True)
        tiers = report.tables["tiers"].filter(of_group).select(pl.exclude(by) if by else pl.all())
        yield from _scorecard(
            {name: row[name] for name in summary.columns if name not in by}, tiers, report.programme, words
        )
        counts = report.tables["matrix"].filter(of_group)
        yield from matrix.blocks(counts, report.programme, rounds, words, page)
    yield from _listed(report, ("tiers",), words)
    yield from mobility.blocks(report, words)
    yield from why.blocks(report, words)
    yield from _listed(report, ("movers",), words)


def _scorecard(row: Mapping[str, int], tiers: pl.DataFrame, programme: Programme, words: Words) -> Iterable[Line]:
    floor = counted(programme.tiers.floor.upper)
    for key in ("say.matched", "say.moved", "say.floor", "say.floor_others"):
        yield Line(words(key, floor=floor, **row))
    for tier in tiers.iter_rows(named=True):
        if tier["tier"] != "floor":
            target = counted(getattr(programme.tiers, tier["tier"]).target)
            yield Line(words(f"say.{tier['tier']}", target=target, **tier))


def _check(report: Report, words: Words) -> Iterable[Block]:
    problems, rules = report.tables["problems"], report.tables["rules"]
    rejected = sum(told.rejected for told in report.accounting.values())
    warnings = rules.filter(pl.col("severity") == "warning")["count"].sum()
    yield Line(words("title.check"), title=True)
    if rejected or not warnings:
        yield Line(words("say.unsound", rows=rejected) if rejected else words("say.sound"))
    if warnings:
        yield Line(words("say.warnings" if rejected else "say.usable", count=warnings))
    most = cast("int", report.parameters["max_problems"]) or problems.height
    if problems.height:
        shown = {"problems": discreet(_telling(problems).head(most)), "rules": in_short(rules, words)}
        listed = replace(report, tables={**report.tables, **shown})
        yield from _listed(listed, ("rules", "problems"), words)
    if problems.height > most:
        yield Line(words("more_problems", count=problems.height - most))
    if "files" in report.tables:
        yield from _explained(report.tables["files"], report.tables["columns"], words)


def _telling(problems: pl.DataFrame) -> pl.DataFrame:
    """Rejects first, and of the warnings the rare ones: many of a kind must not hide the one that matters."""
    count = pl.when(pl.col("severity") == "warning").then(pl.len().over("rule")).otherwise(0)
    return problems.sort(count, maintain_order=True)


def _with_measures_named(flagged: pl.DataFrame, report: Report, words: Words) -> pl.DataFrame:
    if "measures" not in flagged.columns:
        return flagged
    from incomeladder.render.ledger import in_words  # noqa: PLC0415

    return in_words(flagged, report, words)


def _explained(files: pl.DataFrame, columns: pl.DataFrame, words: Words) -> Iterable[Block]:
    """Each table of a survey: how it was understood, and what each of its headings became."""
    for file in files.iter_rows(named=True):
        place = file["file"] if file["sheet"] is None else f"{file['file']}[{file['sheet']}]"
        yield Line(words("title.explained", place=place), title=True)
        for key in ("kind", "titles", "heading_row", "encoding", "unit", "survey_round"):
            if file[key] is not None:
                yield Line(words(f"say.explained_{key}", told=_told(key, file[key], words)))
        yield Line(words("accounting_file", **file))
        of_file = pl.col("file").eq(file["file"]) & pl.col("sheet").eq_missing(file["sheet"])
        yield grid(_headings(columns.filter(of_file), words), words)


def _headings(columns: pl.DataFrame, words: Words) -> pl.DataFrame:
    rest = words("say.kept")
    names = {name: words("say.read_as", name=words.column(name), column=name) for name in CANONICAL}
    units = {unit: words(f"amounts.{unit}") for unit in ("wan", "yuan")}
    return columns.select(
        "heading",
        pl.col("column").replace(names).fill_null(rest),
        pl.col("unit").replace_strict(units, default="", return_dtype=pl.String),
    )


def _told(key: str, fact: object, words: Words) -> object:
    """Our own words in the reader's language; the names of kinds of files and of encodings are the same in each."""
    if key == "unit":
        return words(f"amounts.{fact}")
    return words("kind.text") if (key, fact) == ("kind", "text") else fact


def _programme(report: Report, words: Words) -> Iterable[Block]:
    yield Line(words("title.programme", title=getattr(report.programme.title, words.language)), title=True)
    sources = pl.col("source").replace("built-in", words("say.built_in"))
    yield grid(report.main.with_columns(sources), words)


def _report(report: Report, words: Words, page: Page) -> Iterable[Block]:
    from incomeladder.render.report import blocks  # noqa: PLC0415  (it is made of these)

    return blocks(report, words, page)


def _listed(report: Report, names: Iterable[str], words: Words) -> Iterable[Block]:
    for name in names:
        if name in report.tables and report.tables[name].height:
            yield Line(words(f"table.{name}"), title=True)
            table = report.tables[name]
            told = table.drop("sheet") if "sheet" in table.columns and table["sheet"].is_null().all() else table
            yield grid(told, words, _SPARE.get(name, ()))


_ANALYSES: Final = frozenset({"audit", "indicators", "project", "trajectories"})
"""Reports that are told by a module of their own."""
_BODIES: Final = {
    "check": _check,
    "flag": _flag,
    "programme": _programme,
}
_LAID_OUT: Final = {"bands": _bands, "report": _report, "transitions": _transitions}
"""Reports that use the room that a page has."""
