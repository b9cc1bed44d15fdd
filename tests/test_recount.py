"""The committed sample counted once more in plain Python with exact decimals, sharing no code with the reports."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import polars as pl

    from incomeladder.report import Report

    Make = Callable[..., Report]
    Household = dict[str, str]
    Key = tuple[object, ...]

SAMPLE = Path(__file__).parents[1] / "data" / "sample_households.csv"
BANDS = ["<0", "0-10000", *(f"{low}0000-{low + 1}0000" for low in range(1, 10)), "100000+"]
TIERS = {"floor": (Decimal("-Infinity"), 30_000), "low": (30_000, 40_000), "middle": (90_000, 100_000)}


def sample() -> dict[str, dict[str, Household]]:
    rounds: dict[str, dict[str, Household]] = defaultdict(dict)
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rounds[row["survey_round"]][row["household_id"]] = row
    return rounds


ROUNDS = sample()


def income(household: Household) -> Decimal | None:
    if not household["income"]:
        return None
    return Decimal(household["income"]).quantize(Decimal("0.0001"), ROUND_FLOOR)


def band(household: Household) -> str:
    yuan = income(household)
    if yuan is None:
        return "missing"
    return BANDS[1 + min(10, max(-1, int((yuan / 10_000).to_integral_value(ROUND_FLOOR))))]


def inside(household: Household, tier: str) -> bool:
    yuan = income(household)
    return yuan is not None and TIERS[tier][0] <= yuan < TIERS[tier][1]


def weight(households: Iterable[Household]) -> Fraction:
    return sum((Fraction(household["weight"]) for household in households), Fraction(0))


def share(part: Fraction, whole: Fraction) -> float | None:
    return float(part / whole) if whole else None


def close(found: dict[str, object], exact: dict[str, object]) -> None:
    assert found.keys() == exact.keys()
    for name, value in exact.items():
        wanted = pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float | Fraction | Decimal) else value
        assert found[name] == wanted, (name, found)


def split(households: Iterable[Household], by: tuple[str, ...]) -> list[tuple[Key, list[Household]]]:
    def key(household: Household) -> tuple[tuple[bool, str], ...]:
        return tuple((not household[column], household[column]) for column in by)

    return [
        (tuple(text or None for _, text in group), list(members))
        for group, members in groupby(sorted(households, key=key), key)
    ]


def held(table: pl.DataFrame) -> list[dict[str, object]]:
    return table.rows(named=True)


@pytest.mark.parametrize("by", [(), ("county",), ("county", "residence"), ("key_group",)])
def test_every_band_of_every_round_is_counted_right(report: Make, by: tuple[str, ...]) -> None:
    rows = held(report("bands", str(SAMPLE), rounds=("all",), by=by).tables["bands"])
    for label, households in sorted(ROUNDS.items()):
        for group, members in split(households.values(), by):
            whole, running = weight(one for one in members if income(one) is not None), Fraction(0)
            seen = {band(one) for one in members}
            for name in [name for name in [*BANDS, "missing"] if name in seen or name not in {"<0", "missing"}]:
                those = [one for one in members if band(one) == name]
                mass = weight(those)
                running += mass
                row = rows.pop(0)
                assert (row.pop("survey_round"), *(row.pop(column) for column in by)) == (label, *group)
                lost = name == "missing"
                edges = name.removesuffix("+").split("-")
                lower = None if lost or name == "<0" else int(edges[0])
                upper = 0 if name == "<0" else int(edges[1]) if len(edges) > 1 else None
                exact = {"band": name, "lower": lower, "upper": upper, "households": len(those)}
                weighed = {
                    "weight": None if lost else float(mass),
                    "share": None if lost else share(mass, whole),
                    "cumulative_share": None if lost else share(running, whole),
                }
                close(row, exact | weighed)
    assert rows == []


@pytest.mark.parametrize("by", [(), ("county",)])
def test_every_headline_is_counted_right(report: Make, by: tuple[str, ...]) -> None:
    rows = held(report("bands", str(SAMPLE), rounds=("all",), by=by).tables["summary"])
    for label, households in sorted(ROUNDS.items()):
        for group, members in split(households.values(), by):
            known = [one for one in members if income(one) is not None]
            below = [one for one in known if income(one) < 30_000]
            middle = [one for one in known if 100_000 <= income(one) < 500_000]
            exact = {
                "survey_round": label,
                **dict(zip(by, group, strict=True)),
                "households": len(members),
                "weight": float(weight(known)),
                "missing": len(members) - len(known),
                "below_floor": len(below),
                "below_floor_share": share(weight(below), weight(known)),
                "shortfall": float(sum(30_000 - income(one) for one in below)),
                "low_tier": sum(inside(one, "low") for one in known),
                "middle_tier": sum(inside(one, "middle") for one in known),
                "at_or_above_top": sum(income(one) >= 100_000 for one in known),
                "middle_income": len(middle),
                "middle_income_share": share(weight(middle), weight(known)),
            }
            close(rows.pop(0), exact)
    assert rows == []


def test_every_flagged_household_is_listed_in_order_with_its_shortfall(report: Make) -> None:
    rows = held(report("flagged", str(SAMPLE), rounds=("all",), tiers=tuple(TIERS)).main)
    for label, households in sorted(ROUNDS.items()):
        for tier, (_, target) in TIERS.items():
            sign = 1 if tier == "floor" else -1
            members = [one for one in households.values() if inside(one, tier)]
            for one in sorted(members, key=lambda one: (sign * income(one), one["household_id"])):
                places = ("household_id", "county", "township", "village", "residence", "key_group")
                exact = {
                    "survey_round": label,
                    **{column: one[column] or None for column in places},
                    "size": int(one["size"]),
                    "income": float(income(one)),
                    "band": band(one),
                    "tier": tier,
                    "target": target,
                    "shortfall": float(target - income(one)),
                }
                close(rows.pop(0), exact)
    assert rows == []


PAIRS = [("2022", "2023"), ("2023", "2024"), ("2022", "2024")]


def linked(before: str, after: str, county: str | None) -> list[tuple[Household | None, Household | None]]:
    first, second = ROUNDS[before], ROUNDS[after]
    ways = [(first.get(one), second.get(one)) for one in {**first, **second}]
    return [way for way in ways if county is None or (way[0] or way[1])["county"] == county]


def grouped(
    compare: Make, pair: tuple[str, str], table: str, *, by_county: bool
) -> list[tuple[str | None, pl.DataFrame]]:
    found = compare(str(SAMPLE), rounds=pair, by=("county",) if by_county else ()).tables[table]
    if not by_county:
        return [(None, found)]
    return [(key[0], part.drop("county")) for key, part in found.group_by("county", maintain_order=True)]


CASES = [(pair, by_county) for pair in PAIRS for by_county in (False, True)]


@pytest.mark.parametrize(("pair", "by_county"), CASES)
def test_every_cell_of_the_matrix_is_counted_right(compare: Make, pair: tuple[str, str], by_county: bool) -> None:  # noqa: FBT001
    for county, matrix in grouped(compare, pair, "matrix", by_county=by_county):
        cells: dict[tuple[str, str], list[Household]] = defaultdict(list)
        for was, now in linked(*pair, county):
            cells[band(was) if was else "entered", band(now) if now else "left"].append(was or now)
        for row in held(matrix):
            way = row["from_band"], row["to_band"]
            origin = weight(
                one for (start, end), ones in cells.items() for one in ones if start == way[0] and end in BANDS
            )
            those = cells.get(way, [])
            banded = way[0] in BANDS and way[1] in BANDS
            exact = {"households": len(those), "weight": float(weight(those))}
            close(
                row,
                {"from_band": way[0], "to_band": way[1]}
                | exact
                | {"row_share": share(weight(those), origin) if banded else None},
            )
        assert set(cells) <= set(matrix.select("from_band", "to_band").rows())


@pytest.mark.parametrize(("pair", "by_county"), CASES)
def test_every_number_of_the_scorecard_is_counted_right(
    compare: Make,
    pair: tuple[str, str],
    by_county: bool,  # noqa: FBT001
) -> None:
    for county, table in grouped(compare, pair, "summary", by_county=by_county):
        ways = linked(*pair, county)
        matched = [(was, now) for was, now in ways if was and now]
        known = [(income(was), income(now), was, now) for was, now in matched if was["income"] and now["income"]]
        steps = [BANDS.index(band(now)) - BANDS.index(band(was)) for *_, was, now in known]
        poor = [(was < 30_000, now < 30_000) for was, now, *_ in known]
        left, entered = ([way[side] for way in ways if not way[1 - side]] for side in (0, 1))
        exact = {
            "before": len(matched) + len(left),
            "after": len(matched) + len(entered),
            "matched": len(matched),
            "left": len(left),
            "entered": len(entered),
            "up": sum(step > 0 for step in steps),
            "same": steps.count(0),
            "down": sum(step < 0 for step in steps),
            "missing": len(matched) - len(known),
            "below_floor_before": sum(inside(was, "floor") for was, _ in ways if was),
            "below_floor_after": sum(inside(now, "floor") for _, now in ways if now),
            "rose_above_floor": poor.count((True, False)),
            "stayed_below_floor": poor.count((True, True)),
            "fell_below_floor": poor.count((False, True)),
            "left_below_floor": sum(inside(one, "floor") for one in left),
            "entered_below_floor": sum(inside(one, "floor") for one in entered),
        }
        assert held(table) == [exact]


@pytest.mark.parametrize(("pair", "by_county"), CASES)
def test_every_number_of_the_tiers_is_counted_right(
    compare: Make,
    pair: tuple[str, str],
    by_county: bool,  # noqa: FBT001
) -> None:
    for county, table in grouped(compare, pair, "tiers", by_county=by_county):
        ways = linked(*pair, county)
        for row, (tier, (lower, upper)) in zip(held(table), TIERS.items(), strict=True):
            ends = [now for was, now in ways if was and inside(was, tier)]
            later = [income(now) for now in ends if now and now["income"]]
            assert row == {
                "tier": tier,
                "before": len(ends),
                "reached_target": sum(yuan >= upper for yuan in later),
                "stayed": sum(lower <= yuan < upper for yuan in later),
                "fell_back": sum(yuan < lower for yuan in later),
                "left": ends.count(None),
                "missing": sum(now is not None and not now["income"] for now in ends),
                "after": sum(now is not None and inside(now, tier) for _, now in ways),
                "entered": sum(was is None and inside(now, tier) for was, now in ways if now),
            }
            assert row["before"] == sum(
                row[way] for way in ("reached_target", "stayed", "fell_back", "left", "missing")
            )


@pytest.mark.parametrize(("pair", "by_county"), CASES)
def test_every_measure_is_counted_right(compare: Make, pair: tuple[str, str], by_county: bool) -> None:  # noqa: FBT001
    for county, table in grouped(compare, pair, "measures", by_county=by_county):
        moves = [
            (BANDS.index(band(was)), BANDS.index(band(now)), Fraction(was["weight"]))
            for was, now in linked(*pair, county)
            if was and now and was["income"] and now["income"]
        ]
        whole = sum(mass for *_, mass in moves)
        rows: dict[int, Fraction] = defaultdict(Fraction)
        for start, _, mass in moves:
            rows[start] += mass
        trace = sum(mass / rows[start] for start, end, mass in moves if start == end)
        stayed = sum(mass for start, end, mass in moves if start == end)
        exact = {
            "immobility_ratio": stayed / whole,
            "prais_bibby": 1 - stayed / whole,
            "upward": sum(mass for start, end, mass in moves if end > start) / whole,
            "downward": sum(mass for start, end, mass in moves if end < start) / whole,
            "average_movement": sum(mass * abs(end - start) for start, end, mass in moves) / whole,
            "net_movement": sum(mass * (end - start) for start, end, mass in moves) / whole,
            "shorrocks": (len(rows) - trace) / (len(rows) - 1),
        }
        close(dict(table.rows()), {name: float(value) for name, value in exact.items()})
