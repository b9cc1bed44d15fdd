"""Ctrl-C, a request to end and a closed terminal are one interruption, heard where it does no harm."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_asked = threading.Event()
_postponed = threading.Event()


def heed() -> None:
    """Have whatever asks this process to stop raise KeyboardInterrupt where it works, once, polars hearing it too.

    A process that was started to outlive Ctrl-C (by a script's ``&``) or its terminal (by nohup) does.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return  # Windows has no such signals
    ends = {end for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(end) != signal.SIG_IGN}
    _speak_apart()
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.signal(signal.SIGINT, _interrupt)
    signal.pthread_sigmask(signal.SIG_BLOCK, ends | {signal.SIGINT})
    threading.Thread(target=_pass_on, args=(ends,), daemon=True).start()


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupt for whatever fails once this process was asked to stop: libraries have other words."""
    try:
        yield
    except BaseException as failure:
        if _asked.is_set():
            raise KeyboardInterrupt from failure
        raise


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end for what comes meanwhile."""
    came: list[int] = []
    with handling(lambda number, _: came.append(number)):
        yield
    if came:
        raise KeyboardInterrupt


@contextlib.contextmanager
def handling(handler: Any) -> Iterator[None]:  # noqa: ANN401  (typeshed's own word for handlers is as wide)
    """Have Ctrl-C handled otherwise meanwhile: only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _pass_on(ends: set[signal.Signals]) -> None:
    """Wait for one of the signals, which no other thread takes."""
    signal.sigwait(ends)
    _asked.set()
    _hush_libraries()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _postponed.set()
    main_thread = threading.main_thread().ident or 0
    while True:
        if _postponed.is_set():
            _postponed.clear()
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        # What waits, or is just about to, only sees the interruption once it is disturbed.
        signal.pthread_kill(main_thread, signal.SIGUSR1)
        time.sleep(0.05)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Not in an import, which would leave its locks held: the next import, in any thread, would wait for ever."""
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    if frame is None:
        raise KeyboardInterrupt
    _postponed.set()


def _speak_apart() -> None:
    """Leave standard error itself to the libraries, and speak through a second opening of it."""
    if sys.stderr is not None:
        again, stream = os.dup(sys.stderr.fileno()), sys.stderr
        sys.stderr = os.fdopen(again, "w", encoding=stream.encoding, errors=stream.errors, buffering=1)


def _hush_libraries() -> None:
    """Polars may panic over an interruption, as its writer of CSV does, and Rust tells that on standard error."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
