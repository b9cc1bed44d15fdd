"""What README shows: real runs of the program, and a picture of one; for cog, and for the test that nothing drifted."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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


def township(folder: Path) -> None:
    """A workbook as a township sends it: title, unit, merged headings in two rows, a total and a signature below."""
    from sheets import Sheet, drawn, write_xlsx  # noqa: PLC0415  (beside this file)

    rows = drawn("""
        2024年家庭收入调查表（单位：万元） |      |            |            |            |            |
        户编号                             | 户主 | 家庭人口数 | 收入       |            |            |
                                           |      |            | 工资性收入 | 经营净收入 | 财产净收入 | 转移净收入
        '00123                             | 张三 | 3          | 2.5        | 0.3        | 0          | 0.1
        '00124                             | 李四 | 4          | 5.25       | 1          |            | 0.5
        '00125                             | 王五 | 2          | 9.5        | 0.5        | 0          | 0
        合计                               |      | 9          | 17.25      | 1.8        | 0          | 0.6
        填表人：赵六                       |      |            |            |            |            |
    """)
    sheet = Sheet(rows, "银江镇", ["A1:G1", "A2:A3", "B2:B3", "C2:C3", "D2:G2"])
    write_xlsx(folder / "2024.xlsx", sheet, Sheet([["填表说明"]], "说明"))


def ledger(folder: Path) -> None:
    """The sample's three rounds in a ledger, and a measure that was taken after the second."""
    _call(["ledger", "add", str(ROOT / "data" / "sample_households.csv")], folder, folder)
    told = {"--measure": "public-job", "--author": "Li", "--text": "road keeper", "--date": "2023-11-02"}
    pairs = [word for pair in told.items() for word in pair]
    _call(["ledger", "note", "510421000932", "--round", "2023", *pairs], folder, folder)


def run(command: str, *, lines: int | None = None, made: Callable[[Path], None] | None = None) -> str:
    """A console block: the command, and what it prints to a pipe in cron's empty environment, cut after ``lines``.

    ``made`` makes the files that it needs; else they are this project's. The ledger is one of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        if made is not None:
            made(Path(folder))
        done = _call(shlex.split(command), ROOT if made is None else Path(folder), Path(folder))
    told = (done.stdout + done.stderr).rstrip("\n").split("\n")
    shown = told if lines is None or len(told) <= lines else [*told[:lines], "..."]
    return "\n".join(["```console", f"$ incomeladder {command}", *shown, "```"])


def _call(words: list[str], folder: Path, ledger: Path) -> subprocess.CompletedProcess[str]:
    place = {"PYTHONPATH": str(ROOT / "src"), "INCOMELADDER_LEDGER": str(ledger / "ledger")}
    return subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "incomeladder", *words],
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", **place},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def picture() -> str:
    """The transitions of the sample as a terminal shows them."""
    from rich.console import Console  # noqa: PLC0415

    from incomeladder.ledger.store import Ledger  # noqa: PLC0415
    from incomeladder.loading import load  # noqa: PLC0415
    from incomeladder.pipeline import Request, transitions  # noqa: PLC0415
    from incomeladder.read.source import Asked  # noqa: PLC0415
    from incomeladder.read.survey import read  # noqa: PLC0415
    from incomeladder.render import terminal  # noqa: PLC0415
    from incomeladder.render.documents import document  # noqa: PLC0415
    from incomeladder.render.wording import Words  # noqa: PLC0415

    words = Words("en")
    sources = read([str(ROOT / "data" / "sample_households.csv")], Asked(lambda: Ledger(ROOT)), ROOT)
    console = Console(
        file=io.StringIO(),
        record=True,
        width=84,
        height=25,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    report = transitions(sources, None, Request(load().programme))
    blocks = document(report, words, terminal.page(console))[:11]
    terminal.print_blocks(blocks, words, console)
    drawn = console.export_svg(code_format=_FRAME, unique_id="ladder")
    return re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE)


def measured() -> str:
    """What the reports took when they were last measured, beside DuckDB, as ``benchmarks/run.py`` wrote it down."""
    machine, *sections = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8").split("\n## ")
    lines = [
        "| households, file | report | seconds | peak MB | DuckDB, seconds | peak MB |",
        "| --- | --- " + "| --: " * 4 + "|",
    ]
    for title, *table in (section.strip().splitlines() for section in sections if "households, " in section):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[3:]]
        took = {(report, by): (seconds, megabytes) for report, by, seconds, _, megabytes, *_ in rows}
        for report in dict.fromkeys(report for report, _ in took):
            ours, peers = (took.get((report, by), ("", "")) for by in ("incomeladder", "DuckDB"))
            lines.append(f"| {' | '.join((title.replace(' households', ''), report, *ours, *peers))} |")
    return "\n".join([machine.splitlines()[2], "", *lines])
