"""Which language people are spoken to in: ``--lang``, then INCOMELADDER_LANG, then the locale, else English."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from incomeladder.render.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.render.wording import Language

VARIABLE: Final = "INCOMELADDER_LANG"


def choose(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language has to be known before the options are read, since their help is spoken in it."""
    said = [*_said(argv), environment.get(VARIABLE, "")]
    # The order in which POSIX looks for the language of messages; C and POSIX are no language.
    said += next(([environment[name]] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), [])
    found = (language for text in said for language in LANGUAGES if text.lower().startswith(language))
    return next(found, "en")


def _said(argv: Sequence[str]) -> list[str]:
    joined = [argument.removeprefix("--lang=") for argument in argv if argument.startswith("--lang=")]
    apart = [after for before, after in pairwise(argv) if before == "--lang"]
    return [*apart, *joined][-1:]
