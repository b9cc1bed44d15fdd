"""The commands: parse, call the pipeline, deliver. Polars is imported only inside those that need it.

Annotations are not postponed here: typer reads those of the callback.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import typer

from incomeladder import __version__
from incomeladder.cli import analysis, commands, doctoring
from incomeladder.cli.choices import LanguageChoice
from incomeladder.cli.columns import COLUMNS
from incomeladder.cli.flattening import flattened
from incomeladder.cli.help import classes
from incomeladder.cli.output import print_out
from incomeladder.errors import UsageRefused
from incomeladder.render.wording import Words

_Commands = Mapping[str, Callable[..., int]]
_COMMANDS: Final[_Commands] = {
    "check": commands.check,
    "bands": commands.bands,
    "flag": commands.flag,
    "transitions": commands.transitions,
    "indicators": analysis.indicators,
    "trajectories": analysis.trajectories,
    "audit": analysis.audit,
    "project": analysis.project,
    "report": commands.report,
    "sample": commands.sample,
    "completion": commands.completion,
    "doctor": doctoring.doctor,
}


def _of_ledger() -> _Commands:
    from incomeladder.cli import families, ledger  # noqa: PLC0415

    return {
        "add": ledger.add,
        "rounds": ledger.rounds,
        "history": families.history,
        "watch": families.watch,
        "note": families.note,
        "measures": families.measures,
        "verify": ledger.verify,
        "export": ledger.export,
        "remove": ledger.remove,
    }


def _of_programme() -> _Commands:
    return {"show": commands.programme_show, "schema": commands.programme_schema}


_GROUPS: Final[dict[str, Callable[[], _Commands]]] = {"ledger": _of_ledger, "programme": _of_programme}
"""What is imported only where the arguments name the group."""


def build(words: Words, arguments: Sequence[str]) -> typer.Typer:
    """The application in one language; what the arguments do not need is not built, since it would be waited for."""
    app = _group("app", words)

    @app.callback(invoke_without_command=True)
    def _(
        context: typer.Context,
        version: bool = typer.Option(False, "--version", help=words("help.version")),  # noqa: FBT001, FBT003
        lang: LanguageChoice = typer.Option(None, "--lang", help=words("option.lang"), show_default=False),
    ) -> None:
        del lang  # read before the options are, since their help is spoken in it
        if version:
            print_out(f"incomeladder {__version__}\n")
            raise typer.Exit
        if context.invoked_subcommand is None:
            raise UsageRefused.because("missing_command")

    first = arguments[:1]
    for name in first if first and first[0] in _COMMANDS else _COMMANDS:
        _add(app, name, name, _COMMANDS[name], words)
    for group, functions in _GROUPS.items():
        app.add_typer(_filled(group, functions() if group in arguments else {}, words), name=group)
    return app


def _filled(group: str, functions: _Commands, words: Words) -> typer.Typer:
    filled = _group(group, words)
    for name, function in functions.items():
        _add(filled, name, f"{group}_{name}", function, words)
    return filled


def _group(name: str, words: Words) -> typer.Typer:
    return typer.Typer(
        help="\n".join([words(f"help.{name}"), *(_ways(words) if name == "app" else ())]),
        cls=classes(words)[1],
        no_args_is_help=True,
        add_completion=False,  # typer's own loosens PowerShell's execution policy, and lets shells run what it tells
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


_WAYS: Final = {
    "caseworker": ("check town.xlsx", "flag town.xlsx --output list.xlsx", "report town.xlsx --output report.html"),
    "analyst": ("transitions 2023.csv 2024.csv --by county", "indicators 2023.csv 2024.csv"),
    "cron": ("bands latest.csv --output ladder.json --fail-on below-floor",),
}
"""What each kind of user begins with."""


def _ways(words: Words) -> Iterator[str]:
    """The three ways in, one for each kind of user."""
    yield f"\n{words('way.title')}:"
    for user, commands_of in _WAYS.items():
        yield words(f"way.{user}")
        yield from (f"  incomeladder {command}" for command in commands_of)


def _add(group: typer.Typer, name: str, key: str, function: Callable[..., int], words: Words) -> None:
    columns = words("help.columns", columns=COLUMNS[key]) if key in COLUMNS else None
    lines = (words(f"help.{key}"), words.catalogue.get(f"example.{key}"), columns)
    group.command(name, help="\n".join(filter(None, lines)), cls=classes(words)[0])(flattened(function, words))
