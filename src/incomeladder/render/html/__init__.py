"""Reports as pages: one file each, to be read from a folder and printed, with no script and nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.blocks import SCREEN, Line
from incomeladder.render.html import documents
from incomeladder.render.html.shell import page

if TYPE_CHECKING:
    from incomeladder.render.wording import Words
    from incomeladder.report import Report


def html(report: Report, words: Words) -> str:
    """The page; the report of a round has one of its own, every other is its document."""
    if report.name == "report":
        from incomeladder.render.html import rounds  # noqa: PLC0415  (other reports should not wait)

        return rounds.whole(report, words)
    from incomeladder.render.documents import document  # noqa: PLC0415

    blocks = document(report, words, SCREEN)
    titles = (block.text for block in blocks if isinstance(block, Line) and block.title)
    title = next(titles, words.sheet(report.name))
    return page(title, documents.contents(blocks, title), words)
