from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from incomeladder.estimation.audit import alike, copied, density, digits, heaping, on_line
from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Verdict, holm, judged
from incomeladder.estimation.tails import inverse_gaussian_tail
from incomeladder.frames import ID, ROUND
from incomeladder.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.estimation.audit.verdicts import Test as _Test

    Towns = Mapping[str, Sequence[float]]

PROGRAMME = load().programme
STEP, LINE = 10_000, 30_000
CELL = 1_000


def survey(towns: Towns, label: str = "2024") -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The answers of a round, and its places; ids count the families of each town."""
    places = pl.DataFrame({ROUND: [label] * len(towns), "town": list(towns)}).with_row_index(PLACE)
    rows = [
        (label, place, round(income * 10_000), f"{town}{number}")
        for place, (town, incomes) in enumerate(towns.items())
        for number, income in enumerate(incomes)
    ]
    return pl.LazyFrame(
        rows, schema={ROUND: pl.String, PLACE: pl.UInt32, AMOUNT: pl.Int64, ID: pl.String}, orient="row"
    ), places


def verdicts(test: _Test) -> list[Verdict]:
    """What a test finds in each place."""
    return [Verdict(*row) for row in test.results().select(*Verdict._fields).iter_rows()]


def table_of(towns: Towns, before: Towns | None = None) -> pl.DataFrame:
    """Every test of a round."""
    answers, places = survey(towns)
    found = [*heaping.heaping(answers, places), *density.density(answers, places, PROGRAMME)]
    if before is not None:
        was, _ = survey(before, "2023")
        found.append(copied.copied([(answers, was)], places))
    found += [alike.alike(answers, places), *digits.digits(answers, places)]
    return judged((test.results() for test in found), places)


def suspicious(table: pl.DataFrame) -> set[tuple[str, str, int | None]]:
    rows = table.filter("suspicious").select("town", "test", "amount").iter_rows()
    return {(town, test, None if amount is None else amount // 10_000) for town, test, amount in rows}


def honest(seed: int, count: int, middle: float = 62_000) -> list[float]:
    """Smooth incomes to the yuan."""
    draw = random.Random(seed)  # noqa: S311
    return [float(int(draw.lognormvariate(math.log(middle), 0.8))) for _ in range(count)]


def towns(count: int, families: int, seed: int = 0) -> dict[str, list[float]]:
    return {f"town{number}": honest(1000 * seed + number, families) for number in range(count)}


# round amounts


def test_whole_thousands_are_counted_among_whole_hundreds() -> None:
    """By hand: 5 whole hundreds, of which 3 are whole thousands; one of these is a whole ten thousand."""
    answers, places = survey({"a": [31_200, 31_000, 42_000, 40_000, 700, 31_250, 0, -2_000, 31_000.5], "b": [1]})
    thousands, ten_thousands = heaping.heaping(answers, places)
    assert (thousands.amount, ten_thousands.amount) == (1_000 * 10_000, 10_000 * 10_000)
    first, nothing = verdicts(thousands)
    assert first == Verdict(5, 0.6, 0.1, pytest.approx(6), pytest.approx(10 * 0.001 * 0.81 + 5 * 0.0001 * 0.9 + 1e-5))
    assert nothing == Verdict(0)
    (first, nothing) = verdicts(ten_thousands)
    assert first == Verdict(3, pytest.approx(1 / 3), 0.1, pytest.approx(10 / 3), pytest.approx(1 - 0.9**3))


@given(st.lists(st.integers(-50, 800), min_size=1))
def test_heaping_is_that_of_a_count_by_hand(hundreds: list[int]) -> None:
    answers, places = survey({"a": [100.0 * hundred for hundred in hundreds]})
    (thousands, _) = heaping.heaping(answers, places)
    (told,) = verdicts(thousands)
    of = sum(hundred > 0 for hundred in hundreds)
    found = sum(hundred > 0 and hundred % 10 == 0 for hundred in hundreds)
    assert told.households == of
    assert told.p_value == (pytest.approx(stats.binom.sf(found - 1, of, 0.1), rel=1e-9) if of else None)


# lines


def cells(counts: Sequence[int], side: int) -> list[float]:
    """So many incomes in the middle of each cell, from the line outwards."""
    return [LINE + side * (cell + 0.5) * CELL for cell, count in enumerate(counts) for _ in range(count)]


def normal_equations(counts: Sequence[int]) -> Fraction:
    """Where the weighted straight line through the counts of a side meets the line, solved cell by cell."""
    rows = [(Fraction(2 * cell + 1, 20), count) for cell, count in enumerate(counts)]
    weights = [1 - x for x, _ in rows]
    s0, s1, s2 = (sum(k * x**power for k, (x, _) in zip(weights, rows, strict=True)) for power in range(3))
    t0, t1 = (sum(k * x**power * y for k, (x, y) in zip(weights, rows, strict=True)) for power in range(2))
    return (s2 * t0 - s1 * t1) / (s0 * s2 - s1**2)


def at_line(incomes: Iterable[float], line: int = LINE, step: int = STEP) -> Verdict:
    answers, _ = survey({"a": list(incomes)})
    counted = density.counts(answers, line * 10_000, step * 10_000).collect()
    return density.verdict(*counted.drop(PLACE).row(0)) if counted.height else Verdict(0)


def test_a_level_ladder_has_no_jump_and_a_straight_one_is_met_at_the_line() -> None:
    level = at_line(cells([12] * 10, 1) + cells([12] * 10, -1))
    assert level == Verdict(240, 12, 12, 0, 0.5)
    straight = at_line(
        cells([22 - 2 * cell for cell in range(10)], 1) + cells([22 + 2 * cell for cell in range(10)], -1)
    )
    assert (straight.observed, straight.expected) == (pytest.approx(23), pytest.approx(21))


def test_the_jump_is_by_mccrarys_formula() -> None:
    """By hand, in his terms: n = 180 families, h = 10,000 yuan, f = 12 and 6 in 1,000 yuan, over n."""
    above, below = 12 / CELL / 180, 6 / CELL / 180
    theta, error = math.log(above) - math.log(below), math.sqrt(1 / (180 * STEP) * 24 / 5 * (1 / above + 1 / below))
    found = at_line(cells([12] * 10, 1) + cells([6] * 10, -1))
    assert found == Verdict(180, 12, 6, pytest.approx(theta / error), pytest.approx(stats.norm.sf(theta / error)))
    assert found.statistic == pytest.approx(2.0008, abs=5e-4)


def assert_nearest(found: Verdict, above: int, below: int) -> None:
    """Where no line can be laid the two cells at the line are compared, of ten households or more."""
    if above + below < 10:
        assert found == Verdict(found.households)
    else:
        z = (above - below) / math.sqrt(above + below)
        chance = pytest.approx(stats.binom.sf(above - 1, above + below, 0.5))
        assert found == Verdict(found.households, above, (above + below) / 2, pytest.approx(z), chance)


def test_a_line_below_which_nobody_is_left_is_the_most_suspicious_of_all() -> None:
    # All of twenty families that stood just below stand just above, and none is left within five tenths.
    found = at_line(cells([25] + [10] * 9, 1) + cells([0] * 5 + [10] * 5, -1))
    assert (found.observed, found.expected, found.p_value) == (25, 12.5, pytest.approx(0.5**25))


@given(*[st.lists(st.integers(0, 40), min_size=10, max_size=10)] * 2)
def test_the_fit_is_that_of_the_normal_equations(above: list[int], below: list[int]) -> None:
    found = at_line(cells(above, 1) + cells(below, -1))
    assert found.households == sum(above) + sum(below)
    wanted = normal_equations(above), normal_equations(below)
    if min(sum(above), sum(below)) < 30 or min(wanted) <= 0:
        assert_nearest(found, above[0], below[0])
    else:
        assert (found.observed, found.expected) == (pytest.approx(float(wanted[0])), pytest.approx(float(wanted[1])))


def on_the_line(incomes: list[float]) -> Verdict:
    answers, places = survey({"a": incomes})
    (test,) = (each for each in on_line.on_line(answers, places, PROGRAMME) if each.amount == 30_000 * 10_000)
    return Verdict(*test.results().row(0)[3:])


def test_incomes_set_to_the_line_are_told_from_rounded_ones() -> None:
    # As many at 20,000, 30,000 and 40,000 are what rounding makes; nine more at 30,000 it does not.
    rounded = [20_000.0] * 5 + [30_000.0] * 5 + [40_000.0] * 5 + [30_001.0, 29_000.0]
    assert on_the_line(rounded) == Verdict(15, 1 / 3, 1 / 3, 1, pytest.approx(stats.binom.sf(4, 15, 1 / 3)))
    assert on_the_line([*rounded, *[30_000.0] * 9]) == Verdict(
        24, 14 / 24, 1 / 3, pytest.approx(1.75), pytest.approx(stats.binom.sf(13, 24, 1 / 3))
    )
    assert on_the_line([25_000.0]) == Verdict(0)


@pytest.mark.parametrize(
    ("income", "side", "cell"),
    [
        *((30_000, "above", 0), (30_999.9999, "above", 0), (31_000, "above", 1), (39_999.9999, "above", 9)),
        *((29_999.9999, "below", 0), (29_000, "below", 0), (28_999.9999, "below", 1), (20_000, "below", 9)),
    ],
)
def test_cells_begin_at_the_line_and_hold_their_lower_edge(income: float, side: str, cell: int) -> None:
    answers, _ = survey({"a": [income]})
    (row,) = density.counts(answers, LINE * 10_000, STEP * 10_000).collect().iter_rows(named=True)
    counts = [0] * 10
    counts[cell] = 1
    other = "below" if side == "above" else "above"
    assert (row[f"n_{side}"], row[f"n_{other}"], row[f"f_{other}"]) == (1, 0, 0)
    assert Fraction(row[f"f_{side}"], density._SCALE) == normal_equations(counts)  # noqa: SLF001


@pytest.mark.parametrize("income", [19_999.9999, 40_000, -30_000])
def test_what_is_further_from_the_line_than_a_step_does_not_count(income: float) -> None:
    assert at_line([income]) == Verdict(0)


def test_a_step_that_tenths_do_not_divide_has_cells_all_the_same() -> None:
    """A step of 7 ten-thousandths of a yuan: the first cell above holds the line alone, the second the next amount."""
    answers = pl.LazyFrame({PLACE: [0, 0, 0], AMOUNT: [100, 101, 99]}, schema_overrides={PLACE: pl.UInt32})
    (row,) = density.counts(answers, 100, 7).collect().iter_rows(named=True)
    first, second = ([int(place == cell) for place in range(10)] for cell in (0, 1))
    assert Fraction(row["f_above"], density._SCALE) == normal_equations(first) + normal_equations(second)  # noqa: SLF001
    assert Fraction(row["f_below"], density._SCALE) == normal_equations(second)  # noqa: SLF001


def test_fewer_than_thirty_on_a_side_tell_nothing() -> None:
    enough, too_few = cells([3] * 10, 1), cells([3] * 9 + [2], -1)
    assert at_line(enough + cells([3] * 10, -1)).p_value == 0.5
    assert at_line(enough + too_few) == Verdict(59)


def test_the_lines_are_those_of_the_tiers_and_the_top() -> None:
    assert [line // 10_000 for line in density.lines(PROGRAMME)] == [30_000, 40_000, 90_000, 100_000]


# copies


def test_copied_incomes_are_held_against_agreement_by_chance() -> None:
    """By hand: 4 matched, 2 the same; now a, a, b, c and before a, b, b, d agree in 2 * 1 + 1 * 2 of 16 pairs."""
    answers, places = survey({"t": [100, 100, 200, 300, 400, 0, -5]})
    was, _ = survey({"t": [100, 200, 200, 400, -400, 0, -5]}, "2023")
    (told,) = verdicts(copied.copied([(answers, was)], places))
    assert told == Verdict(4, 0.5, 0.25, 2, pytest.approx(stats.binom.sf(1, 4, 0.25)))


def test_amounts_that_no_round_shares_cannot_be_copied() -> None:
    answers, places = survey({"t": [100, 200], "u": []})
    was, _ = survey({"t": [300, 400]}, "2023")
    assert verdicts(copied.copied([(answers, was)], places)) == [Verdict(2, 0, 0, None, 1), Verdict(0)]


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), max_size=12))
def test_copies_are_those_of_a_count_by_hand(incomes: list[tuple[int, int]]) -> None:
    answers, places = survey({"t": [now for now, _ in incomes]})
    was, _ = survey({"t": [before for _, before in incomes]}, "2023")
    (told,) = verdicts(copied.copied([(answers, was)], places))
    both = [(now, before) for now, before in incomes if now > 0 and before > 0]
    assert told.households == len(both)
    if both:
        chance = sum(now == before for now, _ in both for _, before in both) / len(both) ** 2
        same = sum(now == before for now, before in both)
        assert (told.observed, told.expected) == (pytest.approx(same / len(both)), pytest.approx(chance))
        assert told.p_value == pytest.approx(stats.binom.sf(same - 1, len(both), chance), rel=1e-9)


# alike


def pairs_alike(amounts: Iterable[float]) -> int:
    return sum(one == other for one, other in combinations(amounts, 2))


@pytest.mark.parametrize("amounts", ["aabbbcde", "aaaaaaaa", "abcdefgh", "aaaabbcd", "aab", "aa"])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_the_pairs_of_all_places_that_there_could_be_have_the_mean_and_variance_told(amounts: str, n: int) -> None:
    if n > len(amounts):
        return
    found = [pairs_alike(place) for place in combinations(amounts, n)]
    mean = Fraction(sum(found), len(found))
    variance = sum((pairs - mean) ** 2 for pairs in found) / Fraction(len(found))
    times = [amounts.count(amount) for amount in set(amounts)]
    twos, threes = sum(c * (c - 1) for c in times), sum(c * (c - 1) * (c - 2) for c in times)
    assert alike.moments(n, len(amounts), twos, threes) == (mean, variance)


def test_in_a_round_without_end_they_are_those_of_drawing_with_putting_back() -> None:
    """N p2 and N p2 (1 - p2) + n (n - 1) (n - 2) (p3 - p2²), with p2 = 0.5² + 2 * 0.25², p3 = 0.5³ + 2 * 0.25³."""
    many, n, p2, p3 = 10**9, 20, 0.375, 0.15625
    times = [many // 2, many // 4, many // 4]
    twos, threes = sum(c * (c - 1) for c in times), sum(c * (c - 1) * (c - 2) for c in times)
    mean, variance = alike.moments(n, many, twos, threes)
    assert float(mean) == pytest.approx(190 * p2, rel=1e-7)
    assert float(variance) == pytest.approx(190 * p2 * (1 - p2) + 20 * 19 * 18 * (p3 - p2**2), rel=1e-7)


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), min_size=2, max_size=4))
def test_pairs_alike_are_those_of_a_count_by_hand(places: list[list[int]]) -> None:
    answers, named = survey({f"t{number}": incomes for number, incomes in enumerate(places)})
    every = [income for incomes in places for income in incomes]
    for told, incomes in zip(verdicts(alike.alike(answers, named)), places, strict=True):
        assert told.households == len(incomes)
        if 2 <= len(incomes) < len(every):
            possible = math.comb(len(incomes), 2)
            assert told.observed == pairs_alike(incomes)
            assert told.expected == pytest.approx(possible * pairs_alike(every) / math.comb(len(every), 2))
        else:
            assert told.p_value is None


def test_one_coincidence_of_rare_amounts_is_no_finding() -> None:
    """A hundredth of a pair is expected: one is there in one place of a hundred, whatever the normal tail says."""
    assert alike.chance(1, 4950, 0.01, 0.0101) == pytest.approx(0.00995, rel=0.001)


def test_common_amounts_make_a_long_tail() -> None:
    """Of 100 families one in twenty gives the same amount; so many give it that its pairs are as many as told."""
    n, part = 100, 0.05
    p2, p3 = part**2, part**3
    mean = 4950 * p2
    variance = mean * (1 - p2) + 100 * 99 * 98 * (p3 - p2**2)
    for families in (12, 15, 20):
        exact = stats.binom.sf(families - 1, n, part)
        assert alike.chance(math.comb(families, 2), 4950, mean, variance) > exact


@pytest.mark.parametrize(
    ("value", "mean", "variance"),
    [(3, 0.01, 0.011), (190, 12.5, 137), (780, 39, 126), (1.0005e9, 1e9, 1e10), (50, 100, 300), (20, 0.04, 0.042)],
)
def test_the_tail_of_the_inverse_gaussian_distribution_is_scipys(value: float, mean: float, variance: float) -> None:
    shape = mean**3 / variance
    assert inverse_gaussian_tail(value, mean, variance) == pytest.approx(
        stats.invgauss.sf(value, mean / shape, scale=shape), rel=1e-8
    )


def test_nothing_at_all_is_always_reached() -> None:
    assert inverse_gaussian_tail(0, 3, 2) == 1


# digits


def test_second_digits_follow_benfords_published_shares() -> None:
    """Hill 1995, table of the second digit."""
    published = [0.1197, 0.1139, 0.1088, 0.1043, 0.1003, 0.0967, 0.0934, 0.0904, 0.0876, 0.0850]
    assert [round(share, 4) for share in digits.SECOND.values()] == published


@pytest.mark.parametrize(
    ("income", "second", "last"),
    [
        *((31_250.99, 1, 5), (301, 0, 1), (45_600, 5, 6), (123_456, 2, 6), (100_001, 0, 1)),
        *((30_000, None, None), (31_000, None, None), (99, None, None), (0.99, None, None), (-31_250, None, None)),
    ],
)
def test_digits_are_of_whole_yuan_with_three_significant_ones(
    income: float, second: int | None, last: int | None
) -> None:
    answers, places = survey({"a": [income]})
    for test, digit in zip(digits.digits(answers, places), (second, last), strict=True):
        counts = {
            name: count
            for row in test.counts.drop(PLACE).collect().iter_rows(named=True)
            for name, count in row.items()
        }
        assert [name for name, count in counts.items() if count] == ([] if digit is None else [str(digit)])


def test_chi_squared_is_scipys() -> None:
    answers, places = survey({"a": honest(3, 500), "b": honest(4, 40)})
    second, last = digits.digits(answers, places)
    texts = [text for text in (str(int(income)) for income in honest(3, 500)) if len(text.rstrip("0")) >= 3]
    for test, shares, digit in ((second, digits.SECOND, 1), (last, digits.LAST, -1)):
        found, too_few = verdicts(test)
        seen = [text.rstrip("0")[digit] for text in texts]
        counts = [seen.count(str(value)) for value in shares]
        wanted = stats.chisquare(counts, [len(seen) * share for share in shares.values()])
        assert (found.statistic, found.p_value) == (pytest.approx(wanted.statistic), pytest.approx(wanted.pvalue))
        assert found.observed == pytest.approx(sum(map(int, seen)) / len(seen))
        assert too_few.p_value is None


def test_the_mean_of_last_digits_should_be_five() -> None:
    assert digits.verdict(digits.LAST, *[10] * 9) == Verdict(90, 5, pytest.approx(5), 0, 1)


# correction


def corrected(chances: list[float | None]) -> list[float | None]:
    return (
        pl.DataFrame({"p": chances, "f": 1}, schema={"p": pl.Float64, "f": pl.Int64})
        .select(holm(pl.col("p"), ["f"]))["p"]
        .to_list()
    )


def test_holms_correction_of_four_by_hand() -> None:
    """Sorted 0.005, 0.01, 0.03, 0.04 are taken 4, 3, 2 and 1 times: 0.02, 0.03, 0.06, and 0.04, which is no less."""
    assert corrected([0.01, 0.04, None, 0.03, 0.005]) == pytest.approx([0.03, 0.06, None, 0.06, 0.02])


@given(st.lists(st.none() | st.sampled_from([0, 0.001, 0.01, 0.2, 0.7, 1]) | st.floats(0, 1), min_size=1))
def test_holms_correction_is_that_of_a_walk_down_the_list(chances: list[float | None]) -> None:
    known = sorted(chance for chance in chances if chance is not None)
    wanted, largest = {}, 0.0
    for place, chance in enumerate(known):
        largest = max(largest, min(1, chance * (len(known) - place)))
        wanted.setdefault(chance, largest)
    assert corrected(chances) == [None if chance is None else wanted[chance] for chance in chances]


def test_each_round_test_and_amount_is_corrected_by_itself() -> None:
    table = table_of(towns(4, 200))
    for _, family in table.group_by(ROUND, "test", "amount"):
        assert corrected(family["p_value"].to_list()) == family["p_adjusted"].to_list()


# what is planted is found


def test_every_place_has_a_row_of_every_test() -> None:
    table = table_of({"a": honest(1, 300), "b": [50_000], "none": []}, {"a": honest(2, 300), "b": [], "none": []})
    assert table.group_by("town", maintain_order=True).len()["len"].to_list() == [14, 14, 14]
    untold = table.filter(pl.col("town") == "none")
    assert untold["households"].to_list() == [0] * 14
    assert untold["suspicious"].to_list() == [None] * 14


def test_an_honest_survey_is_not_suspicious() -> None:
    table = table_of(towns(12, 500), towns(12, 500, seed=9))
    assert table["p_value"].count() > 100
    assert suspicious(table) == set()


def test_rounded_incomes_are_found_and_explain_their_jump() -> None:
    honest_ones = towns(12, 800)
    honest_ones["town5"] = [
        float(round(income, -4 if number % 2 else -3)) for number, income in enumerate(honest_ones["town5"])
    ]
    found = suspicious(table_of(honest_ones))
    assert {("town5", "heaping", 1_000), ("town5", "heaping", 10_000), ("town5", "alike", None)} <= found
    assert {town for town, _, _ in found} == {"town5"}
    assert "density_unrounded" not in {test for _, test, _ in found}


def test_families_that_were_moved_over_the_floor_are_found() -> None:
    some = towns(12, 2_000)
    some["town7"] = [income + 2_000 if 28_000 <= income < 30_000 else income for income in some["town7"]]
    found = suspicious(table_of(some))
    assert found == {("town7", "density", 30_000), ("town7", "density_unrounded", 30_000)}


def test_a_town_that_was_copied_is_found() -> None:
    before = towns(12, 300, seed=5)
    after = {**towns(12, 300), "town2": [*before["town2"][:150], *honest(77, 150)]}
    assert suspicious(table_of(after, before)) == {("town2", "copied", None)}


def test_a_village_of_equal_answers_is_found() -> None:
    some = towns(12, 300)
    some["town3"] = [*some["town3"][:270], *[31_237.0] * 30]
    assert ("town3", "alike", None) in suspicious(table_of(some))


def test_invented_digits_are_found() -> None:
    """Who makes numbers up is fond of 3 and 7, and shuns what is round."""
    draw = random.Random(4)  # noqa: S311
    some = towns(12, 300)
    some["town1"] = [float("".join(draw.choice("123345677789") for _ in range(5))) for _ in range(300)]
    found = suspicious(table_of(some))
    assert {("town1", "second_digit", None), ("town1", "last_digit", None)} <= found
    assert {town for town, _, _ in found} == {"town1"}


@pytest.mark.parametrize(
    ("test", "amount"), [("heaping", 1_000), ("density", 30_000), ("second_digit", None), ("last_digit", None)]
)
def test_chances_of_honest_towns_are_spread_evenly(test: str, amount: int | None) -> None:
    """Of 300 towns a tenth moves by 3.5 standard deviations at most, and a half too; incomes are smooth."""
    whole = 100 if test == "heaping" else 1
    some = {town: [income // whole * whole for income in incomes] for town, incomes in towns(300, 600, seed=3).items()}
    table = table_of(some).filter(pl.col("test") == test)
    chances = table.filter(pl.col("amount").eq_missing(None if amount is None else amount * 10_000))["p_value"]
    assert chances.count() == 300
    assert 0.04 < (chances < 0.1).mean() < 0.16
    assert 0.4 < (chances > 0.5).mean() < 0.6


def test_chances_of_honest_towns_to_be_alike_are_not_too_small() -> None:
    draw = random.Random(8)  # noqa: S311
    rounded = {
        town: [float(round(income, -3)) if draw.random() < 0.5 else income for income in incomes]
        for town, incomes in towns(300, 100, seed=4).items()
    }
    known = table_of(rounded).filter(pl.col("test") == "alike")["p_value"]
    assert 0 < (known < 0.1).sum() < 50
    assert (known < 0.01).sum() < 12
