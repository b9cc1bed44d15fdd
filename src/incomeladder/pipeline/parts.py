"""Two rounds of any size joined in parts: a household goes into the part that its id tells, in either round.

What is joined of a round is little, and is put down in the workspace while the round is checked. The parts are joined
one after another, so that memory has to hold only one of them; whether ids repeat shows there too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.compare import WAYS
from incomeladder.disk import disk_errors
from incomeladder.errors import OutputRefused, Reason
from incomeladder.frames import HOUSEHOLDS, ID, WEIGHT
from incomeladder.intake.reading import Reading
from incomeladder.intake.settle import settle
from incomeladder.pipeline.request import native

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.intake.workspace import Workspace
    from incomeladder.pipeline.joining import Joining

_PART: Final = "_part"


class UnfitError(Exception):
    """An id stands twice in a round, or has no key: what is joined in parts would be wrong."""


@dataclass(frozen=True)
class Shelf:
    """A round in parts: a folder for each that has households."""

    folder: Path
    schema: pl.Schema

    def part(self, number: int) -> pl.LazyFrame:
        """The households of a part."""
        files = [*(self.folder / f"{_PART}={number}").glob("*.parquet")]
        return (
            pl.scan_parquet(files, glob=False, hive_partitioning=False) if files else pl.LazyFrame(schema=self.schema)
        )


def in_parts(
    joining: Joining, surveys: Sequence[Survey], workspace: Workspace, parts: int
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """The verdicts on two rounds, and the answers of a joining.

    Raises UnfitError for ids that cannot be joined this way, OutputRefused where the workspace is full.
    """
    workspace.announce(Reason("joined_in_parts", {"parts": parts, "file": workspace.folder}))
    try:
        with disk_errors():
            shelved = [_shelved(joining, survey, workspace, parts) for survey in surveys]
            told = [
                _joined(joining, [shelf.part(number) for _, shelf in shelved], workspace)
                for number in _told(workspace, parts)
            ]
    except OSError as error:
        raise OutputRefused.because("output_unwritable", file=workspace.folder, detail=error.strerror) from error
    return [verdict for verdict, _ in shelved], _together(joining, zip(*told, strict=True))


def _shelved(joining: Joining, survey: Survey, workspace: Workspace, parts: int) -> tuple[Verdict, Shelf]:
    shelves: list[Shelf] = []

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        side = native(joining.side(nw.from_native(households[0])))
        # A new one each time: a survey that is read again must not stand among what was read at first.
        shelves.append(Shelf(workspace.place(), side.collect_schema()))
        part = (pl.col(joining.on).hash() % parts).cast(pl.UInt32).alias(_PART)
        split = pl.PartitionBy(shelves[-1].folder, key=_PART, include_key=False)
        return [side.with_columns(part).sink_parquet(split, compression="lz4", mkdir=True, lazy=True)]

    (verdict,), _ = settle([survey], query, workspace, partial(Reading.first, doubt_of_ids=False))
    return verdict, shelves[-1]


def _told(workspace: Workspace, parts: int) -> Iterator[int]:
    for number in range(parts):
        workspace.tell(number, parts)
        yield number


def _joined(joining: Joining, sides: Sequence[pl.LazyFrame], workspace: Workspace) -> list[pl.DataFrame]:
    ids = pl.col(joining.on)
    unfit = [side.select((ids.n_unique() < pl.len()) | (ids.null_count() > 0)) for side in sides]
    told = workspace.collect([*unfit, *map(native, joining.answers(*map(nw.from_native, sides)))])
    if any(found.item() for found in told[: len(sides)]):
        raise UnfitError
    return told[len(sides) :]


def _together(joining: Joining, answers: Iterable[Sequence[pl.DataFrame]]) -> list[pl.DataFrame]:
    """The answers of all parts as the whole would give them."""
    counts, *movers = map(pl.concat, answers)
    ways = counts.group_by(*joining.by, *WAYS).agg(pl.col(HOUSEHOLDS, WEIGHT).sum())
    return [ways, *(moved.sort(ID) for moved in movers)]
