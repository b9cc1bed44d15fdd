"""The edge: putting a finished report where it should go, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.cli.speech import accounting, tell
from incomeladder.errors import OutputRefused, UsageRefused
from incomeladder.render.plain import plain
from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from incomeladder.cli.choices import Format
    from incomeladder.cli.options import Output
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".htm": "html",
    ".html": "html",
    ".json": "json",
    ".md": "markdown",
    ".parquet": "parquet",
    ".txt": "table",
    ".xlsx": "xlsx",
}
_NO_TEXT: Final = frozenset({"parquet", "xlsx"})
_NOTHING: Final[dict[str, Callable[[Report], bool]]] = {
    "audit": lambda report: not report.main["suspicious"].any(),
    "flag": lambda report: report.main.is_empty(),
    "ledger_add": lambda report: not (report.main["outcome"] == "added").any(),
    "ledger_verify": lambda report: not report.notes,
    "ledger_watch": lambda report: report.main.is_empty(),
}
"""What is nothing to report: with ``--quiet`` there is no output then, so that cron sends no mail."""


def form(output: Output) -> Format:
    """The format asked for, by name or by the output's suffix.

    Raises UsageRefused where neither tells, and for a format that is not text on standard output.
    """
    chosen = output.format
    if chosen is None and output.output is not None:
        chosen = _SUFFIXES.get(Path(output.output).suffix.lower())
        if chosen is None:
            raise UsageRefused.because("output_format", output=output.output, formats=sorted(set(_SUFFIXES.values())))
    if chosen in _NO_TEXT and output.output is None:
        raise UsageRefused.because("no_text_to_terminal", format=chosen)
    return chosen or "table"


def refuse_unwritable(output: Output) -> None:
    """Raise, before there is any work, where the report could not be written: for its form or its place."""
    form(output)
    refuse_overwriting(output.output, ())


def refuse_overwriting(output: str | None, inputs: Iterable[str]) -> None:
    """Raise OutputRefused for a folder that is not there, and for what is read, or kept by a ledger."""
    if output is None:
        return
    from incomeladder.ledger.store import is_kept  # noqa: PLC0415  (most reports go to standard output)

    if not Path(output).resolve().parent.is_dir():
        raise OutputRefused.because("output_unwritable", file=output, detail=os.strerror(errno.ENOENT))
    if is_kept(Path(output).resolve()):
        raise OutputRefused.because("output_in_ledger", file=output)
    for name in inputs:
        with contextlib.suppress(OSError):
            if Path(output).samefile(name):
                raise OutputRefused.because("output_is_input", file=output)


def deliver(report: Report, output: Output, words: Words) -> None:
    """Write the report; off a table, what was counted and what was not goes to standard error."""
    from incomeladder.render.problems import spoken  # noqa: PLC0415  (after --help: it needs polars)

    chosen, report, words = form(output), spoken(report, words), words.of(report)
    if output.quiet and output.output is None and _is_nothing(report):
        return
    if output.output is None and chosen == "table" and sys.stdout is not None and sys.stdout.isatty():
        from incomeladder.render import terminal  # noqa: PLC0415
        from incomeladder.render.documents import document  # noqa: PLC0415  (rich is slow to import: terminals only)

        with output_guarded():
            screen = terminal.console(sys.stdout)
            terminal.print_blocks(document(report, words, terminal.page(screen)), words, screen)
    else:
        content = rendered(report, chosen, words, to_file=output.output is not None)
        if output.output is None:
            print_out(content.decode())
        else:
            write_whole(output.output, content)
    if chosen in {"csv", "parquet"} and not output.quiet:
        tell(accounting(report, words), output.log_format)


def _is_nothing(report: Report) -> bool:
    return report.name in _NOTHING and _NOTHING[report.name](report)


def rendered(report: Report, chosen: Format, words: Words, *, to_file: bool) -> bytes:
    """The report as bytes; the same report gives the same bytes. A CSV file is for Excel, a CSV stream for programs."""
    from incomeladder.render import data  # noqa: PLC0415

    if chosen == "parquet":
        return data.parquet_bytes(report)
    if chosen == "xlsx":
        from incomeladder.render.workbook import workbook  # noqa: PLC0415

        return workbook(report, words)
    if chosen == "csv":
        return data.csv_table(report.main, for_excel=to_file)
    if chosen == "json":
        return data.json_text(report, words).encode()
    return _document(report, chosen, words).encode()


def _document(report: Report, chosen: Format, words: Words) -> str:
    """What people read: a page, Markdown, or plain text."""
    if chosen == "html":
        from incomeladder.render.html import html  # noqa: PLC0415

        return html(report, words)
    from incomeladder.render.documents import document  # noqa: PLC0415

    if chosen == "markdown":
        from incomeladder.render.blocks import PASTED  # noqa: PLC0415
        from incomeladder.render.markdown import markdown  # noqa: PLC0415

        return markdown(document(report, words, PASTED))
    return plain(document(report, words))


def print_out(text: str) -> None:
    """Data to standard output, at once; on a terminal, nothing in them that a terminal would obey.

    Raises OutputRefused where nobody reads them, or there is no room.
    """
    with output_guarded():
        told = "\n".join(map(safe, text.split("\n"))) if sys.stdout.isatty() else text
        sys.stdout.write(told)
        sys.stdout.flush()


@contextlib.contextmanager
def output_guarded() -> Iterator[None]:
    """Raise OutputRefused for whatever goes wrong with standard output."""
    if sys.stdout is None:
        raise OutputRefused.because("output_closed")
    try:
        yield
    except OSError as error:
        abandon_output()
        if error.errno in {None, errno.EPIPE}:  # polars keeps the number to itself
            raise OutputRefused.because("output_closed") from error
        detail = error.strerror or error
        raise OutputRefused.because("output_unwritable", file="standard output", detail=detail) from error


def abandon_output() -> None:
    """Let what is still in the buffer go nowhere: the interpreter would try to write it, and complain again."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def write_whole(name: str, content: bytes) -> None:
    """Put a file in place by one rename, so that nobody ever sees half of it; an old one stays until then.

    Raises OutputRefused where the folder or the file cannot be written.
    """
    with staged(name) as path:
        path.write_bytes(content)


@contextlib.contextmanager
def staged(name: str) -> Iterator[Path]:
    """A path to write to, which takes the place of the file ``name`` at the end, or vanishes if anything goes wrong.

    Raises OutputRefused where the folder or the file cannot be written.
    """
    target = Path(name)
    try:
        if target.exists() and not target.is_file():
            yield target  # a device or a pipe, such as /dev/stdout: there is nothing to replace
            return
        with _beside(target.resolve()) as path:
            yield path
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=name, detail=error.strerror or error) from error


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
    path = Path(name)
    try:
        os.close(handle)
        yield path
        with path.open("rb") as written:
            os.fsync(written.fileno())
        path.chmod(_mode(target))
        path.replace(target)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The rights of the file that is replaced; of a new one, what the umask leaves."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
