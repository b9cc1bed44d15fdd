"""What is being done, on standard error, while it takes longer than a moment: in a terminal only."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.render.wording import Words

_PATIENCE: Final = 1.5
_REFRESH: Final = 0.1


class Progress:
    """How far what is being done is, where that is known: rows of a workbook that are read, parts that are joined."""

    def __init__(self, words: Words, terminal: TextIO) -> None:
        self.words = words
        self.terminal = terminal
        self.doing = "counting"
        self.done = 0
        self.of: int | None = None
        self.over = threading.Event()

    def tell(self, doing: str, done: int, of: int) -> None:
        """Hear what is being done, and how much of it is done."""
        self.doing, self.done, self.of = doing, done, of

    def show(self) -> None:
        """Draw until the work is over; nothing, if that is soon."""
        if self.over.wait(_PATIENCE):
            return
        from rich.console import Console  # noqa: PLC0415  (slow to import: only for those who wait)
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as Bar  # noqa: PLC0415

        console = Console(file=self.terminal)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Bar(*columns, console=console, transient=True, disable=console.is_dumb_terminal) as bar:
            task = bar.add_task(self.words("progress.counting"), total=None)
            while not self.over.wait(_REFRESH):
                doing, done, of = self._now()
                bar.update(task, description=self.words(f"progress.{doing}"), total=of, completed=done)

    def _now(self) -> tuple[str, int, int | None]:
        """What is being done; counting, once all that was told of is done."""
        if self.of is None or self.done >= self.of:
            return "counting", 0, None
        return self.doing, self.done, self.of


@contextlib.contextmanager
def shown(words: Words, *, quiet: bool) -> Iterator[Progress]:
    """Show the progress of what is done meanwhile, if standard error is a terminal.

    What is drawn goes there even while standard error is turned away from what Java says.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield Progress(words, sys.stderr)
        return
    with os.fdopen(
        os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding, errors=sys.stderr.errors
    ) as terminal:
        progress = Progress(words, terminal)
        drawing = threading.Thread(target=progress.show, daemon=True)
        drawing.start()
        try:
            yield progress
        finally:
            progress.over.set()
            drawing.join()
