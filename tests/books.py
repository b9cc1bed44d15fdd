"""Workbooks that were written: read back as people's programs read them, and looked into."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from pathlib import Path


def sheets(path: Path) -> dict[str, list[list[object]]]:
    """The cells of each sheet, by its name."""
    book = CalamineWorkbook.from_object(io.BytesIO(path.read_bytes()))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def written(path: Path) -> dict[str, str]:
    """The parts of the file, by their names."""
    with zipfile.ZipFile(path) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels"))}


def sheet_parts(path: Path) -> dict[str, str]:
    """The XML of each sheet, by the sheet's name."""
    parts = written(path)
    names = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    return {name: parts[f"xl/worksheets/sheet{number}.xml"] for number, name in enumerate(names, 1)}
