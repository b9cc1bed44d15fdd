"""What the pipeline is asked with: files read, rules loaded, requests made, from the options of a command."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from incomeladder.errors import UsageRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from incomeladder.cli import ledger_options as lo
    from incomeladder.cli import options as o
    from incomeladder.engine import Engine
    from incomeladder.intake.workspace import Workspace
    from incomeladder.ledger.pseudonyms import Key
    from incomeladder.ledger.store import Ledger
    from incomeladder.loading import Loaded, Options
    from incomeladder.pipeline import Request
    from incomeladder.pipeline.design import Design
    from incomeladder.read.headings import Naming
    from incomeladder.read.source import PlaceSource, Source

MEASURES: Final = "measures"
VARIABLE: Final = "INCOMELADDER_LEDGER"
_USUAL_PLACES: Final[dict[PlaceSource, str]] = {"name": "township", "folder": "county", "sheet": "township"}


@dataclass(frozen=True)
class Room:
    """Where a report is made: a folder and a plan for large work, and who hears how far the reading of workbooks is."""

    workspace: Workspace
    spool: Path
    tell: Callable[[int, int], None]
    engine: Engine | None = None


def survey(surveys: Sequence[str], common: o.Basic, rounds: Sequence[str], room: Room) -> tuple[Source, ...]:
    """The files of a survey, read as the options say."""
    from incomeladder.read.source import Asked  # noqa: PLC0415
    from incomeladder.read.survey import read  # noqa: PLC0415

    reading = common.reading
    named = [name for name in rounds if name != "all"]
    asked = Asked(
        lambda: ledger(reading),
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


def ledger(said: o.Store) -> Ledger:
    """The ledger that is named, by option or environment; else the one in the user's data folder."""
    from incomeladder.ledger.store import Ledger  # noqa: PLC0415

    for source, named in (("--ledger", said.ledger), (VARIABLE, os.environ.get(VARIABLE))):
        if named == "":
            raise UsageRefused.because("ledger_unnamed", source=source)  # a variable that nobody has set, most likely
        if named is not None:
            return Ledger(Path(named))
    from platformdirs import user_data_path  # noqa: PLC0415

    return Ledger(user_data_path("incomeladder", appauthor=False) / "ledger")


def key(path: str | None) -> Key | None:
    """The key of pseudonyms, if a file of one is named."""
    if path is None:
        return None
    from incomeladder.ledger.pseudonyms import read_key  # noqa: PLC0415

    return read_key(Path(path))


def wait(said: lo.Waiting) -> float:
    """How many seconds another writer is waited for."""
    if not math.isfinite(said.wait):
        raise UsageRefused.because("bad_number", option="--wait", value=said.wait)
    return said.wait


def measures(
    extra: Sequence[str], sources: tuple[Source, ...], said: o.Store
) -> tuple[Sequence[str], pl.DataFrame | None]:
    """The columns asked for without ``measures``, and the ledger's log, if that is what it means here."""
    from incomeladder.intake.survey import Survey, refuse_unlike_ids  # noqa: PLC0415
    from incomeladder.ledger.log import notes  # noqa: PLC0415

    if MEASURES not in extra or Survey(sources).column(MEASURES):
        return extra, None
    store = ledger(said)
    store.refuse_absent()  # no ledger is not the same as nothing on record
    refuse_unlike_ids(sources, *store.records().values())
    return [name for name in extra if name != MEASURES], notes(store)


def _naming(common: o.Basic) -> Naming:
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


def rules(said: o.ProgrammeFile) -> Loaded:
    """The programme in force."""
    from incomeladder.loading import load  # noqa: PLC0415

    path = None if said.programme is None else Path(said.programme)
    given = {name: value for name, value in vars(said).items() if name != "programme"}
    return load(path, **cast("Options", given))


def request(common: o.Basic, room: Room, rounds: Sequence[str], by: Sequence[str] = ()) -> Request:
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
        workspace=room.workspace,
        engine=room.engine,
        publish=common.publishing.publish,
    )


def design(said: o.Drawing) -> Design:
    """How the households of a survey were drawn."""
    from incomeladder.pipeline.design import Design  # noqa: PLC0415

    return Design(said.strata, said.cluster, said.fpc, said.lonely)


_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)I?B?", re.IGNORECASE)


def memory(said: o.Working) -> int:
    """The bytes to keep within: ``2GB``, ``500M`` or a number; a kilobyte is 1,000.

    Raises UsageRefused for anything else.
    """
    from incomeladder.intake.workspace import MEMORY  # noqa: PLC0415

    if said.memory is None:
        return MEMORY
    found = _SIZE.fullmatch(said.memory.strip())
    size = int(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " ")) if found else 0
    if size < 1:
        raise UsageRefused.because("bad_memory", value=said.memory)
    return size
