from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from incomeladder.render.blocks import Cell, Grid, Line
from incomeladder.render.markdown import markdown

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKS = "\\`*_{}[]<>#|~&;:!.-+=()$^@'\"1a东 "


class Read(HTMLParser):
    """What a reader of the document sees: the tags that are there, and the texts of cells, paragraphs and items."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(READER.render(text))

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  (the base class has it)
        self.tags.append(tag)
        if tag in {"td", "th", "p", "h2", "li"}:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts and data.strip():
            self.texts[-1] += data


@given(st.text(MARKS, min_size=1, max_size=12).map(str.strip).filter(bool))
def test_any_text_is_read_in_a_cell_as_it_was_written(text: str) -> None:
    read = Read(markdown([Grid(("a", "b"), ((Cell(text), Cell("end")),))]))
    assert read.texts == ["a", "b", text, "end"]
    assert set(read.tags) == {"table", "thead", "tbody", "tr", "th", "td"}


@given(st.text(MARKS, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool))
def test_any_text_is_read_in_a_sentence_as_it_was_written(text: str) -> None:
    read = Read(markdown([Line(text)]))
    assert (read.tags, read.texts) == (["p"], [text])


def test_titles_are_headings_and_notes_are_a_list_at_the_end() -> None:
    told = markdown([Line("The ladder", title=True), Line("Two."), Line("Rows", note=True), Line("note", note=True)])
    assert told == "## The ladder\n\nTwo.\n\n- Rows\n- note\n"


def test_numbers_stand_on_the_right_and_every_column_is_as_wide_as_its_rule() -> None:
    grid = Grid(("县区", "n"), ((Cell("东区"), Cell("5")), (Cell("米易县"), Cell("12,000"))), right=frozenset({1}))
    assert markdown([grid]).splitlines() == [
        "| 县区   |      n |",
        "| :----- | -----: |",
        "| 东区   |      5 |",
        "| 米易县 | 12,000 |",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [("http://a.b", "http&#58;//a.b"), ("www.a.b", "www&#46;a.b"), ("a@b.c", "a&#64;b.c"), (":x:", "&#58;x:")],
)
def test_nothing_becomes_a_link_a_citation_or_a_picture(text: str, written: str) -> None:
    assert markdown([Line(text)]) == f"{written}\n"
