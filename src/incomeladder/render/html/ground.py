"""What the numbers stand on: what became of every row, the rules, the files, and every note."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from incomeladder.render.documents import accounting as accounted
from incomeladder.render.facts import told
from incomeladder.render.html.nodes import first, heading, listed, node, number, paragraphs, section, table
from incomeladder.render.rules import in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts
    from incomeladder.report import Accounting

_ROWS = ("rows_read", "accepted", "rejected", "skipped", "missing_income")


def accounting(facts: Facts) -> Element:
    """Rows read, and what became of them."""
    words, told_of = facts.words, facts.report.accounting
    rounds = {"before": facts.was or "", "after": facts.now, "": words("list_comma").join(facts.rounds)}
    of_persons = any(each.households is not None for each in told_of.values())
    names = (*_ROWS[:4], *(["households"] if of_persons else []), _ROWS[4])
    headings = [
        heading(words.column("survey_round"), class_="t"),
        *(heading(words.column(name), class_="n") for name in names),
    ]
    rows = [[first(rounds[side], class_="t"), *_counted(each, names)] for side, each in told_of.items()]
    said = [line.text for line in accounted(facts.report, words)]
    return section(
        "accounting",
        words("page.accounting"),
        table(words("page.accounting_caption"), [headings], rows),
        *paragraphs(said),
    )


def _counted(each: Accounting, names: Sequence[str]) -> Iterator[Element]:
    for name in names:
        yield number(told(each.shown.get(name)))


def rules(facts: Facts) -> Element:
    """The rules in force, and the files with how they were read."""
    words = facts.words
    told_rules = (each for term, text in in_force(facts) for each in (node("dt", term), node("dd", text)))
    files = cast("Sequence[Mapping[str, object]]", facts.report.parameters["sources"])
    headings = [
        heading(text, class_="t") for text in (words.column("file"), words("page.encoding"), words("page.unit"))
    ]
    rows = ([first(str(file["file"]), class_="t"), *_read(facts, file)] for file in files)
    made = table(words("page.files"), [headings], rows)
    return section("rules", words("page.rules"), node("dl", *told_rules, class_="rules"), made)


def _read(facts: Facts, file: Mapping[str, object]) -> Iterator[Element]:
    yield node("td", str(file["encoding"] or "–"), class_="t")
    yield node("td", facts.words("amounts.wan" if file["in_wan"] else "amounts.yuan"), class_="t")


def notes(facts: Facts) -> Element:
    """Every note of the report."""
    words, found = facts.words, facts.report.notes
    said = listed([words.reason(note) for note in found], class_="told") if found else node("p", words("page.no_notes"))
    return section("notes", words("page.notes"), said)
