"""Python, the processor, and the libraries: which there are, whether they are those asked for, whether they load."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.doctor.check import Check
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
EXTRAS: Final = {"duckdb": ("duckdb", "pyarrow"), "spark": ("pyarrow", "pyspark"), "stata": ("pyreadstat",)}
_JAVA: Final = 17
_PATIENCE: Final = 120
_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*\(?([^;)]*)")
_BOUND: Final = re.compile(r"(>=|<=|==|<|>)\s*([0-9.]+)")
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


def python() -> Check:
    """The interpreter."""
    return Check("python", Reason("doctor_python", {"version": platform.python_version(), "file": sys.executable}))


def versions() -> Iterator[Check]:
    """Libraries that are missing, or are not in a version that was asked for; else one line for all."""
    wanted = _wanted()
    if not wanted:
        yield Check("libraries", Reason("doctor_no_package"), "warning", Reason("doctor_install"))
        return
    unfit = [each for name, bounds in wanted.items() if (each := _unfit(name, bounds))]
    yield from unfit
    if not unfit:
        yield Check("libraries", Reason("doctor_versions", {"count": len(wanted)}))


def _wanted(extra: str = "") -> dict[str, str]:
    """The bounds of the versions of what this installation asks for, by name; of an extra, of what that adds."""
    try:
        lines = metadata.requires("incomeladder") or []
    except metadata.PackageNotFoundError:
        return {}
    found = {}
    for line in lines:
        marked = re.search(r"extra\s*==\s*['\"](\w+)['\"]", line)
        if (marked[1] if marked else "") == extra and (told := _REQUIREMENT.match(line)):
            found[told[1]] = told[2].strip()
    return found


def _unfit(name: str, bounds: str) -> Check | None:
    version = _installed(name)
    facts: dict[str, object] = {"library": name, "bounds": bounds, "version": version}
    advice = Reason("doctor_pip", {"what": f"{name}{bounds}"})
    if version is None:
        return Check("libraries", Reason("doctor_missing", facts), "problem", advice)
    if not is_within(version, bounds):
        return Check("libraries", Reason("doctor_version", facts), "problem", advice)
    return None


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def is_within(version: str, bounds: str) -> bool:
    """Whether a version such as ``2.1.0`` is within ``<3,>=2.1``; only its numbers count."""
    compared = {">=": (0, 1), "<=": (-1, 0), "==": (0,), "<": (-1,), ">": (1,)}
    return all(_compared(version, bound) in compared[sign] for sign, bound in _BOUND.findall(bounds))


def _compared(one: str, other: str) -> int:
    """Below 0, 0 or above, as the first is older, equal or newer."""
    numbers = [[int(number) for number in re.findall(r"\d+", _leading(text))] for text in (one, other)]
    longest = max(map(len, numbers))
    first, second = ([*each, *[0] * (longest - len(each))] for each in numbers)
    return (first > second) - (first < second)


def _leading(version: str) -> str:
    found = re.match(r"[0-9.]+", version)
    return found[0] if found else "0"


def processor() -> Check:
    """Whether the processor knows the instructions that plain polars is built of, where that can be told."""
    facts: dict[str, object] = {"processor": platform.machine() or "?", "system": platform.system() or "?"}
    has = has_avx2()
    if has is None:
        return Check("processor", Reason("doctor_processor", facts))
    if has:
        return Check("processor", Reason("doctor_processor_new", facts))
    if _installed("polars-runtime-compat"):
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
    faults = _faults(list(NEEDED.values()))
    for module, fault in faults.items():
        library = next(name for name, imported in NEEDED.items() if imported == module)
        crashed = fault.facts.get("signal") is not None
        advice = (
            Reason("doctor_compat") if crashed and library == "polars" else Reason("doctor_again", {"what": library})
        )
        yield Check("loading", fault, "problem", advice)
    if not faults:
        yield Check("loading", Reason("doctor_loads", {"version": _installed("polars") or "?"}))


def _faults(modules: Sequence[str]) -> dict[str, Reason]:
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
    return found | {ended: _end(ended, status)} | (_faults(rest) if rest else {})


def _end(module: str, status: int | None) -> Reason:
    """How a library ended the process that loaded it."""
    if status is None:
        return Reason("doctor_load_hangs", {"library": module, "seconds": _PATIENCE})
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"0x{status & 0xFFFFFFFF:X}"  # as Windows says it
    return Reason("doctor_crashes", {"library": module, "signal": name})


def extras() -> Iterator[Check]:
    """What only some need: none of it has to be there."""
    for extra, libraries in EXTRAS.items():
        there = {name: version for name in libraries if (version := _installed(name))}
        facts: dict[str, object] = {"extra": extra, "purpose": Reason(f"doctor_for_{extra}")}
        if len(there) < len(libraries):
            yield Check(f"extra_{extra}", Reason("doctor_extra_absent", facts))
            continue
        unfit = [each for name, bounds in _wanted(extra).items() if (each := _unfit(name, bounds))]
        java = _java() if extra == "spark" and not unfit else None
        told = ", ".join(f"{name} {version}" for name, version in there.items())
        yield (unfit[0] if unfit else java) or Check(
            f"extra_{extra}", Reason("doctor_extra", facts | {"versions": told})
        )


def _java() -> Check | None:
    """That Spark lacks its Java, or has one that is too old; nothing where all is well."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    if java is None:
        return Check("extra_spark", Reason("doctor_no_java"), "warning", Reason("doctor_java", {"least": _JAVA}))
    try:
        told = subprocess.run([java, "-version"], capture_output=True, timeout=_PATIENCE, check=False).stderr  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        told = b""
    found = re.search(rb'version "(?:1\.)?([0-9]+)', told)
    if found and int(found[1]) >= _JAVA:
        return None
    version = found[1].decode() if found else "?"
    facts: dict[str, object] = {"file": java, "version": version}
    return Check("extra_spark", Reason("doctor_old_java", facts), "warning", Reason("doctor_java", {"least": _JAVA}))
