"""Households through several rounds: lives drawn a row each, a published life table, and a recount in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.classify import classify
from incomeladder.estimation.trajectories.lives import Lives
from incomeladder.estimation.trajectories.tables import tables
from incomeladder.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAMME = load().programme
STATES = {"b": "below", "a": "above", "?": "missing", "-": "unseen"}
INCOMES = {"b": 299_999_999, "a": 300_000_000, "?": None}
Z = 1.959963984540054
ERRORS = ("standard_error", "lower", "upper")


@dataclass(frozen=True)
class Life:
    """A letter a round: below, above, ``?`` missing, ``-`` unseen; a weight in thousandths and a place."""

    states: str
    weight: int = 1000
    county: str | None = "东区"


def told(lives: Sequence[Life], by: tuple[str, ...] = (), *, sampled: bool = True) -> dict[str, pl.DataFrame]:
    """The tables of lives in rounds 1, 2, …; before its last sighting a household was in another county."""
    rows = [
        (str(number + 1), f"{index:05}", INCOMES[letter], *_as_seen(life, number))
        for index, life in enumerate(lives)
        for number, letter in enumerate(life.states)
        if letter != "-"
    ]
    kinds = {"survey_round": pl.String, "household_id": pl.String, "income": pl.Int64, "weight": pl.Int64}
    households = pl.LazyFrame(rows, schema={**kinds, "county": pl.String}, orient="row")
    classified: pl.LazyFrame = nw.to_native(classify(nw.from_native(households), PROGRAMME))
    rounds = tuple(str(number + 1) for number in range(len(lives[0].states)))
    return tables(Lives.of(classified, rounds, PROGRAMME, by), sampled=sampled)


def _as_seen(life: Life, number: int) -> tuple[int, str | None]:
    """Its weight and county in a round: those that count only where nothing is seen of it later."""
    is_last = set(life.states[number + 1 :]) <= {"-"}
    return (life.weight * 10**6, life.county) if is_last else (123 * 10**9, "旧县")


def only(table: pl.DataFrame) -> dict[str, Any]:
    (row,) = table.to_dicts()
    return row


# lives

OF_EACH = ("spells", "first_below", "last_below", "exits", "relapses", "persistent")


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ("aaaa", (0, None, None, 0, 0, False)),
        ("bbbb", (1, "1", "4", 0, 0, True)),
        ("abba", (1, "2", "3", 1, 0, False)),
        ("bbab", (2, "1", "4", 1, 1, True)),
        ("baab", (2, "1", "4", 1, 1, False)),
        ("abab", (2, "2", "4", 1, 1, False)),
        ("baba", (2, "1", "3", 2, 1, False)),
        # Nobody looked: there was an exit and nobody knows when, so the spell has no end and no exit is counted.
        ("b-ab", (2, "1", "4", 0, 1, None)),
        ("ba-b", (2, "1", "4", 1, 1, None)),
        ("ba?b", (2, "1", "4", 1, 1, None)),
        # Below when last known: no relapse, whatever happened in between.
        ("b-bb", (2, "1", "4", 0, 0, None)),
        ("b--b", (2, "1", "4", 0, 0, None)),
        ("-abb", (1, "3", "4", 0, 0, None)),
        ("a--b", (1, "4", "4", 0, 0, None)),
        ("????", (0, None, None, 0, 0, None)),
        ("b---", (1, "1", "1", 0, 0, None)),
    ],
)
def test_a_life_is_told_as_it_was(life: str, expected: tuple[object, ...]) -> None:
    row = only(told([Life(life)])["trajectories"])
    assert row["path"] == ">".join(STATES[letter] for letter in life)
    assert tuple(row[name] for name in OF_EACH) == expected
    assert (row["rounds_seen"], row["rounds_below"]) == (4 - life.count("-"), life.count("b"))


def test_a_path_names_the_band_of_each_round() -> None:
    assert only(told([Life("ba?-")])["trajectories"])["bands"] == "20000-30000>30000-40000>missing>unseen"


def test_a_household_counts_as_it_was_when_last_seen() -> None:
    tables = told([Life("ab-", 2500, "西区"), Life("bba", 500, None)], ("county",))
    rows = tables["trajectories"].select("county", "weight", "last_seen").rows()
    assert rows == [("西区", 2.5, "2"), (None, 0.5, "3")]
    assert tables["summary"].select("county", "households", "weight").rows() == [("西区", 1, 2.5), (None, 1, 0.5)]


def test_spells_by_hand() -> None:
    # From left to right: 2 known to exit; 1 censored to exit; 1 known, and nobody knows what came after.
    rows = told([Life("abba"), Life("bab-"), Life("?bab")])["spells"].rows()
    assert rows == [
        (1, "known", "censored", 2),
        (1, "censored", "exit", 2),
        (2, "known", "exit", 1),
    ]


def test_chances_by_hand() -> None:
    # Of spells with a known start, weights 1, 1, 2 and 4 are seen a round later: 1 and 2 rise at once. Of the others
    # both stay, and the one that is seen once more rises. The last household is never known below with a known start.
    lives = [Life("abaa", 1000), Life("abba", 1000), Life("aab-"), Life("aba-", 2000), Life("-abb", 4000), Life("bbbb")]
    exits = told(lives)["hazards"].filter(event="exit").to_dicts()
    assert [(row["rounds"], row["at_risk"], row["events"]) for row in exits] == [(1, 4, 2), (2, 1, 1)]
    assert [row["hazard"] for row in exits] == [3 / 8, 1.0]
    assert [row["survival"] for row in exits] == [5 / 8, 0.0]
    # Scores 5/8, -3/8, 2 * 5/8 and -4 * 3/8 over 8; 6 households are in the survey.
    variance = 6 / 5 * (25 + 9 + 100 + 144) / 64 / 64
    assert exits[0]["standard_error"] == pytest.approx(math.sqrt(variance), rel=1e-12)
    relapses = told(lives)["hazards"].filter(event="relapse").to_dicts()
    assert [(row["at_risk"], row["events"], row["hazard"]) for row in relapses] == [(1, 0, 0.0)]


def test_persistence_by_hand() -> None:
    # Known in the last four rounds are weights 1, 2 and 5; 1 and 2 are below now and were twice or more before.
    lives = [Life("ababb"), Life("abbbb", 2000), Life("baaab", 5000), Life("bbb-b", 9000), Life("bbbb-", 9000)]
    row = only(told(lives)["summary"])
    assert (row["persistent"], row["persistent_of"], row["persistence"]) == (2, 3, 3 / 8)
    assert (row["below_now"], row["below_now_unknown_before"]) == (4, 1)
    # Scores w (e - 3/8): 5/8, 10/8, -15/8, of five households drawn, over a weight of 8.
    assert row["standard_error"] == pytest.approx(math.sqrt(5 / 4 * (25 + 100 + 225) / 64 / 64))
    assert 0 < row["lower"] < 3 / 8 < row["upper"] < 1
    assert only(told(lives, sampled=False)["summary"])["standard_error"] is None


def test_persistence_is_not_told_of_three_rounds() -> None:
    row = only(told([Life("bbb")])["summary"])
    assert {row[name] for name in ("persistent", "persistent_of", "persistence", "below_now_unknown_before")} == {None}
    assert only(told([Life("bbb")])["trajectories"])["persistent"] is None


def test_the_same_household_adds_its_scores_up_before_they_are_squared() -> None:
    # Twice at risk and one exit at a hazard of a half: its score is 1 - 2 / 2 = 0, and so is that of the others.
    row = told([Life("abaabb"), Life("abaabb")])["hazards"].filter(event="exit", rounds=1).to_dicts()[0]
    assert (row["at_risk"], row["hazard"], row["standard_error"]) == (4, 0.5, 0.0)


def test_weights_of_nothing_make_no_chances() -> None:
    rows = told([Life("aba", 0), Life("abb", 0)])["hazards"].to_dicts()
    assert [(row["at_risk"], row["hazard"], row["survival"], row["lower"]) for row in rows] == [(2, None, None, None)]
    assert told([Life("ab", 0)])["paths"]["share"].to_list() == [None]


def test_a_census_has_no_errors() -> None:
    row = told([Life("aba"), Life("abb")], sampled=False)["hazards"].to_dicts()[0]
    assert (row["hazard"], row["standard_error"], row["lower"], row["upper"]) == (0.5, None, None, None)


# a published life table

SPECIAL_EDUCATORS = [  # Singer and Willett (2003), table 10.1: teachers at risk, left, censored, hazard, survival
    (1, 3941, 456, 0, 0.1157, 0.8843),
    (2, 3485, 384, 0, 0.1102, 0.7869),
    (3, 3101, 359, 0, 0.1158, 0.6958),
    (4, 2742, 295, 0, 0.1076, 0.6209),
    (5, 2447, 218, 0, 0.0891, 0.5656),
    (6, 2229, 184, 0, 0.0825, 0.5189),
    (7, 2045, 123, 280, 0.0601, 0.4877),
    (8, 1642, 79, 307, 0.0481, 0.4642),
    (9, 1256, 53, 255, 0.0422, 0.4446),
    (10, 948, 35, 265, 0.0369, 0.4282),
    (11, 648, 16, 241, 0.0247, 0.4177),
    (12, 391, 5, 386, 0.0128, 0.4123),
]


def test_a_life_table_is_the_published_one() -> None:
    rounds = len(SPECIAL_EDUCATORS) + 2
    lives = [
        Life(course.ljust(rounds, "-"))
        for year, _, left, censored, _, _ in SPECIAL_EDUCATORS
        for course, times in (("a" + "b" * year + "a", left), ("a" + "b" * (year + 1), censored))
        for _ in range(times)
    ]
    found = told(lives)["hazards"]
    assert set(found["event"]) == {"exit"}
    assert [
        (row["rounds"], row["at_risk"], row["events"], round(row["hazard"], 4), round(row["survival"], 4))
        for row in found.to_dicts()
    ] == [(year, at_risk, left, hazard, lasting) for year, at_risk, left, _, hazard, lasting in SPECIAL_EDUCATORS]
    # Unweighted and once at risk each, the error is that of a binomial share, but for the n - 1 of a sample.
    for row in found.to_dicts():
        binomial = row["hazard"] * (1 - row["hazard"]) / row["at_risk"]
        assert row["standard_error"] == pytest.approx(math.sqrt(binomial * 3941 / 3940), rel=1e-9)


# the same once more, in plain Python


@st.composite
def panels(draw: st.DrawFn) -> list[Life]:
    rounds = draw(st.integers(2, 7))
    seen = st.text("bba?-a", min_size=rounds, max_size=rounds).filter(lambda states: set(states) != {"-"})
    life = st.builds(Life, seen, st.integers(0, 5000), st.sampled_from(["东区", "西区", None]))
    return draw(st.lists(life, min_size=1, max_size=40))


def relapse_rounds(states: str) -> Iterator[int]:
    """Walks through the known rounds: risen is whoever has been above after having been below."""
    poor = risen = False
    for number, letter in enumerate(states):
        if letter == "b":
            if risen:
                yield number
            poor, risen = True, False
        elif letter == "a":
            risen = poor


def runs(states: str) -> Iterator[tuple[int, int, str, str]]:
    """The spells below the floor: where they begin, how long they are, and what stands before and after them."""
    begin = 0
    for letter, run in groupby(states):
        length = len(list(run))
        if letter == "b":
            yield begin, length, f"-{states}"[begin], f"{states}-"[begin + length]
        begin += length


def events(states: str) -> Counter[tuple[str, int]]:
    """Entries, first entries, exits and relapses, by round."""
    found: Counter[tuple[str, int]] = Counter()
    for number, pair in enumerate(pairwise(states), start=1):
        found["entries", number] += pair == ("a", "b")
        found["first_entries", number] += pair == ("a", "b") and "b" not in states[:number]
        found["exits", number] += pair == ("b", "a")
    found.update(("relapses", number) for number in relapse_rounds(states))
    return found


def at_risk(states: str) -> Iterator[tuple[str, int, bool]]:
    """Every time that somebody could see whether a spell with a known start would end, and whether it did."""
    for event, (out, within) in {"exit": "ab", "relapse": "ba"}.items():
        for begin, pair in enumerate(pairwise(states), start=1):
            if pair != (out, within):
                continue
            for length in range(1, len(states) - begin):
                if states[begin + length] not in "ab":
                    break
                yield event, length, states[begin + length] == out
                if states[begin + length] == out:
                    break


def lacks(states: str) -> int:
    """How often the floor was passed while nobody looked."""
    known = [(number, letter) for number, letter in enumerate(states) if letter in "ab"]
    return sum(one[1] != other[1] and other[0] - one[0] > 1 for one, other in pairwise(known))


def share(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole else None


def summed(lives: list[Life]) -> dict[str, Any]:
    of = [life.states for life in lives]
    rounds = len(of[0])
    times = Counter(name for states in of for name, _ in events(states).elements())
    found: dict[str, Any] = {
        "households": len(of),
        "weight": float(Fraction(sum(life.weight for life in lives), 1000)),
        "seen_in_all": sum("-" not in states for states in of),
        "not_seen_in_all": sum("-" in states for states in of),
        "known_in_all": sum(set(states) <= {"a", "b"} for states in of),
        "ever_below": sum("b" in states for states in of),
        "always_below": sum(set(states) == {"b"} for states in of),
        "below_now": sum(states[-1] == "b" for states in of),
        "spells": sum(len(list(runs(states))) for states in of),
        "left_censored": sum(before != "a" for states in of for _, _, before, _ in runs(states)),
        "first_entries": times["first_entries"],
        "exits": times["exits"],
        "relapses": times["relapses"],
        "relapsed": sum(any(relapse_rounds(states)) for states in of),
        "crossed_unseen": sum(map(lacks, of)),
    }
    lasting = [life for life in lives if set(life.states[-4:]) <= {"a", "b"}]
    persistent = [life for life in lasting if life.states[-1] == "b" and life.states[-4:-1].count("b") > 1]
    unknown = sum(states[-1] == "b" and not set(states[-4:-1]) <= {"a", "b"} for states in of)
    told = (
        len(persistent),
        len(lasting),
        share(sum(life.weight for life in persistent), sum(life.weight for life in lasting)),
        unknown,
    )
    names = ("persistent", "persistent_of", "persistence", "below_now_unknown_before")
    return found | dict(zip(names, told if rounds > 3 else (None,) * 4, strict=True))


def persistence_errors(lives: list[Life], sampled: int) -> dict[str, float | None]:
    """As those of a hazard with one spell at risk for every household that is known in the last four rounds."""
    known = [life for life in lives if len(life.states) > 3 and set(life.states[-4:]) <= {"a", "b"}]
    below = [life.states[-1] == "b" and life.states[-4:-1].count("b") > 1 for life in known]
    row = hazard_row([(life.weight, 1, int(ended)) for life, ended in zip(known, below, strict=True)], sampled)
    return {name: row[name] for name in ERRORS}


def hazard_rows(lives: list[Life], sampled: int) -> dict[tuple[str, int], dict[str, float | None]]:
    scores: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    for life in lives:
        times: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        for event, length, ended in at_risk(life.states):
            times[event, length][0] += 1
            times[event, length][1] += ended
        for key, (risk, ended) in times.items():
            scores[key].append((life.weight, risk, ended))
    return {key: hazard_row(found, sampled) for key, found in scores.items()}


def hazard_row(scores: list[tuple[int, int, int]], sampled: int) -> dict[str, float | None]:
    risk = sum(w * r for w, r, _ in scores)
    row: dict[str, float | None] = {
        "at_risk": sum(r for _, r, _ in scores),
        "events": sum(e for _, _, e in scores),
        "hazard": share(sum(w * e for w, _, e in scores), risk),
    }
    if not risk or sampled == 1:
        return row | dict.fromkeys(("standard_error", "lower", "upper"))
    h = Fraction(sum(w * e for w, _, e in scores), risk)
    variance = Fraction(sampled, sampled - 1) * sum((w * (e - h * r)) ** 2 for w, r, e in scores) / risk**2
    size = float(h * (1 - h) / variance if variance else Fraction(risk**2, sum((w * r) ** 2 for w, r, _ in scores)))
    middle, half = float(h) + Z**2 / (2 * size), Z * math.sqrt(float(h * (1 - h)) / size + Z**2 / (4 * size**2))
    ends = {"lower": (middle - half) / (1 + Z**2 / size), "upper": (middle + half) / (1 + Z**2 / size)}
    return row | {"standard_error": math.sqrt(variance)} | ends


@given(panels())
@settings(max_examples=60, deadline=None)
def test_every_number_is_that_of_a_recount(lives: list[Life]) -> None:
    tables = told(lives, ("county",))
    groups = {county: [life for life in lives if life.county == county] for county in {life.county for life in lives}}
    assert {row.pop("county"): row for row in tables["summary"].drop(ERRORS).to_dicts()} == {
        county: summed(members) for county, members in groups.items()
    }
    assert only(told(lives)["summary"].drop(ERRORS)) == summed(lives)
    for row in tables["summary"].to_dicts():
        expected = persistence_errors(groups[row["county"]], len(lives))
        for name, error in expected.items():
            assert row[name] == (None if error is None else pytest.approx(error, rel=1e-9, abs=1e-12))
    for county, members in groups.items():
        of_group = {name: table.filter(pl.col("county").eq_missing(county)) for name, table in tables.items()}
        recount_rounds(of_group["rounds"], members)
        recount_paths(of_group["paths"], members)
        recount_spells(of_group["spells"], members)
        recount_hazards(of_group["hazards"], members, len(lives))
    recount_hazards(told(lives)["hazards"], lives, len(lives))


def recount_rounds(table: pl.DataFrame, lives: list[Life]) -> None:
    happened = [events(life.states) for life in lives]
    for number, row in enumerate(table.to_dicts()):
        letters = Counter(life.states[number] for life in lives)
        assert row["survey_round"] == str(number + 1)
        assert {name: row[name] for name in STATES.values()} == {STATES[letter]: letters[letter] for letter in STATES}
        assert row["seen"] + row["unseen"] == len(lives)
        for name in ("entries", "first_entries", "exits", "relapses"):
            assert row[name] == sum(each[name, number] for each in happened)


def recount_paths(table: pl.DataFrame, lives: list[Life]) -> None:
    households = Counter(">".join(STATES[letter] for letter in life.states) for life in lives)
    assert dict(table.select("path", "households").iter_rows()) == households
    assert table["weight"].is_sorted(descending=True)
    if sum(life.weight for life in lives):
        assert table["share"].sum() == pytest.approx(1)


def recount_spells(table: pl.DataFrame, lives: list[Life]) -> None:
    found = Counter(
        (length, "known" if before == "a" else "censored", "exit" if after == "a" else "censored")
        for life in lives
        for _, length, before, after in runs(life.states)
    )
    assert {row[:3]: row[3] for row in table.drop("county").iter_rows()} == found
    assert (table["length"] * table["spells"]).sum() == sum(life.states.count("b") for life in lives)


def recount_hazards(table: pl.DataFrame, lives: list[Life], sampled: int) -> None:
    found, survival = hazard_rows(lives, sampled), {"exit": 1.0, "relapse": 1.0}
    assert table.select("event", "rounds").rows() == sorted(found)
    for row in table.to_dicts():
        for name, value in found[row["event"], row["rounds"]].items():
            # Where all scores cancel out, doubles leave a trace of them.
            assert row[name] == (None if value is None else pytest.approx(value, rel=1e-6, abs=1e-7)), (name, row)
        if row["hazard"] is None:
            break
        survival[row["event"]] *= 1 - row["hazard"]
        assert row["survival"] == pytest.approx(survival[row["event"]], abs=1e-12)


@given(panels())
@settings(max_examples=30, deadline=None)
def test_every_household_is_there_once_in_any_order(lives: list[Life]) -> None:
    tables = told(lives)
    assert tables["trajectories"]["household_id"].to_list() == [f"{index:05}" for index in range(len(lives))]
    assert tables["trajectories"]["rounds_below"].sum() == tables["rounds"]["below"].sum()
    assert tables["trajectories"]["relapses"].sum() == tables["rounds"]["relapses"].sum()
    assert tables["paths"]["households"].sum() == len(lives)
    again = told(lives[::-1])
    for name in ("rounds", "paths", "spells"):
        assert again[name].equals(tables[name])
    assert again["summary"].drop(ERRORS).equals(tables["summary"].drop(ERRORS))
