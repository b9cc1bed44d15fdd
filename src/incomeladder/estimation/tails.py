"""How likely a statistic is to be as large as it is by chance: the upper tails of the distributions that tests need.

These are closed forms for numbers, not expressions: a report has a few of them for each place, and none for each row.
"""

from __future__ import annotations

import math
from itertools import accumulate, takewhile
from typing import Final

_NOTHING: Final = 1e-18
"""A term that no longer changes a sum of probabilities."""


def normal_tail(z: float) -> float:
    """P(Z >= z) of the standard normal distribution."""
    return math.erfc(z / math.sqrt(2)) / 2


def chi_squared_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) of chi-squared with a whole number of degrees of freedom (Abramowitz and Stegun 26.4.4-5).

    Raises ValueError for fewer than 1 degree.
    """
    if freedom < 1:
        raise ValueError("freedom")
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    is_odd = freedom % 2
    powers = [is_odd / 2 + number for number in range(freedom // 2)]
    terms = (math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in powers)
    return min(1.0, math.fsum([math.erfc(math.sqrt(half)) if is_odd else 0.0, *terms]))


def binomial_tail(found: int, of: int, part: float) -> float:
    """P(X >= found) where each ``of`` so many has the chance ``part``, exact.

    The smaller tail is added up, outwards from where it begins, until its terms no longer count.
    """
    if found <= 0 or part >= 1:
        return 1.0
    if found > of or part <= 0:
        return 0.0
    if found <= of * part:
        return 1 - _outwards(of - found + 1, of, 1 - part)
    return _outwards(found, of, part)


def _outwards(found: int, of: int, part: float) -> float:
    """The tail from a ``found`` above the mean on, where each term is smaller than the one before."""
    whole = math.lgamma(of + 1) - math.lgamma(found + 1) - math.lgamma(of - found + 1)
    first = math.exp(whole + found * math.log(part) + (of - found) * math.log1p(-part))
    odds = part / (1 - part)
    ratios = ((of - number) / (number + 1) * odds for number in range(found, of))
    terms = accumulate(ratios, float.__mul__, initial=1.0)
    return min(1.0, first * math.fsum(takewhile(lambda term: float(term) > _NOTHING, terms)))


def inverse_gaussian_tail(value: float, mean: float, variance: float) -> float:
    """P(X >= value) of the inverse Gaussian distribution with this mean and variance, both above 0.

    It is the closed form of Shuster (1968), "On the inverse Gaussian distribution function", Journal of the American
    Statistical Association 63, with the exponential of its second term taken together with the tail beside it, which
    may be too large and too small for a double.
    """
    if value <= 0:
        return 1.0
    shape = mean**3 / variance
    root = math.sqrt(shape / value)
    near, far = root * (value / mean - 1), root * (value / mean + 1)
    return max(0.0, normal_tail(near) - math.exp(-(near**2) / 2) * _scaled_tail(far))


_FAR: Final = 25
"""From here on the series below has all the digits of a double."""


def _scaled_tail(z: float) -> float:
    """The upper tail of the standard normal distribution times exp(z² / 2), of a ``z`` above 0."""
    if z < _FAR:
        return normal_tail(z) * math.exp(z**2 / 2)
    series = 1 - 1 / z**2 + 3 / z**4 - 15 / z**6 + 105 / z**8
    return series / (z * math.sqrt(2 * math.pi))
