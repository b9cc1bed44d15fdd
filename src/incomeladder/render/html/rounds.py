"""The page of ``report``: its parts in the order in which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.facts import Facts
from incomeladder.render.html.alluvial import alluvial
from incomeladder.render.html.ground import accounting, notes, rules
from incomeladder.render.html.headline import head, headline
from incomeladder.render.html.heat import heat
from incomeladder.render.html.ladder import ladder
from incomeladder.render.html.places import places
from incomeladder.render.html.scorecard import scorecard
from incomeladder.render.html.shell import page
from incomeladder.render.html.sureness import sureness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from incomeladder.render.wording import Words
    from incomeladder.report import Report


def whole(report: Report, words: Words) -> str:
    """The page; what needs two rounds, ids or places is there where these are."""
    facts = Facts(report, words)
    return page(words("page.title", programme=facts.title, round=facts.now), list(_parts(facts)), words)


def _parts(facts: Facts) -> Iterator[Element]:
    yield head(facts)
    yield headline(facts)
    yield ladder(facts)
    if facts.is_followed:
        yield alluvial(facts)
        yield heat(facts)
        yield scorecard(facts)
    if "places" in facts.report.tables and facts.report.tables["places"].height:
        yield places(facts)
    if facts.is_followed:
        yield sureness(facts)
    yield accounting(facts)
    yield rules(facts)
    yield notes(facts)
