"""The ladder as bars beside its numbers: this round and the one before, on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.ladder import MISSING
from incomeladder.render.bands import Scale
from incomeladder.render.facts import points, told, told_points, told_share
from incomeladder.render.html.nodes import first, heading, node, number, paragraphs, section, table
from incomeladder.render.numbers import counted, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts
    from incomeladder.render.wording import Words

    Band = Mapping[str, float | None]


def ladder(facts: Facts) -> Element:
    """Every band of either round with its bars, households and shares."""
    words, scale = facts.words, Scale(facts)
    of_rounds = {label: facts.ladder(label) for label in facts.rounds}
    most = max((band["share"] or 0 for bands in of_rounds.values() for band in bands.values()), default=0) or 1
    rows = []
    for name in _in_order([list(bands) for bands in of_rounds.values()]):
        cells = _row(scale, name, {label: bands.get(name) for label, bands in of_rounds.items()}, most)
        rows.append(node("tr", *cells, **({"class_": "edge"} if scale.is_at_floor(name) else {})))
    made = table(words("page.ladder_caption", rounds=facts.rounds), _headings(facts), rows)
    return section("ladder", words("page.ladder"), *paragraphs(_said(facts, scale.split)), _key(facts), made)


def _said(facts: Facts, split: str | None) -> Iterator[str]:
    """How to read the bars; ``split`` is the band that the floor runs through."""
    words = facts.words
    beside = words("page.bars_before", before=facts.was) if facts.was else words("page.bars_alone")
    yield words("page.bars", now=facts.now) + beside
    yield words("page.bars_floor", floor=counted(facts.programme.tiers.floor.upper))
    yield words("page.floor_inside", band=split) if split else ""
    yield words("say.shares")


def _in_order(ladders: list[list[str]]) -> list[str]:
    """All bands of the ladders, which differ only in what lies before the first edge and in those missing."""
    longest = dict.fromkeys(name for names in sorted(ladders, key=len, reverse=True) for name in names)
    ends = {"<0": -1, MISSING: 1}
    return sorted(longest, key=lambda name: ends.get(name, 0))


def _key(facts: Facts) -> Element:
    """Which bar is which; the text beside each says it."""
    labels = {"now": facts.now, **({"was": facts.was} if facts.was else {})}
    kinds = [*labels.items(), ("now below", facts.words("page.key_below"))]
    items = (node("li", node("span", class_=f"bar {kind}", aria_hidden="true"), f" {label}") for kind, label in kinds)
    return node("ul", *items, class_="key")


def _headings(facts: Facts) -> list[list[Element]]:
    words = facts.words
    pair = [words.column("households"), words.column("share")]
    last = [words.column("cumulative_share"), *([words("page.points")] if facts.was else [])]
    above = [heading(words.column("band"), rowspan=2, class_="t"), heading(words("page.tier"), rowspan=2, class_="t")]
    above += [heading(words("page.share_bars"), rowspan=2, class_="t wide")]
    for label in facts.rounds:
        spread = 2 + (len(last) if label == facts.now else 0)
        above.append(heading(label, colspan=spread, scope="colgroup", class_="group"))
    under = [
        heading(text, class_="n") for label in facts.rounds for text in (*pair, *(last if label == facts.now else ()))
    ]
    return [above, under]


def _row(scale: Scale, name: str, bands: Mapping[str, Band | None], most: float) -> list[Element]:
    below, is_missing = scale.is_below(name), name == MISSING
    cells = [first(scale.words.column(name) if is_missing else name, class_="t below" if below else "t")]
    cells += [node("td", scale.tier(name), class_="t")]
    cells += [node("td", None if is_missing else _bars(bands, most, below=below), class_="bars")]
    for band in bands.values():
        cells += [number("0" if band is None else told(band["households"])), _share(band, "share", is_missing)]
    *was, now = bands.values()
    cells += [_share(now, "cumulative_share", is_missing)]
    return [*cells, *(number("" if is_missing else _points(scale.words, now, band)) for band in was)]


def _share(band: Band | None, name: str, is_missing: bool) -> Element:  # noqa: FBT001  (one of three)
    if is_missing:
        return number("")
    return number(percent(0) if band is None else told_share(band[name], band["households"]))


def _points(words: Words, now: Band | None, was: Band | None) -> str:
    change = points(*(0.0 if band is None else band["share"] for band in (now, was)))
    return words.number(change, told_points(change))


def _bars(bands: Mapping[str, Band | None], most: float, *, below: bool) -> Element:
    """The earlier round's bar above this round's; the numbers beside them say the same."""
    made = node("div", aria_hidden="true")
    for kind, band in zip(("was", "now")[-len(bands) :], bands.values(), strict=True):
        share = (band or {}).get("share") or 0
        style = {"style": f"width:{100 * share / most:.1f}%"} if share else {}
        made.append(node("span", class_=f"bar {kind}{' below' if below else ''}{'' if share else ' none'}", **style))
    return made
