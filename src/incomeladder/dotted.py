"""A programme file as flat, dotted keys: ``tiers.floor.upper``."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from incomeladder.errors import ProgrammeRefused, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path


def read_flat(path: Path | Traversable) -> dict[str, object]:
    """The values of a TOML file by dotted key; decimals are exact. Raises ProgrammeRefused for what is no TOML."""
    try:
        # Notepad writes a byte-order mark, which tomllib refuses.
        return _flat(tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal))
    except OSError as error:
        raise ProgrammeRefused.because("programme_unreadable", file=path, detail=error.strerror) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProgrammeRefused.because("programme_not_toml", file=path, detail=error) from error


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """The tables that dotted keys stand for."""
    tree: dict[str, Any] = {}
    for dotted, value in values.items():
        *parents, leaf = dotted.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[leaf] = value
    return tree


def refuse_unknown(said: Mapping[str, object], known: set[str], path: Path) -> None:
    """Raise ProgrammeRefused for every key that is not known, each with the nearest known one."""
    reasons = []
    for key in said:
        if key not in known:
            nearest = get_close_matches(key, sorted(known), n=1, cutoff=0)
            reasons.append(Reason("programme_unknown_key", {"file": path, "key": key, "nearest": nearest[0]}))
    if reasons:
        raise ProgrammeRefused(*reasons)
