"""The commands: parse, call the pipeline, deliver. Polars is imported only inside those that need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from incomeladder import __version__
from incomeladder.cli import commands
from incomeladder.cli.help import classes
from incomeladder.cli.options import flattened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    @app.callback()
    def _(
        version: bool = typer.Option(False, "--version", help=words("help.version"), is_eager=True),  # noqa: FBT001, FBT003
        lang: str = typer.Option("", "--lang", help=words("option.lang"), show_default=False),
    ) -> None:
        del lang  # read before the options are, since their help is spoken in it
        if version:
            typer.echo(f"incomeladder {__version__}")
            raise typer.Exit

    for name in _COMMANDS if arguments[:1] not in [[command] for command in _COMMANDS] else arguments[:1]:
        add(app, name, name, getattr(commands, name))
    for name in ("show", "schema"):
        add(programme, name, f"programme_{name}", getattr(commands, f"programme_{name}"))
    app.add_typer(programme, name="programme")
    return app
