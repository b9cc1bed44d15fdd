"""Groups of options spread into single options for typer, and what was given packed into groups again."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from incomeladder.cli.choices import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incomeladder.render.wording import Words


def flattened(command: Callable[..., int], words: Words) -> Callable[..., int]:
    """The command with its groups spread into single options, each with its help in the reader's language."""
    groups = {name: kind for name, kind in get_type_hints(command).items() if dataclasses.is_dataclass(kind)}
    parameters = [parameter for kind in groups.values() for parameter in _parameters(kind, command.__name__, words)]

    def packed(**given: Any) -> int:
        return command(words, **{name: _packed(kind, given) for name, kind in groups.items()})

    packed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    packed.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return packed


def _packed(group: Any, given: dict[str, Any]) -> Any:
    kinds = get_type_hints(group)
    nested = {name: _packed(kind, given) for name, kind in kinds.items() if dataclasses.is_dataclass(kind)}
    return group(**{field.name: nested.get(field.name) or given[field.name] for field in dataclasses.fields(group)})


def _parameters(group: Any, command: str, words: Words) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group)
    for field in dataclasses.fields(group):
        if dataclasses.is_dataclass(hints[field.name]):
            yield from _parameters(hints[field.name], command, words)
            continue
        told = _told(field, command, words)
        default = [] if field.default_factory is not dataclasses.MISSING else field.default
        annotation: Any = Annotated[hints[field.name], told]
        absent = inspect.Parameter.empty if default is dataclasses.MISSING else default
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=absent, annotation=annotation)


def _told(field: dataclasses.Field[Any], command: str, words: Words) -> Any:
    flag, metavar = field.metadata["flag"], field.metadata["metavar"]
    own = f"option.{command}.{field.name}"
    key = own if own in words.catalogue else f"option.{field.name}"
    text = words(key, choices=FINDINGS.get(command, ""))
    if flag is None:
        return typer.Argument(help=text, metavar=metavar, show_default=False)
    least, taught_by = field.metadata["least"], field.metadata["taught_by"]
    hidden = taught_by is not None and command not in taught_by
    return typer.Option(flag, help=text, metavar=metavar, min=least, hidden=hidden, show_default=False)
