"""What every page has round its contents: one file, without a script, that asks nobody for anything."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import tostring

from incomeladder.render.html.nodes import node

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from incomeladder.render.wording import Words

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_LANGUAGES: Final = {"en": "en", "zh": "zh-CN"}


def page(title: str, contents: list[Element], words: Words) -> str:
    """The page as text; equal contents give equal text."""
    head = node(
        "head",
        node("meta", charset="utf-8"),
        node("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        node("title", title),
        _style(),
    )
    whole = node("html", head, node("body", node("main", *contents)), lang=_LANGUAGES[words.language])
    return f"<!DOCTYPE html>\n{tostring(whole, encoding='unicode', method='html')}\n"


def _style() -> Element:
    """The style sheet as it stands beside this module: its line breaks are not for ``safe`` to show."""
    made = node("style")
    made.text = files("incomeladder.render.html").joinpath("page.css").read_text("utf-8")
    return made
