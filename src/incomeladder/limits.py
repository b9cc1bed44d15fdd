"""What the value of a rule must be, beyond its type.

It stands in the annotations, where pydantic looks for it. Only those who check a value import pydantic: that takes a
tenth of the time of a small report, and the built-in programme is known to be sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Unpack

    from pydantic import JsonValue


class Terms(TypedDict, total=False):
    """The limits that pydantic's ``Field`` knows, by its names for them, and what the JSON Schema says besides."""

    gt: int
    ge: int
    le: int
    decimal_places: int
    min_length: int
    pattern: str
    description: str
    json_schema_extra: dict[str, JsonValue]


class _Metadata:
    """Stands for other metadata, those that it iterates over (the protocol ``annotated_types.GroupedMetadata``)."""

    __is_annotated_types_grouped_metadata__: ClassVar[Literal[True]] = True


class Limits(_Metadata):
    """What ``Field`` would be told."""

    def __init__(self, **terms: Unpack[Terms]) -> None:
        self._terms = terms

    def __iter__(self) -> Iterator[object]:
        from pydantic import Field  # noqa: PLC0415

        yield Field(**self._terms)


@dataclass(frozen=True, eq=False)
class Spelt(_Metadata):
    """How a value is written: ``read`` makes the value of what was said, ``schema`` describes what may be said."""

    read: Callable[[object], object]
    schema: dict[str, JsonValue]

    def __iter__(self) -> Iterator[object]:
        from pydantic import BeforeValidator, WithJsonSchema  # noqa: PLC0415

        yield BeforeValidator(self.read)
        yield WithJsonSchema(self.schema)
