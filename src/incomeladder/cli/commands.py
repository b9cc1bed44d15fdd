"""One function a command: what it was asked, what the pipeline answers, where that goes."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.asking import Room
from incomeladder.cli.output import (
    deliver,
    form,
    output_guarded,
    print_out,
    refuse_overwriting,
    staged,
    write_whole,
)
from incomeladder.cli.progress import shown
from incomeladder.errors import RowsRejected, UsageRefused
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from incomeladder.report import Report

FINDINGS, ROWS_REJECTED = 1, 3


@dataclass(frozen=True)
class Job:
    """A report to be made: from which files, how, and by which ``--fail-on`` it can be judged."""

    inputs: Sequence[str]
    make: Callable[[Room], Report]
    findings: dict[str, Callable[[Report], object]]


def check(words: Words, surveys: o.Surveys, rounds: o.Rounds, explaining: o.Explaining, common: o.Common) -> int:
    """Report every problem; the exit status is 3 where rows cannot be used."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415

        return pipeline.check(sources, asking.request(common, rounds.round), explain=explaining.explain)

    report, status = _carry_out(words, Job(surveys.surveys, make, {}), common)
    return ROWS_REJECTED if report.rejected and not common.reading.skip_invalid else status


def bands(words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, common: o.Common) -> int:
    """The ladder of the wanted rounds."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415

        return pipeline.bands(sources, asking.request(common, rounds.round, grouping.by))

    found = {"below-floor": lambda report: report.tables["summary"]["below_floor"].sum()}
    return _carry_out(words, Job(surveys.surveys, make, found), common)[1]


def flag(words: Words, surveys: o.Surveys, rounds: o.Rounds, listing: o.Listing, common: o.Common) -> int:
    """The households of a tier."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415
        from incomeladder.programme import Tiers  # noqa: PLC0415

        tiers = Tiers.names if listing.tier == "all" else (listing.tier,)
        request = asking.request(common, rounds.round, listing.grouping.by)
        return pipeline.flagged(sources, request, tiers=tiers, extra=listing.extra)

    found = {"below-floor": lambda report: (report.main["tier"] == "floor").any()}
    return _carry_out(words, Job(surveys.surveys, make, found), common)[1]


def transitions(words: Words, pair: o.Pair, grouping: o.Grouping, common: o.Common) -> int:
    """Two rounds compared."""
    if len(pair.pair) > 2:  # noqa: PLR2004  (two rounds are what is compared)
        raise UsageRefused.because("extra_argument", value=pair.pair[2])

    def make(room: Room) -> Report:
        names = (pair.from_round or "", pair.to_round or "")
        # A file without a round column is named by --from or --to; in a single file these only choose.
        named = names if len(pair.pair) > 1 else ("", "")
        before, *after = (
            asking.survey([survey], common, [name] if name else [], room)
            for survey, name in zip(pair.pair, named, strict=False)
        )
        from incomeladder import pipeline  # noqa: PLC0415

        request = asking.request(common, names, grouping.by)
        return pipeline.transitions(before, after[0] if after else None, request, movers=pair.movers)

    found = {
        "below-floor": lambda report: report.tables["summary"]["below_floor_after"].sum(),
        "fell": lambda report: report.tables["summary"]["fell_below_floor"].sum(),
    }
    return _carry_out(words, Job(pair.pair, make, found), common)[1]


def programme_show(words: Words, rules: o.Rules, output: o.Output) -> int:
    """The rules in force, and where each was said."""
    loaded = asking.rules(rules)

    from incomeladder.pipeline import rules_in_force  # noqa: PLC0415

    deliver(rules_in_force(loaded), output, words)
    return 0


def programme_schema(_words: Words) -> int:
    """The JSON Schema of a programme file."""
    import json  # noqa: PLC0415

    from incomeladder.programme import file_schema  # noqa: PLC0415

    print_out(json.dumps(file_schema(), ensure_ascii=False, indent=2) + "\n")
    return 0


def sample(_words: Words, making: o.Making, place: o.Place) -> int:
    """Synthetic rounds, streamed to a file or to standard output."""
    rounds = making.rounds.split(",")
    if making.households < 1:
        raise UsageRefused.because("sample_count", value=making.households)
    if not all(rounds) or len(set(rounds)) < len(rounds):
        raise UsageRefused.because("sample_rounds", value=making.rounds)
    formats = get_args(o.SampleFormat)
    chosen = making.format or ("csv" if place.output is None else Path(place.output).suffix.lower().removeprefix("."))
    if chosen not in formats:
        raise UsageRefused.because("output_format", output=place.output, formats=formats)
    if chosen == "parquet" and place.output is None:
        raise UsageRefused.because("parquet_to_terminal")

    from incomeladder.sample import households  # noqa: PLC0415

    made = households(making.households, rounds, making.seed)
    if place.output is None:
        return _to_standard_output(made)
    with staged(place.output) as path:
        made.sink_csv(path) if chosen == "csv" else made.sink_parquet(path)
    return 0


def _to_standard_output(made: pl.LazyFrame) -> int:
    from polars.exceptions import PolarsError  # noqa: PLC0415

    with output_guarded():
        try:
            made.sink_csv(sys.stdout.buffer)
        except PolarsError as error:
            # Polars tells a reader that went away apart from other troubles by words only.
            raise BrokenPipeError(str(error)) from error
        sys.stdout.flush()
    return 0


def _carry_out(words: Words, job: Job, common: o.Common) -> tuple[Report, int]:
    """Make the report, write the rejects, deliver, and judge; what cannot be done is refused before any work."""
    findings = {"rejects": lambda report: report.rejected} | job.findings
    for wanted in common.findings.fail_on:
        if wanted not in findings:
            raise UsageRefused.because("bad_choice", option="--fail-on", value=wanted, choices=sorted(findings))
    form(common.output)
    if common.output.output is not None and common.output.output == common.reading.rejects:
        raise UsageRefused.because("rejects_is_output", file=common.reading.rejects)
    if list(job.inputs).count("-") > 1:
        raise UsageRefused.because("two_stdin")
    for written in (common.output.output, common.reading.rejects):
        refuse_overwriting(written, job.inputs)
    _let_reads_be_interrupted()
    # Reading leaves Python alone and imports need nothing else: on two cores they take no longer than one of them.
    threading.Thread(target=import_module, args=("incomeladder.pipeline",), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="incomeladder-") as spool:
        report = _made(words, job, Path(spool), common)
        deliver(report, common.output, words)
    return report, FINDINGS if any(findings[wanted](report) for wanted in common.findings.fail_on) else 0


def _let_reads_be_interrupted() -> None:
    """Polars' handler of Ctrl-C resumes a read that waits for standard input; it should end."""
    import polars as pl  # noqa: F401, PLC0415  (its import sets the handler)

    if hasattr(signal, "siginterrupt") and threading.current_thread() is threading.main_thread():
        signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003  (the function takes no keyword)


def _made(words: Words, job: Job, spool: Path, common: o.Common) -> Report:
    reading = common.reading
    try:
        with shown(words, quiet=common.output.quiet) as progress:
            report = job.make(Room(spool, progress.tell))
    except RowsRejected as refusal:
        refusal.most = reading.max_problems
        _write_rejects(refusal.problems, reading, words)
        raise
    _write_rejects(report.rejects, reading, words)
    return report


def _write_rejects(problems: pl.DataFrame | None, reading: o.Reading, words: Words) -> None:
    """Every reject, as CSV; headings alone where there are none, so that an old file does not pass for today's."""
    if reading.rejects is None:
        return
    from incomeladder.render.data import csv_table  # noqa: PLC0415
    from incomeladder.render.problems import no_problems, rejects  # noqa: PLC0415

    found = no_problems() if problems is None else rejects(problems, words)
    write_whole(reading.rejects, csv_table(found, for_excel=True))
