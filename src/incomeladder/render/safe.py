"""The only way from data to a reader: what a terminal would obey is shown as an escape instead."""

from __future__ import annotations

import re
from typing import Final

_OBEYED: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0 (ESC and line breaks among them), DEL, C1
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, line and paragraph separators, bidi marks
    "\ud800-\udfff"  # halves of characters, which file names can hold
    "]"
)


def safe(text: object) -> str:
    """Text on one line, every control, bidi and invisible character as its visible escape."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), str(text))
