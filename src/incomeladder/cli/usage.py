"""Typer's complaints about a command line, as reasons that can be told in the reader's language on one line."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from incomeladder.errors import Reason, UsageRefused

if TYPE_CHECKING:
    import typer


def explained(error: typer.TyperException) -> UsageRefused:
    """What is wrong, and where the help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "incomeladder"
    return UsageRefused.because("usage_hint", message=_reason(error, context), command=command)


def _reason(error: Any, context: Any) -> Reason:
    kinds = {
        "NoSuchOption": _no_such_option,
        "MissingParameter": _missing,
        "BadParameter": _bad_value,
        "BadOptionUsage": _without_value,
    }
    return kinds.get(type(error).__name__, _by_its_text)(error, context)


def _missing(error: Any, _context: Any) -> Reason:
    return Reason("missing_argument", {"parameter": _name(error)})


def _without_value(error: Any, _context: Any) -> Reason:
    return Reason("missing_value", {"option": _name(error)})


def _bad_value(error: Any, _context: Any) -> Reason:
    choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", None)
    value = error.message.split("'")[1] if "'" in error.message else error.message.split(" ")[0]
    if not choices:
        return Reason("bad_number", {"option": _name(error), "value": value})
    return Reason("bad_choice", {"option": _name(error), "value": value, "choices": list(choices)})


def _by_its_text(error: Any, context: Any) -> Reason:
    """Complaints that typer tells apart by nothing but their English text."""
    if error.message.startswith("Missing command"):
        return Reason("missing_command")
    if error.message.startswith("No such command"):
        return _no_such_command(error.message.split("'")[1], context)
    if "unexpected extra argument" in error.message:
        return Reason("extra_argument", {"value": error.message.rpartition("(")[2].rstrip(").")})
    return Reason("bad_value", {"option": _name(error), "detail": error.message})


def _no_such_option(error: Any, context: Any) -> Reason:
    known = [flag for parameter in context.command.get_params(context) for flag in parameter.opts] if context else []
    nearest = get_close_matches(error.option_name, known, n=1)
    if not nearest:
        return Reason("no_such_option", {"option": error.option_name})
    return Reason("no_such_option_nearest", {"option": error.option_name, "nearest": nearest[0]})


def _no_such_command(given: str, context: Any) -> Reason:
    nearest = get_close_matches(given, context.command.list_commands(context), n=1, cutoff=0)
    return Reason("no_such_command", {"command": given, "nearest": nearest[0]})


def _name(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "option_name", "?"))
    flags = [flag for flag in parameter.opts if flag.startswith("-")]
    return flags[0] if flags else str(parameter.human_readable_name)
