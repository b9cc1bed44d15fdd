"""Moves that hide small numbers: what they change, how often they can be made, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from incomeladder.disclosure.choosing import choose
from incomeladder.disclosure.companions import of_groups, of_ladder
from incomeladder.disclosure.showing import without
from incomeladder.disclosure.views import Coarser, View
from incomeladder.disclosure.worlds import WORLD, Counted
from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

A, B, C = ("a",), ("b",), ("c",)
ALL, LOW = ("summary", "", "all"), ("summary", "", "low")
SUMS = {("bands", atom[0], "households"): frozenset([atom]) for atom in (A, B, C)} | {
    ALL: frozenset([A, B, C]),
    LOW: frozenset([A, B]),
}


def ladder(a: int, b: int, c: int) -> View:
    """Three bands, the lower two of which are low."""
    return View({(): {A: a, B: b, C: c}}, SUMS)


def hidden(view: View, group: tuple[object, ...] = ()) -> set[str]:
    return {name[1] or name[2] for name in view.hidden[group]}


def test_a_small_number_is_hidden_with_the_neighbour_that_leaves_the_sums_alone() -> None:
    view = ladder(3, 20, 40)
    choose(view, of_ladder, 5)
    assert hidden(view) == {"a", "b"}


def test_two_small_numbers_whose_sum_is_small_hide_that_sum_too() -> None:
    view = ladder(2, 2, 40)
    choose(view, of_ladder, 5)
    assert hidden(view) == {"a", "b", "c", "low"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    view = ladder(5, 0, 40)
    choose(view, of_ladder, 5)
    assert (hidden(view), view.moves) == (set(), [])


def test_a_move_can_be_made_until_a_count_is_used_up() -> None:
    assert [ladder(3, 20, 1).reach({(): pattern}) for pattern in ({A: 1, B: -1}, {A: -1, C: 1}, {B: -2, A: 2})] == [
        20,
        3,
        10,
    ]
    assert ladder(0, 0, 0).reach({(): {A: 1}}) > 1_000_000


def test_groups_give_one_another_households_so_that_their_sum_stays_as_it_is() -> None:
    whole = ladder(23, 30, 80)
    choose(whole, of_ladder, 5)
    towns = View({("x",): {A: 3, B: 10, C: 40}, ("y",): {A: 20, B: 20, C: 40}}, SUMS, (Coarser(whole, lambda _: ()),))
    choose(towns, of_groups, 5)
    assert (hidden(whole), hidden(towns, ("x",)), hidden(towns, ("y",))) == (set(), {"a", "b"}, {"a", "b"})


def test_what_all_hide_their_groups_do_not_give_away() -> None:
    whole = ladder(3, 30, 80)
    choose(whole, of_ladder, 5)
    towns = View({("x",): {A: 3, B: 10, C: 40}, ("y",): {A: 0, B: 20, C: 40}}, SUMS, (Coarser(whole, lambda _: ()),))
    choose(towns, of_groups, 5)
    assert hidden(whole) == {"a", "b"}
    assert hidden(towns, ("x",)) == {"a", "b"}


def test_what_no_move_can_hide_is_not_shown_at_all() -> None:
    with pytest.raises(SurveyRefused) as refusal:
        choose(ladder(3, 0, 0), lambda *_: [], 5)
    assert [reason.key for reason in refusal.value.reasons] == ["not_publishable"]


def tables(counts: pl.DataFrame, by: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    low = pl.col("households").filter(pl.col("band") != "c")
    return {
        "bands": counts.group_by(*by, "band", maintain_order=True).agg(pl.col("households").sum()),
        "summary": counts.group_by(by, maintain_order=True).agg(
            low.sum().alias("low"), (low.sum() / pl.col("households").sum()).alias("share")
        ),
    }


COUNTED = Counted(
    pl.DataFrame({"town": ["x"] * 3, "band": ["a", "b", "c"], "households": [3, 20, 40], "weight": [3, 20, 40]}),
    ("town",),
    ("band",),
    tables,
)


def test_what_a_number_is_the_sum_of_is_told_by_the_tables_themselves() -> None:
    assert COUNTED.sums([A, B, C]) == {
        **{("bands", atom[0], "households"): frozenset([atom]) for atom in (A, B, C)},
        ("summary", "", "low"): frozenset([A, B]),
    }


def test_every_number_that_is_another_in_another_world_is_hidden() -> None:
    found = COUNTED.hidden({("x",): [frozenset({(A, 1), (C, -1)})]})
    told = tables(COUNTED.frame, ["town"])
    assert without(told["bands"], found["bands"])["households"].to_list() == [None, 20, None]
    assert without(told["summary"], found["summary"]).rows() == [("x", None, None)]


def test_a_move_within_a_sum_leaves_it_as_it_is() -> None:
    found = COUNTED.hidden({("x",): [frozenset({(A, 1), (B, -1)})]})
    assert without(tables(COUNTED.frame, ["town"])["summary"], found["summary"]).rows() == [("x", 23, 23 / 63)]
    assert WORLD not in found["summary"].columns


def test_without_moves_nothing_is_hidden() -> None:
    assert COUNTED.hidden({}) == {}
