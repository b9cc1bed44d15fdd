"""Names of rounds that can be the name of a folder on every system, and no path."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from incomeladder.errors import LedgerRefused, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

LATEST: Final = "latest"
_RESERVED: Final = frozenset({"all", LATEST})
_PLAIN: Final = re.compile(r"\w(?:[\w .+-]*\w)?")
_LONGEST: Final = 64


def is_fit(name: str) -> bool:
    """Letters, digits and ``_`` at the ends, spaces, dots, ``+`` and ``-`` between; at most 64 characters."""
    plain = _PLAIN.fullmatch(name) is not None and unicodedata.is_normalized("NFC", name)
    return plain and len(name) <= _LONGEST and name not in _RESERVED


def unfit(names: Iterable[str]) -> list[Reason]:
    """Why names can be none of a round, one reason for each."""
    return [Reason("round_name_unfit", {"round": name, "most": _LONGEST}) for name in names if not is_fit(name)]


def refuse_unfit(names: Iterable[str]) -> None:
    """Raise LedgerRefused for names that no round of the ledger can have."""
    if reasons := unfit(names):
        raise LedgerRefused(*reasons)
