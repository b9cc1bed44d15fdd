"""What the doctor says, as text and as JSON; without polars, which may be what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from incomeladder.render.width import pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.doctor.check import Check
    from incomeladder.render.wording import Words

_GAP: Final = 2


def text(checks: Sequence[Check], words: Words, columns: int) -> str:
    """A line a check, continued below itself; what to do stands below what was found."""
    verdicts = {each.verdict: words(f"verdict.{each.verdict}") for each in checks}
    names = {each.name: words(f"check.{each.name}") for each in checks}
    widths = [max(map(width, told.values())) + _GAP for told in (verdicts, names)]
    lines = [words("title.doctor"), ""]
    for check in checks:
        lead = pad(verdicts[check.verdict], widths[0]) + pad(names[check.name], widths[1])
        told = _told(check, words, columns - sum(widths))
        lines += (f"{start}{line}" for start, line in zip([lead, *[" " * sum(widths)] * len(told)], told, strict=False))
    return "\n".join([*lines, "", summary(checks, words)]) + "\n"


def _told(check: Check, words: Words, columns: int) -> list[str]:
    advice = [words("doctor_do", message=check.advice)] if check.advice else []
    return [line for text in (words.reason(check.found), *advice) for line in wrap(text, columns)]


def summary(checks: Sequence[Check], words: Words) -> str:
    """How many problems and warnings there are, in a sentence."""
    problems, warnings = ([each.verdict for each in checks].count(verdict) for verdict in ("problem", "warning"))
    if problems:
        return words("say.doctor_problems", problems=problems, warnings=warnings)
    return words("say.doctor_warnings", warnings=warnings) if warnings else words("say.doctor_well")


def json_text(checks: Sequence[Check], words: Words) -> str:
    """The envelope of every report, about no survey: without a programme, and with nothing to account for."""
    head: dict[str, Any] = {
        "schema": "incomeladder/1",
        "report": "doctor",
        "programme": None,
        "parameters": {},
        "accounting": {},
    }
    rows = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in _rows(checks, words))
    fields = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    fields += [f'"tables": {{\n  "checks": [\n    {rows}\n  ]\n}}', '"notes": []']
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _rows(checks: Sequence[Check], words: Words) -> Iterator[dict[str, str | None]]:
    for check in checks:
        advice = words.reason(check.advice) if check.advice else None
        yield {
            "check": check.name,
            "found": words.reason(check.found),
            "verdict": check.verdict,
            "advice": advice,
        }
