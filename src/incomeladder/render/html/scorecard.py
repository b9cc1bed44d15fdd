"""The scorecard: of each tier who was in it, who went where, who came, and who is in it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.facts import all_told, told
from incomeladder.render.html.nodes import first, heading, listed, node, number, paragraphs, section, table
from incomeladder.render.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from incomeladder.programme import Tier
    from incomeladder.render.facts import Facts

    Counts = Mapping[str, int | None]

_OUT: Final = ("reached_target", "fell_back", "left", "missing")


def scorecard(facts: Facts) -> Element:
    """Gross flows of the three tiers, as a table and in words."""
    words = facts.words
    tiers = [_with_others(row, facts) for row in facts.report.tables["tiers"].iter_rows(named=True)]
    said = [words("page.tiers")]
    if any(_reaches_further(_tier(facts, row)) for row in tiers):
        said.append(words("page.tiers_further"))
    made = table(words("page.tiers_caption", **facts.named()), _headings(facts), (_row(facts, row) for row in tiers))
    return section(
        "tiers", words("page.tiers_title"), *paragraphs(said), made, listed(_sentences(facts, tiers), class_="told")
    )


def _tier(facts: Facts, row: Mapping[str, object]) -> Tier:
    tier: Tier = getattr(facts.programme.tiers, str(row["tier"]))
    return tier


def _reaches_further(tier: Tier) -> bool:
    return tier.target != tier.upper


def _with_others(row: Counts, facts: Facts) -> Counts:
    """With those who came from elsewhere on the ladder; who stays short of a target above the tier may have left it."""
    known = [row[name] for name in ("after", "stayed", "entered")]
    if None in known or _reaches_further(_tier(facts, row)):
        return {**row, "others": None}
    after, stayed, entered = (count or 0 for count in known)
    return {**row, "others": after - stayed - entered}


def _headings(facts: Facts) -> list[list[Element]]:
    words = facts.words
    above = [
        heading(words.column("tier"), rowspan=2, class_="t"),
        heading(words.column("target"), rowspan=2, class_="n"),
    ]
    above += [heading(words("page.before", round=facts.was), rowspan=2, class_="n strong")]
    above += [heading(words("page.out"), colspan=4, scope="colgroup", class_="group")]
    above += [heading(words.column("stayed"), rowspan=2, class_="n")]
    above += [heading(words("page.in"), colspan=2, scope="colgroup", class_="group")]
    above += [heading(words("page.after", round=facts.now), rowspan=2, class_="n strong")]
    under = [heading(words.column(name), class_="n") for name in (*_OUT, "entered")]
    return [above, [*under, heading(words("page.others"), class_="n")]]


def _row(facts: Facts, row: Counts) -> list[Element]:
    tier = _tier(facts, row)
    named = first(facts.words(f"tier.{row['tier']}"), class_="t")
    named.append(node("small", facts.stretch(tier)))
    out = ("–" if tier.lower is None and name == "fell_back" else _signed("−", row[name]) for name in _OUT)
    others = "–" if row["others"] is None and _reaches_further(tier) else _signed("+", row["others"])
    return [
        named,
        number(counted(tier.target)),
        number(told(row["before"]), class_="n strong"),
        *map(number, out),
        number(told(row["stayed"])),
        number(_signed("+", row["entered"])),
        number(others),
        number(told(row["after"]), class_="n strong"),
    ]


def _signed(sign: str, count: int | None) -> str:
    return f"{sign}{told(count)}" if count else told(count)


def _sentences(facts: Facts, tiers: list[Counts]) -> Iterator[str]:
    for row in tiers:
        target = counted(_tier(facts, row).target)
        said = all_told(row) | {"before_round": facts.was, "after_round": facts.now, "target": target}
        came = "entered" if _reaches_further(_tier(facts, row)) else "came"
        sentences = facts.words(f"page.tier_{row['tier']}", **said), facts.words(f"page.tier_{came}", **said)
        yield facts.words("sentences", first=sentences[0], then=sentences[1])
