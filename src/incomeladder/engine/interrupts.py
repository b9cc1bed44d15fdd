"""Ctrl-C while another library works: it ends in an interruption, whatever the library makes of it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def interruptible() -> Iterator[list[Callable[[], None]]]:
    """Raise KeyboardInterrupt for any error that comes after one: DuckDB makes a RuntimeError of it, Spark anything.

    What is put into the list is called then, to give up the work: this thread waits for it, or will before it goes on.
    """
    asked: list[int] = []
    cancels: list[Callable[[], None]] = []

    def end(number: int, _frame: object) -> NoReturn:
        asked.append(number)
        for cancel in cancels:
            in_another_thread(cancel)
        raise KeyboardInterrupt

    with _handling(end):
        try:
            yield cancels
        except Exception as error:
            if asked:
                raise KeyboardInterrupt from error
            raise


@contextmanager
def held() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end for what comes meanwhile."""
    asked: list[int] = []
    with _handling(lambda number, _: asked.append(number)):
        yield
    if asked:
        raise KeyboardInterrupt


@contextmanager
def kept() -> Iterator[None]:
    """Keep the handler of Ctrl-C, whatever a library puts in its place meanwhile."""
    with _handling(signal.getsignal(signal.SIGINT)):
        yield


def in_another_thread(work: Callable[[], None]) -> threading.Thread:
    """Do what may fail while a library is ending; nobody needs to hear that it did."""

    def quietly() -> None:
        with suppress(Exception):
            work()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    return thread


@contextmanager
def _handling(handler: Any) -> Iterator[None]:  # noqa: ANN401  (typeshed's own word for handlers is as wide)
    """Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
