"""Which heading is which column. The catalogue is data: ``headings.toml`` beside this module."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import CANONICAL, EXTRA, ID, INCOME, PARTS, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SPACES: Final = re.compile(r"[\s_\u200b\ufeff]")
_BRACKETS: Final = str.maketrans("〔〕【】［］", "()()()")
_YEAR: Final = re.compile(r"^(?:19|20)[0-9]{2}年度?(?=.)")
_OTHER_UNIT: Final = re.compile(r"(?:[十百千]+万?|亿)元?[)\]]?$")
_MAY_BE_INCOME: Final = re.compile(r"收入(?:情况|小计|总额)?$|^[合总]计$")
_COUNTED: Final = re.compile(r"[(\[](?:单位:?)?[人口户个][)\]]$")
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
    def heading_of(self) -> dict[str, str]:
        """Of each canonical column that the file has, its heading."""
        return {name: text for text, name in zip(self.headings, self.names, strict=True) if name in CANONICAL}

    @property
    def canonical(self) -> tuple[str, ...]:
        """The canonical columns that the file has."""
        return tuple(name for name in self.names if name in CANONICAL)


@dataclass(frozen=True)
class Naming:
    """Which headings the user names for columns: those ``asked`` for must be there, the ``usual`` ones need not be."""

    asked: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self) -> dict[str, str]:
        """Normalised heading → its column."""
        usual = ((normalised(heading), column) for column, each in self.usual.items() for heading in each)
        return dict(usual) | {normalised(heading): column for column, heading in self.asked.items()}


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
    """A heading without case, spaces, full-width forms, the year at its beginning and the unit at its end."""
    compact = _compact(heading)
    return _YEAR.sub("", _UNIT.sub("", _COUNTED.sub("", compact))) or compact


def _compact(heading: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", heading).translate(_BRACKETS)).lower()


def is_known(heading: str) -> bool:
    """Whether the catalogue has the heading."""
    return normalised(heading) in _catalogue()


def unit_of(heading: str) -> str | None:
    """The unit at the end of a heading, in brackets or without: 万元, 元 or yuan."""
    found = _UNIT.search(_compact(heading))
    return found[2] if found else None


def known(headings: Sequence[str], naming: Naming) -> frozenset[str]:
    """The columns that the headings may be, by the catalogue or as the user names them."""
    named, catalogue = naming.names(), _catalogue()
    names = map(normalised, filter(None, headings))
    return frozenset(filter(None, (named.get(name) or catalogue.get(name, ("",))[0] for name in names)))


def recognise(headings: Sequence[str], naming: Naming, *, file: str) -> Columns:
    """Match the headings of a file.

    Raises SurveyRefused, with every reason at once, for headings that stand twice, that could be two columns, or of
    which two would be one column; for a heading asked for that is not there; and where nothing gives an income.
    """
    reasons: list[Reason] = []
    names = _named(headings, naming, reasons)
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for heading, name in zip(headings, names, strict=True):
        if name in CANONICAL:
            claims[name].append(heading)
    reasons += [
        Reason("two_headings_for_column", {"column": column, "headings": claimed})
        for column, claimed in claims.items()
        if len(set(claimed)) > 1
    ]
    reasons += _of_units(headings, names)
    if not reasons and INCOME not in claims:
        reasons += _without_total(headings, names)
    if not reasons and ID not in claims and "户数" in map(normalised, headings):
        reasons.append(Reason("table_of_places", {"headings": [heading for heading in headings if heading]}))
    if reasons:
        raise SurveyRefused(*(Reason(reason.key, {"file": file, **reason.facts}) for reason in reasons))
    return Columns(tuple(headings), names, _units(headings, names))


def _of_units(headings: Sequence[str], names: Sequence[str | None]) -> list[Reason]:
    """Amounts in units that nobody here counts in: 千元, 亿元."""
    pairs = zip(headings, names, strict=True)
    return [
        Reason("other_unit", {"heading": heading})
        for heading, name in pairs
        if name in (INCOME, *PARTS) and _OTHER_UNIT.search(_compact(heading))
    ]


def _without_total(headings: Sequence[str], names: Sequence[str | None]) -> list[Reason]:
    """Where no heading is the income's: there must be parts; all four, or nothing else that may be of an income."""
    parts = [name for name in names if name in PARTS]
    if not parts:
        return [Reason("no_income_column", {"headings": [heading for heading in headings if heading]})]
    others = [
        heading
        for heading, name in zip(headings, names, strict=True)
        if name not in CANONICAL and _MAY_BE_INCOME.search(normalised(heading))
    ]
    doubtful = others and len(set(parts)) < len(PARTS)
    return [Reason("more_than_parts", {"parts": parts, "headings": others})] if doubtful else []


def _named(headings: Sequence[str], naming: Naming, reasons: list[Reason]) -> tuple[str | None, ...]:
    places = _usual_places(headings, naming) | _asked_places(headings, naming, reasons)
    _refuse_doubles(headings, reasons)
    taken = set(places.values())
    return tuple(places.get(place) or _name(heading, taken, reasons) for place, heading in enumerate(headings))


def _usual_places(headings: Sequence[str], naming: Naming) -> dict[int, str]:
    wanted = ((column, heading) for column, each in naming.usual.items() for heading in each)
    return {
        place: column
        for column, heading in wanted
        if column not in naming.asked
        for place in _places(headings, heading)
    }


def _asked_places(headings: Sequence[str], naming: Naming, reasons: list[Reason]) -> dict[int, str]:
    places: dict[int, str] = {}
    for column, heading in naming.asked.items():
        if found := _places(headings, heading):
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


def _places(headings: Sequence[str], heading: str) -> list[int]:
    """Where a heading stands: as it is written, else as it is known without case, spaces and unit."""
    exact = [place for place, text in enumerate(headings) if text == heading]
    return exact or [place for place, text in enumerate(headings) if normalised(text) == normalised(heading)]


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
        options = [f"--column {column}={heading}" for column in free]
        reasons.append(Reason("heading_ambiguous", {"heading": heading, "columns": free, "options": options}))
    return free[0] if len(free) == 1 else EXTRA + heading


def _units(headings: Sequence[str], names: Sequence[str | None]) -> dict[str, bool]:
    found = {name: unit_of(heading) for heading, name in zip(headings, names, strict=True) if name}
    return {name: unit.startswith("万") for name, unit in found.items() if unit and name in (INCOME, *PARTS)}
