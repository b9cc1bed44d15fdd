from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
REPORTS = ("bands", "flag", "transitions", "check")


def shown(*argv: str | Path, wide: int = 80, **more: str) -> str:
    """What a terminal of this width is sent."""
    status, told = answered(b"", *argv, wide=wide, **more)
    assert status == 0, told
    return told


def answered(answer: bytes, *argv: str | Path, wide: int = 80, **more: str) -> tuple[int, str]:
    """How a command ends for a person at a terminal who types this, and what the terminal is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, wide, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", **more}
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "incomeladder", *map(str, argv)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as running:  # noqa: S603
        os.close(theirs)
        os.write(ours, answer)
        told = b""
        try:
            while block := os.read(ours, 65536):
                told += block
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
    return running.returncode, told.decode().replace("\r\n", "\n")


def columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", REPORTS)
def test_a_window_of_80_columns_holds_every_line(command: str, language: str) -> None:
    text = ESCAPES.sub("", shown(command, SAMPLE, "--lang", language))
    assert [line for line in text.splitlines() if columns(line) > 80] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_matrix_in_a_window_of_80_columns_has_a_line_for_each_band(language: str) -> None:
    text = ESCAPES.sub("", shown("transitions", SAMPLE, "--lang", language))
    assert len(re.findall(r"^(?:\d+-\d+|10\+|<0) ", text, re.MULTILINE)) >= 11


def test_columns_left_out_for_want_of_room_are_named() -> None:
    text = shown("flag", SAMPLE, "--lang", "en")
    assert "Not shown for want of room" in ESCAPES.sub("", text).replace("\n", " ")


def test_a_wide_window_shows_all_columns() -> None:
    assert "Not shown" not in shown("flag", SAMPLE, wide=200)


@pytest.mark.parametrize("wide", [40, 100, 160])
@pytest.mark.parametrize("command", [*REPORTS, "indicators"])
def test_a_window_of_any_width_holds_every_line(command: str, wide: int) -> None:
    text = ESCAPES.sub("", shown(command, SAMPLE, "--lang", "zh", wide=wide, LANG="zh_CN.UTF-8"))
    assert [line for line in text.splitlines() if columns(line) > wide] == []


def test_no_id_is_broken_in_a_narrow_window() -> None:
    assert "\n510411001307 " in ESCAPES.sub("", shown("flag", SAMPLE, wide=40))


def test_a_wide_window_has_a_matrix_of_many_bands_in_one_part() -> None:
    parts = [
        ESCAPES.sub("", shown("transitions", SAMPLE, "--step", "5000", "--lang", "en", wide=wide)).count("from\\to")
        for wide in (80, 200)
    ]
    assert parts == [2, 1]


def test_large_flows_have_a_ground_and_marks_say_the_same() -> None:
    text = shown("transitions", SAMPLE, "--lang", "en")
    assert re.search(r"\x1b\[[0-9;]*48;5;[0-9]+m=903\x1b", text)
    assert "Shaded: from 10 % of the row" in text
    plain = shown("transitions", SAMPLE, "--lang", "en", NO_COLOR="1")
    assert "=903" in plain
    assert "Shaded" not in plain


def test_bars_are_blocks_on_a_terminal_that_draws_them_and_signs_elsewhere(process: Run) -> None:
    assert "█" in shown("bands", SAMPLE, LANG="en_US.UTF-8")
    assert "█" not in shown("bands", SAMPLE, LC_ALL="C")
    assert "#" in process("bands", SAMPLE, env={"LANG": "en_US.UTF-8"}).out


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[" in shown("bands", SAMPLE)


def test_no_color_is_honoured() -> None:
    coloured = re.findall(r"\x1b\[([0-9;]*)m", shown("transitions", SAMPLE, NO_COLOR="1"))
    assert [codes for codes in coloured if any(code[:1] in "349" for code in codes.split(";") if len(code) > 1)] == []


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}, {"TERM": "xterm"}])
@pytest.mark.parametrize("command", REPORTS)
def test_piped_output_has_no_escape(process: Run, command: str, variables: dict[str, str]) -> None:
    done = process(command, SAMPLE, env=variables)
    assert "\x1b" not in done.out + done.err
    assert done.out


@pytest.mark.parametrize("encoding", ["cp936", "ascii"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("arguments", [["--help"], ["bands", "--help"], *([name, SAMPLE] for name in REPORTS)])
def test_no_console_encoding_stops_a_report(
    process: Run, arguments: list[str | Path], language: str, encoding: str
) -> None:
    done = process("--lang", language, *arguments, env={"PYTHONIOENCODING": encoding})
    assert (done.status, done.err) == (0, "")
    assert done.out


def test_a_chinese_report_is_whole_on_a_chinese_console(survey: Draw) -> None:
    town = survey()
    environment = {**os.environ, "PYTHONIOENCODING": "cp936", "INCOMELADDER_LANG": "zh"}
    command = [sys.executable, "-m", "incomeladder", "flag", str(town)]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)  # noqa: S603
    assert "东区" in done.stdout.decode("cp936")
    assert "\\u" not in done.stdout.decode("cp936")
