"""Programmes as they are loaded: the built-in one, what a file says otherwise, and what options say for one run.

A programme file is TOML and says only what differs from the built-in programme (``programme.toml`` beside this
module). ``load`` remembers where each value came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypedDict

from incomeladder.dotted import nested, read_flat, refuse_unknown
from incomeladder.errors import ProgrammeRefused, Reason, UsageRefused
from incomeladder.frames import CANONICAL
from incomeladder.programme import (
    INDICATORS,
    Ladder,
    Programme,
    Publishing,
    Range,
    Target,
    Tier,
    TierName,
    Tiers,
    Title,
    Watch,
    fraction,
)

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from pydantic import TypeAdapter


@dataclass(frozen=True)
class Loaded:
    """A programme, and for each of its values (by dotted key) where it was said."""

    programme: Programme
    values: dict[str, object]
    sources: dict[str, str]


class Options(TypedDict, total=False):
    """The rules that differ for one run, as said on the command line; what is None was not said."""

    step: str | None
    top: str | None
    size_rule: str | None
    deflate: str | None
    margin: str | None
    drop: str | None
    close: str | None


_RULES: Final = {
    "step": "ladder.step",
    "top": "ladder.top",
    "size_rule": "size_rule",
    "deflate": "prices",
    "margin": "watch.margin",
    "drop": "watch.drop",
    "close": "watch.close",
}
"""The rule that each option stands for."""


def load(path: Path | None = None, **options: Unpack[Options]) -> Loaded:
    """Lay the file and the options over the built-in programme.

    Raises ProgrammeRefused for an unreadable file, unknown keys (with the nearest known one) and rules that
    contradict one another.
    """
    built_in = read_flat(files("incomeladder").joinpath("programme.toml"))
    told = {option: value for option, value in options.items() if value is not None}
    values, sources = dict(built_in), dict.fromkeys(built_in, "built-in")
    if path is None and not told:
        return Loaded(_sound(nested(values)), values, sources)
    if path is not None:
        said = _said(path, built_in)
        values |= said
        sources |= dict.fromkeys(said, str(path))
    for option, value in told.items():
        said_so = _prices(value) if option == "deflate" else value
        values[_RULES[option]], sources[_RULES[option]] = said_so, f"--{option.replace('_', '-')}"
    return Loaded(_validated(values, sources), values, sources)


def _said(path: Path, built_in: dict[str, object]) -> dict[str, object]:
    said = read_flat(path)
    known = {*built_in, "tiers.floor.lower", "columns", *(f"columns.{name}" for name in CANONICAL)}
    # What a kind of help may be called is the model's to say.
    kinds = {key for key in said if re.fullmatch(r"measures\.[^.]*\.(en|zh)", key)}
    targets = {f"targets.{name}.{key}" for name in INDICATORS for key in ("at_most", "at_least", "year")}
    # So is what rounds are called.
    prices = {key.removeprefix("prices."): said.pop(key) for key in list(said) if key.startswith("prices.")}
    refuse_unknown(said, known | kinds | targets, path)
    return said | ({"prices": prices} if prices else {})


def _prices(said: object) -> dict[str, str]:
    """``2024=1.021,2023=1`` by round. Raises UsageRefused for anything else."""
    pairs = [pair.rpartition("=") for pair in str(said).split(",")]
    if not all(label.strip() and price.strip() for label, _, price in pairs):
        raise UsageRefused.because("bad_deflate", value=said)
    return {label.strip(): price.strip() for label, _, price in pairs}


def _sound(rules: dict[str, Any]) -> Programme:
    """The built-in programme: a test has proved its values, so that no report waits for pydantic."""
    tables: dict[str, object] = {
        "title": Title(**rules["title"]),
        "ladder": Ladder(**_amounts(rules["ladder"])),
        "tiers": Tiers(**{name: Tier(**_amounts(tier)) for name, tier in rules["tiers"].items()}),
        "middle_income": Range(**_amounts(rules["middle_income"])),
        "key_groups": tuple(rules["key_groups"]),
        "watch": _watch(**rules["watch"]),
        "publishing": Publishing(**rules["publishing"]),
        "measures": {kind: Title(**title) for kind, title in rules["measures"].items()},
        "targets": {name: Target(**_target(target)) for name, target in rules["targets"].items()},
    }
    return Programme(**rules | tables)


def _amounts(table: dict[str, int]) -> dict[str, Decimal]:
    return {key: Decimal(yuan) for key, yuan in table.items()}


def _target(said: dict[str, float]) -> dict[str, Any]:
    return {key: said[key] if key == "year" else Decimal(str(said[key])) for key in said}


def _watch(lines: list[TierName], **shares: str) -> Watch:
    return Watch(lines=tuple(lines), **{key: fraction(share) for key, share in shares.items()})


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a programme file: nothing is required of it, since it says only what differs."""
    schema = _adapter().json_schema()
    for table in (schema, *schema["$defs"].values()):
        table.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _validated(values: dict[str, object], sources: dict[str, str]) -> Programme:
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return _adapter().validate_python(nested(values))
    except ValidationError as error:
        reasons = (_reason(dict(problem), sources) for problem in error.errors())
        raise ProgrammeRefused(*reasons) from error


@cache
def _adapter() -> TypeAdapter[Programme]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Programme)


def _reason(problem: dict[str, Any], sources: dict[str, str]) -> Reason:
    # What contradicts something elsewhere in the programme names the table that it stands in.
    place = problem["loc"] or (_OF_ALL[str(problem["ctx"]["error"])],)
    *parents, last = (str(part) for part in place)
    table = ".".join(parents)
    key = f"{table}.{last}" if table else last
    # Only the tables of kinds are made by files alone: they can lack a name, or be called what no kind can.
    if problem["type"] == "missing":
        return Reason("programme_lacks_name", {"source": _source(table, sources), "key": key})
    if last == "[key]":
        return Reason("programme_bad_kind", {"source": _source(table, sources), "table": table})
    if problem["type"] == "value_error":
        return Reason(f"programme_{problem['ctx']['error']}", {"source": _source(key, sources), "key": key})
    return Reason("programme_bad_value", {"source": _source(key, sources), "key": key, "value": problem["input"]})


_OF_ALL: Final = {"heading_of_two_columns": "columns", "target_above_one": "targets"}


def _source(key: str, sources: dict[str, str]) -> str:
    """Where the values of a key, of its table or of those inside it were said."""
    told = sorted(
        {
            source
            for name, source in sources.items()
            if (name.startswith(key) or key.startswith(f"{name}.")) and source != "built-in"
        }
    )
    return ", ".join(told) or "built-in"
