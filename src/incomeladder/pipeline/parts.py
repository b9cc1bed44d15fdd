"""Two rounds of any size joined in parts: a household goes into the part that its id tells, in either round.

What is joined of a round is little; it is put down in the workspace, and the round is checked by what is put down. The
parts are joined one after another, so that memory has to hold only one of them; whether ids repeat shows there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.disk import disk_errors
from incomeladder.errors import OutputRefused, Reason
from incomeladder.frames import HOUSEHOLDS, ID, INCOME, WEIGHT
from incomeladder.intake import split
from incomeladder.intake.reading import Reading
from incomeladder.intake.settle import settle
from incomeladder.pipeline.request import native

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.intake.workspace import Workspace
    from incomeladder.pipeline.joining import Joining


class UnfitError(Exception):
    """An id stands twice in a round, or has no key: what is joined in parts would be wrong."""


@dataclass(frozen=True)
class Shelf:
    """The rows of a round in parts, a folder for each that has any: what is joined of them, and the evidence of it.

    It is all that is taken from a round while it is scanned. With a second taker beside it polars would hold whatever
    the slower of the two has not taken yet: at 100 million households several gigabytes. What is ``likely`` of all
    rows is not put down; rows of which it is not true have a part of their own, after the others.
    """

    folder: Path
    schema: pl.Schema
    likely: Mapping[str, pl.Expr]

    @classmethod
    def filled(
        cls, rows: pl.LazyFrame, on: str, parts: int, workspace: Workspace, likely: Mapping[str, pl.Expr]
    ) -> Shelf:
        """A new one in a folder of its own: what was read before must not stand among what is read again."""
        shelf = cls(workspace.place(), rows.collect_schema(), likely)
        as_likely = pl.all_horizontal(
            pl.lit(value=True), *(pl.col(name).eq_missing(value) for name, value in likely.items())
        )
        part = pl.when(as_likely).then(pl.col(on).hash() % parts).otherwise(parts)
        workspace.collect([split.sink(rows, part, shelf.folder, without=likely)])
        return shelf

    def holds(self, number: int) -> bool:
        """Whether a part has any rows."""
        return split.scan(self.folder, number) is not None

    def rows(self, number: int | None = None) -> pl.LazyFrame:
        """The rows of a part, or of all of them."""
        rows = split.scan(self.folder, number)
        if rows is None:
            return pl.LazyFrame(schema=self.schema)
        return rows.with_columns(value.alias(name) for name, value in self.likely.items())


def in_parts(
    joining: Joining, surveys: Sequence[Survey], workspace: Workspace, parts: int
) -> tuple[list[Verdict], dict[str, pl.DataFrame]]:
    """The verdicts on two rounds, and the answers of a joining by their names.

    Raises UnfitError for ids that cannot be joined this way, OutputRefused where the workspace is full.
    """
    workspace.announce(Reason("joined_in_parts", {"parts": parts, "file": workspace.folder}))
    try:
        with disk_errors():
            shelved = [_shelved(joining, survey, workspace, parts) for survey in surveys]
            told = [
                _joined(joining, [households(number) for _, households in shelved], workspace)
                for number in _told(workspace, parts)
            ]
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=workspace.folder, detail=error.strerror) from error
    return [verdict for verdict, _ in shelved], _together(told)


def _shelved(
    joining: Joining, survey: Survey, workspace: Workspace, parts: int
) -> tuple[Verdict, Callable[[int], pl.LazyFrame]]:
    """The verdict on a round, and what is joined of it, by the number of the part."""
    shelves: list[Shelf] = []

    def lay(reading: Reading) -> pl.LazyFrame:
        rows = reading.rows()
        evidence = reading.evidence(rows)
        told = native(joining.taken(nw.from_native(rows), (*evidence, *survey.needed)))
        likely = {name: value for name, value in evidence.items() if value is not None}
        for held in (likely, {}):
            if shelves:
                rmtree(shelves[-1].folder, ignore_errors=True)
            shelves.append(Shelf.filled(told, joining.on, parts, workspace, held))
            if not shelves[-1].holds(parts):
                break
        return shelves[-1].rows()

    def groups(rows: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        there = [name for name in rows[0].collect_schema() if name in joining.by]
        return [rows[0].select(there).unique()] if there else []

    (verdict,), _ = settle([survey], groups, workspace, partial(Reading.first, doubt_of_ids=False), lay)
    return verdict, lambda number: _side(joining, verdict.reading.households(shelves[-1].rows(number)))


def _side(joining: Joining, rows: pl.LazyFrame) -> pl.LazyFrame:
    return native(joining.side(nw.from_native(rows)))


def _told(workspace: Workspace, parts: int) -> Iterator[int]:
    for number in range(parts):
        workspace.tell(number, parts)
        yield number


def _joined(joining: Joining, sides: Sequence[pl.LazyFrame], workspace: Workspace) -> dict[str, pl.DataFrame]:
    ids = pl.col(joining.on)
    unfit = [side.select((ids.n_unique() < pl.len()) | (ids.null_count() > 0)) for side in sides]
    # Before they are joined: were the column none of ids, each would be joined with most of the others.
    if any(found.item() for found in workspace.collect(unfit)):
        raise UnfitError
    asked = joining.answers(*map(nw.from_native, sides))
    return dict(zip(asked, workspace.collect([*map(native, asked.values())]), strict=True))


_SUMMED: Final = {
    "counts": (HOUSEHOLDS, WEIGHT),
    "alike": (HOUSEHOLDS,),
    "ladder_before": (HOUSEHOLDS, WEIGHT, INCOME),
    "ladder_after": (HOUSEHOLDS, WEIGHT, INCOME),
}
"""What is added up of each answer."""


def _together(parts: Sequence[Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """The answers of all parts as the whole would give them."""
    whole = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    if "movers" in whole:
        whole["movers"] = whole["movers"].sort(ID)
    for name, summed in _SUMMED.items():
        if name in whole:
            whole[name] = whole[name].group_by(pl.exclude(summed)).agg(pl.col(summed).sum())
    return whole
