"""Pseudonyms of households: HMAC-SHA256 of the id under a key that stays outside the ledger.

A plain hash of a resident id is reversed in a minute by trying all ids there are; without the key this is not.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incomeladder.errors import LedgerRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SHORTEST: Final = 16
_LONGEST: Final = 1 << 16
_FINGERPRINT: Final = b"incomeladder: fingerprint of this key"


@dataclass(frozen=True)
class Key:
    """What makes ids into pseudonyms; it never shows itself."""

    _secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, and tells nothing about them; no id is this long a text."""
        return hmac.digest(self._secret, _FINGERPRINT, "sha256").hex()[:16]

    def pseudonym(self, household_id: str) -> str:
        """The pseudonym of an id: 64 hexadecimal digits."""
        return hmac.digest(self._secret, household_id.encode(), "sha256").hex()

    def pseudonyms(self, ids: Iterable[str]) -> list[str]:
        """The pseudonyms of ids, one by one: polars has no HMAC, and a million take a second or two."""
        return [self.pseudonym(household_id) for household_id in ids]


def is_pseudonym(text: str) -> bool:
    """Whether a text can be a pseudonym."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def read_key(path: Path) -> Key:
    """The key in a file: all its bytes but spaces and line ends around them.

    Raises LedgerRefused for a file that others may read, that cannot be read, or that holds fewer than 16 bytes.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise LedgerRefused.because("key_unreadable", file=path, detail=os.strerror(errno.EINVAL))
        with path.open("rb") as opened:
            secret = opened.read(_LONGEST).strip()
    except OSError as error:
        raise LedgerRefused.because("key_unreadable", file=path, detail=error.strerror) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerRefused.because("key_not_private", file=path)
    if len(secret) < _SHORTEST:
        raise LedgerRefused.because("key_too_short", file=path, least=_SHORTEST)
    return Key(secret)
