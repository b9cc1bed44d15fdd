"""The places compared, the worst first: how many are below the floor, what they lack, and what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import polars as pl

from incomeladder.frames import HOUSEHOLDS, MONEY_UNIT, ROUND
from incomeladder.render.grids import plain_value
from incomeladder.render.html.facts import difference, points, signed, told, told_points, told_share
from incomeladder.render.html.nodes import first, heading, node, number, paragraphs, section, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from incomeladder.render.html.facts import Facts

    Place = Mapping[str, float | None]

_MOST: Final = 200
"""Places that are listed; those with the smallest shares are put together below."""
_COUNTS: Final = (HOUSEHOLDS, "below_floor", "low_tier", "middle_tier", "at_or_above_top")


def places(facts: Facts) -> Element:
    """A row for each place, and sums."""
    words = facts.words
    table_ = facts.report.tables["places"]
    by = table_.columns[1 : table_.columns.index(HOUSEHOLDS)]
    now, was = (_of_round(table_, by, label) for label in (facts.now, facts.was))
    listed = _worst_first(now) | {key: None for key in was if key not in now}
    most = max((row["below_floor_share"] or 0 for row in now.values()), default=0) or 1
    shown = dict(list(listed.items())[:_MOST])
    rows = [_row(facts, _name(facts, by, key), row, was.get(key), most) for key, row in shown.items()]
    feet = [
        _row(
            facts,
            words("page.all_places"),
            facts.summary(facts.now),
            facts.summary(facts.was) if facts.was else None,
            most,
        )
    ]
    rest = list(listed.values())[_MOST:]
    if rest:
        feet.insert(0, _rest(facts, [row for row in rest if row]))
    said = [words("page.places"), words("page.places_left_out", places=len(rest)) if rest else ""]
    caption = words("page.places_caption", round=facts.now)
    made = table(caption, [_headings(facts, by)], rows, feet)
    return section("places", words("title.places"), *paragraphs(said), made)


def _of_round(found: pl.DataFrame, by: Sequence[str], label: str | None) -> dict[tuple[object, ...], Place]:
    rows = found.filter(pl.col(ROUND).eq_missing(pl.lit(label))).iter_rows(named=True)
    return {tuple(row[name] for name in by): row for row in rows}


def _worst_first(found: Mapping[tuple[object, ...], Place]) -> dict[tuple[object, ...], Place | None]:
    """By the share below the floor, then by what is lacking; a place whose share is not published comes last."""
    rank = {
        key: (-(row["below_floor_share"] if row["below_floor_share"] is not None else -1), -(row["shortfall"] or 0))
        for key, row in found.items()
    }
    return {key: found[key] for key in sorted(found, key=lambda key: rank[key])}


def _name(facts: Facts, by: Sequence[str], key: tuple[object, ...]) -> str:
    named = zip(by, key, strict=True)
    return " · ".join(plain_value(name, value) or facts.words("none") for name, value in named)


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


def _row(facts: Facts, name: str, now: Place | None, was: Place | None, most: float) -> list[Element]:
    if now is None:
        now = dict.fromkeys(was or {}, 0) | {"below_floor_share": None}
    share = now["below_floor_share"]
    cells = [first(name, class_="t"), number(told(now[HOUSEHOLDS])), number(told(now["below_floor"]))]
    cells += [number(told_share(share, now["below_floor"])), node("td", _bar(share, most), class_="bars")]
    if facts.was:
        cells.append(number(told_points(points(share, (was or {}).get("below_floor_share")))))
    cells.append(number(told(now["shortfall"])))
    if facts.was:
        cells.append(number(signed(difference(now["shortfall"], was["shortfall"] if was else 0))))
    return [*cells, *(number(told(now[name])) for name in _COUNTS[2:])]


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
