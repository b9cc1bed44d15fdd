"""What is said on standard error: lines for people or, with ``--log-format json``, one JSON object a line.

A log is kept and passed on, so it holds nothing that may be of a person: no cell of a survey, not even a sound one.
"""

from __future__ import annotations

import contextlib
import re
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from incomeladder.cli.language import given
from incomeladder.errors import Reason
from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from incomeladder.cli.choices import LogFormat
    from incomeladder.errors import RowsRejected
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

Level = Literal["error", "warning", "note", "info"]
WARNINGS: Final = frozenset(
    {"unit_slip", "unit_slip_typical", "level_doubtful", "nothing_in_common_kept", "round_named_by_file"}
)
"""Notes that doubt the numbers themselves."""
OF_PERSONS: Final[dict[str, frozenset[str]]] = {
    # Where a file has no headings, its first household stands in their place.
    "no_income_column": frozenset({"headings"}),
    "chosen_heading_absent": frozenset({"headings"}),
    "heading_twice": frozenset({"heading"}),
    # Above the headings stands who filled the form in.
    "titles_skipped": frozenset({"titles"}),
    # What is typical of a file of one household is that household's.
    "level_doubtful": frozenset({"income"}),
    "unit_slip": frozenset({"was", "is_now"}),
    "unit_slip_typical": frozenset({"was", "is_now"}),
    # Spark quotes the value that it could not cast.
    "engine_not_started": frozenset({"detail"}),
    "engine_refused": frozenset({"detail"}),
    # Whoever names the column of ids as strata has a household in each.
    **dict.fromkeys(("strata_lonely", "fpc_unfit", "fpc_too_small"), frozenset({"strata"})),
    # A command line can name a household.
    "extra_argument": frozenset({"value"}),
    "bad_value": frozenset({"detail"}),
    "note_date": frozenset({"value"}),
}
"""The facts of a reason that no log holds."""
ROUNDS: Final = frozenset({"round", "rounds", "before", "after", "shown", "from", "to", "one", "other"})
"""Facts that may be the name of a round: in a row that has slipped, an id or a name stands in its place."""
_AFTER_A_YEAR: Final = re.compile(
    r"(19|20)\d\d年?度?[-_./ ]?([QH][1-4]|(0?[1-9]|1[0-2])月?|[上下]半年|第?[一二三四]季度)?", re.ASCII
)
_WITHHELD: Final = "…"


@dataclass(frozen=True)
class Said:
    """One thing that is said: ``line`` is what people read; ``message`` and ``place`` are what a log holds."""

    level: Level
    code: str
    line: str
    message: str
    place: Mapping[str, object] = field(default_factory=dict)


def chosen(argv: Sequence[str]) -> LogFormat:
    """The format has to be known before the options are read, since complaints about them are told in it."""
    return "json" if given(argv, "--log-format") == ["json"] else "text"


def tell(said: Iterable[Said], log_format: LogFormat) -> None:
    """Everything that is no data to standard error."""
    lines = [_object(each) if log_format == "json" else each.line for each in said]
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.stderr.flush()


def error(reason: Reason, words: Words) -> Said:
    """What stops the work."""
    return _said("error", "error", reason, words)


def info(reason: Reason, words: Words) -> Said:
    """What was done."""
    line = words.reason(reason)
    return Said("info", reason.key, line, words.reason(_discreet(reason)))


def note(reason: Reason, words: Words) -> Said:
    """What a reader of the report should know."""
    return _said("warning" if reason.key in WARNINGS else "note", "note", reason, words)


def rejected(refusal: RowsRejected, words: Words) -> Iterator[Said]:
    """The rows that cannot be used, and how many more there are than are shown."""
    from incomeladder.render.problems import line, listed  # noqa: PLC0415  (with rows to reject, polars is here)

    shown, more = listed(refusal.problems, refusal.most)
    for problem in shown.iter_rows(named=True):
        rule = problem["rule"]
        message = words(f"rule.{rule}", places=problem["places"])
        yield Said("error", rule, line(problem, words), message, _place(problem))
    if more:
        yield info(Reason("more_problems", {"count": more}), words)


def accounting(report: Report, words: Words) -> Iterator[Said]:
    """What became of every row, and the notes."""
    from incomeladder.render import documents  # noqa: PLC0415  (after --help: it needs polars)

    discreet = replace(report, parameters=_discreet(Reason("accounting", dict(report.parameters))).facts)
    pairs = zip(documents.accounting(report, words), documents.accounting(discreet, words), strict=True)
    yield from (Said("info", "accounting", line.text, logged.text) for line, logged in pairs)
    yield from (note(reason, words) for reason in report.notes)


def _said(level: Level, lead: str, reason: Reason, words: Words) -> Said:
    inner = reason.facts.get("message")
    code = inner.key if isinstance(inner, Reason) else reason.key
    return Said(level, code, words(lead, message=words.reason(reason)), words.reason(_discreet(reason)))


def _discreet(reason: Reason) -> Reason:
    hidden = OF_PERSONS.get(reason.key, ())
    facts = {name: _WITHHELD if name in hidden else _fact(name, fact) for name, fact in reason.facts.items()}
    return Reason(reason.key, facts)


def _fact(name: str, fact: object) -> object:
    if isinstance(fact, Reason):
        return _discreet(fact)
    if name not in ROUNDS:
        return fact
    if isinstance(fact, (list, tuple)):
        return [_fact(name, part) for part in fact]
    return fact if _AFTER_A_YEAR.fullmatch(str(fact)) else _WITHHELD


def _place(problem: Mapping[str, object]) -> dict[str, object]:
    named = {name: problem[name] for name in ("file", "row", "column", "sheet") if problem[name] is not None}
    return {name: told if isinstance(told, int) else safe(told) for name, told in named.items()}


def _object(said: Said) -> str:
    import json  # noqa: PLC0415  (people who read lines need not wait for it)

    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {"time": now, "level": said.level, "code": said.code, "message": said.message, **said.place}
    text = json.dumps(told, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
    except UnicodeEncodeError:  # on a GBK console; JSON knows only its own escapes
        return json.dumps(told)
    return text
