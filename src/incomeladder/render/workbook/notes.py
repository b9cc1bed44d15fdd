"""What was counted and what was not, by which rules, and of which files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from incomeladder.programme import Tiers
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.facts import change
from incomeladder.render.workbook.page import Page, count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.programme import Range, Tier
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.facts import Facts
    from incomeladder.render.workbook.page import Cell
    from incomeladder.report import Accounting

    Source = Mapping[str, object]

_WIDTHS: Final = (24, *(13,) * 7)
_ROWS: Final = ("rows_read", "accepted", "rejected", "skipped")
_HOUSEHOLDS: Final = ("households", "banded", "missing_income")


def fill(book: Book, facts: Facts) -> None:
    """Write the sheet."""
    words, page = book.words, Page(book, book.sheet("notes", upright=True), _WIDTHS)
    page.title(words("book.accounting"))
    page.say(words("book.accounting_rows"))
    page.row += 1
    headings = [words.column("survey_round"), *map(words.column, (*_ROWS, *_HOUSEHOLDS))]
    page.table(headings, [[name, *_of_round(told)] for name, told in _accounting(facts)])
    page.heading(words("book.notes"))
    for note in facts.report.notes:
        page.say(words.reason(note))
    if not facts.report.notes:
        page.say(words("book.no_notes"))
    page.heading(words("book.rules"))
    for name, rule in _rules(facts, words):
        page.pair(name, rule)
    page.heading(words("book.files"))
    for source in cast("Sequence[Source]", facts.report.parameters["sources"]):
        page.pair(str(source["file"]), _understood(source, words))


def _accounting(facts: Facts) -> Iterator[tuple[str, Accounting]]:
    sides = {"": words_of(facts.rounds), "before": facts.was or "", "after": facts.now}
    for side, told in facts.report.accounting.items():
        yield sides[side], told


def words_of(rounds: Sequence[str]) -> str:
    """Rounds that were counted together."""
    return " + ".join(rounds)


def _of_round(told: Accounting) -> Iterator[Cell]:
    yield from (count(getattr(told, name)) for name in _ROWS)
    yield count(told.of_households)
    yield count(change(told.of_households, told.missing_income))
    yield count(told.missing_income)


def _rules(facts: Facts, words: Words) -> Iterator[tuple[str, str]]:
    programme = facts.report.programme
    ladder = {"step": counted(programme.ladder.step), "top": counted(programme.ladder.top)}
    yield words("book.rule_programme"), f"{facts.title(words)} ({programme.name})"
    yield words.column("bands"), words("book.rule_bands", **ladder)
    for name in Tiers.names:
        tier: Tier = getattr(programme.tiers, name)
        yield words(f"tier.{name}"), words("book.rule_tier", range=_range(tier, words), target=counted(tier.target))
    yield words.column("middle_income"), _range(programme.middle_income, words)
    yield words.column("size_rule"), words(f"size_rule.{programme.size_rule}", size=programme.reference_size)
    yield words.column("weight"), words("book.weighted" if facts.is_weighted else "book.unweighted")
    if "prices_of" in facts.report.parameters:
        yield words("book.rule_prices"), words("in_prices_of", rounds=facts.report.parameters["prices_of"])
    skipping = facts.report.parameters["skip_invalid"]
    yield words.column("rejected"), words("book.rule_skip" if skipping else "book.rule_refuse")


def _range(stretch: Tier | Range, words: Words) -> str:
    if stretch.lower is None:
        return words("range.below", upper=counted(stretch.upper))
    return words("range.between", lower=counted(stretch.lower), upper=counted(stretch.upper))


def _understood(source: Source, words: Words) -> str:
    """A file's encoding, its unit, and which of its headings was taken for what."""
    wan = bool(source["in_wan"])
    columns = cast("Mapping[str, str]", source["columns"])
    told = [words("book.heading_of", heading=heading, column=words.column(name)) for name, heading in columns.items()]
    encoding = words("say.explained_encoding", told=source["encoding"]) if source["encoding"] else ""
    unit = words("say.explained_unit", told=words("amounts.wan" if wan else "amounts.yuan"))
    return words("book.file", encoding=encoding or words("book.no_encoding"), unit=unit, headings=told)
