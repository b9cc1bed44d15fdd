"""The help pages: in both languages, 80 columns wide at most, Chinese characters counted as two."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from incomeladder.render.width import pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.render.wording import Words

_WIDEST_NAME = 26


def classes(words: Words) -> tuple[type[TyperCommand], type[TyperGroup]]:
    """Command and group whose help speaks the reader's language."""

    class Command(TyperCommand):
        def get_help(self, ctx: Any) -> str:
            return page(self, ctx, words)

    class Group(TyperGroup):
        def get_help(self, ctx: Any) -> str:
            return page(self, ctx, words)

    return Command, Group


def page(command: Any, ctx: Any, words: Words) -> str:
    """Usage, what the command does, an example, its commands, arguments and options."""
    columns = max(40, min(80, shutil.get_terminal_size((80, 24)).columns))
    usage = f"{words('help.usage')}: {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}"
    lines = [
        "",
        *wrap(usage, columns),
        "",
        *(line for text in (command.help or "").split("\n") for line in wrap(text, columns)),
    ]
    for heading, rows in _sections(command, ctx, words):
        lines += ["", f"{heading}:", *(line for name, text in rows for line in _definition(name, text, columns))]
    return "\n".join([*lines, ""])


def _sections(command: Any, ctx: Any, words: Words) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    if isinstance(command, TyperGroup):
        names = command.list_commands(ctx)
        yield words("help.commands"), [(name, (command.commands[name].help or "").split("\n")[0]) for name in names]
    parameters = command.get_params(ctx)
    arguments = [(p.human_readable_name, p.help or "") for p in parameters if isinstance(p, TyperArgument)]
    if arguments:
        yield words("help.arguments"), arguments
    yield (
        words("help.options"),
        [_option(p, ctx, words) for p in parameters if not (isinstance(p, TyperArgument) or p.hidden)],
    )


def _option(parameter: Any, ctx: Any, words: Words) -> tuple[str, str]:
    name = ", ".join(parameter.opts)
    if f"help.{name}" in words.catalogue:
        return name, words(f"help.{name}")
    if not parameter.is_flag:
        name += f" {parameter.make_metavar(ctx)}"
    more = [words("help.repeatable")] if parameter.multiple else []
    if parameter.default and not isinstance(parameter.default, (bool, list)):
        more.append(words("help.default", value=str(parameter.default)))
    return name, parameter.help + (f" [{', '.join(more)}]" if more else "")


def _definition(name: str, text: str, columns: int) -> list[str]:
    indent = _WIDEST_NAME + 4
    told = wrap(text, columns - indent)
    if width(name) > _WIDEST_NAME:
        return [f"  {name}", *(" " * indent + line for line in told)]
    first, *others = told
    return [f"  {pad(name, _WIDEST_NAME)}  {first}", *(" " * indent + line for line in others)]
