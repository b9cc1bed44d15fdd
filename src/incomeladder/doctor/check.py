"""A line of what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from incomeladder.errors import Reason

Verdict = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do about it where it is not as it should be.

    A ``problem`` keeps commands from working; a ``warning`` makes them work less well, or will keep them from it.
    """

    name: str
    found: Reason
    verdict: Verdict = "ok"
    advice: Reason | None = None
