"""Which heading is which column. The catalogue is data: ``headings.toml`` beside this module."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import CANONICAL, EXTRA, INCOME, PARTS, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_UNIT: Final = re.compile(r"[(\[/:]?(?:单位:?)?(人民币)?(万元|万|元|yuan)(?:/年|/户)?[)\]]?$")


@dataclass(frozen=True)
class Columns:
    """What became of a file's headings.

    ``names`` has one entry a heading: its canonical name, else ``column:HEADING``, else None for a blank one.
    ``units`` says of the money columns whose heading names a unit whether it is 万元.
    """

    headings: tuple[str, ...]
    names: tuple[str | None, ...]
    units: dict[str, bool]

    @property
    def canonical(self) -> tuple[str, ...]:
        """The canonical columns that the file has."""
        return tuple(name for name in self.names if name in CANONICAL)


@cache
def _catalogue() -> dict[str, tuple[str, ...]]:
    """Normalised heading → the columns it may be."""
    listed = tomllib.loads(files("incomeladder.read").joinpath("headings.toml").read_text("utf-8"))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for column in CANONICAL:
        for heading in dict.fromkeys(map(normalised, (column, *listed.get(column, ())))):
            found[heading].append(column)
    return {heading: tuple(columns) for heading, columns in found.items()}


def normalised(heading: str) -> str:
    """A heading without case, spaces, full-width forms and the unit at its end."""
    return _UNIT.sub("", _compact(heading)) or _compact(heading)


def _compact(heading: str) -> str:
    return re.sub(r"[\s_\u200b\ufeff]", "", unicodedata.normalize("NFKC", heading)).lower()


def known(headings: Sequence[str], chosen: Mapping[str, str]) -> frozenset[str]:
    """The columns that the headings may be, by the catalogue or by ``--column``."""
    wanted = {normalised(heading): column for column, heading in chosen.items()}
    found = [wanted.get(name) or _catalogue().get(name, ())[:1] for name in map(normalised, filter(None, headings))]
    return frozenset(column for each in found for column in ([each] if isinstance(each, str) else each))


def recognise(headings: Sequence[str], chosen: Mapping[str, str], *, file: str) -> Columns:
    """Match the headings of a file; ``chosen`` maps canonical names to the headings that ``--column`` names.

    Raises SurveyRefused, with every reason at once, for headings that stand twice, that could be two columns, or of
    which two would be one column; for a chosen heading that is not there; and where nothing gives an income.
    """
    reasons: list[Reason] = []
    names = _named(headings, chosen, reasons)
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for heading, name in zip(headings, names, strict=True):
        if name in CANONICAL:
            claims[name].append(heading)
    reasons += [
        Reason("two_headings_for_column", {"column": column, "headings": claimed})
        for column, claimed in claims.items()
        if len(set(claimed)) > 1
    ]
    if not reasons and INCOME not in claims and not set(PARTS) & set(claims):
        reasons.append(Reason("no_income_column", {"headings": [heading for heading in headings if heading]}))
    if reasons:
        raise SurveyRefused(*(Reason(reason.key, {"file": file, **reason.facts}) for reason in reasons))
    return Columns(tuple(headings), names, _units(headings, names))


def _named(headings: Sequence[str], chosen: Mapping[str, str], reasons: list[Reason]) -> tuple[str | None, ...]:
    wanted = _chosen_positions(headings, chosen, reasons)
    _refuse_doubles(headings, reasons)
    return tuple(
        wanted.get(position) or _name(heading, set(wanted.values()), reasons)
        for position, heading in enumerate(headings)
    )


def _chosen_positions(headings: Sequence[str], chosen: Mapping[str, str], reasons: list[Reason]) -> dict[int, str]:
    places: dict[int, str] = {}
    for column, heading in chosen.items():
        exact = [place for place, text in enumerate(headings) if text == heading]
        alike = [place for place, text in enumerate(headings) if normalised(text) == normalised(heading)]
        if found := exact or alike:
            places[found[0]] = column
        else:
            option = "--weight" if column == WEIGHT else "--column"
            facts: dict[str, object] = {
                "option": option,
                "column": column,
                "heading": heading,
                "headings": list(headings),
            }
            reasons.append(Reason("chosen_heading_absent", facts))
    return places


def _refuse_doubles(headings: Sequence[str], reasons: list[Reason]) -> None:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, heading in enumerate(headings, start=1):
        if heading:
            places[heading].append(place)
    reasons += [
        Reason("heading_twice", {"heading": heading, "places": found})
        for heading, found in places.items()
        if len(found) > 1
    ]


def _name(heading: str, taken: set[str], reasons: list[Reason]) -> str | None:
    if not heading:
        return None
    candidates = _catalogue().get(normalised(heading), ())
    free = [column for column in candidates if column not in taken]
    if len(free) > 1:
        reasons.append(Reason("heading_ambiguous", {"heading": heading, "columns": free}))
    if free:
        return free[0]
    return EXTRA + heading


def _units(headings: Sequence[str], names: Sequence[str | None]) -> dict[str, bool]:
    found = {name: _UNIT.search(_compact(heading)) for heading, name in zip(headings, names, strict=True) if name}
    return {name: unit[2].startswith("万") for name, unit in found.items() if unit and name in (INCOME, *PARTS)}
