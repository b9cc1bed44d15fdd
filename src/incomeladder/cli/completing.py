"""What may come next on a command line, as shells ask: in the reader's language, and never an error."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from incomeladder.cli import asking
from incomeladder.cli.choices import FINDINGS
from incomeladder.cli.language import choose, given
from incomeladder.cli.options import Store
from incomeladder.cli.output import print_out
from incomeladder.cli.shells import ASKING, LINE, SCRIPTS, answer, typed
from incomeladder.errors import Refused
from incomeladder.frames import CANONICAL, PLACE_COLUMNS, RESIDENCE, TEXTS
from incomeladder.ledger.names import LATEST, is_fit
from incomeladder.render.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Candidates = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Offer:
    """Candidates, each with what is told of it, and whether the names of files may stand there too."""

    candidates: tuple[tuple[str, str], ...] = ()
    files: bool = False


def complete(environment: Mapping[str, str]) -> int:
    """Answer the shell that asks. Nothing but an answer: whatever goes wrong, a person is typing here."""
    with contextlib.suppress(BaseException):
        shell, line = environment[ASKING], environment.get(LINE, "")
        if shell in SCRIPTS:
            before, begun = typed(line, shell)
            offer = offered(before, begun, Words(choose(before, environment)))
            print_out("\n".join([*answer(offer, begun, line, shell), ""]))
    return 0


@dataclass
class _Place:
    """Where on the command line the cursor stands."""

    command: Any
    before: Sequence[str]
    words: Words
    named: set[str] = field(default_factory=set)
    awaits: Any = None
    positions: int = 0

    @property
    def parameters(self) -> list[Any]:
        return [parameter for parameter in self.command.params if not getattr(parameter, "hidden", False)]

    @property
    def options(self) -> dict[str, Any]:
        return {flag: each for each in self.parameters for flag in each.opts if flag.startswith("-")}

    @property
    def commands(self) -> dict[str, Any]:
        return getattr(self.command, "commands", {})

    def pass_over(self, word: str) -> None:
        """Go on behind a word that is whole."""
        flag, given_at_once, _ = word.partition("=")
        if self.awaits is not None:
            self.awaits = None
        elif flag in self.options:
            self.named.add(self.options[flag].name)
            self.awaits = None if given_at_once or self.options[flag].is_flag else self.options[flag]
        elif word in self.commands:
            self.command, self.named = self.commands[word], set()
        else:
            self.positions += 1


def offered(before: Sequence[str], begun: str, words: Words) -> Offer:
    """What may stand in the place of ``begun``, after these words."""
    from typer.main import get_command  # noqa: PLC0415  (a library that calls main() may never get here)

    from incomeladder.cli.app import build  # noqa: PLC0415

    place = _Place(get_command(build(words, before)), before, words)
    for word in before:
        place.pass_over(word)
    offer = _next(place, begun)
    return Offer(tuple(each for each in offer.candidates if each[0].startswith(begun)), offer.files)


def _next(place: _Place, begun: str) -> Offer:
    flag, at_once, value = begun.partition("=")
    if place.awaits is not None:
        return _values(place.awaits, place, begun)
    if at_once and flag in place.options:
        offer = _values(place.options[flag], place, value)
        return Offer(tuple((f"{flag}={text}", told) for text, told in offer.candidates), offer.files)
    if begun.startswith("-"):
        return Offer(tuple(_flags(place)))
    if place.commands:
        return Offer(
            () if place.positions else tuple((name, _first_line(each.help)) for name, each in place.commands.items())
        )
    return _argument(place, begun)


def _argument(place: _Place, begun: str) -> Offer:
    """What stands without a flag; a command has one such parameter at most, that may be many words."""
    wanted = next((each for each in place.parameters if not each.opts[0].startswith("-")), None)
    if wanted is None or (place.positions and wanted.nargs == 1):
        return Offer()
    return _values(wanted, place, begun)


def _flags(place: _Place) -> Iterator[tuple[str, str]]:
    for flag, option in place.options.items():
        if option.multiple or option.name not in place.named:
            yield flag, option.help or ""
    yield "--help", place.words("help.--help")


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def _values(parameter: Any, place: _Place, begun: str) -> Offer:
    """What an option or an argument can be, as far as that is known without a look at any survey."""
    if choices := getattr(parameter.type, "choices", None):
        return Offer(tuple((str(choice), "") for choice in choices))
    kind = next((flag for flag in parameter.opts if flag in _VALUES), parameter.metavar)
    if kind in _SURVEYS:
        rounds = tuple((f"@{name}", told) for name, told in _rounds(place))
        return Offer(rounds, files=not begun.startswith("@"))
    return Offer(tuple(_VALUES[kind](place)) if kind in _VALUES else (), files=kind in _FILES)


def _rounds(place: _Place) -> Candidates:
    """The rounds of the ledger that is named, and the word for the latest of them; none where it cannot be read."""
    named = given(place.before, "--ledger")
    try:
        names = asking.ledger(Store(named[0] if named else None)).names()
    except (Refused, OSError):
        return
    yield from ((name, "") for name in names if is_fit(name))
    if names:
        yield LATEST, place.words("completion.latest")


def _reported(place: _Place) -> Candidates:
    yield from _rounds(place)
    yield "all", place.words("completion.all")


def _columns(place: _Place, columns: Sequence[str] = CANONICAL, end: str = "") -> Candidates:
    called = ((column, place.words.column(column)) for column in columns)
    return ((f"{column}{end}", "" if name == column else name) for column, name in called)


def _measures(place: _Place) -> Candidates:
    from incomeladder.dotted import read_flat  # noqa: PLC0415

    rules = read_flat(files("incomeladder").joinpath("programme.toml"))
    for key, value in rules.items():
        table, _, rest = key.partition(".")
        kind, _, language = rest.rpartition(".")
        if table == "measures" and language == place.words.language:
            yield kind, str(value)


_FILES: Final = frozenset({"FILE", "FOLDER", "KEYFILE"})
_SURVEYS: Final = frozenset({"SURVEY...", "BEFORE [AFTER]"})
_VALUES: Final[dict[str | None, Callable[[_Place], Candidates]]] = {
    "--by": lambda place: _columns(place, (*PLACE_COLUMNS, RESIDENCE, *TEXTS[len(PLACE_COLUMNS) :])),
    "--round": _reported,
    "COLUMN": _columns,
    "COLUMN=HEADING": lambda place: _columns(place, end="="),
    "FINDING": lambda place: ((name, "") for name in FINDINGS.get(place.command.name, "").split(", ")),
    "KIND": _measures,
    "ROUND": _rounds,
    "name|folder|sheet": lambda _: ((name, "") for name in ("name", "folder", "sheet")),
}
"""The values of an option by its flag, or by how its value is called in help; those of an argument by the latter."""
