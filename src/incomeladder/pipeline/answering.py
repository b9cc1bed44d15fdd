"""Where a query on households is answered: by polars, or by the engine that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder.intake.settle import settle
from incomeladder.pipeline.request import native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from incomeladder.frames import Query
    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.pipeline.request import Request


def answered(
    surveys: Sequence[Survey], query: Query, request: Request, shown: Sequence[str] = ()
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """The verdicts on surveys, and the answers of a query on their households, which show the columns ``shown``."""
    if request.engine is not None:
        from incomeladder.engine.settling import settle as settle_elsewhere  # noqa: PLC0415

        return settle_elsewhere(request.engine, surveys, query, shown)
    return settle(surveys, on_polars(query), request.workspace)


def on_polars(query: Query) -> Callable[[list[pl.LazyFrame]], list[pl.LazyFrame]]:
    """The query as polars answers it."""
    return lambda households: [native(answer) for answer in query([nw.from_native(frame) for frame in households])]
