"""The processor, and whether the libraries load on it: tried in a process of its own, which they may end."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.doctor.check import Check
from incomeladder.doctor.libraries import installed
from incomeladder.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NEEDED: Final = {
    "filelock": "filelock",
    "narwhals": "narwhals",
    "platformdirs": "platformdirs",
    "polars": "polars",
    "python-calamine": "python_calamine",
    "pydantic": "pydantic",
    "rich": "rich",
    "typer": "typer",
    "xlsxwriter": "xlsxwriter",
}
"""The libraries by the name under which they are installed, and by that under which they are imported."""
_PATIENCE: Final = 120
_PROBE: Final = """
import os, sys
out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
for name in sys.argv[1:]:
    print(name, end="\\t", file=out, flush=True)
    try:
        module = __import__(name)
        if name == "polars":
            module.DataFrame({"a": [0.5] * 64}).lazy().select(module.col("a").sum()).collect()
        told = ""
    except BaseException as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
    print(told, file=out, flush=True)
"""
"""Names each library before it is tried, so that one which ends the process is known."""


def processor() -> Check:
    """Whether the processor knows the instructions that plain polars is built of, where that can be told."""
    facts: dict[str, object] = {"processor": platform.machine() or "?", "system": platform.system() or "?"}
    has = has_avx2()
    if has is None:
        return Check("processor", Reason("doctor_processor", facts))
    if has:
        return Check("processor", Reason("doctor_processor_new", facts))
    if installed("polars-runtime-compat"):
        return Check("processor", Reason("doctor_processor_compat", facts))
    return Check("processor", Reason("doctor_processor_old", facts), "problem", Reason("doctor_compat"))


def has_avx2(told: Path = Path("/proc/cpuinfo")) -> bool | None:
    """Whether an Intel or AMD processor has AVX2; None where that means nothing, or nobody tells."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return None
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415

        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(40))
    try:
        flags = re.search(r"^flags\s*:(.*)$", told.read_text("utf-8", "replace"), re.MULTILINE)
    except OSError:
        return None
    return "avx2" in flags[1].split() if flags else None


def loading() -> Iterator[Check]:
    """Libraries that do not load, or end the process that loads them; else one line for all."""
    found = faults(list(NEEDED.values()))
    for module, fault in found.items():
        library = next(name for name, imported in NEEDED.items() if imported == module)
        crashed = fault.facts.get("signal") is not None
        advice = (
            Reason("doctor_compat") if crashed and library == "polars" else Reason("doctor_again", {"what": library})
        )
        yield Check("loading", fault, "problem", advice)
    if not found:
        yield Check("loading", Reason("doctor_loads", {"version": installed("polars") or "?"}))


def faults(modules: Sequence[str]) -> dict[str, Reason]:
    """What happens to each module that does not load; after one that ends the process the others are tried anew."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-X", "utf8", "-c", _PROBE, *modules]
    try:
        done = subprocess.run(command, capture_output=True, env=environment, timeout=_PATIENCE, check=False)  # noqa: S603
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, status = late.stdout or b"", None
    *whole, _ = output.decode("utf-8", "replace").split("\n")
    told = [line.partition("\t")[2] for line in whole]
    found = {
        name: Reason("doctor_does_not_load", {"library": name, "detail": text})
        for name, text in zip(modules, told, strict=False)
        if text
    }
    if len(told) == len(modules):
        return found
    ended, *rest = modules[len(told) :]
    return found | {ended: _end(ended, status)} | (faults(rest) if rest else {})


def _end(module: str, status: int | None) -> Reason:
    """How a library ended the process that loaded it."""
    if status is None:
        return Reason("doctor_load_hangs", {"library": module, "seconds": _PATIENCE})
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"0x{status & 0xFFFFFFFF:X}"  # as Windows says it
    return Reason("doctor_crashes", {"library": module, "signal": name})
