from __future__ import annotations

import pytest
from scipy import stats

from incomeladder.estimation.tails import binomial_tail, chi_squared_tail, normal_tail

PARTS = (0.001, 0.1, 0.5, 0.9)


@pytest.mark.parametrize("z", [-8, -1.96, 0, 0.5, 1.645, 6, 20])
def test_the_tail_of_the_normal_distribution_is_scipys(z: float) -> None:
    assert normal_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-9)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 8, 9, 50, 101])
def test_the_tail_of_chi_squared_is_scipys(freedom: int) -> None:
    for statistic in (0, 0.01, 1, 3.84, 22.999430341974175, 80, 300):
        assert chi_squared_tail(statistic, freedom) == pytest.approx(stats.chi2.sf(statistic, freedom), rel=1e-9)


@pytest.mark.parametrize("of", [1, 5, 20, 1000])
@pytest.mark.parametrize("part", PARTS)
def test_the_tail_of_the_binomial_distribution_is_scipys(of: int, part: float) -> None:
    for found in {0, 1, int(of * part), int(of * part) + 1, of}:
        assert binomial_tail(found, of, part) == pytest.approx(stats.binom.sf(found - 1, of, part), rel=1e-9)


@pytest.mark.parametrize("part", PARTS)
def test_of_a_million_the_tail_is_still_right_to_eight_digits(part: float) -> None:
    for found in (int(1_000_000 * part), int(1_000_000 * part) + 300):
        assert binomial_tail(found, 1_000_000, part) == pytest.approx(
            stats.binom.sf(found - 1, 1_000_000, part), rel=1e-8
        )


def test_what_is_certain_or_impossible_is_said_so() -> None:
    assert (binomial_tail(0, 5, 0.0), binomial_tail(1, 5, 0.0), binomial_tail(6, 5, 0.5)) == (1, 0, 0)
    assert (binomial_tail(5, 5, 1.0), chi_squared_tail(0, 3)) == (1, 1)


def test_chi_squared_without_a_degree_of_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="freedom"):
        chi_squared_tail(1, 0)
