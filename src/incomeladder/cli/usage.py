"""Typer's complaints about a command line, in the reader's language and on one line."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from incomeladder.errors import Reason, UsageRefused

if TYPE_CHECKING:
    import typer

    from incomeladder.render.wording import Words


def explained(error: typer.TyperException, words: Words) -> UsageRefused:
    """What is wrong, and where the help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "incomeladder"
    return UsageRefused.because("usage_hint", message=words.reason(_reason(error, context)), command=command)  # type: ignore[return-value]


def _reason(error: Any, context: Any) -> Reason:
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    name = _name(parameter)
    if kind == "NoSuchOption":
        return _no_such_option(error, context)
    if kind == "MissingParameter":
        return Reason("missing_argument", {"parameter": name})
    choices = getattr(getattr(parameter, "type", None), "choices", None)
    if kind == "BadParameter" and choices:
        value = error.message.split("'")[1] if "'" in error.message else ""
        return Reason("bad_choice", {"option": name, "value": value, "choices": list(choices)})
    if kind == "BadParameter":
        return Reason("bad_value", {"option": name, "detail": error.message})
    if error.message.startswith("Missing command"):
        return Reason("missing_command")
    if error.message.startswith("No such command"):
        return _no_such_command(error.message.split("'")[1], context)
    if "unexpected extra argument" in error.message:
        return Reason("extra_argument", {"value": error.message.rpartition("(")[2].rstrip(").")})
    return Reason("bad_value", {"option": getattr(error, "option_name", None) or name or "?", "detail": error.message})


def _no_such_option(error: Any, context: Any) -> Reason:
    known = [flag for parameter in context.command.get_params(context) for flag in parameter.opts] if context else []
    nearest = get_close_matches(error.option_name, known, n=1)
    if not nearest:
        return Reason("no_such_option", {"option": error.option_name})
    return Reason("no_such_option_nearest", {"option": error.option_name, "nearest": nearest[0]})


def _no_such_command(given: str, context: Any) -> Reason:
    nearest = get_close_matches(given, context.command.list_commands(context), n=1, cutoff=0)
    return Reason("no_such_command", {"command": given, "nearest": nearest[0]})


def _name(parameter: Any) -> str:
    if parameter is None:
        return ""
    flags = [flag for flag in parameter.opts if flag.startswith("-")]
    return flags[0] if flags else str(parameter.human_readable_name)
