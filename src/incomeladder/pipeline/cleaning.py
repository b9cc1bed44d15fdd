"""The households of a survey as a file that any engine can read: cleaned, in yuan, under their canonical names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from incomeladder.disk import disk_errors
from incomeladder.frames import EXTRA, INCOME, ROUND, SIZE
from incomeladder.intake.reading import Reading
from incomeladder.intake.settle import settle
from incomeladder.intake.survey import Survey
from incomeladder.ledger.columns import KEPT, stored, stored_name

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source


def write_clean(sources: tuple[Source, ...], request: Request, target: Path) -> None:
    """Write every household that can be used to a parquet file, in the order of the files.

    Whether there are others is for ``check`` to say. Raises OSError where the disk refuses.
    """
    survey = Survey(sources)

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        clean = stored(households[0], _columns(survey, households[0].collect_schema().names()))
        return [clean.sink_parquet(target, lazy=True)]

    with disk_errors():
        settle([survey], query, request.workspace, partial(Reading.first, straight=False))


def _columns(survey: Survey, there: list[str]) -> list[str]:
    """The canonical columns that the survey has, then its own, but for headings that are names of canonical ones."""
    canonical = survey.columns | {INCOME, ROUND} | ({SIZE} if survey.persons else set())
    own = [name for name in there if name.startswith(EXTRA) and stored_name(name) not in canonical]
    return [*(name for name in (*KEPT, ROUND) if name in canonical), *own]
