"""The analyst's commands: what they were asked, what the pipeline answers, where that goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.choices import AUDITS
from incomeladder.cli.work import Job, carry_out
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    import polars as pl

    from incomeladder.cli.asking import Room
    from incomeladder.cli.work import Findings
    from incomeladder.report import Report


def indicators(  # noqa: PLR0913, PLR0917  (groups of options, each for something else)
    words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, drawing: o.Drawing, common: o.Common
) -> int:
    """The headline measures of each round, and their change."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder.pipeline.estimating import indicators  # noqa: PLC0415  (other reports should not wait)

        request = asking.request(common, room, rounds.round, grouping.by)
        return indicators(sources, request, asking.design(drawing))

    return carry_out(words, Job(surveys.surveys, make, _INDICATED, may_be_published=True), common)[1]


def trajectories(words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, common: o.Common) -> int:
    """The path of each household through all rounds, and what became of all of them."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder.pipeline.trajectories import trajectories  # noqa: PLC0415  (other reports should not wait)

        return trajectories(sources, asking.request(common, room, rounds.round, grouping.by))

    return carry_out(words, Job(surveys.surveys, make, _FOLLOWED), common)[1]


_INDICATED: Findings = {
    "below-floor": lambda report: (report.main.filter(indicator="headcount_ratio")["value"] > 0).any(),
    "target": lambda report: _missed(report.tables["targets"]),
}

_FOLLOWED: Findings = {"relapse": lambda report: _relapsed(report.tables["rounds"])}


def _relapsed(rounds: pl.DataFrame) -> bool:
    """Whether anybody fell back below the floor in the last round."""
    last = rounds.filter(rounds["survey_round"] == rounds["survey_round"].last()) if rounds.height else rounds
    return bool(last["relapses"].sum())


def audit(words: Words, surveys: o.Surveys, rounds: o.Rounds, grouping: o.Grouping, common: o.Common) -> int:
    """Where the survey can be fooled: answers that hardly come about by themselves."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder.pipeline.auditing import audit  # noqa: PLC0415  (other reports should not wait)

        return audit(sources, asking.request(common, room, rounds.round, grouping.by))

    return carry_out(words, Job(surveys.surveys, make, _AUDITED), common)[1]


def _is_marked(report: Report, test: str | None = None) -> bool:
    """Whether a result of this test is suspicious; of any, if none is named."""
    marked = report.main.filter("suspicious")["test"]
    return test in marked if test else not marked.is_empty()


_AUDITED: Findings = {test or "suspicious": partial(_is_marked, test=test) for test in (None, *AUDITS)}


def project(  # noqa: PLR0913, PLR0917  (groups of options, each for something else)
    words: Words,
    surveys: o.Surveys,
    rounds: o.Rounds,
    grouping: o.Grouping,
    projecting: o.Projecting,
    common: o.Common,
) -> int:
    """The ladder in years to come, if households went on moving as they last did."""

    def make(room: Room) -> Report:
        sources = asking.survey(surveys.surveys, common, rounds.round, room)
        from incomeladder.pipeline.projecting import project  # noqa: PLC0415  (other reports should not wait)

        return project(sources, asking.request(common, room, rounds.round, grouping.by), projecting.until)

    found: Findings = {"target": lambda report: _will_miss(report.tables["targets"], projecting.until)}
    return carry_out(words, Job(surveys.surveys, make, found), common)[1]


def _will_miss(targets: pl.DataFrame, until: int) -> bool:
    """Whether a target that is due by then is not met, or lost again."""
    due = targets.filter(targets["year"].fill_null(until) <= until)
    holds = (due["met_in"] <= until) & (due["lost_in"].fill_null(until + 1) > until)
    return bool(holds.fill_null(value=False).not_().any())


def _missed(targets: pl.DataFrame) -> bool:
    """Whether the last round misses a target that is due by then."""
    last = targets.filter(targets["survey_round"] == targets["survey_round"].last()) if targets.height else targets
    return bool((last["due"] & last["met"].not_()).any())
