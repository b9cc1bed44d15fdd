"""Python and the libraries: which there are, and whether they are those that were asked for."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final

from incomeladder.doctor.check import Check
from incomeladder.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*\(?([^;)]*)")
_BOUND: Final = re.compile(r"(>=|<=|==|<|>)\s*([0-9.]+)")


def python() -> Check:
    """The interpreter."""
    return Check("python", Reason("doctor_python", {"version": platform.python_version(), "file": sys.executable}))


def versions() -> Iterator[Check]:
    """Libraries that are missing, or are not in a version that was asked for; else one line for all."""
    asked = wanted()
    if not asked:
        yield Check("libraries", Reason("doctor_no_package"), "warning", Reason("doctor_install"))
        return
    others = [each for name, bounds in asked.items() if (each := unfit(name, bounds))]
    yield from others
    if not others:
        yield Check("libraries", Reason("doctor_versions", {"count": len(asked)}))


def wanted(extra: str = "") -> dict[str, str]:
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


def unfit(name: str, bounds: str) -> Check | None:
    """That a library is missing, or out of its bounds; nothing where it is as it should be."""
    version = installed(name)
    facts: dict[str, object] = {"library": name, "bounds": bounds, "version": version}
    advice = Reason("doctor_pip", {"what": f"{name}{bounds}"})
    if version is None:
        return Check("libraries", Reason("doctor_missing", facts), "problem", advice)
    if not is_within(version, bounds):
        return Check("libraries", Reason("doctor_version", facts), "problem", advice)
    return None


def installed(name: str) -> str | None:
    """The version of a library that is installed."""
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
