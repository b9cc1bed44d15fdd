"""The command that says what is wrong with an installation."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.output import print_out, refuse_overwriting, write_whole
from incomeladder.errors import OutputRefused, UsageRefused
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from incomeladder.cli.choices import CheckFormat


def doctor(words: Words, store: o.Store, asked: o.Examined) -> int:
    """Look at everything; the status is that of a refused output where anything keeps commands from working.

    That is the one status that speaks of the machine: neither of what was asked, nor of surveys, nor of findings.
    """
    chosen = _form(asked)
    refuse_overwriting(asked.output, ())
    from incomeladder.doctor import examined  # noqa: PLC0415  (help should not wait)
    from incomeladder.render import checks  # noqa: PLC0415

    found = examined(lambda: asking.ledger(store), words.language)
    columns = shutil.get_terminal_size((80, 24)).columns if asked.output is None else 80
    told = checks.json_text(found, words) if chosen == "json" else checks.text(found, words, max(60, columns))
    if asked.output is not None:
        write_whole(asked.output, told.encode())
    elif not asked.quiet or any(each.verdict != "ok" for each in found):
        print_out(told)
    return OutputRefused.status if any(each.verdict == "problem" for each in found) else 0


def _form(asked: o.Examined) -> CheckFormat:
    """The format asked for, by name or by the output's suffix. Raises UsageRefused where neither tells."""
    if asked.check_format is not None or asked.output is None:
        return asked.check_format or "table"
    suffix = Path(asked.output).suffix.lower()
    forms: dict[str, CheckFormat] = {".json": "json", ".txt": "table"}
    if suffix not in forms:
        raise UsageRefused.because("output_format", output=asked.output, formats=sorted(forms.values()))
    return forms[suffix]
