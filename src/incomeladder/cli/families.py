"""The commands of the ledger that follow families: their histories, who needs a visit, the measures taken."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

from incomeladder.cli import asking
from incomeladder.cli import ledger_options as lo
from incomeladder.cli import options as o
from incomeladder.cli.output import deliver, refuse_unwritable
from incomeladder.cli.speech import info, tell
from incomeladder.cli.work import import_meanwhile, judged, refuse_other
from incomeladder.errors import LedgerRefused, Reason, UsageRefused
from incomeladder.ledger.names import LATEST
from incomeladder.ledger.pseudonyms import is_pseudonym
from incomeladder.render.wording import Words  # noqa: TC001  (so are the annotations of commands)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.cli.work import Findings
    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.programme import Title


def history(words: Words, many: lo.Households, known: lo.Known, asked: lo.Told) -> int:
    """Households through all rounds."""
    refuse_unwritable(asked.output)
    ledger = asking.ledger(asked.store)
    ids = _ids(many.ids, known, ledger)
    kept = _every(ledger)
    from incomeladder.pipeline.follow import followed  # noqa: PLC0415

    deliver(followed(ledger, kept, ids, asking.rules(asked.rules).programme), asked.output, words)
    return 0


def watch(words: Words, news: lo.News, grouping: o.Grouping, asked: lo.Watched) -> int:
    """Who needs a visit."""
    refuse_unwritable(asked.output)
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
    last = ledger.one(LATEST if name is None else name, names)
    return names[: names.index(last) + 1]


def _since(names: Sequence[str], news: lo.News) -> int | None:
    """How many rounds the list goes back to; of a ledger of one round everything is new."""
    if news.since is None:
        return len(names) - 1 if news.new else None
    since = news.since.removeprefix("@")
    if since not in names[:-1]:
        key = "since_not_earlier" if len(names) > 1 else "since_the_first"
        raise UsageRefused.because(key, round=since, rounds=names[:-1])
    return names.index(since) + 1


def measures(words: Words, asked: lo.Told) -> int:
    """What became of families by the kind of measure."""
    refuse_unwritable(asked.output)
    ledger = asking.ledger(asked.store)
    kept = _every(ledger)
    from incomeladder.pipeline.follow import measured  # noqa: PLC0415

    deliver(measured(ledger, kept, asking.rules(asked.rules).programme), asked.output, words)
    return 0


def note(words: Words, one: lo.OneHousehold, taken: lo.Taken, known: lo.Known, asked: lo.Noting) -> int:
    """A measure on record."""
    kind = _kind(taken.measure, asking.rules(asked.rules).programme.measures)
    ledger = asking.ledger(asked.store)
    after = _up_to(ledger, taken.after)[-1]
    from incomeladder.ledger.log import Note, append  # noqa: PLC0415

    (household,), (author, text) = _ids([one.household], known, ledger), _said(taken)
    entry = Note(household, kind, survey_round=after, date=_day(taken.date), author=author, text=text)
    kept = _every(ledger)
    from incomeladder.ledger.writing import writing  # noqa: PLC0415
    from incomeladder.pipeline.follow import refuse_unknown  # noqa: PLC0415

    refuse_unknown(kept, household)

    with writing(ledger, asking.wait(asked.waiting)) as writer:
        added = append(writer, entry)
    if not asked.speech.quiet:
        tell([info(Reason("noted" if added else "noted_already", {"round": after}), words)], asked.speech.log_format)
    return 0


_LONGEST = 10_000


def _said(taken: lo.Taken) -> tuple[str, str]:
    """Author and text. Raises UsageRefused where one is empty, or too long."""
    for option, text in (("--author", taken.author), ("--text", taken.text)):
        if not text.strip():
            raise UsageRefused.because("note_empty", option=option)
        if len(text) > _LONGEST:
            raise UsageRefused.because("note_unfit", option=option, most=_LONGEST)
    return taken.author.strip(), taken.text.strip()


def _kind(name: str, measures: Mapping[str, Title]) -> str:
    """The kind of measure of this name, its own or what people call it."""
    called = {each: kind for kind, title in measures.items() for each in (kind, title.en, title.zh)}
    if name in called:
        return called[name]
    known = [f"{kind} {title.zh}" for kind, title in measures.items()]
    nearest = get_close_matches(name, called, n=1)
    key = "measure_kind_nearest" if nearest else "measure_kind_unknown"
    raise UsageRefused.because(key, measure=name, nearest="".join(nearest), known=known)


def _day(text: str | None) -> str:
    if text is None:
        return date.today().isoformat()  # noqa: DTZ011  (the day on the wall)
    try:
        told = date.fromisoformat(text).isoformat()
    except ValueError:
        told = None
    if told != text:  # such as 2026-W13-2
        raise UsageRefused.because("note_date", value=text)
    return told


def _ids(ids: Sequence[str], known: lo.Known, ledger: Ledger) -> list[str]:
    """Ids as the ledger has them: spelt as they are on import, or the pseudonyms in their place.

    Raises LedgerRefused where the ledger has pseudonyms under another key, or under one that is not named.
    """
    key, spelt = asking.key(known.known_by), [_spelt(each) for each in ids]
    keys = {record.key for record in ledger.records().values()}
    if key is None and not all(is_pseudonym(each) for each in spelt) and keys - {None}:
        raise LedgerRefused.because("ids_are_pseudonyms")
    if key is not None and keys != {key.fingerprint}:
        raise LedgerRefused.because("key_is_another", file=known.known_by)
    return spelt if key is None else key.pseudonyms(spelt)


def _spelt(household_id: str) -> str:
    """Without spaces, in plain digits; looked at with polars only where it is not plain."""
    if household_id.isascii() and household_id.isalnum():
        return household_id
    from incomeladder.pipeline.follow import spelt  # noqa: PLC0415

    return spelt(household_id)


def _every(ledger: Ledger, names: Sequence[str] | None = None) -> tuple[Kept, ...]:
    """The rounds, each proved to be what was added, while what comes next is imported."""
    import_meanwhile("incomeladder.pipeline.follow")
    return ledger.every(names)
