"""The rules in force, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.programme import Tiers
from incomeladder.render.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.render.facts import Facts


def in_force(facts: Facts) -> Iterator[tuple[str, str]]:
    """What each rule is about, and what it says."""
    words, programme, asked = facts.words, facts.programme, facts.report.parameters
    yield words("page.rule_programme"), f"{facts.title} ({programme.name})"
    ladder = {"step": counted(programme.ladder.step), "top": counted(programme.ladder.top)}
    yield words("page.rule_ladder"), words("page.rule_bands", **ladder)
    for name in Tiers.names:
        tier = getattr(programme.tiers, name)
        yield (
            words("page.rule_tier", tier=words(f"tier.{name}")),
            words("page.rule_target", range=facts.stretch(tier), target=counted(tier.target)),
        )
    yield words.column("middle_income"), facts.stretch(programme.middle_income)
    yield words.column("size_rule"), words(f"placed_by.{programme.size_rule}", size=programme.reference_size)
    if "prices_of" in asked:
        yield words("page.rule_prices"), words("page.rule_prices_of", rounds=asked["prices_of"])
    yield words("column.weight"), words("page.weights" if asked["weighted"] else "page.no_weights")
    yield words("page.rule_invalid"), words("page.left_out" if asked["skip_invalid"] else "page.refused")
