from __future__ import annotations

import io
import os
import pty
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incomeladder.cli import progress
from incomeladder.render.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Terminal:
    """A terminal of which standard error is one end; what was drawn there is read at the other."""

    def __init__(self) -> None:
        self.own, stderr = pty.openpty()
        self.stderr = os.fdopen(stderr, "w", encoding="utf-8")
        self.drawn = ""

    def awaits(self, text: str) -> bool:
        """Read until a text is drawn, or for as long as nobody would wait."""
        until = time.monotonic() + 10
        while text not in self.drawn and time.monotonic() < until:
            self.drawn += self._read(0.1)
        return text in self.drawn

    def all(self) -> str:
        """All that was drawn."""
        while more := self._read(0.0):
            self.drawn += more
        return self.drawn

    def _read(self, patience: float) -> str:
        ready, _, _ = select.select([self.own], [], [], patience)
        return os.read(self.own, 65_536).decode("utf-8", "replace") if ready else ""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Terminal]]:
    made = Terminal()

    def terminal(patience: float = 0.0) -> Terminal:
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", made.stderr)
        monkeypatch.setattr(progress, "_PATIENCE", patience)
        return made

    yield terminal
    made.stderr.close()
    os.close(made.own)


def test_work_that_takes_long_says_what_it_does_and_leaves_nothing_behind(terminal: Callable[..., Terminal]) -> None:
    screen = terminal()
    with progress.shown(Words("en"), quiet=False):
        assert screen.awaits("Reading and counting")
    assert screen.all().endswith("\x1b[2K")


@pytest.mark.parametrize(("doing", "shown"), [("reading", "读取工作簿"), ("joining", "比对两轮调查")])
def test_work_that_has_an_end_says_what_it_is(terminal: Callable[..., Terminal], doing: str, shown: str) -> None:
    screen = terminal()
    with progress.shown(Words("zh"), quiet=False) as told:
        told.tell(doing, 20_000, 60_000)
        assert screen.awaits(shown)


@pytest.mark.parametrize(("patience", "quiet"), [(60.0, False), (0.0, True)], ids=["soon over", "quiet"])
def test_nothing_is_said_of_what_is_soon_over_nor_when_quiet(
    terminal: Callable[..., Terminal], patience: float, *, quiet: bool
) -> None:
    screen = terminal(patience)
    with progress.shown(Words("en"), quiet=quiet):
        pass
    assert screen.all() == ""


def test_it_is_drawn_while_standard_error_is_turned_away(terminal: Callable[..., Terminal]) -> None:
    screen = terminal(0.1)
    with progress.shown(Words("en"), quiet=False), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), screen.stderr.fileno())
        assert screen.awaits("Reading and counting")


def test_nothing_is_said_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    with progress.shown(Words("en"), quiet=False):
        pass
    assert stream.getvalue() == ""


def test_a_terminal_that_cannot_draw_is_left_alone(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = terminal()
    monkeypatch.setenv("TERM", "dumb")
    with progress.shown(Words("en"), quiet=False) as told:
        assert not told.over.wait(0.5)
    assert screen.all() == ""


def test_an_interruption_ends_the_drawing_too(terminal: Callable[..., Terminal]) -> None:
    screen = terminal()

    def interrupted() -> None:
        with progress.shown(Words("en"), quiet=False):
            assert screen.awaits("Reading and counting")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in screen.all()
