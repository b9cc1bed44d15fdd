"""The drawing of the flows as SVG, with its title, its description and what each ribbon says when one points at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.facts import told
from incomeladder.render.html.flows import drawing
from incomeladder.render.html.nodes import listed, node, paragraphs, section
from incomeladder.render.numbers import counted
from incomeladder.render.width import width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts
    from incomeladder.render.html.flows import Block, Drawing, Ribbon

_WIDTH: Final = 860
_LEFT: Final = 190
_RIGHT: Final = 670
_BLOCK: Final = 14
_TEXT: Final = 8
_BESIDE: Final = 20
"""Columns of a name that fit beside the bars; a longer one goes to the edge, in lines as long as half the drawing."""
_HALF: Final = 48
_LINE: Final = 18
_KINDS: Final = ("same", "out", "up", "down")


def alluvial(facts: Facts) -> Element:
    """The drawing, how to read it, and the same in sentences."""
    words, drawn = facts.words, drawing(facts)
    said = [words("page.flows")] + ([words("page.merged")] if drawn.is_merged else [])
    said += [words("page.flows_hidden")] if facts.report.published else []
    picture = node(
        "div", _svg(facts, drawn), class_="scroll", tabindex=0, role="group", aria_label=words("page.flows_title")
    )
    figure = node("figure", picture, _key(facts), node("figcaption", words("page.flows_caption", **facts.named())))
    return section(
        "flows", words("page.flows_title"), *paragraphs(said), figure, listed(_sentences(facts), class_="told")
    )


def _sentences(facts: Facts) -> Iterator[str]:
    floor = counted(facts.programme.tiers.floor.upper)
    row = {name: told(value) for name, value in next(facts.report.tables["moves"].iter_rows(named=True)).items()}
    for key in ("say.matched", "say.moved", "say.floor", "say.floor_others"):
        yield facts.words(key, floor=floor, **row)


def _svg(facts: Facts, drawn: Drawing) -> Element:
    words, floor = facts.words, facts.words("page.floor_line", floor=counted(facts.programme.tiers.floor.upper))
    ordered = sorted(drawn.ribbons, key=lambda ribbon: (ribbon.flow.touches_floor, _KINDS.index(ribbon.flow.kind)))
    sides = (
        (drawn.before, _LEFT - _BLOCK, _LEFT - _BLOCK - _TEXT, "end"),
        (drawn.after, _RIGHT, _RIGHT + _BLOCK + _TEXT, "start"),
    )
    above = _LINE * (max(map(len, _names(facts))) - 1)
    return node(
        "svg",
        node("title", words("page.flows_caption", **facts.named()), id="flows-title"),
        node("desc", " ".join(_sentences(facts)), id="flows-desc"),
        _patterns(),
        *(_ribbon(ribbon, facts) for ribbon in ordered),
        *_named(facts),
        *(each for blocks, x, text, anchor in sides for block in blocks for each in _block(block, x, text, anchor)),
        *_floors(drawn, floor),
        viewBox=f"0 {-above} {_WIDTH} {drawn.height + above:.0f}",
        role="img",
        aria_labelledby="flows-title flows-desc",
        class_="flows",
    )


def _patterns() -> Element:
    """Hatching: of what falls, and of what lies below the floor."""
    falling = node("path", d="M0 0L6 6M-1 5L1 7M5 -1L7 1", class_="line")
    deep = node("path", d="M0 0L3 3M-.5 2.5L.5 3.5M2.5 -.5L3.5 .5", class_="line")
    below = node("path", d="M0 5L5 0M-1 1L1 -1M4 6L6 4", class_="line")
    size = {"patternUnits": "userSpaceOnUse"}
    return node(
        "defs",
        node(
            "pattern",
            node("rect", width=6, height=6, class_="ground"),
            falling,
            id="falling",
            width=6,
            height=6,
            **size,
        ),
        node("pattern", node("rect", width=3, height=3, class_="ground"), deep, id="deep", width=3, height=3, **size),
        node("pattern", node("rect", width=5, height=5, class_="ground"), below, id="below", width=5, height=5, **size),
    )


def _named(facts: Facts) -> Iterator[Element]:
    """The rounds, above their sides."""
    beside = (_LEFT - _BLOCK - _TEXT, "end"), (_RIGHT + _BLOCK + _TEXT, "start")
    edges = (0, "start"), (_WIDTH, "end")
    for name, near, edge in zip(_names(facts), beside, edges, strict=True):
        x, anchor = near if max(map(width, name)) <= _BESIDE else edge
        for above, line in enumerate(reversed(name)):
            yield node("text", line, x=x, y=16 - above * _LINE, text_anchor=anchor, class_="round")


def _names(facts: Facts) -> list[list[str]]:
    """The lines of either round's name."""
    return [wrap(name or "", _HALF) for name in (facts.was, facts.now)]


def _block(block: Block, x: float, text: float, anchor: str) -> Iterable[Element]:
    kind = "below" if block.stretch.below else "outside" if block.stretch.outside else "band"
    shown = max(block.height, 1.0) if block.households != 0 else 0.0
    if shown:
        yield node("rect", x=x, y=f"{block.top:.1f}", width=_BLOCK, height=f"{shown:.1f}", class_=kind)
    number = node("tspan", told(block.households), class_="count")
    yield node(
        "text",
        f"{block.stretch.label}  ",
        number,
        x=text,
        y=f"{block.top + block.height / 2 + 4:.1f}",
        text_anchor=anchor,
        class_=kind,
    )


def _floors(drawn: Drawing, text: str) -> Iterable[Element]:
    """Where the floor lies on either side."""
    for y, begin, end, anchor, x in (
        (drawn.floors[0], 0, _LEFT, "end", _LEFT - _BLOCK - _TEXT),
        (drawn.floors[1], _RIGHT, _WIDTH, "start", _RIGHT + _BLOCK + _TEXT),
    ):
        if y is not None:
            yield node("path", d=f"M{begin} {y:.1f}H{end}", class_="floor")
            yield node("text", text, x=x, y=f"{y - 3:.1f}", text_anchor=anchor, class_="floor")


def _ribbon(ribbon: Ribbon, facts: Facts) -> Element:
    flow = ribbon.flow
    kind = f"{flow.kind}{' touching' if flow.touches_floor else ''}"
    begin, end, middle = _LEFT, _RIGHT, (_LEFT + _RIGHT) // 2
    y, z = f"{ribbon.leaves:.1f}", f"{ribbon.arrives:.1f}"
    low, lower = f"{ribbon.leaves + ribbon.breadth:.1f}", f"{ribbon.arrives + ribbon.breadth:.1f}"
    outline = f"M{begin} {y}C{middle} {y} {middle} {z} {end} {z}V{lower}C{middle} {lower} {middle} {low} {begin} {low}Z"
    said = facts.words(
        "page.ribbon",
        origin=flow.origin.label,
        end=flow.end.label,
        households=flow.households,
        kind=facts.words(f"page.went_{flow.kind}"),
    )
    return node("path", node("title", said), d=outline, class_=kind)


def _key(facts: Facts) -> Element:
    kinds = ("up", "same", "down", "out", "touching")
    items = (
        node("li", node("span", class_=f"swatch {kind}", aria_hidden="true"), f" {facts.words(f'page.key_{kind}')}")
        for kind in kinds
    )
    return node("ul", *items, class_="key")
