"""What it takes to read the bytes of files, and to do nothing with them: ``floor_bytes.py FILE...``."""

from __future__ import annotations

import sys
from pathlib import Path

block = bytearray(1 << 20)
for name in sys.argv[1:]:
    with Path(name).open("rb", buffering=0) as file:
        while file.readinto(block):
            pass
