"""What is wrong with an installation: rows of plain text, found out without any library that may be what is wrong.

Nothing here is imported that needs polars; what may crash is tried in a process of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.doctor import extras, libraries, loading, place, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.doctor.check import Check
    from incomeladder.ledger.store import Ledger


def examined(ledger: Callable[[], Ledger], language: str) -> tuple[Check, ...]:
    """Every check, in the order in which one would look; ``ledger`` may refuse, and that is told too."""
    return (
        libraries.python(),
        *libraries.versions(),
        loading.processor(),
        *loading.loading(),
        place.language(language),
        *place.encodings(),
        place.terminal(),
        place.temporary(),
        *stored.ledger(ledger),
        *extras.extras(),
        place.completion(),
    )
