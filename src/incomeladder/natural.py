"""The order in which people count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def natural_key(name: str) -> list[tuple[bool, int, str]]:
    """Sorts as people count: 9 before 10."""
    pieces = re.split(r"([0-9]+)", name)
    return [(number := piece.isdecimal(), int(piece) if number else 0, piece) for piece in pieces]


def natural(names: Iterable[str]) -> tuple[str, ...]:
    """Names of rounds or files in the order in which people count."""
    return tuple(sorted(names, key=natural_key))
