"""Every word that people read, in both languages.

The catalogues are data: the packages ``en`` and ``zh``, with the same keys.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from incomeladder.errors import Reason
from incomeladder.frames import EXTRA
from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incomeladder.report import Report

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")


HIDDEN: Final = "*"
"""A number that is not published."""


class _Told(str):
    """A fact as it is read; ``{fact:one|more}`` is the word that agrees with its number."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        one, either, more = words.partition("|")
        return (one if self == "1" else more) if either else super().__format__(words)


class Words:
    """The catalogue of one language; of a document that ``hides`` numbers, one that is null is hidden."""

    def __init__(self, language: Language, *, hides: bool = False) -> None:
        self.language, self.hides = language, hides
        self.catalogue: Mapping[str, str] = import_module(f"{__name__}.{language}").WORDS

    def of(self, report: Report) -> Words:
        """The same for a report, which may be one that is published."""
        return Words(self.language, hides=report.published)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence or word of a key, with its facts in place, safe for a terminal."""
        return self.catalogue[key].format(**{name: _Told(self._told(fact)) for name, fact in facts.items()})

    def reason(self, reason: Reason) -> str:
        """What is wrong, in one line."""
        return self(reason.key, **reason.facts)

    def column(self, name: str) -> str:
        """A column's heading for people; a column of the user's own keeps its name."""
        return (
            self.catalogue[f"column.{name}"] if f"column.{name}" in self.catalogue else safe(name.removeprefix(EXTRA))
        )

    def number(self, value: object, told: str) -> str:
        """What a number is ``told`` as, unless it is hidden."""
        return HIDDEN if value is None and self.hides else told

    def sheet(self, name: str) -> str:
        """What a sheet of a workbook is called."""
        return self.catalogue.get(f"sheet.{name}", name)

    def _told(self, fact: object) -> str:
        if isinstance(fact, Reason):
            return self.reason(fact)
        if isinstance(fact, (list, tuple, set, frozenset)):
            return self.catalogue["list_comma"].join(
                self.reason(part) if isinstance(part, Reason) else safe(part) for part in fact
            )
        if fact is None:
            return HIDDEN
        if isinstance(fact, int) and not isinstance(fact, bool):
            return f"{fact:,}"
        return safe(fact)
