"""Whole reports on made-up surveys, against a recount in plain Python that shares no code with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    import polars as pl

    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]

NAMES = ["<0", *(f"{low}0000-{low + 1}0000" if low else "0-10000" for low in range(10)), "100000+"]


@dataclass(frozen=True)
class Household:
    identifier: str
    county: str
    income: str
    weight: str

    @property
    def yuan(self) -> Fraction | None:
        return Fraction(Decimal(self.income)) if self.income else None

    @property
    def band(self) -> int | None:
        """-1 below 0, 10 from 100,000 on."""
        return None if self.yuan is None else max(-1, min(10, floor(self.yuan / 10_000)))

    @property
    def name(self) -> str:
        return "missing" if self.band is None else NAMES[self.band + 1]

    @property
    def mass(self) -> Fraction:
        return Fraction(Decimal(self.weight))


EDGES = [
    "0",
    "-0.01",
    "29999.99",
    "29999.9999999",
    "30000",
    "39999.99",
    "40000",
    "90000",
    "99999.99",
    "100000",
    "500000",
]
INCOMES = st.one_of(
    st.just(""),
    st.sampled_from(EDGES),
    st.decimals(-50_000, 600_000, places=2, allow_nan=False).map("{:f}".format),
)
HOUSEHOLDS = st.lists(
    st.builds(
        Household,
        st.integers(1, 14).map("H{}".format),
        st.sampled_from(["东区", "西区", ""]),
        INCOMES,
        st.sampled_from(["0", "1", "2.5", "0.000000001", "84.3"]),
    ),
    max_size=12,
    unique_by=lambda household: household.identifier,
).map(lambda made: [Household("H0", "东区", "45000", "1"), *made])


def csv_text(households: list[Household]) -> str:
    lines = [f"{one.identifier},{one.county},{one.income},{one.weight}\n" for one in households]
    return "household_id,county,income,weight\n" + "".join(lines)


def same(found: float | None, exact: Fraction | None) -> bool:
    if found is None or exact is None:
        return found is exact
    return found == pytest.approx(float(exact), rel=1e-12)


def ratio(part: Fraction, whole: Fraction) -> Fraction | None:
    return part / whole if whole else None


def compared(
    report_of: Make, write: Write, *sides: list[Household], by: tuple[str, ...] = ()
) -> dict[str, pl.DataFrame]:
    before, after = (write(csv_text(side), f"{label}.csv") for side, label in zip(sides, "ab", strict=True))
    return dict(report_of(before, after, by=by, movers="all").tables)


@given(HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_bands_add_up_to_the_accepted_and_shares_are_exact(
    report: Make, write: Write, households: list[Household]
) -> None:
    made = report("bands", write(csv_text(households)))
    banded = sum((one.mass for one in households if one.band is not None), Fraction(0))
    assert made.tables["bands"]["households"].sum() == made.accounting[""].accepted == len(households)
    running = Fraction(0)
    for row in made.tables["bands"].iter_rows(named=True):
        members = [one for one in households if one.name == row["band"]]
        assert row["households"] == len(members)
        if row["band"] == "missing":
            assert (row["weight"], row["share"], row["cumulative_share"]) == (None, None, None)
            continue
        mass = sum((one.mass for one in members), Fraction(0))
        running += mass
        assert same(row["weight"], mass)
        assert same(row["share"], ratio(mass, banded))
        assert same(row["cumulative_share"], ratio(running, banded))


@given(HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_headline_agrees_with_a_recount(report: Make, write: Write, households: list[Household]) -> None:
    (row,) = report("bands", write(csv_text(households))).tables["summary"].iter_rows(named=True)
    known = [one for one in households if one.yuan is not None]
    below = [one for one in known if one.yuan < 30_000]
    middle = [one for one in known if 100_000 <= one.yuan < 500_000]
    whole = sum((one.mass for one in known), Fraction(0))
    assert row["missing"] == len(households) - len(known)
    assert row["below_floor"] == len(below)
    assert row["low_tier"] == sum(30_000 <= one.yuan < 40_000 for one in known)
    assert row["middle_tier"] == sum(90_000 <= one.yuan < 100_000 for one in known)
    assert row["at_or_above_top"] == sum(one.yuan >= 100_000 for one in known)
    assert row["middle_income"] == len(middle)
    cut = [Fraction(floor(one.yuan * 10_000), 10_000) for one in below]
    assert same(row["shortfall"], sum((30_000 - yuan for yuan in cut), Fraction(0)))
    assert same(row["below_floor_share"], ratio(sum((one.mass for one in below), Fraction(0)), whole))
    assert same(row["middle_income_share"], ratio(sum((one.mass for one in middle), Fraction(0)), whole))


@given(HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_groups_add_up_to_the_whole(report: Make, write: Write, households: list[Household]) -> None:
    file = write(csv_text(households))
    whole, parts = (report("bands", file, by=by).tables["summary"] for by in ((), ("county",)))
    assert parts["county"].to_list() == sorted({one.county for one in households if one.county}) + (
        [None] if any(not one.county for one in households) else []
    )
    for column in ("households", "missing", "below_floor", "low_tier", "middle_tier", "at_or_above_top"):
        assert parts[column].sum() == whole[column].item()


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_every_household_is_matched_or_left_or_entered(
    compare: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    (row,) = compared(compare, write, before, after)["summary"].iter_rows(named=True)
    assert row["matched"] + row["left"] == row["before"] == len(before)
    assert row["matched"] + row["entered"] == row["after"] == len(after)
    assert row["up"] + row["same"] + row["down"] + row["missing"] == row["matched"]
    told = sum(row[f"{way}_below_floor"] for way in ("stayed", "left"))
    assert told + row["rose_above_floor"] <= row["below_floor_before"]


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_margins_of_the_matrix_are_the_ladders(
    compare: Make, report: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    matrix = compared(compare, write, before, after)["matrix"]
    for side, column, absent in ((before, "from_band", "entered"), (after, "to_band", "left")):
        ladder = report("bands", write(csv_text(side))).tables["bands"]
        margin: Counter[str] = Counter()
        for band, count in matrix.filter(matrix[column] != absent).select(column, "households").rows():
            margin[band] += count
        assert +margin == +Counter(dict(ladder.select("band", "households").rows()))


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_matrix_agrees_with_a_recount_and_its_row_shares_sum_to_one(
    compare: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    first, second = ({one.identifier: one for one in side} for side in (before, after))
    cells: Counter[tuple[str, str]] = Counter()
    masses: Counter[tuple[str, str]] = Counter()
    for identifier in {**first, **second}:
        was, now = first.get(identifier), second.get(identifier)
        way = (was.name if was else "entered", now.name if now else "left")
        cells[way] += 1
        masses[way] += was.mass if was else now.mass
    moved = {way: mass for way, mass in masses.items() if way[0] in NAMES and way[1] in NAMES}
    rows: Counter[str] = Counter()
    shares: Counter[str] = Counter()
    for (origin, _), mass in moved.items():
        rows[origin] += mass
    for row in compared(compare, write, before, after)["matrix"].iter_rows(named=True):
        way = row["from_band"], row["to_band"]
        assert row["households"] == cells.pop(way, 0)
        assert same(row["weight"], Fraction(masses[way]))
        banded = way[0] in NAMES and way[1] in NAMES
        assert same(row["row_share"], ratio(Fraction(masses[way]), Fraction(rows[way[0]])) if banded else None)
        shares[way[0]] += row["row_share"] or 0
    assert not cells
    for origin, mass in rows.items():
        assert not mass or shares[origin] == pytest.approx(1)


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_tiers_agree_with_a_recount_and_add_up(
    compare: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    first, second = ({one.identifier: one.yuan for one in side} for side in (before, after))
    lines = {"floor": (None, 30_000), "low": (30_000, 40_000), "middle": (90_000, 100_000)}

    def inside(yuan: Fraction | None, tier: str) -> bool:
        lower, upper = lines[tier]
        return yuan is not None and (lower is None or yuan >= lower) and yuan < upper

    for row in compared(compare, write, before, after)["tiers"].iter_rows(named=True):
        tier = row["tier"]
        members = [identifier for identifier, yuan in first.items() if inside(yuan, tier)]
        later = [second[one] for one in members if one in second]
        known = [yuan for yuan in later if yuan is not None]
        reached, stayed = sum(yuan >= lines[tier][1] for yuan in known), sum(inside(yuan, tier) for yuan in known)
        now = [identifier for identifier, yuan in second.items() if inside(yuan, tier)]
        assert row == {
            "tier": tier,
            "before": len(members),
            "reached_target": reached,
            "stayed": stayed,
            "fell_back": len(known) - reached - stayed,
            "left": len(members) - len(later),
            "missing": len(later) - len(known),
            "after": len(now),
            "entered": sum(identifier not in first for identifier in now),
        }


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_the_measures_agree_with_a_recount(
    compare: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    second = {one.identifier: one.band for one in after}
    moves = [(one.band, second[one.identifier], one.mass) for one in before if second.get(one.identifier) is not None]
    moves = [(origin, end, mass) for origin, end, mass in moves if origin is not None]
    assume(moves)
    whole = sum((mass for *_, mass in moves), Fraction(0))
    origins = {band: sum((m for o, _, m in moves if o == band), Fraction(0)) for band, *_ in moves}
    occupied = [band for band, mass in origins.items() if mass]
    trace = sum((mass / origins[o] for o, e, mass in moves if o == e and origins[o]), Fraction(0))
    exact = {
        "immobility_ratio": ratio(sum((m for o, e, m in moves if o == e), Fraction(0)), whole),
        "prais_bibby": ratio(sum((m for o, e, m in moves if o != e), Fraction(0)), whole),
        "upward": ratio(sum((m for o, e, m in moves if o < e), Fraction(0)), whole),
        "downward": ratio(sum((m for o, e, m in moves if o > e), Fraction(0)), whole),
        "average_movement": ratio(sum((m * abs(e - o) for o, e, m in moves), Fraction(0)), whole),
        "net_movement": ratio(sum((m * (e - o) for o, e, m in moves), Fraction(0)), whole),
        "shorrocks": (len(occupied) - trace) / (len(occupied) - 1) if len(occupied) > 1 else None,
    }
    found = dict(compared(compare, write, before, after)["measures"].rows())
    assert found.keys() == exact.keys()
    for measure, value in exact.items():
        assert found[measure] == (None if value is None else pytest.approx(float(value), abs=1e-12)), measure


@given(HOUSEHOLDS, HOUSEHOLDS)
@settings(max_examples=40, deadline=None)
def test_swapping_the_rounds_transposes_the_matrix_and_swaps_up_and_down(
    compare: Make, write: Write, before: list[Household], after: list[Household]
) -> None:
    there, back = compared(compare, write, before, after), compared(compare, write, after, before)
    swapped = {"entered": "left", "left": "entered"}
    columns = ("from_band", "to_band", "households")
    cells = {(f, t): count for f, t, count in there["matrix"].select(columns).rows()}
    for start, end, count in back["matrix"].select(columns).rows():
        assert cells[swapped.get(end, end), swapped.get(start, start)] == count
    (one,), (other,) = (tables["summary"].rows(named=True) for tables in (there, back))
    pairs = {"up": "down", "left": "entered", "before": "after", "rose_above_floor": "fell_below_floor"}
    for column, counterpart in pairs.items():
        assert (one[column], one[counterpart]) == (other[counterpart], other[column])
    assert (one["same"], one["missing"]) == (other["same"], other["missing"])


@given(HOUSEHOLDS, HOUSEHOLDS, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_changes_nothing(
    compare: Make, write: Write, before: list[Household], after: list[Household], chance: Random
) -> None:
    shuffled = [chance.sample(side, len(side)) for side in (before, after)]
    one = compared(compare, write, before, after, by=("county",))
    other = compared(compare, write, *shuffled, by=("county",))
    assert all(one[table].equals(other[table]) for table in one)
