"""One function a command: what it was asked, what the pipeline answers, where that goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.output import deliver, form, print_out, staged
from incomeladder.cli.shells import SCRIPTS
from incomeladder.cli.sinking import file_form, sink
from incomeladder.cli.work import Job, carry_out
from incomeladder.errors import UsageRefused
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.cli.asking import Room
    from incomeladder.cli.work import Findings
    from incomeladder.report import Report

ROWS_REJECTED = 3


def check(words: Words, surveys: o.Surveys, rounds: o.Rounds, explaining: o.Explaining, common: o.Common) -> int:
    """Report every problem; the exit status is 3 where rows cannot be used.

    As parquet are written the households themselves, if all can be used; the report goes to standard output then.
    """
    place, cleans = common.output, form(common.output) == "parquet"

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415

        request = asking.request(common, room, rounds.round)
        report = pipeline.check(sources, request, explain=explaining.explain)
        if cleans and place.output and (common.reading.skip_invalid or not report.rejected):
            with staged(place.output) as path:
                pipeline.write_clean(sources, request, path)
        return report

    shown = replace(place, output=None, format="table") if cleans else None
    report, status = carry_out(words, Job(surveys.surveys, make, {}, shown), common)
    return ROWS_REJECTED if report.rejected and not common.reading.skip_invalid else status


def bands(  # noqa: PLR0913, PLR0917  (groups of options, each for something else)
    words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, beside: o.Comparing, common: o.Counted
) -> int:
    """The ladder of the wanted rounds."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415

        request = asking.request(common, room, rounds.round, grouping.by)
        return pipeline.bands(sources, request, compare_size_rules=beside.compare_size_rules)

    found = {"below-floor": lambda report: report.tables["summary"]["below_floor"].sum()}
    return carry_out(words, Job(surveys.surveys, make, found, may_be_published=not beside.compare_size_rules), common)[
        1
    ]


def flag(words: Words, surveys: o.Surveys, rounds: o.Rounds, listing: o.Listing, common: o.Counted) -> int:
    """The households of a tier."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder import pipeline  # noqa: PLC0415
        from incomeladder.programme import Tiers  # noqa: PLC0415

        tiers = Tiers.names if listing.tier == "all" else (listing.tier,)
        request = asking.request(common, room, rounds.round, listing.grouping.by)
        extra, log = asking.measures(listing.extra, sources, common.reading)
        return pipeline.flagged(sources, request, tiers=tiers, extra=extra, log=log)

    found = {"below-floor": lambda report: (report.main["tier"] == "floor").any()}
    return carry_out(words, Job(surveys.surveys, make, found), common)[1]


def transitions(words: Words, pair: o.Pair, grouping: o.Grouping, drawing: o.Drawing, common: o.Counted) -> int:
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

        request, design = asking.request(common, room, names, grouping.by), asking.design(drawing)
        return pipeline.transitions(before, after[0] if after else None, request, design=design, movers=pair.movers)

    found = {
        "below-floor": lambda report: report.tables["summary"]["below_floor_after"].sum(),
        "fell": lambda report: report.tables["summary"]["fell_below_floor"].sum(),
    }
    return carry_out(words, Job(pair.pair, make, found, may_be_published=pair.movers is None), common)[1]


def report(words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, common: o.Common) -> int:
    """One document of a round and the one before it."""
    listed = form(common.output) == "xlsx" and not common.publishing.publish

    def make(room: Room) -> Report:
        # Of several files each is a round of its own, or holds its rounds: there a name only chooses.
        named = rounds.round if _is_one_file(surveys.surveys) else ()
        sources = asking.survey(surveys.surveys, common, named, room)
        from incomeladder.pipeline.composing import report  # noqa: PLC0415  (other reports should not wait)

        return report(sources, asking.request(common, room, rounds.round, grouping.by), listed=listed)

    return carry_out(words, Job(surveys.surveys, make, _REPORTED, may_be_published=True), common)[1]


def _is_one_file(surveys: Sequence[str]) -> bool:
    return len(surveys) == 1 and (surveys[0] == "-" or Path(surveys[0]).is_file())


_REPORTED: Findings = {
    "below-floor": lambda report: report.tables["summary"]["below_floor"].tail(1).sum(),
    "fell": lambda report: report.tables["moves"]["fell_below_floor"].sum() if "moves" in report.tables else 0,
}


def programme_show(words: Words, rules: o.Rules, output: o.Output) -> int:
    """The rules in force, and where each was said."""
    loaded = asking.rules(rules)

    from incomeladder.pipeline import rules_in_force  # noqa: PLC0415

    deliver(rules_in_force(loaded), output, words)
    return 0


def programme_schema(_words: Words, _speech: o.Speech) -> int:
    """The JSON Schema of a programme file."""
    import json  # noqa: PLC0415

    from incomeladder.loading import file_schema  # noqa: PLC0415

    print_out(json.dumps(file_schema(), ensure_ascii=False, indent=2) + "\n")
    return 0


def sample(_words: Words, making: o.Making, place: o.Place) -> int:
    """Synthetic rounds, streamed to a file or to standard output."""
    rounds = making.rounds.split(",")
    if making.households < 1:
        raise UsageRefused.because("sample_count", value=making.households)
    if not all(rounds) or len(set(rounds)) < len(rounds):
        raise UsageRefused.because("sample_rounds", value=making.rounds)
    chosen = file_form(place, making.file_format)

    from incomeladder.sample import households  # noqa: PLC0415

    sink(households(making.households, rounds, making.seed), place, chosen)
    return 0


def completion(_words: Words, completing: o.Completing, _speech: o.Speech) -> int:
    """What a shell is told once to complete command lines of this program."""
    print_out(SCRIPTS[completing.shell])
    return 0
