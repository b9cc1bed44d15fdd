"""What can be refused, and the exit status that each refusal carries.

A refusal holds facts, never sentences: ``render.wording`` puts the reason into the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Reason:
    """One thing that is wrong: a key of the wording catalogue, and the facts its sentence needs."""

    key: str
    facts: dict[str, object] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818  (a refusal is an outcome, not a defect)
    """The work cannot be done as asked; every reason is listed at once."""

    status: ClassVar[int]

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*(reason.key for reason in reasons))
        self.reasons = reasons

    @classmethod
    def because(cls, key: str, **facts: object) -> Self:
        """Refuse for a single reason."""
        return cls(Reason(key, facts))


class UsageRefused(Refused):
    """The command line asks for something that does not exist or does not fit together."""

    status = 2


class SurveyRefused(Refused):
    """A survey file cannot be read, or holds rows that cannot be used."""

    status = 3


class RowsRejected(SurveyRefused):
    """Rows cannot be used; ``problems`` is the frame of all of them, of which ``most`` are to be shown (0: all)."""

    def __init__(self, problems: pl.DataFrame, rejected: int) -> None:
        super().__init__(Reason("rows_rejected", {"rows": rejected}))
        self.problems = problems
        self.most = 20


class ProgrammeRefused(Refused):
    """The rules of the report contradict themselves or hold unknown words."""

    status = 4


class OutputRefused(Refused):
    """The report is ready but cannot be put where it should go."""

    status = 5


class LedgerRefused(Refused):
    """The ledger is damaged, in use, or cannot take what it was given."""

    status = 5
