"""Somebody who reads what was published and works out what was hidden: linear programs over every number shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Rows = Sequence[Mapping[str, Any]]
    Tables = Mapping[str, Rows]

SEGMENTS = (
    "<0",
    *(f"{edge}-{edge + 10_000}" for edge in range(0, 100_000, 10_000)),
    "100000-500000",
    "500000+",
    "missing",
)
"""Bands, and where a middle income ends within one."""
NO_PLACE = frozenset({"missing", "left", "entered"})


def lower(band: str) -> float:
    if band in NO_PLACE:
        return np.inf
    return -np.inf if band == "<0" else float(band.rstrip("+").split("-")[0])


def between(least: float, below: float = np.inf) -> Callable[[str], bool]:
    """Whether a band lies within; who has no income is nowhere."""
    return lambda band: band not in NO_PLACE and least <= lower(band) < below


def banded(band: str) -> bool:
    return band not in NO_PLACE


def of_band(band: str) -> Callable[[str], bool]:
    """Whether a segment lies in a band."""
    return between(100_000) if band == "100000+" else band.__eq__


SUMS = {
    "households": lambda _: True,
    "missing": lambda band: band == "missing",
    "below_floor": between(-np.inf, 30_000),
    "low_tier": between(30_000, 40_000),
    "middle_tier": between(90_000, 100_000),
    "at_or_above_top": between(100_000),
    "middle_income": between(100_000, 500_000),
}
FLOOR, STEP, UNIT = 30_000, 10_000, 500
"""Whoever reads a survey of such incomes knows that all are multiples of 500 yuan."""
SHARES = {"below_floor_share": "below_floor", "middle_income_share": "middle_income"}


class Adversary:
    """Equations over counts that are not below 0, and the hidden sums that are looked for."""

    def __init__(self) -> None:
        self.counts: dict[Hashable, int] = {}
        self.equations: list[tuple[dict[Hashable, float], float]] = []
        self.limits: list[tuple[dict[Hashable, float], float]] = []
        self.hidden: dict[Hashable, list[Hashable]] = {}

    def told(self, name: Hashable, counts: Iterable[Hashable], value: float | None) -> None:
        """A sum that is published, or hidden."""
        parts = list(counts)
        self._know(parts)
        if value is None:
            self.hidden[name] = parts
        else:
            self.equations.append((dict.fromkeys(parts, 1.0), value))

    def share(self, part: Iterable[Hashable], whole: Iterable[Hashable], value: float | None) -> None:
        """A share tells as much as the count it is of."""
        if value is not None:
            terms = dict.fromkeys(whole, -value)
            self._know(terms)
            self.equations.append((terms | dict.fromkeys(part, 1.0 - value), 0.0))

    def at_most(self, terms: Mapping[Hashable, float], most: float) -> None:
        """So many times each count, together."""
        self._know(terms)
        self.limits.append((dict(terms), most))

    def lacked(self, counts: Iterable[tuple[Hashable, str]], value: float | None) -> None:
        """What households below the floor lack together, each as much as its band lets it."""
        lacks: dict[Hashable, float] = {}
        for group, band in counts:
            lack = ("lack", group, band)
            lacks[lack] = 1.0
            least, most = (FLOOR - end for end in (max(lower(band), -STEP) + STEP - UNIT, lower(band)))
            self.at_most({(group, band): least / STEP, lack: -1.0}, 0)
            if most < np.inf:
                self.at_most({(group, band): -most / STEP, lack: 1.0}, 0)
        self._know(lacks)
        if value is not None:
            self.equations.append((lacks, value / STEP))

    def same(self, some: Iterable[Hashable], others: Iterable[Hashable]) -> None:
        """Two sums that are of the same households."""
        ours, theirs = dict.fromkeys(some, 1.0), dict.fromkeys(others, -1.0)
        self._know(ours | theirs)
        self.equations.append((ours | theirs, 0.0))

    def _know(self, counts: Iterable[Hashable]) -> None:
        for count in counts:
            self.counts.setdefault(count, len(self.counts))

    def solved(self) -> list[tuple[Hashable, float, float]]:
        """The hidden sums that can only be one whole number, and not 0: where nobody is in all, nobody is in a part."""
        rows = [self._sum(dict.fromkeys(parts, 1.0)) for parts in self.hidden.values()]
        known = self._known()
        drawn = np.random.default_rng(0).normal(size=(_WORLDS, len(self.counts)))
        # Worlds in which a sum is not the same show that it is safe; only of the others the ends are looked for.
        seen = np.array([_world(costs, known) for costs in [*drawn, *-drawn]])
        found = []
        for name, wanted in zip(self.hidden, rows, strict=True):
            if np.ptp(seen @ wanted) < _SAME:
                least, most = (_world(sign * wanted, known) @ wanted for sign in (1, -1))
                found += [(name, least, most)] if most - least < _SAME <= most else []
        return found

    def _known(self) -> dict[str, Any]:
        found = {}
        for kind, told in {"eq": self.equations, "ub": self.limits}.items():
            if told:
                found[f"A_{kind}"] = csr_array(np.array([self._sum(terms) for terms, _ in told]))
                found[f"b_{kind}"] = np.array([value for _, value in told])
        return found

    def _sum(self, terms: Mapping[Hashable, float]) -> NDArray[np.float64]:
        wanted = np.zeros(len(self.counts))
        wanted[[self.counts[count] for count in terms]] = [*terms.values()]
        return wanted


_WORLDS: Final = 10
_MOST: Final = 1e4
"""Households, more than a test has in any count."""
_SAME: Final = 1 - 1e-6


def _world(costs: NDArray[np.float64], known: Mapping[str, Any]) -> NDArray[np.float64]:
    """Counts that are as is told, for which the costs are the least."""
    done = linprog(costs, **known, bounds=(0, _MOST), method="highs")
    assert done.status == 0, done.message
    return done.x


def of_ladders(levels: Mapping[tuple[str, ...], Tables]) -> Adversary:
    """Who reads the ladders of all, and of groups within groups; the last of them are the finest."""
    reader = Adversary()
    _read_ladders(reader, levels)
    return reader


def of_moves(tables: Tables, ladders: Mapping[str, Rows]) -> Adversary:
    """Who reads a matrix, its sums and its measures, and the ladders ``before`` and ``after``."""
    reader = Adversary()
    _read_moves(reader, tables)
    for end, (side, rows) in enumerate(ladders.items()):
        for row in rows:
            reader.told((side, row["band"]), _ways(tables, end, row["band"].__eq__), row["households"])
    return reader


def of_report(tables: Tables, place: str) -> Adversary:
    """Who reads a whole report: ladders, places and moves, of the same households."""
    reader = Adversary()
    groups = _read_ladders(reader, {(): tables, (place,): {"summary": tables["places"]}})
    _read_moves(reader, tables | {"summary": tables["moves"]})
    for end, label in enumerate(sorted({group[0] for group in groups})):
        for band in {row["from_band" if end == 0 else "to_band"] for row in tables["matrix"]} - {"left", "entered"}:
            of_round = [
                (group, part) for group in groups if group[0] == label for part in filter(of_band(band), SEGMENTS)
            ]
            reader.same(of_round, _ways(tables, end, band.__eq__))
    return reader


def _read_ladders(reader: Adversary, levels: Mapping[tuple[str, ...], Tables]) -> Sequence[tuple[str, ...]]:
    """What ladders tell, and the finest groups."""
    finest = [*levels][-1]
    groups = [(row["survey_round"], *(row[name] for name in finest)) for row in levels[finest]["summary"]]

    def counts(row: Mapping[str, Any], by: tuple[str, ...], holds: Callable[[str], bool]) -> list[Hashable]:
        wanted = (row["survey_round"], *(row[name] for name in by))
        there = (group for group in groups if group[: len(wanted)] == wanted)
        return [(group, segment) for group in there for segment in SEGMENTS if holds(segment)]

    for by, tables in levels.items():
        for row in tables["summary"]:
            key, whole = (by, *(row[name] for name in ("survey_round", *by))), counts(row, by, banded)
            for name, holds in SUMS.items():
                reader.told((key, name), counts(row, by, holds), row[name])
            reader.lacked(counts(row, by, SUMS["below_floor"]), row["shortfall"])
            for share, name in SHARES.items():
                reader.share(counts(row, by, SUMS[name]), whole, row[share])
        for row in tables.get("bands", []):
            key, whole = (by, *(row[name] for name in ("survey_round", *by))), counts(row, by, banded)
            reader.told((key, row["band"]), counts(row, by, of_band(row["band"])), row["households"])
            reader.share(counts(row, by, of_band(row["band"])), whole, row["share"])
            upto = [one for one in whole if of_band(row["band"])(one[1]) or lower(one[1]) < lower(row["band"])]
            reader.share(upto, whole, row["cumulative_share"])
    _read_empty(reader, levels, groups)
    return groups


def _read_empty(reader: Adversary, levels: Mapping[tuple[str, ...], Tables], groups: Sequence[tuple[str, ...]]) -> None:
    """That a band is not in a table of all tells that nobody is in it; that it is, that somebody is."""
    bands = [(row["survey_round"], row["band"]) for row in next(iter(levels.values())).get("bands", [])]
    for label in {label for label, _ in bands}:
        for band in ("<0", "missing"):
            parts = [(group, band) for group in groups if group[0] == label]
            if (label, band) in bands:
                reader.at_most(dict.fromkeys(parts, -1.0), -1)
            else:
                reader.told((), parts, 0)


def _read_moves(reader: Adversary, tables: Tables) -> None:
    ways = _ways(tables)
    both = [way for way in ways if banded(way[0]) and banded(way[1])]
    for row in tables["matrix"]:
        way = (row["from_band"], row["to_band"])
        reader.told(("matrix", *way), [way], row["households"])
        reader.share([way], [other for other in both if other[0] == way[0]], row["row_share"])
    for name, holds in _moves().items():
        reader.told(("moves", name), [way for way in ways if holds(*way)], tables["summary"][0][name])
    for row in tables["tiers"]:
        for name, holds in _of_tier(row["tier"]).items():
            reader.told((row["tier"], name), [way for way in ways if holds(*way)], row[name])
    values = {row["measure"]: row["value"] for row in tables["measures"]}
    reader.share([way for way in both if way[0] == way[1]], both, values["immobility_ratio"])
    reader.share([way for way in both if lower(way[0]) < lower(way[1])], both, values["upward"])
    reader.share([way for way in both if lower(way[0]) > lower(way[1])], both, values["downward"])


def _ways(tables: Tables, end: int = 0, holds: Callable[[str], bool] = lambda _: True) -> list[tuple[str, str]]:
    """The ways of a matrix whose earlier or later end is so."""
    ways = [(row["from_band"], row["to_band"]) for row in tables["matrix"]]
    return [way for way in ways if holds(way[end])]


def _moves() -> dict[str, Callable[[str, str], bool]]:
    below = SUMS["below_floor"]
    matched = lambda was, now: was != "entered" and now != "left"  # noqa: E731
    known = lambda was, now: banded(was) and banded(now)  # noqa: E731
    return {
        "before": lambda was, _: was != "entered",
        "after": lambda _, now: now != "left",
        "matched": matched,
        "left": lambda _, now: now == "left",
        "entered": lambda was, _: was == "entered",
        "up": lambda was, now: known(was, now) and lower(now) > lower(was),
        "same": lambda was, now: known(was, now) and now == was,
        "down": lambda was, now: known(was, now) and lower(now) < lower(was),
        "missing": lambda was, now: matched(was, now) and not known(was, now),
        "below_floor_before": lambda was, _: below(was),
        "below_floor_after": lambda _, now: below(now),
        "rose_above_floor": lambda was, now: known(was, now) and below(was) and not below(now),
        "stayed_below_floor": lambda was, now: below(was) and below(now),
        "fell_below_floor": lambda was, now: known(was, now) and not below(was) and below(now),
        "left_below_floor": lambda was, now: below(was) and now == "left",
        "entered_below_floor": lambda was, now: was == "entered" and below(now),
    }


def _of_tier(name: str) -> dict[str, Callable[[str, str], bool]]:
    least, target = {"floor": (-np.inf, 30_000), "low": (30_000, 40_000), "middle": (90_000, 100_000)}[name]
    inside, above, under = between(least, target), between(target), between(-np.inf, least)
    return {
        "before": lambda was, _: inside(was),
        "reached_target": lambda was, now: inside(was) and above(now),
        "stayed": lambda was, now: inside(was) and inside(now),
        "fell_back": lambda was, now: inside(was) and under(now),
        "left": lambda was, now: inside(was) and now == "left",
        "missing": lambda was, now: inside(was) and now == "missing",
        "after": lambda _, now: inside(now),
        "entered": lambda was, now: was == "entered" and inside(now),
    }
