"""What the pipeline is asked with: files read, rules loaded, requests made, from the options of a command."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.errors import UsageRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incomeladder.cli import options as o
    from incomeladder.pipeline import Request
    from incomeladder.programme import Loaded
    from incomeladder.read.headings import Naming
    from incomeladder.read.survey import PlaceSource, Source

_USUAL_PLACES: Final[dict[PlaceSource, str]] = {"name": "township", "folder": "county", "sheet": "township"}


@dataclass(frozen=True)
class Room:
    """Where a report is made: a folder for copies, and who hears how far the reading of workbooks is."""

    spool: Path
    tell: Callable[[int, int], None]


def survey(surveys: Sequence[str], common: o.Common, rounds: Sequence[str], room: Room) -> tuple[Source, ...]:
    """The files of a survey, read as the options say."""
    from incomeladder.read.survey import Asked, read  # noqa: PLC0415

    reading = common.reading
    named = [name for name in rounds if name != "all"]
    asked = Asked(
        _naming(common),
        None if reading.unit is None else reading.unit == "wan",
        reading.encoding,
        named[0] if len(named) == 1 else None,
        tuple(reading.sheet),
        reading.level == "person",
        _places(reading.place_from),
        room.tell,
    )
    return read(surveys, asked, room.spool)


def _naming(common: o.Common) -> Naming:
    from incomeladder.frames import WEIGHT  # noqa: PLC0415
    from incomeladder.read.headings import Naming  # noqa: PLC0415

    pairs = [_pair(pair) for pair in common.reading.column]
    columns = dict(pairs)
    if len({*columns.values()}) < len(pairs):
        raise UsageRefused.because("column_twice", pairs=common.reading.column)
    if common.reading.weight is not None:
        columns[WEIGHT] = common.reading.weight
    if common.rules.programme is None:
        return Naming(columns)  # the built-in programme names none, and to load it takes as long as to read a file
    usual = rules(common.rules).programme.columns.items()
    return Naming(columns, {str(column): headings for column, headings in usual})


def _places(wanted: Sequence[str]) -> dict[str, PlaceSource]:
    """``name``, ``folder`` or ``sheet``, each for the place it usually tells, or ``COLUMN=`` one of them."""
    from incomeladder.frames import PLACE_COLUMNS  # noqa: PLC0415

    places: dict[str, PlaceSource] = {}
    for text in wanted:
        column, _, source = text.rpartition("=")
        if source not in _USUAL_PLACES:
            raise UsageRefused.because("bad_choice", option="--place-from", value=text, choices=list(_USUAL_PLACES))
        column = column or _USUAL_PLACES[source]
        if column not in PLACE_COLUMNS:
            raise UsageRefused.because("no_place", value=text, column=column, places=PLACE_COLUMNS)
        if column in places:
            raise UsageRefused.because("place_twice", column=column, values=list(wanted))
        places[column] = source
    return places


def _pair(pair: str) -> tuple[str, str]:
    from incomeladder.frames import CANONICAL  # noqa: PLC0415

    column, _, heading = pair.partition("=")
    if not column or not heading:
        raise UsageRefused.because("bad_pair", option="--column", value=pair)
    if column not in CANONICAL:
        nearest = get_close_matches(column, CANONICAL, n=1, cutoff=0)[0]
        raise UsageRefused.because("unknown_canonical", value=pair, column=column, nearest=nearest)
    return column, heading


def rules(said: o.Rules) -> Loaded:
    """The programme in force."""
    from incomeladder.programme import load  # noqa: PLC0415

    return load(Path(said.programme) if said.programme is not None else None, step=said.step, top=said.top)


def request(common: o.Common, rounds: Sequence[str], by: Sequence[str] = ()) -> Request:
    """What every report is asked with."""
    from incomeladder.pipeline import Request  # noqa: PLC0415

    programme = rules(common.rules).programme
    reading = common.reading
    return Request(
        programme,
        tuple(rounds),
        tuple(by),
        skip_invalid=reading.skip_invalid,
        allow_empty=reading.allow_empty,
        max_problems=reading.max_problems,
    )
