"""The head of the page: of which round it is, the headline in words, and a few large figures with their change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.facts import all_told, difference, points, told, told_share
from incomeladder.render.html.nodes import node, paragraphs, section
from incomeladder.render.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts, Numbers

_COUNTS = ("below_floor", "shortfall", "low_tier", "middle_tier", "at_or_above_top")
_FIGURES = (*_COUNTS, "middle_income_share")


def head(facts: Facts) -> Element:
    """The title, and which rounds are compared."""
    words = facts.words
    compared = words("page.compared", **facts.named()) if facts.was else words("page.one_round", round=facts.now)
    said = [compared] if facts.is_followed or not facts.was else [compared, words("page.not_followed")]
    title = node("h1", words("page.title", programme=facts.title, round=facts.now))
    return node("header", title, *paragraphs(said, class_="under"))


def headline(facts: Facts) -> Element:
    """What there is to know first."""
    figures = node("dl", *(_figure(facts, name) for name in _FIGURES), class_="figures")
    return section("headline", facts.words("page.headline"), *paragraphs(_sentences(facts)), figures)


def _sentences(facts: Facts) -> Iterator[str]:
    yield from _counted(facts)
    if facts.rejected:
        yield facts.words("page.rejected", rows=facts.rejected)


def _counted(facts: Facts) -> Iterator[str]:
    words, row, programme = facts.words, facts.summary(facts.now), facts.programme
    if row["households"] == 0:
        yield words("page.no_households", round=facts.now)
        return
    said = all_told(row) | {"floor": counted(programme.tiers.floor.upper), "top": counted(programme.ladder.top)}
    said |= {name: facts.stretch(getattr(programme.tiers, name)) for name in ("low", "middle")}
    said |= {"range": facts.stretch(programme.middle_income), "round": facts.now}
    share = told_share(row["below_floor_share"], row["below_floor"])
    yield words("page.below_floor" if row["below_floor"] != 0 else "page.nobody", share=share, **said)
    if facts.was:
        yield words("page.moved", **all_told(_moves(facts)), **said, **facts.named()) if facts.is_followed else ""
    yield words("say.households", **said)
    yield words("say.tiers", **said)
    yield words("say.top", share=told_share(row["middle_income_share"], row["middle_income"]), **said)
    if facts.report.parameters["weighted"]:
        yield words("page.weighted")


def _moves(facts: Facts) -> Numbers:
    row = next(facts.report.tables["moves"].iter_rows(named=True))
    return {name: row[name] for name in ("rose_above_floor", "fell_below_floor", "stayed_below_floor")}


def _figure(facts: Facts, name: str) -> Element:
    """A large figure: what it is of, the number, and how it has changed."""
    row = facts.summary(facts.now)
    is_share = name.endswith("share")
    text = told_share(row[name], row["households"]) if is_share else told(row[name])
    unit = facts.words(f"page.unit_{name}", number=text) if f"page.unit_{name}" in facts.words.catalogue else ""
    value = node("dd", node("strong", text), node("span", f" {unit}" if unit else None), class_="value")
    change = node("dd", _change(facts, name), class_="change") if facts.was else None
    return node("div", node("dt", _named(facts, name)), value, change)


def _named(facts: Facts, name: str) -> str:
    programme = facts.programme
    lines = {"floor": counted(programme.tiers.floor.upper), "top": counted(programme.ladder.top)}
    tiers = {tier: facts.stretch(getattr(programme.tiers, tier)) for tier in ("low", "middle")}
    return facts.words(f"page.figure_{name}", **lines, **tiers, range=facts.stretch(programme.middle_income))


def _change(facts: Facts, name: str) -> str:
    now, was = facts.summary(facts.now)[name], facts.summary(facts.was)[name]
    if name.endswith("share"):
        return _compared(facts, "points", points(now, was))
    return _compared(facts, "yuan" if name == "shortfall" else "households", difference(now, was))


def _compared(facts: Facts, unit: str, change: Decimal | None) -> str:
    if change is None:
        return facts.words("page.change_unknown", before=facts.was)
    if not change:
        return facts.words("page.unchanged", before=facts.was)
    return facts.words(
        f"page.{unit}_{'more' if change > 0 else 'fewer'}",
        change=f"{abs(change):.1f}" if unit == "points" else told(abs(change)),
        before=facts.was,
    )
