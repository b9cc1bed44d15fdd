"""Places whose families give the same amounts more often than families of the round at large.

The pairs of families of a place that give the same amount (Friedman 1922, "The Index of Coincidence") are held
against what they would be if the place were any so many of the round's families, drawn without putting them back.
With (x)_k for x (x - 1) ... (x - k + 1), m families in the round, c of them with an amount and n in the place, a pair
is alike with the chance q2 = sum (c)_2 / (m)_2, three are with q3 = sum (c)_3 / (m)_3, and of four the first two and
the last two are with q22 = ((sum (c)_2)² - 4 sum (c)_3 - 2 sum (c)_2) / (m)_4. So the pairs alike have
the mean      (n)_2 / 2 q2 and
the variance  (n)_2 / 2 q2 + (n)_3 q3 + (n)_4 / 4 q22 less the square of the mean,
since two pairs are the same, share one family, or share none.
"""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl

from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict
from incomeladder.estimation.tails import binomial_tail, inverse_gaussian_tail
from incomeladder.frames import ROUND


def alike(answers: pl.LazyFrame, places: pl.DataFrame) -> Test:
    """Pairs of the place's families that give the same amount."""
    times = pl.col("times").cast(pl.Int128)
    of_round = _tallied(answers, ROUND).agg(
        times.sum().alias("m"), _falling(times, 2).sum().alias("twos"), _falling(times, 3).sum().alias("threes")
    )
    of_place = _tallied(answers, PLACE, ROUND).agg(
        pl.col(ROUND).first(), times.sum().alias("n"), (_falling(times, 2) // 2).sum().alias("pairs")
    )
    joined = of_place.join(of_round, on=ROUND).select(PLACE, "n", "pairs", "m", "twos", "threes")
    return Test("alike", places, joined, verdict)


def _tallied(answers: pl.LazyFrame, *groups: str) -> pl.lazyframe.group_by.LazyGroupBy:
    """How many times each amount is given, by the first of the groups."""
    return answers.group_by(*groups, AMOUNT).agg(pl.len().alias("times")).group_by(groups[0])


def _falling(count: pl.Expr, factors: int) -> pl.Expr:
    found = count
    for less in range(1, factors):
        found = found * (count - less)
    return found


def moments(n: int, m: int, twos: int, threes: int) -> tuple[Fraction, Fraction]:
    """Mean and variance of the pairs alike among ``n`` of ``m`` families; exact, since they all but cancel."""
    fours = twos**2 - 4 * threes - 2 * twos
    two, three, four = (
        Fraction(math.perm(n, k) * found, math.perm(m, k)) if m >= k else Fraction(0)
        for k, found in ((2, twos), (3, threes), (4, fours))
    )
    mean = two / 2
    return mean, mean + three + four / 4 - mean**2


def verdict(n: int, pairs: int, m: int, twos: int, threes: int) -> Verdict:
    """How many standard deviations the pairs are off, and their chance.

    Null for a place that is the whole round, which cannot be other than itself.
    """
    mean, variance = moments(n, m, twos, threes)
    possible = math.comb(n, 2)
    if not possible or n == m:
        return Verdict(n)
    if not variance:
        return Verdict(n, pairs, float(mean), None, 1.0)
    z = float(pairs - mean) / math.sqrt(variance)
    return Verdict(n, pairs, float(mean), z, chance(pairs, possible, float(mean), float(variance)))


def chance(pairs: int, possible: int, mean: float, variance: float) -> float:
    """The larger of two upper tails, since the normal one would take any coincidence of rare amounts for a finding.

    Where coincidences are rare, pairs are as good as apart from one another, and binomial. Where some amounts are
    common, one more family with such an amount makes many pairs at once: that has the long tail of the inverse
    Gaussian distribution with the same mean and variance.
    """
    if pairs <= mean:
        return inverse_gaussian_tail(pairs, mean, variance)
    return max(binomial_tail(pairs, possible, mean / possible), inverse_gaussian_tail(pairs, mean, variance))
