"""The design of a survey: which columns say from what strata, and in what clusters, its households were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.estimation.drawn import CLUSTER, POPULATION, STRATUM
from incomeladder.estimation.variance import DRAWN, REST
from incomeladder.frames import EXTRA, ID, ROUND
from incomeladder.intake.survey import resolve
from incomeladder.pipeline.tables import plain

if TYPE_CHECKING:
    from incomeladder.intake.survey import Survey

Lonely = Literal["refuse", "centre"]
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Design:
    """The columns that ``--strata``, ``--cluster`` and ``--fpc`` name, and what becomes of strata of one unit."""

    strata: str | None = None
    cluster: str | None = None
    fpc: str | None = None
    lonely: Lonely = "refuse"

    @property
    def is_named(self) -> bool:
        """Whether anything says that the households were drawn."""
        return any((self.strata, self.cluster, self.fpc))

    def resolved(self, survey: Survey) -> Design:
        """The design with the frame's columns for the names. Raises UsageRefused for those that are not there."""

        def column(name: str | None) -> str | None:
            return None if name is None else resolve([survey], name)

        return Design(column(self.strata), column(self.cluster), column(self.fpc), self.lonely)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say it."""
        return tuple(name for name in (self.strata, self.cluster, self.fpc) if name is not None)

    @property
    def said(self) -> dict[str, object]:
        """What was named, by the headings of the survey."""
        return {name: None if told is None else plain(told) for name, told in vars(self).items()}

    def laid(self, households: pl.DataFrame) -> pl.DataFrame:
        """The households with ``_stratum``, ``_cluster`` and ``_population``; without clusters each is its own.

        Raises SurveyRefused where a household does not say where it belongs.
        """
        self._refuse_unsaid(households)
        cluster = pl.col(self.cluster).cast(pl.String) if self.cluster else _themselves(households)
        stratum = pl.col(self.strata).cast(pl.String) if self.strata else pl.lit("")
        population = pl.col(self.fpc).cast(pl.Float64, strict=False) if self.fpc else pl.lit(None, pl.Float64)
        told = households.with_columns(stratum.alias(STRATUM), cluster.alias(CLUSTER), population.alias(POPULATION))
        self._refuse_unsteady(told)
        return told

    def _refuse_unsaid(self, households: pl.DataFrame) -> None:
        lacking = {name: households[name].null_count() for name in self.columns}
        reasons = [
            Reason("design_unsaid", {"column": name.removeprefix(EXTRA), "households": count})
            for name, count in lacking.items()
            if count
        ]
        if reasons:
            raise SurveyRefused(*reasons)

    def _refuse_unsteady(self, laid: pl.DataFrame) -> None:
        """What ``--fpc`` names is one number in each stratum, above 0."""
        if self.fpc is None:
            return
        said = pl.col(POPULATION)
        odd = laid.group_by(ROUND, STRATUM).agg(
            (said.is_null() | (said <= 0) | said.is_nan() | (said != said.first())).any().alias("odd")
        )
        if strata := _named(odd.filter("odd")):
            raise SurveyRefused.because("fpc_unfit", column=self.fpc.removeprefix(EXTRA), strata=strata)

    def refuse_lonely(self, strata: pl.DataFrame) -> None:
        """Raise SurveyRefused for strata of one unit, unless they are centred, and for more units than there are."""
        if self.fpc is not None and (many := _named(strata.filter(pl.col(REST) < 0))):
            raise SurveyRefused.because("fpc_too_small", column=self.fpc.removeprefix(EXTRA), strata=many)
        lonely = strata.filter(pl.col(DRAWN) == 1)
        if self.strata is not None and self.lonely == "refuse" and lonely.height:
            raise SurveyRefused.because("strata_lonely", count=lonely.height, strata=_named(lonely))


CENSUS: Final = Design()
"""Nobody was drawn: everybody is there."""


def _themselves(households: pl.DataFrame) -> pl.Expr:
    return pl.col(ID) if ID in households.columns else pl.int_range(pl.len()).cast(pl.String)


def _named(strata: pl.DataFrame) -> list[str]:
    ordered = strata.sort(ROUND, STRATUM)
    return [
        f"{label}: {name}" if name else label
        for label, name in ordered.select(ROUND, STRATUM).head(_MOST_SHOWN).iter_rows()
    ]
