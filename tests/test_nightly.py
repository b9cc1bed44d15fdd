"""README's nightly script is run as it stands there, but for the folders."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def scripted(folder: Path) -> Path:
    """The script with its folders in ``folder``, and the program beside it."""
    (text,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for name in ("inbox", "report", "bin"):
        (folder / name).mkdir()
    program = folder / "bin" / "incomeladder"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT / "src"} exec {sys.executable} -m incomeladder "$@"\n')
    script = folder / "nightly"
    script.write_text(text.replace("/opt/incomeladder/.venv/bin", str(program.parent)).replace("/srv", str(folder)))
    for path in (program, script):
        path.chmod(0o755)
    return script


def night(script: Path) -> tuple[int, list[str], str]:
    """What cron sees: the status, the families on standard output, and the complaints."""
    done = subprocess.run([script], env={"PATH": os.defpath}, capture_output=True, check=False)  # noqa: S603
    lines = done.stdout.decode("utf-8-sig").splitlines()
    return done.returncode, [line.split(",")[0] for line in lines[1:]], done.stderr.decode()


def test_the_script_of_readme_tells_news_once_and_complains_every_night_until_a_file_is_mended(tmp_path: Path) -> None:
    script = scripted(tmp_path)
    inbox = tmp_path / "inbox"
    (inbox / "2023.csv").write_text("household_id,income\n1,20000\n2,60000\n")
    assert night(script) == (0, ["1"], "")
    assert night(script) == (0, [], "")
    (inbox / "2024.csv").write_text("household_id,income\n1,21000\n2,unknown to me\n")
    for _ in range(2):
        status, told, complaints = night(script)
        assert (status, told) == (3, [])
        assert complaints.startswith(f"{inbox}/2024.csv:3: income")
    (inbox / "2024.csv").write_text("household_id,income\n1,21000\n2,25000\n")
    assert night(script) == (0, ["2"], "")
    assert night(script) == (0, [], "")
