"""What README shows: real runs of the program, and a picture of one; for cog, and for the test that nothing drifted."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "tests" / "golden" / "transitions.svg"
_FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" \
aria-label="A run of incomeladder transitions">
<style>
text {{ font-family: Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: 20px; white-space: pre }}
{styles}
</style>
<rect width="100%" height="100%" rx="8" fill="#292929"/>
<g transform="translate(9, 9)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def run(command: str, *, lines: int | None = None) -> str:
    """A console block: the command, and what it prints to a pipe in cron's empty environment, cut after ``lines``."""
    words = [sys.executable, "-m", "incomeladder", *shlex.split(command)]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    told = (done.stdout + done.stderr).rstrip("\n").split("\n")
    shown = told if lines is None or len(told) <= lines else [*told[:lines], "..."]
    return "\n".join(["```console", f"$ incomeladder {command}", *shown, "```"])


def picture() -> str:
    """The transitions of the sample as a terminal shows them."""
    from rich.console import Console  # noqa: PLC0415

    from incomeladder.pipeline import Request, transitions  # noqa: PLC0415
    from incomeladder.programme import load  # noqa: PLC0415
    from incomeladder.read.survey import Asked, read  # noqa: PLC0415
    from incomeladder.render import terminal  # noqa: PLC0415
    from incomeladder.render.documents import document  # noqa: PLC0415
    from incomeladder.render.wording import Words  # noqa: PLC0415

    words = Words("en")
    sources = read([str(ROOT / "data" / "sample_households.csv")], Asked(), ROOT)
    blocks = document(transitions(sources, None, Request(load().programme)), words)[:10]
    console = Console(file=io.StringIO(), record=True, width=84, force_terminal=True, color_system="truecolor")
    terminal.print_blocks(blocks, words, console)
    drawn = console.export_svg(code_format=_FRAME, unique_id="ladder")
    return re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE)
