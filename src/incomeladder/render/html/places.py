"""The places compared, the worst first: how many are below the floor, what they lack, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from incomeladder.frames import HOUSEHOLDS, MONEY_UNIT, ROUND
from incomeladder.render.facts import difference, points, signed, told, told_points, told_share
from incomeladder.render.grids import in_words
from incomeladder.render.html.nodes import first, heading, node, number, paragraphs, section, table
from incomeladder.render.numbers import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts

    Place = Mapping[str, float | None]

_MOST: Final = 200
"""Places that are listed; those with the smallest shares are put together below."""
_COUNTS: Final = (HOUSEHOLDS, "below_floor", "low_tier", "middle_tier", "at_or_above_top")


@dataclass(frozen=True)
class _Line:
    """A place in the round and in the one before; in either it may not be."""

    name: str
    now: Place | None
    was: Place | None

    @property
    def rank(self) -> tuple[bool, float, float]:
        """The worst first; one that is gone, or whose share is not published, last."""
        share = None if self.now is None else self.now["below_floor_share"]
        return share is None, -(share or 0), -((self.now or {}).get("shortfall") or 0)


def places(facts: Facts) -> Element:
    """A row for each place, and sums."""
    words, found = facts.words, facts.report.tables["places"]
    by = found.columns[1 : found.columns.index(HOUSEHOLDS)]
    lines = sorted(_lines(facts, by), key=lambda line: line.rank)
    rest = [line.now for line in lines[_MOST:] if line.now]
    most = max((line.now["below_floor_share"] or 0 for line in lines if line.now), default=0) or 1
    whole = _Line(words("page.all_places"), facts.summary(facts.now), facts.summary(facts.was) if facts.was else None)
    feet = [*([_rest(facts, rest)] if rest else []), _row(facts, whole, most)]
    said = [words("page.places"), words("page.places_left_out", places=len(rest)) if rest else ""]
    rows = [_row(facts, line, most) for line in lines[:_MOST]]
    for column in (6, 7) if facts.was else (5,):
        _align([row[column] for row in (*rows, *feet)])
    made = table(words("page.places_caption", round=facts.now), [_headings(facts, by)], rows, feet)
    return section("places", words("title.places"), *paragraphs(said), made)


def _lines(facts: Facts, by: Sequence[str]) -> list[_Line]:
    found = facts.report.tables["places"]
    now, was = (_of_round(found, by, label) for label in (facts.now, facts.was))
    return [_Line(_name(facts, by, key), now.get(key), was.get(key)) for key in now | was]


def _of_round(found: pl.DataFrame, by: Sequence[str], label: str | None) -> dict[tuple[object, ...], Place]:
    rows = found.filter(pl.col(ROUND).eq_missing(pl.lit(label))).iter_rows(named=True)
    return {tuple(row[name] for name in by): row for row in rows}


def _name(facts: Facts, by: Sequence[str], key: tuple[object, ...]) -> str:
    named = zip(by, key, strict=True)
    return " · ".join(in_words(name, value, facts.words) or facts.words("none") for name, value in named)


def _headings(facts: Facts, by: Sequence[str]) -> list[Element]:
    words, is_pair = facts.words, facts.was is not None
    names = [" · ".join(map(words.column, by))]
    headings = [heading(name, class_="t") for name in names]
    headings += [heading(words.column(HOUSEHOLDS), class_="n"), heading(words.column("below_floor"), class_="n")]
    headings += [heading(words.column("share"), colspan=2, scope="colgroup", class_="t")]
    headings += [heading(words("page.points"), class_="n")] if is_pair else []
    headings += [heading(words("page.shortfall"), class_="n")]
    headings += [heading(words.column("change"), class_="n")] if is_pair else []
    return [*headings, *(heading(words.column(name), class_="n") for name in _COUNTS[2:])]


def _row(facts: Facts, line: _Line, most: float) -> list[Element]:
    # A place that is gone has no household any more, and no share.
    now = line.now or {**dict.fromkeys(line.was or (), 0), "below_floor_share": None}
    was = line.was or dict.fromkeys(now, 0)
    share = now["below_floor_share"]
    cells = [first(line.name, class_="t"), number(told(now[HOUSEHOLDS])), number(told(now["below_floor"]))]
    cells += [number(told_share(share, now["below_floor"])), node("td", _bar(share, most), class_="bars")]
    if facts.was:
        change = points(share, line.was["below_floor_share"] if line.was else None)
        cells.append(number(facts.words.number(change, told_points(change))))
    cells.append(number(told(now["shortfall"])))
    if facts.was:
        cells.append(number(signed(difference(now["shortfall"], was["shortfall"]))))
    return [*cells, *(number(told(now[name])) for name in _COUNTS[2:])]


def _align(amounts: Sequence[Element]) -> None:
    for cell, told_alike in zip(amounts, aligned([cell.text or "" for cell in amounts]), strict=True):
        cell.text = told_alike


def _bar(share: float | None, most: float) -> Element:
    style = {"style": f"width:{100 * share / most:.1f}%"} if share else {}
    return node("div", node("span", class_=f"bar now below{'' if share else ' none'}", **style), aria_hidden="true")


def _rest(facts: Facts, rows: Sequence[Place]) -> list[Element]:
    """The places that are not listed, together; shares are not added."""
    sums = {name: _sum(row[name] for row in rows) for name in _COUNTS}
    lacking = [row["shortfall"] for row in rows]
    # Whole ten-thousandths, so that the sum is exact.
    short = None if None in lacking else sum(round(cast("float", each) * MONEY_UNIT) for each in lacking) / MONEY_UNIT
    blank = [number("")] if facts.was else []
    return [
        first(facts.words("page.other_places", places=len(rows)), class_="t"),
        number(told(sums[HOUSEHOLDS])),
        number(told(sums["below_floor"])),
        number(""),
        number(""),
        *blank,
        number(told(short)),
        *blank,
        *(number(told(sums[name])) for name in _COUNTS[2:]),
    ]


def _sum(counts: Iterable[float | None]) -> float | None:
    known = list(counts)
    return None if None in known else sum(filter(None, known))
