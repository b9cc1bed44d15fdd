"""What the disk refuses polars, as the error of the system that it is."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERED: Final = re.compile(r"\(os error ([0-9]+)\)")


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise an OSError with its number for errors of polars that only name one in their text."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        found = _NUMBERED.search(str(error))
        if found is None or (isinstance(error, OSError) and error.errno):
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from error
