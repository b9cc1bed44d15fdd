"""The command line: ``main(argv)`` is the one boundary between outcomes and exit statuses."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from incomeladder.cli.language import choose
from incomeladder.cli.shells import ASKING
from incomeladder.errors import Reason, Refused, RowsRejected, UsageRefused
from incomeladder.interruption import heard
from incomeladder.render.wording import LANGUAGES, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.cli.speech import Said

INTERRUPTED, DEFECT, OUTPUT, USAGE = 130, 70, 5, 2
_ONLY_A_LANGUAGE = [asked for name in LANGUAGES for asked in (["--lang", name], [f"--lang={name}"])]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Our models use no plugins, and pydantic's search for them takes longer than building the models.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Redirected output on Chinese Windows is GBK: a character outside it must not stop a report.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace" if stream.errors == "strict" else stream.errors)
    if ASKING in os.environ:
        from incomeladder.cli.completing import complete  # noqa: PLC0415  (a shell asks, nobody else)

        return complete(os.environ)
    return _bounded(arguments, Words(choose(arguments, os.environ)))


def _bounded(arguments: list[str], words: Words) -> int:
    from incomeladder.cli.output import abandon_output  # noqa: PLC0415
    from incomeladder.cli.speech import chosen, error, tell  # noqa: PLC0415

    log_format = chosen(arguments)
    try:
        _refuse_no_text(arguments)
        with heard():
            return _run(arguments, words)
    except Refused as refusal:
        status, said = refusal.status, _refusal(refusal, words)
    except KeyboardInterrupt:
        status, said = INTERRUPTED, [error(Reason("interrupted"), words)]
    except SystemExit:
        # Typer's only exit in this mode: the reader of a help page went away.
        abandon_output()
        status, said = OUTPUT, [error(Reason("output_closed"), words)]
    except OSError as failure:
        abandon_output()
        facts = {"file": failure.filename or "incomeladder", "detail": failure.strerror or failure}
        status, said = OUTPUT, [error(Reason("system_refused", facts), words)]
    except BaseException as defect:
        # Anything else is a defect (a panic of polars is no Exception): told without the data that its text may hold.
        if "--debug" in arguments and log_format == "text":  # a traceback is no JSON, and may hold data
            raise
        status, said = DEFECT, [error(_defect(defect), words)]
    tell(said, log_format)
    return status


def _refuse_no_text(arguments: Sequence[str]) -> None:
    """Raise UsageRefused for an argument that is not in UTF-8: no library of ours opens a file of such a name."""
    for place, argument in enumerate(arguments, 1):
        if not argument.isascii() and argument.encode(errors="replace").decode() != argument:
            raise UsageRefused.because("argument_no_text", place=place)


def _refusal(refusal: Refused, words: Words) -> list[Said]:
    from incomeladder.cli.speech import error, rejected  # noqa: PLC0415

    rows = rejected(refusal, words) if isinstance(refusal, RowsRejected) else ()
    return [*rows, *(error(reason, words) for reason in refusal.reasons)]


def _run(arguments: list[str], words: Words) -> int:
    try:
        import typer  # noqa: PLC0415  (a library that calls main() may never get here)
    except ImportError:
        if arguments[:1] != ["doctor"]:
            raise
        return _doctor_alone(words)

    from incomeladder.cli.app import build  # noqa: PLC0415
    from incomeladder.cli.speech import Said, chosen, tell  # noqa: PLC0415
    from incomeladder.cli.usage import explained  # noqa: PLC0415

    # Who only says in what language is shown the three ways in, as who says nothing.
    asked = [] if arguments in _ONLY_A_LANGUAGE else arguments
    try:
        status = build(words, arguments)(args=asked, prog_name="incomeladder", standalone_mode=False)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            page = str(error)
            tell([Said("error", "missing_command", page, page)], chosen(arguments))
            return USAGE
        raise explained(error) from error
    if status == INTERRUPTED:  # what typer makes of Ctrl-C
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def _doctor_alone(words: Words) -> int:
    """The doctor without its options: what reads them is what is wrong."""
    from incomeladder.cli.doctoring import doctor  # noqa: PLC0415
    from incomeladder.cli.options import Examined, Store  # noqa: PLC0415

    return doctor(words, Store(), Examined())


def _defect(defect: BaseException) -> Reason:
    """What to tell of it; what keeps a library from loading holds nothing of a survey."""
    if isinstance(defect, ImportError) and defect.name and not defect.name.startswith("incomeladder"):
        return Reason("library_broken", {"library": defect.name.partition(".")[0], "detail": defect})
    return Reason("defect", {"kind": type(defect).__name__, "place": _place(defect)})


def _place(defect: BaseException) -> str:
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
