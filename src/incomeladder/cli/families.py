"""The commands of the ledger that follow families: their histories, who needs a visit, the measures taken."""

from __future__ import annotations

import threading
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import options as o
from incomeladder.cli.output import deliver, form
from incomeladder.cli.speech import info, tell
from incomeladder.cli.work import judged, refuse_other
from incomeladder.errors import Reason, UsageRefused
from incomeladder.ledger.names import LATEST
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.cli.work import Findings
    from incomeladder.ledger.log import Note
    from incomeladder.ledger.store import Kept, Ledger


def history(words: Words, many: o.Households, known: o.Known, asked: o.Told) -> int:
    """Households through all rounds."""
    form(asked.output)
    ids = _ids(many.ids, known)
    ledger = asking.ledger(asked.store)
    kept = _every(ledger)
    from incomeladder.pipeline.follow import followed  # noqa: PLC0415

    deliver(followed(ledger, kept, ids, asking.rules(asked.rules).programme), asked.output, words)
    return 0


def watch(words: Words, news: o.News, grouping: o.Grouping, asked: o.Watched) -> int:
    """Who needs a visit."""
    form(asked.output)
    refuse_other(_FINDINGS, asked.findings.fail_on)
    if news.new and news.since:
        raise UsageRefused.because("since_and_new")
    ledger = asking.ledger(asked.store)
    names = _up_to(ledger, news.at)
    since = _since(names, news)
    kept = _every(ledger, names)
    from incomeladder.pipeline.follow import watched  # noqa: PLC0415

    report = watched(ledger, kept, asking.rules(asked.rules).programme, since=since, by=grouping.by)
    deliver(report, asked.output, words)
    return judged(report, _FINDINGS, asked.findings.fail_on)


_FINDINGS: Findings = {
    "below-floor": lambda report: report.main["reasons"].str.contains("below_floor_(?:new|persistent|again)").any(),
    "fell": lambda report: report.main["reasons"].str.contains("below_floor_(?:new|again)").any(),
}


def _up_to(ledger: Ledger, name: str | None) -> tuple[str, ...]:
    """The rounds up to one, or all; a ledger without rounds, or without this one, is refused."""
    names = ledger.names()
    if not names or (name is not None and name not in names):
        ledger.refuse_unknown(name or LATEST)
    return names if name is None else names[: names.index(name) + 1]


def _since(names: Sequence[str], news: o.News) -> int | None:
    """How many rounds the list goes back to; of a ledger of one round everything is new."""
    if news.since is None:
        return len(names) - 1 if news.new else None
    if news.since not in names[:-1]:
        raise UsageRefused.because("since_not_earlier", round=news.since, rounds=names[:-1])
    return names.index(news.since) + 1


def measures(words: Words, asked: o.Told) -> int:
    """What became of families by the kind of measure."""
    form(asked.output)
    ledger = asking.ledger(asked.store)
    kept = _every(ledger)
    from incomeladder.pipeline.follow import measured  # noqa: PLC0415

    deliver(measured(ledger, kept, asking.rules(asked.rules).programme), asked.output, words)
    return 0


def note(words: Words, one: o.OneHousehold, taken: o.Taken, known: o.Known, asked: o.Noting) -> int:
    """A measure on record."""
    programme = asking.rules(asked.rules).programme
    if taken.measure not in programme.measures:
        nearest = get_close_matches(taken.measure, programme.measures, n=1, cutoff=0)[0]
        facts = {"measure": taken.measure, "nearest": nearest, "known": sorted(programme.measures)}
        raise UsageRefused.because("measure_kind_unknown", **facts)
    ledger = asking.ledger(asked.store)
    after = _up_to(ledger, taken.after)[-1]
    from incomeladder.ledger.log import Note, append  # noqa: PLC0415

    (household,), (author, text) = _ids([one.household], known), _said(taken)
    entry = Note(household, taken.measure, survey_round=after, date=_day(taken.date), author=author, text=text)
    _refuse_unknown(ledger, entry)
    from incomeladder.ledger.writing import writing  # noqa: PLC0415

    with writing(ledger, asked.waiting.wait) as writer:
        added = append(writer, entry)
    if not asked.speech.quiet:
        tell([info(Reason("noted" if added else "noted_already", {"round": after}), words)], asked.speech.log_format)
    return 0


def _said(taken: o.Taken) -> tuple[str, str]:
    for option, text in (("--author", taken.author), ("--text", taken.text)):
        if not text.strip():
            raise UsageRefused.because("note_empty", option=option)
    return taken.author.strip(), taken.text.strip()


def _day(text: str | None) -> str:
    if text is None:
        return date.today().isoformat()  # noqa: DTZ011  (the day on the wall)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageRefused.because("note_date", value=text) from error


def _refuse_unknown(ledger: Ledger, entry: Note) -> None:
    kept = _every(ledger)
    from incomeladder.pipeline.follow import is_known, refuse_unknown  # noqa: PLC0415

    if not is_known(kept, entry.household_id):
        refuse_unknown([1])


def _ids(ids: Sequence[str], known: o.Known) -> list[str]:
    """Ids, or the pseudonyms that the ledger has in their place."""
    key = asking.key(known.known_by)
    return list(ids) if key is None else key.pseudonyms(ids)


def _every(ledger: Ledger, names: Sequence[str] | None = None) -> tuple[Kept, ...]:
    """The rounds, each proved to be what was added, while what comes next is imported."""
    threading.Thread(target=import_module, args=("incomeladder.pipeline.follow",), daemon=True).start()
    return ledger.every(names)
