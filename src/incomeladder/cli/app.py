"""The commands: parse, call the pipeline, deliver. Polars is imported only inside those that need it.

Annotations are not postponed here: typer reads those of the callback.
"""

from collections.abc import Callable, Sequence

import typer

from incomeladder import __version__
from incomeladder.cli import commands
from incomeladder.cli.help import classes
from incomeladder.cli.options import LanguageChoice, flattened
from incomeladder.cli.output import print_out
from incomeladder.errors import UsageRefused
from incomeladder.render.wording import Words

_COMMANDS = ("check", "bands", "flag", "transitions", "sample")


def build(words: Words, arguments: Sequence[str]) -> typer.Typer:
    """The application in one language; where the arguments begin with a command, the others are not built."""
    command_class, group_class = classes(words)
    app, programme = (
        typer.Typer(
            help=words(key),
            cls=group_class,
            no_args_is_help=True,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        for key in ("help.app", "help.programme")
    )

    def add(group: typer.Typer, name: str, key: str, function: Callable[..., int]) -> None:
        example = words.catalogue.get(f"example.{key}")
        text = words(f"help.{key}") + (f"\n{example}" if example else "")
        group.command(name, help=text, cls=command_class)(flattened(function, words))

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

    for name in _COMMANDS if arguments[:1] not in [[command] for command in _COMMANDS] else arguments[:1]:
        add(app, name, name, getattr(commands, name))
    for name in ("show", "schema"):
        add(programme, name, f"programme_{name}", getattr(commands, f"programme_{name}"))
    app.add_typer(programme, name="programme")
    return app
