from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW, UNPROVED
from incomeladder.read import encoding
from incomeladder.read.encoding import Text, as_it_stands, transcoded
from incomeladder.read.text import BLANKS, _careful

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.read.source import Source

    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]
    Damage = tuple[int, bytes]

BAR = "殀"
"""Its second byte is that of ``|``."""
FOUR_BYTES = "𠮷é"
HEADINGS = "household_id,note,income\n"


@pytest.fixture
def sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a helper decode the first part of every file, however small."""
    monkeypatch.setattr(encoding, "_WORTH_SHARING", 0)


def copied(content: bytes, folder: Path, encoded: str | None = None) -> bytes:
    path, spool = folder / "2024.csv", folder / "spool"
    spool.mkdir()
    path.write_bytes(content)
    text = transcoded(path, "2024.csv", encoded, spool)
    assert list(spool.iterdir()) == [text.path]
    return text.path.read_bytes()


LINES = [f"{number},东区{BAR}{FOUR_BYTES},{number}00\n" for number in range(3_000)]
LARGE = HEADINGS + "".join(LINES)


@pytest.mark.usefixtures("sharing")
def test_a_helper_and_the_program_together_copy_what_one_would(tmp_path: Path) -> None:
    assert copied(LARGE.encode("gb18030"), tmp_path) == LARGE.encode()


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("content", ["", "东", "东区", "东\n", "\n\n东", "东区\n" * 2, LARGE.replace("\n", "\r\n")])
def test_parts_may_be_empty_and_lines_may_have_no_end(tmp_path: Path, content: str) -> None:
    assert copied(content.encode("gb18030"), tmp_path) == content.encode()


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("executable", ["", "/nowhere/python", "/bin/false", "/bin/true"])
def test_a_helper_that_fails_or_does_nothing_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    assert copied(LARGE.encode("gb18030"), tmp_path) == LARGE.encode()


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("line", [2, 1_000, 2_990])
@pytest.mark.parametrize("damage", [b"\xff", b"\x80", b"\x81", b"\x81\x30\x81"], ids=["ff", "80", "half", "three"])
def test_a_byte_that_is_not_gb18030_is_refused_in_either_part_with_its_line(
    tmp_path: Path, line: int, damage: bytes
) -> None:
    lines = LARGE.encode("gb18030").splitlines(keepends=True)
    lines[line] = lines[line].removesuffix(b"\n") + damage + b"\n"
    with pytest.raises(SurveyRefused) as refused:
        copied(b"".join(lines), tmp_path)
    (reason,) = refused.value.reasons
    assert (reason.key, reason.facts["row"], reason.facts["encoding"]) == ("undecodable", line + 1, "gb18030")
    assert reason.facts["at"] == len(b"".join(lines[: line + 1])) - len(damage) - 1


@pytest.mark.usefixtures("sharing")
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32", "big5", "iso2022_jp"])
def test_blocks_may_end_within_a_character_of_any_encoding(tmp_path: Path, codec: str) -> None:
    # An odd number of bytes before characters of two, so that a block's end falls on every place there is.
    content = "x,東區\n" + "y東區,5\n" * 20_000
    assert copied(content.encode(codec), tmp_path, codec) == content.encode()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_no_byte_within_a_character_is_taken_for_a_delimiter(write: Write, sources: Sources, delimiter: str) -> None:
    assert BAR.encode("gb18030")[1:] == b"|"
    content = f"household_id,note,income\n1,{BAR}{FOUR_BYTES},5\n".replace(",", delimiter)
    (source,) = sources(write(content.encode("gb18030")))
    assert source.prove().rows.select("column:note", "income").collect().rows() == [(BAR + FOUR_BYTES, "5")]


@pytest.mark.parametrize("place", ["household_id", "note", "income"])
@pytest.mark.parametrize("body", [f"1,{BAR},5\n" * 3, "1,é,5\n" * 100_000], ids=["short", "long"])
def test_damaged_utf8_is_refused_in_whatever_column_it_stands(
    write: Write, sources: Sources, place: str, body: str
) -> None:
    cells = {"household_id": b"2", "note": "东".encode(), "income": b"7"}
    cells[place] += b"\xff"
    content = HEADINGS.encode() + "1,东,5\n".encode() + body.encode()
    with pytest.raises(SurveyRefused) as refused:
        sources(write(content + b",".join(cells.values()) + b"\n3,x,5\n"))
    (reason,) = refused.value.reasons
    assert (reason.key, reason.facts["row"]) == ("undecodable", content.count(b"\n") + 1)
    assert (reason.facts["byte"], reason.facts["encoding"]) == ("0xff", "utf-8")


NAMES = (ROW, "household_id", "column:note", "income")


def utf8_text(path: Path, encoded: str | None, spool: Path) -> Text:
    return as_it_stands(path, "", None) if encoded == "utf-8" else transcoded(path, "", encoded, spool)


def first_read(source: Source) -> pl.DataFrame | None:
    """The rows as they are first read; None where their shape is in doubt, or an id is missing."""
    try:
        raw = source.rows.collect()
    except pl.exceptions.ComputeError:
        return None
    doubtful = (not source.proved and raw[UNPROVED].any()) or (
        raw["household_id"].fill_null("").str.strip_chars(BLANKS) == ""
    ).any()
    return None if not raw.height or doubtful else raw


def plain(raw: pl.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(cell or None for cell in row) for row in raw.select(*NAMES, FAULT).rows()]


CELLS = st.text(
    st.sampled_from(["1", "a", " ", "\t", "\u3000", "\u2003", "\x1a", "\x1c", "东", BAR, *FOUR_BYTES]), max_size=3
)
ROWS = st.one_of(
    st.tuples(CELLS, CELLS, CELLS),
    st.lists(CELLS, max_size=5),
    st.sampled_from([('"x"', "东", "7"), ("7", '"a\nb"', "8"), ("8", 'a"b', "9"), ("9", "\0", "1"), ("1", "\r", "2")]),
).map(",".join)
BODIES = st.lists(st.tuples(ROWS, st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])), max_size=6).map(
    lambda lines: "".join(line + end for line, end in lines)
)
ENCODINGS = st.sampled_from(["utf-8", "gb18030"])
DAMAGE = st.one_of(
    st.just((0, b"")),
    st.tuples(st.integers(0, 80), st.sampled_from([b"\xff", b"\x80", b"\x81", b"\xe4\xb8", b'"', b"\r", b"\0", b"\n"])),
)


@given(encoded=st.builds(str.encode, BODIES.map("1,,2\n{}".format), ENCODINGS), damage=DAMAGE)
@example(encoded=b"1,,2\n\x1c,, \n", damage=(0, b""))
@settings(max_examples=400)
def test_what_is_read_first_or_proved_is_what_the_careful_reader_finds(
    write: Write, sources: Sources, tmp_path_factory: pytest.TempPathFactory, encoded: bytes, damage: Damage
) -> None:
    place, extra = damage
    content = HEADINGS.encode() + encoded[:place] + extra + encoded[place:]
    path = write(content)
    try:
        (source,) = sources(path)
        text = utf8_text(Path(path), source.table.encoding, tmp_path_factory.mktemp("spool"))
        careful = plain(_careful(text, source.layout))
    except SurveyRefused as refusal:
        told = {reason.key for reason in refusal.reasons}
    else:
        told = set()
    if told:
        assert told <= {"undecodable", "open_quote", "kind_binary"}
        return
    assert text.path.read_bytes() == content.decode(text.encoding).encode()
    proved = source.prove().rows.collect()
    assert plain(proved) == careful
    found = first_read(source)
    assert found is None or plain(found) == careful


@pytest.mark.parametrize("blank", [" ", "\u3000", "\u00a0", "\u2003", "\x1a", "\x1c", "\x85"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_row_of_any_blanks_is_a_blank_row(write: Write, sources: Sources, blank: str, end: str) -> None:
    lines = [
        "household_id,note,income",
        "1,long enough that few of its characters are controls,5",
        f"{blank},{blank},{blank}",
        f"2,x, 6{blank}",
        "",
    ]
    (source,) = sources(write(end.join(lines)))
    assert source.prove().rows.select(FAULT).collect().to_series().to_list() == [None, "blank_row", None]


def test_crlf_leaves_no_doubt(write: Write, sources: Sources) -> None:
    (source,) = sources(write("household_id,note,income\r\n1,x,5\r\n2,x,6\r\n"))
    assert not source.proved
    found = first_read(source)
    assert found is not None
    assert found["income"].to_list() == ["5", "6"]


def test_every_space_is_known_for_a_blank() -> None:
    assert set(BLANKS) == {character for character in map(chr, range(0x110000)) if character.isspace()} | {"\x1a"}
