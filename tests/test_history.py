from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl

from incomeladder.history import COLUMNS, history
from incomeladder.loading import load
from panels import panel, readable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incomeladder.programme import Programme

    Shows = Callable[[pl.DataFrame, str], None]


def test_a_history_has_a_row_for_every_round_and_tells_how_the_household_moved(
    shows: Shows, programme: Programme
) -> None:
    rounds = panel("""
        household_id | county | size | 2019  | 2020  | 2021 | 2022       | 2023   | 2024
        1            | 东区   | 3    | 25000 | 29999 |      | 30000      | ?      | 100000
        other        | 西区   | 4    | 1     | 2     | 3    | 4          | 5      | 6
    """)
    shows(
        readable(history(rounds, ["1"], programme)),
        """
        survey_round | seen  | county | size | income | change | band | tier  | target | shortfall | movement
        2019         | true  | 东区   | 3    | 25000  |        | 2    | floor | 30000  | 5000      |
        2020         | true  | 东区   | 3    | 29999  | 4999   | 2    | floor | 30000  | 1         | same
        2021         | false |        |      |        |        |      |       |        |           | left
        2022         | true  | 东区   | 3    | 30000  | 1      | 3    | low   | 40000  | 10000     | up
        2023         | true  | 东区   | 3    |        |        |      |       |        |           |
        2024         | true  | 东区   | 3    | 100000 | 70000  | 10   |       |        |           | up
        """,
    )


def test_a_household_enters_with_its_first_sighting_unless_that_is_the_first_round(
    shows: Shows, programme: Programme
) -> None:
    rounds = panel("""
        household_id | 1     | 2     | 3      | 4     | 5
        early        | 50000 |       |        |       | 50000
        late         |       |       | -1     | 0     |
        silent       |       | ?     | 95000  | 94999 | 89999.9999
        mute         | ?     | ?     | 100000 |       | ?
    """)
    shows(
        readable(history(rounds, ["late", "early", "silent", "mute"], programme)),
        """
        household_id | survey_round | seen  | income     | change    | band | tier   | shortfall | movement
        late         | 1            | false |            |           |      |        |           |
        late         | 2            | false |            |           |      |        |           |
        late         | 3            | true  | -1         |           | -1   | floor  | 30001     | entered
        late         | 4            | true  | 0          | 1         | 0    | floor  | 30000     | up
        late         | 5            | false |            |           |      |        |           | left
        early        | 1            | true  | 50000      |           | 5    |        |           |
        early        | 2            | false |            |           |      |        |           | left
        early        | 3            | false |            |           |      |        |           | left
        early        | 4            | false |            |           |      |        |           | left
        early        | 5            | true  | 50000      | 0         | 5    |        |           | same
        silent       | 1            | false |            |           |      |        |           |
        silent       | 2            | true  |            |           |      |        |           | entered
        silent       | 3            | true  | 95000      |           | 9    | middle | 5000      |
        silent       | 4            | true  | 94999      | -1        | 9    | middle | 5001      | same
        silent       | 5            | true  | 89999.9999 | -4999.0001 | 8   |        |           | down
        mute         | 1            | true  |            |           |      |        |           |
        mute         | 2            | true  |            |           |      |        |           |
        mute         | 3            | true  | 100000     |           | 10   |        |           |
        mute         | 4            | false |            |           |      |        |           | left
        mute         | 5            | true  |            |           |      |        |           |
        """,
    )


def test_households_stand_as_asked_each_once_and_unknown_ones_are_left_out(programme: Programme) -> None:
    rounds = panel("household_id | 9 | 10\na | 1 |\nb | | 1\nc | 1 | 1")
    found = history(rounds, ["c", "x", "a", "c"], programme).collect()
    assert found.select("household_id", "survey_round").rows() == [("c", "9"), ("c", "10"), ("a", "9"), ("a", "10")]
    assert history(rounds, ["x"], programme).collect().shape == (0, len(COLUMNS))
    assert history(rounds, [], programme).collect().shape == (0, len(COLUMNS))


def test_columns_that_some_rounds_lack_are_empty_there(shows: Shows, programme: Programme) -> None:
    bare = panel("household_id | 2023\n1 | 1")
    full = panel("household_id | key_group | residence | size | 2024\n1 | 低保家庭 | rural | 2 | 1")
    shows(
        readable(history([*bare, *full], ["1"], programme)),
        """
        survey_round | county | key_group | residence | size
        2023         |        |           |           |
        2024         |        | 低保家庭  | rural     | 2
        """,
    )


def test_the_columns_have_their_types(programme: Programme) -> None:
    texts = ("household_id", "survey_round", "county", "township", "village", "residence", "key_group")
    schema = history(panel("household_id | 1\n1 | 1"), ["1"], programme).collect().schema
    assert tuple(schema) == COLUMNS
    assert all(schema[name] == pl.String for name in (*texts, "tier", "movement"))
    assert all(schema[name] == pl.Int64 for name in ("size", "income", "change", "target", "shortfall"))
    assert (schema["seen"], schema["band"]) == (pl.Boolean, pl.Int32)


def test_another_ladder_and_other_tiers_are_used(shows: Shows, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("[tiers.low]\ntarget = 50000\n")
    rounds = panel("household_id | 1 | 2\nx | 39000 | 41000")
    shows(
        readable(history(rounds, ["x"], load(path, step="20000").programme)),
        "survey_round | band | tier | target | shortfall\n1 | 1 | low | 50000 | 11000\n2 | 2 | | |",
    )


def test_files_are_filtered_as_they_are_read(programme: Programme, tmp_path: Path) -> None:
    (label, households), *_ = panel("household_id | 2024\na | 1\nb | 2")
    households.collect().write_parquet(tmp_path / "round.parquet")
    scanned = [(label, pl.scan_parquet(tmp_path / "round.parquet"))]
    for ids in (["a"], ["a", "b"]):
        plan = history(scanned, ids, programme).explain()
        assert plan.count("Parquet SCAN") == plan.count("SELECTION:") > 0
        assert history(scanned, ids, programme).collect()["household_id"].to_list() == ids


def recounted(cells: list[Any]) -> list[tuple[bool, int | None, str | None]]:
    """Seen, change and movement of each round."""
    rows: list[tuple[bool, int | None, str | None]] = []
    last, met = None, False
    for number, cell in enumerate(cells):
        income = None if cell in {None, "?"} else cell
        change = None if income is None or last is None else income - last
        movement = None
        if cell is None:
            movement = "left" if met else None
        elif not met:
            movement = "entered" if number else None
        elif change is not None:
            bands = [max(-1, min(10, amount // 100_000_000)) for amount in (last, income)]
            movement = "same" if bands[0] == bands[1] else "up" if bands[0] < bands[1] else "down"
        rows.append((cell is not None, change, movement))
        met, last = met or cell is not None, last if income is None else income
    return rows


def test_thousands_of_histories_agree_with_a_recount(programme: Programme) -> None:
    random = Random(1)  # noqa: S311  (a sample, no secret)
    edges = [None, "?", -1, 0, 299_999_999, 300_000_000, 999_999_999, 1_000_000_000]
    cells = {
        f"{one:04}": [random.choice([*edges, random.randint(-(10**8), 12 * 10**8)]) for _ in range(6)]
        for one in range(2_000)
    }
    rounds = []
    for number in range(6):
        there = {one: each[number] for one, each in cells.items() if each[number] is not None}
        incomes = pl.Series([None if cell == "?" else cell for cell in there.values()], dtype=pl.Int64)
        rounds.append((str(number), pl.LazyFrame({"household_id": list(there), "income": incomes})))
    asked = random.sample(sorted(cells), 2_000)
    found = history(rounds, asked, programme).collect(engine="streaming")
    met = [one for one in asked if any(cell is not None for cell in cells[one])]
    assert found["household_id"].unique(maintain_order=True).to_list() == met
    assert found.select("seen", "change", "movement").rows() == [row for one in met for row in recounted(cells[one])]
