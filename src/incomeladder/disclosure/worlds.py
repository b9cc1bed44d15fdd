"""The tables of other worlds: what each number is the sum of, and which numbers a move changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import HOUSEHOLDS, INCOME, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from incomeladder.disclosure.views import Atom, Group, Name, Pattern

    Tables: TypeAlias = Mapping[str, pl.DataFrame]
    Make: TypeAlias = Callable[[pl.DataFrame, Sequence[str]], Tables]
    """The tables of counts, by columns."""

WORLD: Final = "_world"
_BITS: Final = 60
_EDGES: Final = frozenset({"lower", "upper"})


@dataclass(frozen=True)
class Counted:
    """Counts by the columns of groups and of ``atoms``, and how tables are made of them.

    ``income`` is what a household has that comes in or goes, in ten-thousandths of a yuan.
    """

    frame: pl.DataFrame
    by: tuple[str, ...]
    atoms: tuple[str, ...]
    make: Make
    income: int = 0

    def counts(self) -> dict[Group, dict[Atom, int]]:
        """How many households each group has of each kind."""
        found: dict[Group, dict[Atom, int]] = defaultdict(dict)
        for row in self.frame.select(*self.by, *self.atoms, HOUSEHOLDS).iter_rows():
            group, atom = row[: len(self.by)], row[len(self.by) : -1]
            found[group][atom] = row[-1]
        return dict(found)

    def over(self, by: Sequence[str]) -> Counted:
        """The same of larger groups."""
        summed = [name for name in (HOUSEHOLDS, WEIGHT, INCOME) if name in self.frame.columns]
        # In order, so that the same counts hide the same, whatever order they came in.
        frame = self.frame.group_by(*by, *self.atoms).agg(pl.col(summed).sum()).sort(*by, *self.atoms)
        return Counted(frame, tuple(by), self.atoms, self.make, self.income)

    def sums(self, atoms: Sequence[Atom]) -> dict[Name, frozenset[Atom]]:
        """What every count in the tables of a group is the sum of: told by counts that are powers of two."""
        powers = [(*atom, place // _BITS, 1 << (place % _BITS)) for place, atom in enumerate(atoms)]
        worlds = range(len(atoms) // _BITS + 1)
        rows = [(*row[:-2], world, row[-1] if row[-2] == world else 0) for world in worlds for row in powers]
        schema = {name: self.frame.schema[name] for name in self.atoms} | {WORLD: pl.Int64, HOUSEHOLDS: pl.Int64}
        told = pl.DataFrame(rows, schema=schema, orient="row").with_columns(*self._beside(pl.lit(0)))
        return _decoded(self.make(told, (WORLD,)), atoms)

    def _beside(self, households: pl.Expr) -> list[pl.Expr]:
        """The weight and the income of so many households."""
        of = {WEIGHT: self._typical(), INCOME: self.income}
        return [(households.cast(pl.Int128) * each).alias(name) for name, each in of.items() if self._has(name)]

    def _has(self, name: str) -> bool:
        return name in self.frame.columns or name == WEIGHT

    def _typical(self) -> int:
        """The mean weight: what a household that comes in or goes has."""
        households = self.frame[HOUSEHOLDS].sum()
        return max(1, int(self.frame[WEIGHT].cast(pl.Int128).sum()) // int(households)) if households else 1

    def hidden(self, patterns: Mapping[Group, Iterable[Pattern]]) -> dict[str, pl.DataFrame]:
        """Of each table, by the columns that name its rows, whether a number is another in any world."""
        groups = {group: number for number, group in enumerate(self.counts())}
        worlds = [(group, pattern) for group, found in patterns.items() for pattern in found]
        if not worlds:
            return {}
        changes = [
            (world, groups[group], *atom, change)
            for world, (group, pattern) in enumerate(worlds, 1)
            for atom, change in pattern
        ]
        ids = pl.DataFrame(
            [(*group, number) for group, number in groups.items()], schema=self._group_schema(), orient="row"
        )
        told = self._completed(ids, changes)
        moved = pl.DataFrame(changes, schema=self._change_schema(), orient="row")
        there = pl.DataFrame({WORLD: range(1, len(worlds) + 1), "_group": [groups[group] for group, _ in worlds]})
        others = told.join(there, on="_group").join(
            moved, on=[WORLD, "_group", *self.atoms], how="left", nulls_equal=True
        )
        own = told.with_columns(pl.lit(0, pl.Int64).alias(WORLD), pl.lit(0, pl.Int64).alias("_change"))
        every = pl.concat([own.select(others.columns), others]).with_columns(pl.col("_change").fill_null(0))
        more = [(pl.col(beside.meta.output_name()) + beside) for beside in self._beside(pl.col("_change"))]
        made = every.with_columns(pl.col(HOUSEHOLDS) + pl.col("_change"), *more).drop("_group", "_change")
        return {name: _differing(table, self.by) for name, table in self.make(made, (WORLD, *self.by)).items()}

    def _group_schema(self) -> dict[str, pl.DataType]:
        return {name: self.frame.schema[name] for name in self.by} | {"_group": pl.Int64()}

    def _change_schema(self) -> dict[str, pl.DataType]:
        of_atoms = {name: self.frame.schema[name] for name in self.atoms}
        return {WORLD: pl.Int64(), "_group": pl.Int64(), **of_atoms, "_change": pl.Int64()}

    def _completed(self, ids: pl.DataFrame, changes: Sequence[tuple[object, ...]]) -> pl.DataFrame:
        """The counts, with rows of zero for what only another world has."""
        whole = [pl.col(name).cast(pl.Int128) for name in (WEIGHT, INCOME) if name in self.frame.columns]
        told = (
            self.frame.join(ids, on=list(self.by), nulls_equal=True) if self.by else self.frame.join(ids, how="cross")
        )
        told = told.with_columns(whole)
        keys = ["_group", *self.atoms]
        schema = self._change_schema()
        wanted = pl.DataFrame(changes, schema=schema, orient="row").select(keys).unique(maintain_order=True)
        lacking = wanted.join(told, on=keys, how="anti", nulls_equal=True).join(ids, on="_group")
        return pl.concat([told, lacking], how="diagonal").with_columns(
            pl.col(HOUSEHOLDS, *(name for name in (WEIGHT, INCOME) if name in told.columns)).fill_null(0)
        )


def _decoded(tables: Tables, atoms: Sequence[Atom]) -> dict[Name, frozenset[Atom]]:
    found: dict[Name, set[Atom]] = defaultdict(set)
    for table, made in tables.items():
        keys = _keys(made, ())
        for row in made.iter_rows(named=True):
            for column in _counts(made):
                atoms_there = (place for place in range(_BITS) if row[column] >> place & 1)
                name = (table, "|".join(str(row[key]) for key in keys if key != WORLD), column)
                found[name].update(atoms[row[WORLD] * _BITS + place] for place in atoms_there)
    return {name: frozenset(there) for name, there in found.items()}


def _counts(table: pl.DataFrame) -> list[str]:
    return [name for name, kind in table.schema.items() if kind == pl.Int64 and name != WORLD]


def _keys(table: pl.DataFrame, by: Sequence[str]) -> list[str]:
    """The columns that name a row: those of groups, and text."""
    return [name for name, kind in table.schema.items() if name in by or name == WORLD or kind == pl.String]


def _differing(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    keys = [name for name in _keys(table, by) if name != WORLD]
    numbers = [name for name in table.columns if name not in {*keys, WORLD, *_EDGES}]
    own = table.filter(pl.col(WORLD) == 0).drop(WORLD)
    others = table.filter(pl.col(WORLD) > 0)
    both = (
        others.join(own, on=keys, how="left", nulls_equal=True, suffix="_own")
        if keys
        else others.join(own, how="cross", suffix="_own")
    )
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_own")).any().alias(name) for name in numbers]
    return both.group_by(keys).agg(differs) if keys else both.select(differs)
