"""A report from files: made in a folder of its own, its rejects written, delivered, and judged."""

from __future__ import annotations

import signal
import threading
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.asking import Room
from incomeladder.cli.output import deliver, form, refuse_overwriting, write_whole
from incomeladder.cli.progress import shown
from incomeladder.cli.scratch import scratch
from incomeladder.cli.speech import Said, info, tell
from incomeladder.errors import RowsRejected, UsageRefused
from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import polars as pl

    from incomeladder.cli.progress import Progress
    from incomeladder.engine import Engine
    from incomeladder.errors import Reason
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Findings = dict[str, Callable[[Report], object]]

FOUND = 1


@dataclass(frozen=True)
class Job:
    """A report to be made: from which files, how, and by which ``--fail-on`` it can be judged.

    It is ``shown`` where something else is put into the output.
    """

    inputs: Sequence[str]
    make: Callable[[Room], Report]
    findings: Findings
    shown: o.Output | None = None
    may_be_published: bool = False


def carry_out(words: Words, job: Job, common: o.Basic) -> tuple[Report, int]:
    """Make the report, write the rejects, deliver, and judge; what cannot be done is refused before any work."""
    findings: Findings = {"rejects": lambda report: report.rejected} | job.findings
    refuse_other(findings, common.findings.fail_on)
    form(common.output)
    if common.publishing.publish and not job.may_be_published:
        raise UsageRefused.because("not_for_publishing")
    if common.output.output is not None and common.output.output == common.reading.rejects:
        raise UsageRefused.because("rejects_is_output", file=common.reading.rejects)
    if list(job.inputs).count("-") > 1:
        raise UsageRefused.because("two_stdin")
    for written in (common.output.output, common.reading.rejects):
        refuse_overwriting(written, job.inputs)
    _let_reads_be_interrupted()
    import_meanwhile("incomeladder.pipeline")
    with scratch(common.reading.tmp_dir) as spool:
        report = _made(words, job, spool, common)
        # Who was rejected may be read from a file of rejects, not from what is published.
        told = replace(report, rejects=None) if common.publishing.publish else report
        deliver(told, job.shown or common.output, words)
    return report, judged(report, findings, common.findings.fail_on)


def import_meanwhile(module: str) -> None:
    """Import what comes next while files are read: that leaves Python alone, and imports need nothing else."""
    threading.Thread(target=import_module, args=(module,), daemon=True).start()


def refuse_other(findings: Findings, wanted: Sequence[str]) -> None:
    """Raise UsageRefused for findings that a report does not have."""
    for name in wanted:
        if name not in findings:
            raise UsageRefused.because("bad_choice", option="--fail-on", value=name, choices=sorted(findings))


def judged(report: Report, findings: Findings, wanted: Sequence[str]) -> int:
    """The exit status: 1 if the report finds what is wanted."""
    return FOUND if any(findings[name](report) for name in wanted) else 0


def _let_reads_be_interrupted() -> None:
    """Polars' handler of Ctrl-C resumes a read that waits for standard input; it should end."""
    import polars as pl  # noqa: F401, PLC0415  (its import sets the handler)

    if hasattr(signal, "siginterrupt") and threading.current_thread() is threading.main_thread():
        signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003  (the function takes no keyword)


def _made(words: Words, job: Job, spool: Path, common: o.Basic) -> Report:
    reading = common.reading
    try:
        quiet = common.output.quiet or common.output.log_format == "json"
        with shown(words, quiet=quiet) as progress, _engine(common, spool) as engine:
            report = job.make(_room(words, spool, common, progress, engine))
    except RowsRejected as refusal:
        refusal.most = reading.max_problems
        _write_rejects(refusal.problems, reading, words)
        raise
    _write_rejects(report.rejects, reading, words)
    return report


def _room(words: Words, spool: Path, common: o.Basic, progress: Progress, engine: Engine | None) -> Room:
    from incomeladder.intake.workspace import Workspace  # noqa: PLC0415  (as polars)

    working, output = _working(common), common.output

    def announce(reason: Reason) -> None:
        if not output.quiet:
            tell([info(reason, words)], output.log_format)

    workspace = Workspace(
        spool, asking.memory(working), announce, partial(progress.tell, "joining"), _explaining(common)
    )
    return Room(workspace, spool, partial(progress.tell, "reading"), engine)


def _explaining(common: o.Basic) -> Callable[[str], None] | None:
    """What tells the plans of what is collected, if they are asked for."""

    def explain(plan: str) -> None:
        tell([Said("info", "plan", "\n".join(map(safe, plan.split("\n"))), plan)], common.output.log_format)

    return explain if _working(common).explain_plan else None


def _working(common: o.Basic) -> o.Working:
    return common.working if isinstance(common, o.Common) else o.Working()


def _engine(common: o.Basic, spool: Path) -> AbstractContextManager[Engine | None]:
    """The engine that is asked for, open until the report is made; none for polars."""
    working = _working(common)
    if not isinstance(working, o.Counting):
        return nullcontext()
    if working.master is not None and working.engine != "spark":
        raise UsageRefused.because("master_without_spark")
    if working.engine == "polars":
        return nullcontext()
    from incomeladder.engine import LOCAL, Place, opened  # noqa: PLC0415  (large, and rarely asked for)

    memory = None if working.memory is None else asking.memory(working)
    place = Place(LOCAL if working.master is None else working.master, spool, memory)
    return opened(working.engine, place, _explaining(common))


def _write_rejects(problems: pl.DataFrame | None, reading: o.Reading, words: Words) -> None:
    """Every reject, as CSV; headings alone where there are none, so that an old file does not pass for today's."""
    if reading.rejects is None:
        return
    from incomeladder.render.data import csv_table  # noqa: PLC0415
    from incomeladder.render.problems import no_problems, rejects  # noqa: PLC0415

    found = no_problems() if problems is None else rejects(problems, words)
    write_whole(reading.rejects, csv_table(found, for_excel=True))
