from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.loading import load
from incomeladder.taken import OUTCOMES, taken
from panels import panel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from incomeladder.programme import Programme

    Shows = Callable[[pl.DataFrame, str], None]

NOTES = ("household_id", "measure", "survey_round")


def notes(drawn: str) -> pl.LazyFrame:
    rows = [[cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines()]
    return pl.LazyFrame(rows, schema=dict.fromkeys(NOTES, pl.String), orient="row")


def one_by_one(rounds: list[tuple[str, pl.LazyFrame]], drawn: str, programme: Programme) -> dict[str, str]:
    """What became of each household that a note is on, by its id."""
    found = {}
    for line in drawn.strip().splitlines():
        (row,) = taken(notes(line), rounds, programme).collect().rows(named=True)
        (outcome,) = (name for name in OUTCOMES if row[name])
        found[line.split("|")[0].strip()] = outcome
    return found


def test_measures_are_counted_by_what_became_of_the_households(shows: Shows, programme: Programme) -> None:
    rounds = panel("""
        household_id | 2022  | 2023  | 2024
        1            | 20000 | 30000 | 30000
        2            | 20000 | 29999 | 30000
        3            | 35000 | 40000 |
        4            | 35000 |       |
        5            | 35000 | ?     | 50000
        6            | 50000 | 60000 | 70000
        7            | 10000 | 10000 | 10000
    """)
    made = notes("""
        1 | skills-training | 2022
        2 | skills-training | 2022
        2 | skills-training | 2023
        3 | skills-training | 2022
        4 | public-job      | 2022
        5 | public-job      | 2022
        6 | public-job      | 2022
        7 | public-job      | 2024
        7 | skills-training | 2024
    """)
    shows(
        taken(made, rounds, programme).collect(),
        """
        measure | notes | households | rose_above_target | still_below_target | left | missing | no_target | pending
        public-job      | 4 | 4 | 0 | 0 | 1 | 1 | 1 | 1
        skills-training | 5 | 4 | 2 | 1 | 0 | 0 | 0 | 1
        """,
    )


def test_a_household_has_risen_when_it_reaches_the_target_of_the_tier_it_was_in(programme: Programme) -> None:
    rounds = panel("""
        household_id   | 1          | 2
        floor-at       | 29999.9999 | 30000
        floor-under    | -500       | 29999.9999
        low-at         | 30000      | 40000
        low-under      | 30000      | 39999.9999
        low-fell       | 39999.9999 | 20000
        middle-at      | 90000      | 100000
        middle-under   | 90000      | 99999.9999
        between        | 40000      | 200000
        above          | 100000     | 200000
    """)
    ids = rounds[0][1].collect()["household_id"].to_list()
    assert one_by_one(rounds, "\n".join(f"{name} | micro-credit | 1" for name in ids), programme) == {
        "above": "no_target",
        "between": "no_target",
        "floor-at": "rose_above_target",
        "floor-under": "still_below_target",
        "low-at": "rose_above_target",
        "low-fell": "still_below_target",
        "low-under": "still_below_target",
        "middle-at": "rose_above_target",
        "middle-under": "still_below_target",
    }


def test_without_a_known_tier_then_there_is_no_target_even_in_the_last_round(programme: Programme) -> None:
    rounds = panel("household_id | 1 | 2\nmissing | ? | 10\nunseen | | 10\nhigh | 50000 | 50000\nlow | 30000 | 30000")
    drawn = "missing | x | 1\nunseen | x | 1\nstranger | x | 1\nhigh | x | 2\nlow | x | 2"
    outcomes = one_by_one(rounds, drawn, programme)
    assert outcomes.pop("low") == "pending"
    assert set(outcomes.values()) == {"no_target"}
    assert one_by_one(rounds, "low | x | 1999", programme) == {"low": "no_target"}


def test_who_is_out_of_sight_when_help_comes_has_the_target_of_the_last_known_income(programme: Programme) -> None:
    rounds = panel("""
        household_id | 2022  | 2023  | 2024
        back         | 20000 |       | 31000
        not-yet      | 35000 | ?     | 36000
        gone         | 20000 |       |
        was-well-off | 60000 |       | 20000
        never-known  | ?     |       | 20000
        later-poor   | 20000 | 60000 | 70000
    """)
    made = "\n".join(f"{one} | public-job | 2023" for one in ("back", "not-yet", "gone", "was-well-off", "never-known"))
    assert one_by_one(rounds, made + "\nlater-poor | public-job | 2023", programme) == {
        "back": "rose_above_target",
        "not-yet": "still_below_target",
        "gone": "left",
        "was-well-off": "no_target",
        "never-known": "no_target",
        "later-poor": "no_target",
    }


def test_only_the_round_right_after_counts(programme: Programme) -> None:
    rounds = panel("household_id | 1 | 2 | 3\na | 10 | | 50000\nb | 10 | ? | 50000\nc | 10 | 20 | 50000")
    drawn = "a | x | 1\nb | x | 1\nc | x | 1"
    assert one_by_one(rounds, drawn, programme) == {"a": "left", "b": "missing", "c": "still_below_target"}


def test_the_first_note_counts_by_the_order_of_rounds_not_of_notes_or_labels(
    shows: Shows, programme: Programme
) -> None:
    rounds = panel("household_id | 9 | 10 | 11\na | 10 | 50000 | 50000")
    made = notes("a | x | 11\na | x | 1999\na | x | 10\na | x | 9\na | x | 9")
    shows(
        taken(made, rounds, programme).collect(),
        "measure | notes | households | rose_above_target | no_target\nx | 5 | 1 | 1 | 0",
    )


def test_kinds_stand_as_in_the_programme_and_unknown_ones_last(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[measures.legal-aid]\nen = "legal aid"\nzh = "法律援助"\n')
    kinds = ["z", "legal-aid", "b", "temporary-aid", "public-job", "micro-credit"]
    made = notes("\n".join(f"1 | {kind} | 1" for kind in kinds))
    counted = taken(made, panel("household_id | 1\n1 | 1"), load(path).programme).collect()
    assert counted["measure"].to_list() == ["public-job", "micro-credit", "temporary-aid", "legal-aid", "b", "z"]


def test_without_notes_or_rounds_there_is_nothing_to_count(programme: Programme) -> None:
    columns = ["measure", "notes", "households", *OUTCOMES]
    none = taken(notes("1 | x | 1").clear(), panel("household_id | 1\n1 | 1"), programme).collect()
    assert (none.height, none.columns) == (0, columns)
    assert none.schema == {"measure": pl.String, **dict.fromkeys(columns[1:], pl.Int64)}
    assert taken(notes("1 | x | 1"), [], programme).collect()["no_target"].to_list() == [1]


CELLS = st.sampled_from([None, "?", -1, 299_999_999, 300_000_000, 399_999_999, 400_000_000, 900_000_000, 1_000_000_000])
TARGETS = [(-(10**16), 300_000_000, 300_000_000), (300_000_000, 400_000_000, 400_000_000)]
TARGETS += [(900_000_000, 1_000_000_000, 1_000_000_000)]


def recounted(cells: dict[str, list[Any]], household: str, number: int) -> str:
    each = cells.get(household, [])
    known = [income for income in each[: number + 1] if income not in {None, "?"}] if number < len(each) else []
    target = None
    if known:
        target = next((target for lower, upper, target in TARGETS if lower <= known[-1] < upper), None)
    if target is None:
        return "no_target"
    if number + 1 == len(each):
        return "pending"
    then = each[number + 1]
    if then in {None, "?"}:
        return "left" if then is None else "missing"
    return "rose_above_target" if then >= target else "still_below_target"


@given(
    cells=st.integers(1, 4).flatmap(
        lambda rounds: st.dictionaries(
            st.sampled_from("abcdefgh"), st.lists(CELLS, min_size=rounds, max_size=rounds), min_size=1
        )
    ),
    made=st.lists(
        st.tuples(st.sampled_from("abcdefghij"), st.sampled_from(["public-job", "own"]), st.integers(0, 5)), max_size=30
    ),
)
@settings(max_examples=60)
def test_households_add_up_and_agree_with_a_recount(
    programme: Programme, cells: dict[str, list[Any]], made: list[tuple[str, str, int]]
) -> None:
    width = len(next(iter(cells.values())))
    rounds = []
    for number in range(width):
        there = {one: each[number] for one, each in sorted(cells.items()) if each[number] is not None}
        incomes = [None if cell == "?" else cell for cell in there.values()]
        schema = {"household_id": pl.String, "income": pl.Int64}
        rounds.append((str(number), pl.LazyFrame({"household_id": list(there), "income": incomes}, schema=schema)))
    rows = [(one, kind, str(number)) for one, kind, number in made]
    frame = pl.LazyFrame(rows, schema=dict.fromkeys(NOTES, pl.String), orient="row")
    counted = taken(frame, rounds, programme).collect(engine="streaming")
    first: dict[str, dict[str, int]] = defaultdict(dict)
    for one, kind, number in made:
        first[kind][one] = min(number, first[kind].get(one, number))
    assert counted["measure"].to_list() == [kind for kind in ("public-job", "own") if kind in first]
    for row in counted.iter_rows(named=True):
        outcomes = Counter(recounted(cells, one, number) for one, number in first[row["measure"]].items())
        assert row["notes"] == sum(kind == row["measure"] for _, kind, _ in made)
        assert row["households"] == len(first[row["measure"]]) == sum(row[name] for name in OUTCOMES)
        assert {name: row[name] for name in OUTCOMES if row[name]} == dict(outcomes)
