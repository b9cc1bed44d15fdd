"""Ctrl-C while another library works: it ends in an interruption, whatever the library makes of it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def interruptible(cancel: Callable[[], None]) -> Iterator[None]:
    """Raise KeyboardInterrupt for any error that comes after one: DuckDB makes a RuntimeError of it, Spark anything.

    ``cancel`` is told to the library from another thread: this one waits for its answer, or will before it goes on.
    """
    asked: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        asked.append(number)
        threading.Thread(target=cancel, daemon=True).start()
        raise KeyboardInterrupt

    with _handling(end):
        try:
            yield
        except Exception as error:
            if asked:
                raise KeyboardInterrupt from error
            raise


@contextmanager
def held() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end for what comes meanwhile; at once if it comes twice."""
    asked: list[int] = []

    def wait(number: int, _frame: object) -> None:
        asked.append(number)
        if len(asked) > 1:
            raise KeyboardInterrupt

    with _handling(wait):
        yield
    if asked:
        raise KeyboardInterrupt


@contextmanager
def _handling(handler: Callable[[int, Any], None]) -> Iterator[None]:
    """Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
