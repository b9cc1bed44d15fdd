"""Blocks as Markdown that pastes well into a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from incomeladder.render.blocks import Grid, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.render.blocks import Block


def markdown(blocks: Sequence[Block]) -> str:
    """Titles as headings, sentences as paragraphs, grids as tables."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Line):
        return f"## {_escaped(block.text)}" if block.title else _escaped(block.text)
    return _table(block)


def _table(grid: Grid) -> str:
    rule = ["---:" if number in grid.right else "---" for number in range(len(grid.headings))]
    rows = [
        [_escaped(heading) for heading in grid.headings],
        rule,
        *([_escaped(c.text) for c in row] for row in grid.rows),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _escaped(text: str) -> str:
    """Nothing from data is markup; a hyphen or a plus opens a list only at the start."""
    quoted = re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)
    return re.sub(r"^([-+=])", r"\\\1", quoted)
