"""The commands of the ledger: what they were asked, what the pipeline answers, where that goes."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import ledger_options as lo
from incomeladder.cli import options as o
from incomeladder.cli.output import deliver, refuse_overwriting, refuse_unwritable
from incomeladder.cli.sinking import file_form, pour, sink
from incomeladder.cli.speech import info, tell
from incomeladder.cli.work import Job, carry_out
from incomeladder.errors import LedgerRefused, OutputRefused, Reason, UsageRefused
from incomeladder.ledger.store import steady
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from incomeladder.cli.asking import Room
    from incomeladder.report import Report


def add(  # noqa: PLR0913, PLR0917  (groups of options, each for something else)
    words: Words, surveys: o.Surveys, rounds: o.Added, kept: lo.Kept, waiting: lo.Waiting, common: o.Basic
) -> int:
    """Surveys into the ledger."""
    done: list[Report] = []

    def make(room: Room) -> Report:
        key = asking.key(kept.pseudonymise)
        sources = asking.survey(surveys.surveys, common, rounds.names, room)
        from incomeladder.pipeline.keep import Keeping, keep  # noqa: PLC0415

        keeping = Keeping(asking.ledger(common.reading), tuple(kept.keep), key, asking.wait(waiting))
        done.append(keep(sources, asking.request(common, room, rounds.names), keeping))
        return done[0]

    try:
        return carry_out(words, Job(surveys.surveys, make, {}), common)[1]
    except OutputRefused as refusal:
        # What is in the ledger is there, whoever hears of it.
        told = [Reason("added_all_the_same", {"rounds": list(report.main["survey_round"])}) for report in done]
        raise OutputRefused(*refusal.reasons, *told) from refusal


def rounds(words: Words, asked: lo.Looked) -> int:
    """The rounds there are."""
    refuse_unwritable(asked.output)
    from incomeladder.loading import load  # noqa: PLC0415
    from incomeladder.pipeline.kept import kept_rounds  # noqa: PLC0415

    return _told(words, kept_rounds(asking.ledger(asked.store), load().programme), asked.output)


def verify(words: Words, asked: lo.Looked) -> int:
    """Whether they are sound."""
    refuse_unwritable(asked.output)
    from incomeladder.loading import load  # noqa: PLC0415
    from incomeladder.pipeline.kept import verified  # noqa: PLC0415

    return _told(words, verified(asking.ledger(asked.store), load().programme), asked.output)


def _told(words: Words, report: Report, output: o.Output) -> int:
    """The report, and the status of a refusal where its notes tell of damage; they are the only notes it has."""
    deliver(report, output, words)
    return LedgerRefused.status if report.notes else 0


def remove(words: Words, one: lo.OneRound, store: o.Store, sure: lo.Sure, waiting: lo.Waiting, speech: o.Speech) -> int:  # noqa: PLR0913, PLR0917
    """A round away."""
    ledger = asking.ledger(store)
    name = one.name.removeprefix("@")
    if name not in ledger.names():
        ledger.refuse_unknown(name)  # not the latest, whichever that is: it would be gone for good
    if not sure.yes:
        _ask(words, name, ledger.folder)
    from incomeladder.ledger.writing import writing  # noqa: PLC0415

    with writing(ledger, asking.wait(waiting)) as writer:
        writer.remove(name)
    if not speech.quiet:
        tell([info(Reason("removed", {"round": name}), words)], speech.log_format)
    return 0


def _ask(words: Words, name: str, folder: Path) -> None:
    """Raise unless a person at a terminal says yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageRefused.because("remove_needs_yes", round=name)
    sys.stderr.write(words("remove_sure", round=name, file=folder))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes", "是"}:
        raise LedgerRefused.because("not_removed", round=name)


def export(_words: Words, one: lo.OneRound, store: o.Store, place: o.Exported) -> int:
    """A round's households to a file."""
    chosen = file_form(place, place.file_format)
    refuse_overwriting(place.output, ())
    ledger = asking.ledger(store)
    kept = ledger.kept(ledger.one(one.name))
    from incomeladder.pipeline.kept import exported  # noqa: PLC0415
    from incomeladder.render.data import for_spreadsheets  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="incomeladder-") as folder:
        # What comes of a round that is taken away meanwhile must not be seen.
        spool = Path(folder) / "households.csv"
        target = replace(place, output=place.output or str(spool))
        with steady([kept]):
            households = for_spreadsheets(exported(kept)) if chosen == "csv" else exported(kept)
            sink(households, target, chosen, for_excel=place.output is not None)
        if place.output is None:
            pour(spool)
    return 0
