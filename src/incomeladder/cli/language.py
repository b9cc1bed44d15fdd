"""Which language people are spoken to in: ``--lang``, then INCOMELADDER_LANG, then the locale, else English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.render.wording import Language

VARIABLE: Final = "INCOMELADDER_LANG"


def choose(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language has to be known before the options are read, since their help is spoken in it."""
    said = [*given(argv, "--lang"), environment.get(VARIABLE, "")]
    # The order in which POSIX looks for the language of messages; C and POSIX are no language.
    said += next(([environment[name]] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), [])
    found = (language for text in said for language in LANGUAGES if text.lower().startswith(language))
    return next(found, "en")


def given(argv: Sequence[str], option: str) -> list[str]:
    """What an option says, the last time it is there; nothing, if it never is."""
    said = (
        after if argument == option else argument.removeprefix(f"{option}=")
        for argument, after in zip(argv, [*argv[1:], ""], strict=False)
        if argument == option or argument.startswith(f"{option}=")
    )
    return [*said][-1:]
