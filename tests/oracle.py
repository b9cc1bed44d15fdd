"""The estimates of ``incomeladder.estimation`` a second time, in plain Python, household by household: for tests alone.

Scores are found by moving each weight a little, and not by any formula for a derivative.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FLOOR, TOP, MIDDLE = 30_000, 100_000, (100_000, 500_000)
SMOOTH = (
    *("headcount_ratio", "poverty_gap", "squared_poverty_gap", "total_shortfall", "gini", "mean_income"),
    *("urban_rural_ratio", "area_ratio", "top_share", "middle_income_share"),
)
"""Indicators that have a derivative."""


@dataclass(frozen=True)
class House:
    """A household: income in yuan or None, weight, and where it stands in the design."""

    income: float | None
    weight: float = 1.0
    stratum: str = ""
    cluster: str = ""
    size: int | None = None
    residence: str | None = None
    county: str | None = None


def estimate(name: str, houses: Sequence[House]) -> float | None:
    """An indicator by its definition."""
    held = [house for house in houses if house.income is not None]
    return _ESTIMATES[name](held) if sum(house.weight for house in held) > 0 else None


def _mean(of: Callable[[House], float]) -> Callable[[Sequence[House]], float]:
    return lambda held: math.fsum(h.weight * of(h) for h in held) / math.fsum(h.weight for h in held)


def _gap(house: House) -> float:
    return max(0.0, FLOOR - house.income) / FLOOR


def gini(held: Sequence[House]) -> float | None:
    """Half the mean distance of all pairs over the mean."""
    whole, total = math.fsum(h.weight for h in held), math.fsum(h.weight * h.income for h in held)
    apart = math.fsum(a.weight * b.weight * abs(a.income - b.income) for a in held for b in held)
    return apart / (2 * whole * total) if total > 0 else None


def quantile(held: Sequence[House], part: Fraction) -> float:
    """Where the running weight passes a part of the whole, in exact arithmetic."""
    wanted, running = part * sum(Fraction(h.weight) for h in held), Fraction(0)
    ordered = sorted(held, key=lambda h: h.income)
    for place, house in enumerate(ordered):
        running += Fraction(house.weight)
        if running > wanted:
            return house.income
        if running == wanted and running > 0:
            after = next((other for other in ordered[place + 1 :] if other.weight > 0), house)
            return (house.income + after.income) / 2
    raise AssertionError(part)


def _s80_s20(held: Sequence[House]) -> float | None:
    low, high = quantile(held, Fraction(1, 5)), quantile(held, Fraction(4, 5))
    poorest = math.fsum(h.weight * h.income for h in held if h.income <= low)
    richest = [h.weight * h.income for h in held if h.income > high]
    return math.fsum(richest) / poorest if poorest > 0 and richest else None


def _p90_p10(held: Sequence[House]) -> float | None:
    low = quantile(held, Fraction(1, 10))
    return quantile(held, Fraction(9, 10)) / low if low > 0 else None


def _urban_rural(held: Sequence[House]) -> float | None:
    heads = {}
    for word in ("urban", "rural"):
        there = [h for h in held if h.residence == word and h.size]
        persons = math.fsum(h.weight * h.size for h in there)
        heads[word] = math.fsum(h.weight * h.income for h in there) / persons if persons else None
    return heads["urban"] / heads["rural"] if None not in heads.values() and heads["rural"] > 0 else None


def _areas(held: Sequence[House]) -> float | None:
    counties = defaultdict(list)
    for house in held:
        if house.county is not None and house.weight > 0:
            counties[house.county].append(house)
    means = [_mean(lambda h: h.income)(houses) for houses in counties.values()]
    return max(means) / min(means) if len(means) > 1 and min(means) > 0 else None


_ESTIMATES = {
    "headcount_ratio": _mean(lambda h: h.income < FLOOR),
    "poverty_gap": _mean(_gap),
    "squared_poverty_gap": _mean(lambda h: _gap(h) ** 2),
    "total_shortfall": lambda held: math.fsum(h.weight * FLOOR * _gap(h) for h in held),
    "gini": gini,
    "mean_income": _mean(lambda h: h.income),
    "median_income": lambda held: quantile(held, Fraction(1, 2)),
    "p90_p10": _p90_p10,
    "s80_s20": _s80_s20,
    "urban_rural_ratio": _urban_rural,
    "area_ratio": _areas,
    "top_share": _mean(lambda h: h.income >= TOP),
    "middle_income_share": _mean(lambda h: MIDDLE[0] <= h.income < MIDDLE[1]),
}


def scores(name: str, houses: Sequence[House]) -> list[float]:
    """The weighted score of each household: its weight times the derivative by it, 0 for one without an income."""
    return [house.weight * _moved(name, houses, place) for place, house in enumerate(houses)]


def _moved(name: str, houses: Sequence[House], place: int) -> float:
    if houses[place].income is None:
        return 0.0
    if name not in SMOOTH:
        return _INFLUENCES[name]([h for h in houses if h.income is not None], houses[place].income)
    step = 1e-5 * max(1.0, houses[place].weight)
    ends = []
    for sign in (1, -1):
        moved = list(houses)
        moved[place] = replace(houses[place], weight=houses[place].weight + sign * step)
        ends.append(estimate(name, moved))
    return (ends[0] - ends[1]) / (2 * step)


def _influence(held: Sequence[House], income: float, part: Fraction) -> float:
    place, whole = quantile(held, part), math.fsum(h.weight for h in held)
    size = whole**2 / math.fsum(h.weight**2 for h in held)
    half = NormalDist().inv_cdf(0.975) * math.sqrt(part * (1 - part) / size)
    low, high = max(0.0, part - half), min(1.0, part + half)
    apart = _passing(held, high) - _passing(held, low)
    return (float(part) - (income <= place)) / whole * apart / (high - low)


def _passing(held: Sequence[House], part: float) -> float:
    """The income at which the running weight passes a part of the whole that it never meets."""
    ordered = sorted((h for h in held if h.weight), key=lambda h: h.income)
    wanted = part * math.fsum(h.weight for h in held)
    passed = (math.fsum(h.weight for h in ordered[: place + 1]) for place in range(len(ordered)))
    return next((h for h, running in zip(ordered, passed, strict=True) if running > wanted), ordered[-1]).income


def _of_p90_p10(held: Sequence[House], income: float) -> float:
    high, low = Fraction(9, 10), Fraction(1, 10)
    above, below = (_influence(held, income, part) for part in (high, low))
    return (above - _p90_p10(held) * below) / quantile(held, low)


def _of_s80_s20(held: Sequence[House], income: float) -> float:
    low, high = quantile(held, Fraction(1, 5)), quantile(held, Fraction(4, 5))
    poorest = math.fsum(h.weight * h.income for h in held if h.income <= low)
    above = income * (income > high) - high * ((income > high) - 0.2)
    below = income * (income <= low) - low * ((income <= low) - 0.2)
    return (above - _s80_s20(held) * below) / poorest


_INFLUENCES = {
    "median_income": lambda held, income: _influence(held, income, Fraction(1, 2)),
    "p90_p10": _of_p90_p10,
    "s80_s20": _of_s80_s20,
}


def variance(weighted: Sequence[float], houses: Sequence[House]) -> float:
    """Of a stratified sample of clusters; a stratum of one is held against the mean cluster of all."""
    units = defaultdict(lambda: defaultdict(float))
    for score, house in zip(weighted, houses, strict=True):
        units[house.stratum][house.cluster] += score
    every = [total for clusters in units.values() for total in clusters.values()]
    overall, found = math.fsum(every) / len(every), 0.0
    for clusters in units.values():
        totals = list(clusters.values())
        if len(totals) == 1:
            found += (totals[0] - overall) ** 2
        else:
            mean = math.fsum(totals) / len(totals)
            found += len(totals) / (len(totals) - 1) * math.fsum((total - mean) ** 2 for total in totals)
    return found


def covariance(before: Sequence[tuple[float, House]], after: Sequence[tuple[float, House]]) -> float:
    """Of the sums of two rounds' weighted scores, by the clusters that both rounds have."""
    sides = []
    for pairs in (before, after):
        totals = defaultdict(float)
        for score, house in pairs:
            totals[house.stratum, house.cluster] += score
        sides.append(totals)
    found = 0.0
    for stratum in {key[0] for key in sides[0]}:
        both = [key for key in sides[0] if key in sides[1] and key[0] == stratum]
        if len(both) > 1:
            means = [math.fsum(side[key] for key in both) / len(both) for side in sides]
            products = (math.prod(side[key] - mean for side, mean in zip(sides, means, strict=True)) for key in both)
            found += len(both) / (len(both) - 1) * math.fsum(products)
    return found


def standard_error(name: str, houses: Sequence[House], domain: Callable[[House], bool] = lambda _: True) -> float:
    """Of the households in a domain, with all others in the design and in no sum."""
    inside = [place for place, house in enumerate(houses) if domain(house)]
    own = scores(name, [houses[place] for place in inside])
    spread = [0.0] * len(houses)
    for place, score in zip(inside, own, strict=True):
        spread[place] = score
    return math.sqrt(variance(spread, houses))
