"""Households on their way into the ledger: as they are read, then sorted, round by round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder import __version__
from incomeladder.frames import ID, ROUND
from incomeladder.intake.reading import Reading
from incomeladder.intake.settle import settle
from incomeladder.intake.workspace import Workspace
from incomeladder.ledger import columns as layout
from incomeladder.ledger.record import DATA, FORMAT, RECORD, Origin, Record, sha256_of
from incomeladder.ledger.sorting import prove, sink_sorted
from incomeladder.ledger.store import Kept, folder_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.ledger.pseudonyms import Key

_UNSORTED: Final = "unsorted.parquet"


class IdsRepeatError(Exception):
    """Sorted, the ids of a round do not rise: at least one stands twice."""


@dataclass(frozen=True)
class Staging:
    """A survey that is read into a folder: its ``columns`` are kept, ids as pseudonyms if there is a key."""

    folder: Path
    survey: Survey
    columns: Sequence[str]
    key: Key | None

    def read(self, *, doubt_of_ids: bool) -> Verdict:
        """Check the survey, and write the households of all its rounds meanwhile, in the files' own order."""

        def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
            named = households[0] if self.key is None else households[0].with_columns(_pseudonym(self.key))
            told = layout.stored(named, [*self.columns, ROUND])
            return [told.sink_parquet(self.folder / _UNSORTED, compression="lz4", lazy=True)]

        first = partial(Reading.first, doubt_of_ids=doubt_of_ids, straight=False)
        (verdict,), _ = settle([self.survey], query, Workspace(), first)
        return verdict

    def rounds(self, verdict: Verdict, labels: Sequence[str]) -> list[Kept]:
        """Each round as a folder of its own, sorted and proved, with its record.

        Raises IdsRepeatError if an id stands twice in a round, SurveyRefused if a file has changed meanwhile.
        """
        origins = tuple(Origin(source.file.path.name, sha256_of(source.file.path)) for source in self.survey.sources)
        self.survey.refuse_changed()
        return [self._kept(verdict, label, origins) for label in labels]

    def _kept(self, verdict: Verdict, label: str, origins: tuple[Origin, ...]) -> Kept:
        data = self._sorted(verdict, label)
        told, typical = verdict.accounting([label]), verdict.typical_income([label])
        record = Record(
            format=FORMAT,
            name=label,
            rows=told.of_households,
            sha256=sha256_of(data),
            size=data.stat().st_size,
            columns=tuple(layout.stored_name(column) for column in self.columns),
            sources=origins,
            accounting={name: count for name, count in told.shown.items() if count is not None},
            incomes={
                "missing": told.missing_income,
                "largest": verdict.largest_income(label),
                "typical": None if typical is None else round(typical, 2),
            },
            key=self.key.fingerprint if self.key else None,
            version=__version__,
            added=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        (data.parent / RECORD).write_bytes(record.to_bytes())
        return Kept(record, data)

    def _sorted(self, verdict: Verdict, label: str) -> Path:
        """The households of a round, sorted, and proved to be those that were counted."""
        folder, scratch = self.folder / folder_name(label), self.folder / "scratch"
        for path in (folder, scratch):
            path.mkdir(exist_ok=True)
        unsorted = layout.scanned(self.folder / _UNSORTED)
        told = verdict.accounting([label])
        of_round = unsorted.filter(pl.col(ROUND) == label).drop(ROUND)
        sink_sorted(of_round, told.of_households, folder / DATA, scratch)
        proof = prove(folder / DATA)
        if not proof.rising:
            raise IdsRepeatError
        if (proof.rows, proof.missing_income) != (told.of_households, told.missing_income):
            raise AssertionError(proof)  # what was counted is not what was written: a defect
        return folder / DATA


def _pseudonym(key: Key) -> pl.Expr:
    """Polars has no HMAC: the one place where ids are worked on one by one."""
    return pl.col(ID).map_batches(
        lambda ids: pl.Series(key.pseudonyms(ids), dtype=pl.String), return_dtype=pl.String, is_elementwise=True
    )
