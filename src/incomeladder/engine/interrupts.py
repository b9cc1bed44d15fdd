"""Ctrl-C while another library works: it ends in an interruption, whatever the library makes of it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from incomeladder.interruption import handling

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

    with handling(end):
        try:
            yield cancels
        except Exception as error:
            if asked:
                raise KeyboardInterrupt from error
            raise


@contextmanager
def kept() -> Iterator[None]:
    """Keep the handler of Ctrl-C, whatever a library puts in its place meanwhile."""
    with handling(signal.getsignal(signal.SIGINT)):
        yield


def in_another_thread(work: Callable[[], None]) -> threading.Thread:
    """Do what may fail while a library is ending; nobody needs to hear that it did."""

    def quietly() -> None:
        with suppress(Exception):
            work()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    return thread
