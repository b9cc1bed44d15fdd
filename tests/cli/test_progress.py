from __future__ import annotations

import io
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from incomeladder.cli import progress
from incomeladder.render.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """Tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()
        self.awaited = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        done = super().write(text)
        if self.awaited in self.getvalue():
            self.written.set()
        return done


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    def terminal(awaited: str, patience: float = 0.0) -> Terminal:
        made = Terminal()
        made.awaited = awaited
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", made)
        monkeypatch.setattr(progress, "_PATIENCE", patience)
        return made

    return terminal


def test_work_that_takes_long_says_what_it_does_and_leaves_nothing_behind(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("Reading and counting")
    with progress.shown(Words("en"), quiet=False):
        assert screen.written.wait(10)
    assert screen.getvalue().endswith("\x1b[2K")


@pytest.mark.parametrize(("doing", "shown"), [("reading", "读取工作簿"), ("joining", "比对两轮调查")])
def test_work_that_has_an_end_says_what_it_is(terminal: Callable[..., Terminal], doing: str, shown: str) -> None:
    screen = terminal(shown)
    with progress.shown(Words("zh"), quiet=False) as told:
        told.tell(doing, 20_000, 60_000)
        assert screen.written.wait(10)


@pytest.mark.parametrize(("patience", "quiet"), [(60.0, False), (0.0, True)], ids=["soon over", "quiet"])
def test_nothing_is_said_of_what_is_soon_over_nor_when_quiet(
    terminal: Callable[..., Terminal], patience: float, *, quiet: bool
) -> None:
    screen = terminal("?", patience)
    with progress.shown(Words("en"), quiet=quiet):
        pass
    assert screen.getvalue() == ""


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
    screen = terminal("?")
    monkeypatch.setenv("TERM", "dumb")
    with progress.shown(Words("en"), quiet=False) as told:
        assert not told.over.wait(0.5)
    assert screen.getvalue() == ""


def test_an_interruption_ends_the_drawing_too(terminal: Callable[..., Terminal]) -> None:
    screen = terminal("Reading and counting")

    def interrupted() -> None:
        with progress.shown(Words("en"), quiet=False):
            assert screen.written.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in screen.getvalue()
