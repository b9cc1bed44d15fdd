"""Reports of the ledger as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import polars as pl

from incomeladder.render.blocks import Line
from incomeladder.render.grids import grid
from incomeladder.render.numbers import counted
from incomeladder.watch import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.render.blocks import Block
    from incomeladder.render.wording import Words
    from incomeladder.report import Report


def added(report: Report, words: Words) -> Iterable[Block]:
    """What became of the rounds that were to be added."""
    yield Line(words("title.ledger_add"), title=True)
    yield grid(report.main.drop("columns"), words)


def rounds(report: Report, words: Words) -> Iterable[Block]:
    """The rounds there are."""
    yield Line(words("title.ledger_rounds"), title=True)
    if report.main.height:
        yield grid(report.main.drop("columns", "version"), words, spare=("weighted", "pseudonymised", "sources"))
    else:
        yield Line(words("say.no_rounds"))


def verified(report: Report, words: Words) -> Iterable[Block]:
    """Whether they are sound."""
    yield Line(words("title.ledger_verify"), title=True)
    yield Line(words("say.ledger_damaged" if report.notes else "say.ledger_sound"))
    if report.main.height:
        yield grid(report.main.drop("faults"), words)


def history(report: Report, words: Words) -> Iterable[Block]:
    """Each household through the rounds, and the measures taken for it."""
    log = in_words(report.tables["measures"], report, words)
    for (household,), rows in report.main.group_by("household_id", maintain_order=True):
        yield Line(words("title.ledger_history", household=household), title=True)
        told = rows.drop("household_id", "target")
        yield grid(told, words, spare=("residence", "size", "key_group", "village", "township", "county"))
        taken = log.filter(pl.col("household_id") == household).drop("household_id")
        if taken.height:
            yield Line(words("table.taken"), title=True)
            yield grid(taken, words)


def watch(report: Report, words: Words) -> Iterable[Block]:
    """Who needs a visit."""
    parameters, listed = report.parameters, report.main
    yield Line(words("title.ledger_watch", round=parameters["round"]), title=True)
    if parameters["since"]:
        yield Line(words("say.watched_since", since=parameters["since"]))
    if listed.is_empty():
        yield Line(words("say.nobody_new" if parameters["new"] else "say.nobody_watched"))
        return
    floor = float(report.programme.tiers.floor.upper)
    below = listed.filter(pl.col("income") < floor)
    short = counted(round(float((floor - below["income"]).sum()), 4))
    facts = {"households": listed.height, "below_floor": below.height, "floor": counted(floor), "shortfall": short}
    yield Line(words("say.watched", **facts))
    spare = [name for name in _SPARE if name not in cast("list[str]", parameters["by"])]
    yield grid(_visits(in_words(listed, report, words), str(parameters["round"])), words, spare)


def _visits(listed: pl.DataFrame, latest: str) -> pl.DataFrame:
    """What one takes along: when a family was last seen only where that is long ago, no column that is empty."""
    long_ago = pl.when(pl.col("last_seen") != latest).then("last_seen").alias("last_seen")
    left_out = {"change", "target", "shortfall", "tier", "new_reasons"}
    shown = listed.with_columns(long_ago).select(name for name in listed.columns if name not in left_out)
    return shown.select(column for column in shown if column.null_count() < shown.height)


_SPARE: Final = ("residence", "size", "band", "key_group", "previous_income", "last_seen", "county", "village")


def measures(report: Report, words: Words) -> Iterable[Block]:
    """What became of families by the kind of measure."""
    yield Line(words("title.ledger_measures"), title=True)
    if report.main.height:
        yield grid(in_words(report.main, report, words), words, spare=("notes",))
    else:
        yield Line(words("say.no_measures"))


def in_words(table: pl.DataFrame, report: Report, words: Words) -> pl.DataFrame:
    """Reasons and kinds of measures as people call them."""
    kinds = {kind: getattr(title, words.language) for kind, title in report.programme.measures.items()}
    reasons = {reason: words(f"reason.{reason}") for reason in REASONS}
    named = {"measure": kinds, "measures": kinds, "reasons": reasons, "new_reasons": reasons}
    there = [name for name in named if name in table.columns]
    apart = words("list_comma")
    told = [pl.col(name).str.replace_many([*named[name], ", "], [*named[name].values(), apart]) for name in there]
    # The table of mobility calls its own numbers measures.
    return table.with_columns(told).rename({"measure": "measure_taken"}, strict=False)


BODIES: Final = {
    "ledger_add": added,
    "ledger_history": history,
    "ledger_measures": measures,
    "ledger_rounds": rounds,
    "ledger_verify": verified,
    "ledger_watch": watch,
}
