"""Somebody who reads what was published and works out what was hidden: linear programs over every number shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    Rows = Sequence[Mapping[str, Any]]
    Tables = Mapping[str, Rows]

BANDS = ("<0", *(f"{edge}-{edge + 10_000}" for edge in range(0, 100_000, 10_000)), "100000+", "missing")
NO_PLACE = frozenset({"missing", "left", "entered"})


def lower(band: str) -> float:
    return -np.inf if band == "<0" else float(band.rstrip("+").split("-")[0])


def between(least: float, below: float = np.inf) -> Callable[[str], bool]:
    """Whether a band lies within; who has no income is nowhere."""
    return lambda band: band not in NO_PLACE and least <= lower(band) < below


def banded(band: str) -> bool:
    return band not in NO_PLACE


SUMS = {
    "households": lambda _: True,
    "missing": lambda band: band == "missing",
    "below_floor": between(-np.inf, 30_000),
    "low_tier": between(30_000, 40_000),
    "middle_tier": between(90_000, 100_000),
    "at_or_above_top": between(100_000),
}


class Adversary:
    """Equations over counts that are not below 0, and the hidden sums that are looked for."""

    def __init__(self) -> None:
        self.counts: dict[Hashable, int] = {}
        self.equations: list[tuple[dict[Hashable, float], float]] = []
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

    def _know(self, counts: Iterable[Hashable]) -> None:
        for count in counts:
            self.counts.setdefault(count, len(self.counts))

    def solved(self) -> list[tuple[Hashable, float, float]]:
        """The hidden sums that can only be one whole number."""
        found = ((name, *self._range(counts)) for name, counts in self.hidden.items())
        return [(name, least, most) for name, least, most in found if most - least < 1 - 1e-6]

    def _range(self, counts: Sequence[Hashable]) -> tuple[float, float]:
        places = [
            (row, self.counts[count], factor)
            for row, (terms, _) in enumerate(self.equations)
            for count, factor in terms.items()
        ]
        rows, columns, factors = zip(*places, strict=True)
        shape = (len(self.equations), len(self.counts))
        matrix, right = csr_array((factors, (rows, columns)), shape=shape), [value for _, value in self.equations]
        wanted = np.zeros(len(self.counts))
        wanted[[self.counts[count] for count in counts]] = 1
        ends = []
        for sign in (1, -1):
            done = linprog(sign * wanted, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
            assert done.status in {0, 3}, done.message
            ends.append(sign * done.fun if done.status == 0 else -sign * np.inf)
        return ends[0], ends[1]


def of_ladders(levels: Mapping[tuple[str, ...], Tables]) -> Adversary:
    """Who reads the ladders of all, and of groups within groups; the last of them are the finest."""
    reader, finest = Adversary(), [*levels][-1]
    groups = [(row["survey_round"], *(row[name] for name in finest)) for row in levels[finest]["summary"]]

    def counts(row: Mapping[str, Any], by: tuple[str, ...], holds: Callable[[str], bool]) -> list[Hashable]:
        wanted = (row["survey_round"], *(row[name] for name in by))
        return [(group, band) for group in groups if group[: len(wanted)] == wanted for band in BANDS if holds(band)]

    for by, tables in levels.items():
        for row in tables["summary"]:
            for name, holds in SUMS.items():
                reader.told((by, name, *(row[key] for key in ("survey_round", *by))), counts(row, by, holds), row[name])
            for band in set(BANDS) - {
                each["band"] for each in tables["bands"] if all(each[key] == row[key] for key in ("survey_round", *by))
            }:
                reader.told((), counts(row, by, band.__eq__), 0)
        for row in tables["bands"]:
            band, whole = row["band"], counts(row, by, banded)
            reader.told(
                (by, band, *(row[key] for key in ("survey_round", *by))),
                counts(row, by, band.__eq__),
                row["households"],
            )
            reader.share(counts(row, by, band.__eq__), whole, row["share"])
            upto = BANDS[: BANDS.index(band) + 1]
            reader.share(counts(row, by, upto.__contains__), whole, row["cumulative_share"])
    return reader


def of_moves(tables: Tables, ladders: Mapping[str, Rows]) -> Adversary:
    """Who reads a matrix, its sums and its measures, and the ladders ``before`` and ``after``."""
    reader = Adversary()
    ways = [(row["from_band"], row["to_band"]) for row in tables["matrix"]]
    both = [way for way in ways if banded(way[0]) and banded(way[1])]
    for row in tables["matrix"]:
        way = (row["from_band"], row["to_band"])
        reader.told(("matrix", *way), [way], row["households"])
        reader.share([way], [other for other in both if other[0] == way[0]], row["row_share"])
    for name, holds in _moves().items():
        reader.told(("summary", name), [way for way in ways if holds(*way)], tables["summary"][0][name])
    for row in tables["tiers"]:
        for name, holds in _of_tier(row["tier"]).items():
            reader.told((row["tier"], name), [way for way in ways if holds(*way)], row[name])
    for end, (side, rows) in enumerate(ladders.items()):
        for row in rows:
            reader.told((side, row["band"]), [way for way in ways if way[end] == row["band"]], row["households"])
    values = {row["measure"]: row["value"] for row in tables["measures"]}
    reader.share([way for way in both if way[0] == way[1]], both, values["immobility_ratio"])
    reader.share([way for way in both if lower(way[0]) < lower(way[1])], both, values["upward"])
    reader.share([way for way in both if lower(way[0]) > lower(way[1])], both, values["downward"])
    return reader


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
