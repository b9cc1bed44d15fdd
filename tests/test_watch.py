from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.loading import load
from incomeladder.render.wording import en, zh
from incomeladder.watch import COLUMNS, REASONS, news, watch
from panels import panel, readable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incomeladder.programme import Programme

    Shows = Callable[[pl.DataFrame, str], None]

KINDS = {
    **dict.fromkeys(("household_id", "county", "township", "village", "residence", "key_group"), pl.String()),
    "size": pl.Int64(),
    "last_seen": pl.String(),
    **dict.fromkeys(("income", "previous_income"), pl.Int64()),
    "reasons": pl.List(pl.String()),
}


def told(drawn: str, programme: Programme) -> dict[str, str]:
    """The reasons of each household."""
    return dict(readable(watch(panel(drawn), programme)).select("household_id", "reasons").rows())


# below the floor


def test_a_household_below_the_floor_is_new_there_still_there_or_there_again(
    shows: Shows, programme: Programme
) -> None:
    rounds = panel("""
        household_id | 2022  | 2023  | 2024
        new          | 90000 | 30000 | 29999
        entrant      |       |       | 1
        persistent   | 50000 | 29000 | 28000
        again        | 29999 | 30000 | 27000
        relapsed     | 20000 | 40000 | 29998
        risen        | 20000 | 20000 | 60000
    """)
    shows(
        readable(watch(rounds, programme)),
        """
        household_id | last_seen | income | previous_income | reasons
        entrant      | 2024      | 1      |                 | below_floor_new
        again        | 2024      | 27000  | 30000           | below_floor_again
        persistent   | 2024      | 28000  | 29000           | below_floor_persistent
        relapsed     | 2024      | 29998  | 40000           | below_floor_again
        new          | 2024      | 29999  | 30000           | below_floor_new
        """,
    )


def test_rounds_without_the_household_or_its_income_are_passed_over(shows: Shows, programme: Programme) -> None:
    rounds = panel("""
        household_id | 2020  | 2021  | 2022  | 2023 | 2024
        1            | 20000 | ?     |       | ?    | 20000
        2            | 20000 | 31000 | ?     |      | 29000
        3            | ?     | ?     |       | ?    | 28000
    """)
    shows(
        readable(watch(rounds, programme)),
        """
        household_id | previous_income | reasons
        1            | 20000           | below_floor_persistent
        3            |                 | below_floor_new
        2            | 31000           | below_floor_again
        """,
    )


def test_the_floor_itself_is_not_below_it_neither_now_nor_before(programme: Programme) -> None:
    drawn = """
        household_id | 2022       | 2023       | 2024
        at           | 30000      | 30000      | 30000
        under        | 30000      | 30000      | 29999.9999
        was-at       | 30000      | 29999.9999 | 29999.9999
        was-under    | 29999.9999 | 30000      | 29999.9999
    """
    assert told(drawn, programme) == {
        "at": "just_above_floor",
        "under": "below_floor_new",
        "was-at": "below_floor_persistent",
        "was-under": "below_floor_again",
    }


# out of sight


def test_a_household_last_known_below_the_floor_that_is_not_seen_stays_on_the_list(
    shows: Shows, programme: Programme
) -> None:
    rounds = panel("""
        household_id | county | size | 2022  | 2023  | 2024
        gone         | 东区   | 3    | 10000 | 29000 |
        long-gone    | 西区   | 2    | 28000 |       |
        gone-missing | 西区   |      | 27000 | ?     |
        missing      | 东区   | 1    |       | 26000 | ?
        risen        | 东区   | 3    | 10000 | 30000 |
        never-known  | 东区   | 3    |       | ?     | ?
    """)
    shows(
        readable(watch(rounds, programme)),
        """
        household_id | county | size | last_seen | income | previous_income | reasons
        missing      | 东区   | 1    | 2024      |        | 26000           | missing_below_floor
        gone-missing | 西区   |      | 2023      |        | 27000           | unseen_below_floor
        long-gone    | 西区   | 2    | 2022      |        | 28000           | unseen_below_floor
        gone         | 东区   | 3    | 2023      |        | 29000           | unseen_below_floor
        """,
    )


def test_places_are_those_of_the_round_in_which_a_household_was_last_seen(shows: Shows, programme: Programme) -> None:
    def households(income: int | None, **columns: str | None) -> pl.LazyFrame:
        values = {"household_id": ["1"], "income": [income]} | {name: [value] for name, value in columns.items()}
        return pl.LazyFrame(values, schema_overrides={"income": pl.Int64, **dict.fromkeys(columns, pl.String)})

    nobody = households(1).clear()
    rounds = [
        ("9", households(10_000, county="东区", township="a", village="v")),
        ("10", households(None, county="西区", township=None)),
        ("11", nobody),
    ]
    shows(
        readable(watch(rounds, programme)),
        """
        household_id | county | township | village | last_seen | previous_income
        1            | 西区   |          |         | 10        | 1
        """,
    )
    shows(
        readable(watch([*rounds[:2], ("11", households(20_000, county="米易县"))], programme)),
        """
        household_id | county | township | last_seen | income | previous_income | reasons
        1            | 米易县 |          | 11        | 2      | 1               | below_floor_persistent
        """,
    )


# falls


@pytest.mark.parametrize(
    ("before", "now", "dropped"),
    [
        ("100000", "70000", False),
        ("100000", "69999.9999", True),
        ("200000.0001", "140000", True),  # 70 % of it is 140,000.00007
        ("50000", "0", True),
        ("50000", "-1", True),
        ("0.0001", "0", True),
        ("0", "-50000", False),
        ("-10000", "-50000", False),
        ("?", "50000", False),
        ("100000", "?", False),
        ("99999999999.9999", "69999999999.9999", True),
        ("99999999999.9999", "70000000000", False),
    ],
)
def test_an_income_has_dropped_when_more_than_the_share_of_it_is_gone(
    programme: Programme, before: str, now: str, *, dropped: bool
) -> None:
    reasons = told(f"household_id | 2023 | 2024\n1 | {before} | {now}", programme).get("1", "")
    assert ("dropped" in reasons.split()) is dropped


def test_a_fall_counts_from_the_last_known_income_not_from_the_highest(programme: Programme) -> None:
    drawn = """
        household_id | 2021   | 2022   | 2023 | 2024
        1            | 900000 | 200000 | ?    | 150000
        2            | 1000   | 900000 |      | 150000
    """
    assert told(drawn, programme) == {"2": "dropped"}


# near a line


@pytest.mark.parametrize(
    ("income", "reasons"),
    [
        ("30000", "just_above_floor"),
        ("31500", "just_above_floor"),
        ("31500.0001", None),
        ("37999.9999", None),
        ("38000", "near_low_target"),
        ("39999.9999", "near_low_target"),
        ("40000", "just_above_low"),
        ("42000", "just_above_low"),
        ("42000.0001", None),
        ("94999.9999", None),
        ("95000", "near_middle_target"),
        ("99999.9999", "near_middle_target"),
        ("100000", "just_above_middle"),
        ("105000", "just_above_middle"),
        ("105000.0001", None),
        ("99999999999", None),
        ("?", None),
    ],
)
def test_an_income_is_near_to_a_line_up_to_the_margin(programme: Programme, income: str, reasons: str | None) -> None:
    assert told(f"household_id | 2024\n1 | {income}", programme).get("1") == reasons


def test_the_margins_are_exact_where_they_fall_between_two_amounts(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("[tiers.floor]\nupper = 0.0003\ntarget = 0.0003\n[tiers.low]\nlower = 30000\n")
    drawn = "household_id | 2024\n3 | 0.0003\n4 | 0.0004\n5 | 0.0005"
    assert set(told(drawn, load(path, margin="33.3333%").programme)) == {"3"}
    assert set(told(drawn, load(path, margin="33.3334%").programme)) == {"3", "4"}


def test_a_household_is_close_to_a_target_only_inside_its_tier(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("[tiers.low]\nlower = 39000\n[watch]\nlines = []\n")
    drawn = "household_id | 2024\n1 | 38999.9999\n2 | 39000\n3 | 30000\n4 | 40000\n5 | 100000"
    assert told(drawn, load(path).programme) == {"2": "near_low_target"}


def test_only_the_lines_of_the_programme_are_watched_from_above(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[watch]\nlines = ["middle", "floor", "floor"]\n')
    drawn = "household_id | 2024\n1 | 30000\n2 | 40000\n3 | 100000"
    assert told(drawn, load(path).programme) == {"1": "just_above_floor", "3": "just_above_middle"}


# all reasons, and their order


def test_a_household_is_listed_once_with_all_its_reasons_the_most_serious_first(programme: Programme) -> None:
    drawn = """
        household_id | 2022  | 2023   | 2024
        1            | 20000 | 100000 | 29000
        2            | 50000 | 100000 | 30000
        3            | 50000 | 100000 | 39000
        4            | 20000 | 29000  | 1000
    """
    assert told(drawn, programme) == {
        "4": "below_floor_persistent dropped",
        "1": "below_floor_again dropped",
        "2": "dropped just_above_floor",
        "3": "dropped near_low_target",
    }


def test_the_list_is_sorted_by_need(programme: Programme) -> None:
    drawn = """
        household_id       | 2023   | 2024
        poorest            | 10     | -5000
        poor               | 29999  | 29999
        gone-poorest       | -1     |
        silent-poor        | 100    | ?
        gone-poor          | 29999  |
        fell-far           | 900000 | 200000
        fell-floor         | 200000 | 30000
        fell               | 50000  | 34000
        floor              | 30000  | 30000
        floor-far          | 30000  | 31000
        low-1-above        | 40000  | 40001
        middle-2-under     | 99998  | 99998
        low-3-under        | 39997  | 39997
        middle-4-above     | 100004 | 100004
    """
    names = [line.split("|")[0].strip() for line in drawn.strip().splitlines()[1:]]
    assert list(told(drawn, programme)) == names


def test_ties_stand_by_place_and_id_with_the_unnamed_last(programme: Programme) -> None:
    rounds = panel("""
        household_id | county | township | village | 2024
        1            |        |          |         | 100
        2            | b      |          | x       | 100
        3            | b      | t        | y       | 100
        4            | b      | t        | x       | 100
        5            | a      |          |         | 100
        6            | b      | t        | x       | 100
    """)
    assert readable(watch(rounds, programme))["household_id"].to_list() == ["5", "4", "6", "3", "2", "1"]


def test_the_columns_are_there_whatever_the_rounds_have(programme: Programme) -> None:
    for drawn in ("household_id | 2024\n1 | 1", "household_id | 2023 | 2024\n1 | 50000 | 50000", "household_id | 2024"):
        listed = watch(panel(drawn), programme)
        assert dict(listed.collect_schema()) == KINDS
        assert dict(listed.collect().schema) == KINDS
    assert tuple(KINDS) == COLUMNS


def test_an_empty_round_leaves_those_last_known_below_the_floor(programme: Programme) -> None:
    assert told("household_id | 2023 | 2024\n1 | 10 | \n2 | 30000 |", programme) == {"1": "unseen_below_floor"}


# news


def both_lists(drawn: str, programme: Programme) -> pl.DataFrame:
    rounds = panel(drawn)
    return readable(news(watch(rounds, programme), watch(rounds[:-1], programme)))


def test_news_are_the_households_with_a_reason_that_was_not_there(shows: Shows, programme: Programme) -> None:
    drawn = """
        household_id | 2022   | 2023  | 2024
        a-new        | 50000  | 50000 | 20000
        b-still      | 20000  | 20000 | 20001
        c-new-before | 50000  | 29000 | 20300
        d-again      | 20000  | 30000 | 20003
        e-twice      | 99000  | 60000 | 40000
        f-gone       | 20000  | 20000 |
        g-gone-long  | 20000  |       |
        h-missing    | 20000  | ?     | ?
        i-near       | 38000  | 38000 | 38001
        j-nearer     | 37000  | 37000 | 38000
        k-both       | 60000  | 38000 | 39000
        l-found      | 20000  |       | 20004
        m-crossed    | 39000  | 39000 | 40000
    """
    shows(
        both_lists(drawn, programme),
        """
        household_id | reasons                   | new_reasons
        a-new        | below_floor_new dropped   | below_floor_new dropped
        d-again      | below_floor_again dropped | below_floor_again dropped
        l-found      | below_floor_persistent    | below_floor_persistent
        f-gone       | unseen_below_floor        | unseen_below_floor
        e-twice      | dropped just_above_low    | dropped just_above_low
        m-crossed    | just_above_low            | just_above_low
        j-nearer     | near_low_target           | near_low_target
        """,
    )


def test_a_second_fall_in_a_row_is_news_and_a_line_that_is_still_near_is_not(programme: Programme) -> None:
    found = both_lists("household_id | 1 | 2 | 3\nx | 200000 | 100000 | 40000\ny | 60000 | 40000 | 40000", programme)
    assert found.select("household_id", "reasons", "new_reasons").rows() == [
        ("x", "dropped just_above_low", "dropped just_above_low")
    ]
    found = both_lists("household_id | 1 | 2 | 3\nx | 200000 | 140001 | 98000.6999", programme)
    assert found.select("reasons", "new_reasons").rows() == [("dropped near_middle_target",) * 2]
    found = both_lists("household_id | 1 | 2 | 3\nx | 41000 | 41000 | 40000\nz | 60000 | 41000 | 28000", programme)
    assert found.select("household_id", "reasons", "new_reasons").rows() == [
        ("z", "below_floor_new dropped", "below_floor_new dropped")
    ]


def test_the_reasons_of_old_are_kept_beside_the_new_ones(programme: Programme) -> None:
    found = both_lists("household_id | 1 | 2 | 3\nx | 20000 | 20000 | 10000", programme)
    assert found.select("reasons", "new_reasons").rows() == [("below_floor_persistent dropped", "dropped")]


# against a recount


FLOOR, LOW, MIDDLE = (Fraction(target * 10_000) for target in (30_000, 40_000, 100_000))
CELLS = [None, "?", -50_000_000, 0, 1, 299_999_999, 300_000_000, 314_999_999, 315_000_000, 379_999_999, 380_000_000]
CELLS += [399_999_999, 400_000_000, 420_000_000, 700_000_000, 949_999_999, 950_000_000, 999_999_999, 1_000_000_000]
CELLS += [1_049_999_999, 1_050_000_000, 1_428_571_427, 428_571_428, 10**15, -(10**15)]
Cell = Any


def recounted(cells: list[Cell]) -> tuple[list[str], tuple[int, Fraction]] | None:
    """A household's reasons and place on the list, from its cells; None where it is not on it."""
    known = [cell for cell in cells[:-1] if cell not in {None, "?"}]
    last, now = (known[-1] if known else None), cells[-1]
    income = None if now in {None, "?"} else Fraction(now)
    was = last is not None and last < FLOOR
    reasons, places = [], []
    if income is not None and income < FLOOR:
        relapsed = any(cell < FLOOR for cell in known)
        reasons.append(f"below_floor_{'persistent' if was else 'again' if relapsed else 'new'}")
        places.append((0, income))
    if income is None and was:
        reasons.append("unseen_below_floor" if now is None else "missing_below_floor")
        places.append((1, Fraction(last)))
    if income is not None and last is not None and last > 0 and income < Fraction(last) * Fraction(7, 10):
        reasons.append("dropped")
        places.append((2, income - last))
    for name, target in (("floor", FLOOR), ("low", LOW), ("middle", MIDDLE)):
        if income is not None and target <= income <= target * Fraction(21, 20):
            reasons.append(f"just_above_{name}")
            places.append((3 if name == "floor" else 4, income - target))
    for name, lower, target in (("low", FLOOR, LOW), ("middle", Fraction(900_000_000), MIDDLE)):
        if income is not None and max(lower, target * Fraction(19, 20)) <= income < target:
            reasons.append(f"near_{name}_target")
            places.append((4, target - income))
    return (reasons, min(places)) if reasons else None


def rounds_of(cells: dict[str, list[Cell]]) -> list[tuple[str, pl.LazyFrame]]:
    rounds = []
    for number in range(len(next(iter(cells.values())))):
        there = {one: each[number] for one, each in sorted(cells.items()) if each[number] is not None}
        incomes = [None if cell == "?" else cell for cell in there.values()]
        schema = {"household_id": pl.String, "income": pl.Int64}
        rounds.append((str(number), pl.LazyFrame({"household_id": list(there), "income": incomes}, schema=schema)))
    return rounds


def expected(cells: dict[str, list[Cell]]) -> list[tuple[str, list[str]]]:
    found = {one: recounted(each) for one, each in cells.items()}
    listed = sorted((told[1], one, told[0]) for one, told in found.items() if told)
    return [(one, reasons) for _, one, reasons in listed]


def listed(cells: dict[str, list[Cell]], programme: Programme) -> list[tuple[str, list[str]]]:
    made = watch(rounds_of(cells), programme).collect(engine="streaming")
    return made.select("household_id", "reasons").rows()


PANELS = st.integers(1, 4).flatmap(
    lambda rounds: st.dictionaries(
        st.integers(0, 60).map("{:02}".format),
        st.lists(st.sampled_from(CELLS) | st.integers(-(10**9), 2 * 10**9), min_size=rounds, max_size=rounds),
        min_size=1,
        max_size=25,
    )
)


@given(cells=PANELS)
@settings(max_examples=60)
def test_the_list_agrees_with_a_recount_in_fractions(programme: Programme, cells: dict[str, list[Cell]]) -> None:
    assert listed(cells, programme) == expected(cells)


@pytest.mark.parametrize("rounds", [1, 2, 7])
def test_thousands_of_households_agree_with_the_recount(programme: Programme, rounds: int) -> None:
    random = Random(rounds)  # noqa: S311  (a sample, no secret)

    def cell() -> Cell:
        return random.choice([*CELLS, "?", None, random.randint(0, 5 * 10**8), random.randint(0, 12 * 10**8)])

    cells = {f"{one:05}": [cell() for _ in range(rounds)] for one in range(6_000)}
    assert listed(cells, programme) == expected(cells)


@given(cells=PANELS)
@settings(max_examples=40)
def test_everybody_below_the_floor_is_listed_once_for_exactly_that(
    programme: Programme, cells: dict[str, list[Cell]]
) -> None:
    found = dict(listed(cells, programme))
    assert len(found) == len(listed(cells, programme))
    for one, each in cells.items():
        below = each[-1] not in {None, "?"} and each[-1] < FLOOR
        assert sum(reason.startswith("below_floor") for reason in found.get(one, [])) == below
    assert all(reasons == sorted(set(reasons), key=REASONS.index) for reasons in found.values())


@given(cells=PANELS)
@settings(max_examples=40)
def test_news_are_a_part_of_the_list_in_its_order(programme: Programme, cells: dict[str, list[Cell]]) -> None:
    rounds = rounds_of(cells)
    now = watch(rounds, programme).collect()
    then = watch(rounds[:-1] or rounds, programme).collect()
    found = news(now.lazy(), then.lazy()).collect(engine="streaming")
    assert found.drop("new_reasons").equals(now.filter(pl.col("household_id").is_in(found["household_id"].to_list())))
    before = dict(then.select("household_id", "reasons").rows())
    news_of = dict(found.select("household_id", "new_reasons").rows())
    for one, reasons in now.select("household_id", "reasons").rows():
        old = set(before.get(one, []))
        still = any(reason.startswith("below_floor") for reason in old)
        old = old - {"below_floor_new", "below_floor_again", "dropped"} | (
            {"below_floor_persistent"} if still else set()
        )
        assert news_of.get(one, []) == [reason for reason in reasons if reason not in old]


# words


@pytest.mark.parametrize("words", [en.WORDS, zh.WORDS], ids=["en", "zh"])
def test_every_reason_is_said_in_a_few_words(words: dict[str, str]) -> None:
    assert {key for key in words if key.startswith("reason.")} == {f"reason.{reason}" for reason in REASONS}
    assert all(len(words[f"reason.{reason}"].encode("gb18030")) <= 24 for reason in REASONS)
