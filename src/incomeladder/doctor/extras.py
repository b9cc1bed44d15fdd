"""What only some need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.doctor.check import Check
from incomeladder.doctor.libraries import installed, unfit, wanted
from incomeladder.doctor.loading import faults
from incomeladder.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXTRAS: Final = {"duckdb": ("duckdb", "pyarrow"), "spark": ("pyarrow", "pyspark"), "stata": ("pyreadstat",)}
_JAVA: Final = 17
_PATIENCE: Final = 120


def extras() -> Iterator[Check]:
    """What only some need: none of it has to be there."""
    for extra, libraries in EXTRAS.items():
        there = {name: version for name in libraries if (version := installed(name))}
        facts: dict[str, object] = {"extra": extra, "purpose": Reason(f"doctor_for_{extra}")}
        if len(there) < len(libraries):
            yield Check(f"extra_{extra}", Reason("doctor_extra_absent", facts))
            continue
        others = [each for name, bounds in wanted(extra).items() if (each := unfit(name, bounds))]
        unloaded = [] if others else list(_unloaded(f"extra_{extra}", libraries))
        java = _java() if extra == "spark" and not unloaded else None
        told = ", ".join(f"{name} {version}" for name, version in there.items())
        yield next(iter((*others, *unloaded)), java) or Check(
            f"extra_{extra}", Reason("doctor_extra", facts | {"versions": told})
        )


def _unloaded(name: str, libraries: Sequence[str]) -> Iterator[Check]:
    for library, fault in faults(libraries).items():
        yield Check(name, fault, "problem", Reason("doctor_again", {"what": library}))


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
