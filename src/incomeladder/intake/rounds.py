"""Which rounds a report is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.intake.survey import Survey
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incomeladder.read.source import Source


def two_rounds(
    before: tuple[Source, ...], after: tuple[Source, ...] | None, names: Sequence[str], *, certain: bool
) -> tuple[list[Survey], tuple[str, str]]:
    """The two surveys to compare, each narrowed to its round, and the names of the rounds.

    Names that are empty stand for the last two rounds of one survey, and for the last of each of two. If need not be
    certain, large files are taken to hold only the round of their first row: who asks has to check that they do.
    Raises SurveyRefused for rounds that are not there, and for a round compared with itself.
    """
    first, last = (*names, "", "")[:2]
    if after is None:
        labels = natural(Survey(before).labels())
        if len(labels) < 2:  # noqa: PLR2004  (two rounds are what is compared)
            raise SurveyRefused.because("one_round_only", file=before[0].name, round=labels[0] if labels else "")
        pair, sides = _within_one(labels, first, last), (before, before)
    elif not certain and (guess := _guess(before, after, first, last)):
        return [Survey(before), Survey(after)], guess
    else:
        found = [natural(Survey(side).labels()) for side in (before, after)]
        pair, sides = (_one(found[0], first, found[0][-1]), _one(found[1], last, found[1][-1])), (before, after)
    if pair[0] == pair[1]:
        raise SurveyRefused.because("same_round_twice", round=pair[0])
    return [Survey(side, frozenset([label])) for side, label in zip(sides, pair, strict=True)], pair


def _within_one(labels: Sequence[str], first: str, last: str) -> tuple[str, str]:
    """The later round is the last unless named; the earlier the one before it. Only both names together may go back."""
    to = _one(labels, last, labels[-1])
    place = labels.index(to)
    if first and last:
        return _one(labels, first, ""), to
    if place == 0 or (first and labels.index(_one(labels, first, "")) >= place):
        raise SurveyRefused.because("no_earlier_round", round=first or to, rounds=list(labels))
    return first or labels[place - 1], to


def _guess(before: tuple[Source, ...], after: tuple[Source, ...], first: str, last: str) -> tuple[str, str] | None:
    """The rounds, where the first rows of each survey tell one, and none that contradicts what was asked for."""
    earlier, later = (Survey(side).guessed_labels() for side in (before, after))
    if len(earlier) != 1 or len(later) != 1 or earlier == later:
        return None
    pair = next(iter(earlier)), next(iter(later))
    return pair if first in {"", pair[0]} and last in {"", pair[1]} else None


def _one(labels: Sequence[str], name: str, otherwise: str) -> str:
    if name and name not in labels:
        raise SurveyRefused.because("unknown_round", round=name, rounds=list(labels))
    return name or otherwise


def narrowed(
    sources: tuple[Source, ...], names: Sequence[str], *, certain: bool
) -> tuple[Survey, frozenset[str], tuple[str, ...]]:
    """The survey narrowed to the wanted rounds, the rounds there are, and those wanted.

    If need not be certain, large files are taken to hold only the round of their first row: who asks has to check.
    """
    whole = Survey(sources)
    guess = whole.guessed_labels()
    if not certain and len(guess) == 1 and guess.union({"all"}).issuperset(names):
        return whole, guess, wanted(guess, names)
    labels = whole.labels()
    rounds = wanted(labels, names)
    return Survey(sources, frozenset(rounds)), labels, rounds


def wanted(labels: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    """The named rounds in natural order; the latest where none is named, every one for ``all``."""
    there = natural(labels)
    if "all" in names:
        return there
    unknown = [Reason("unknown_round", {"round": name, "rounds": there}) for name in names if name not in there]
    if unknown and there:
        raise SurveyRefused(*unknown)
    return natural(set(names)) if names else there[-1:]
