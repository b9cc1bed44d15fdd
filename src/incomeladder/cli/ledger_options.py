"""The options of the ledger's commands, beside those that they share with all others (``options``)."""

from __future__ import annotations

from dataclasses import dataclass

from incomeladder.cli.options import Findings, Output, ProgrammeFile, Speech, Store, arguments, option, required


@dataclass(frozen=True)
class Kept:
    """How surveys are kept in the ledger."""

    keep: list[str] = option("--keep", [], metavar="COLUMN")
    pseudonymise: str | None = option("--pseudonymise", metavar="KEYFILE")


@dataclass(frozen=True)
class Waiting:
    """How long another writer is waited for."""

    wait: float = option("--wait", 0.0, metavar="SECONDS", least=0)


@dataclass(frozen=True)
class OneRound:
    """A round of the ledger."""

    name: str = arguments("ROUND")


@dataclass(frozen=True)
class Sure:
    """Whether nobody need be asked."""

    yes: bool = option("--yes", default=False)


@dataclass(frozen=True)
class Households:
    """Households by their ids."""

    ids: list[str] = arguments("ID...")


@dataclass(frozen=True)
class Known:
    """The key that makes an id into the pseudonym by which the ledger knows it."""

    known_by: str | None = option("--pseudonymise", metavar="KEYFILE")


@dataclass(frozen=True)
class Watching(ProgrammeFile):
    """Who is watched: the rules for one run, and what is news."""

    margin: str | None = option("--margin", metavar="PERCENT")
    drop: str | None = option("--drop", metavar="PERCENT")
    close: str | None = option("--close", metavar="PERCENT")


@dataclass(frozen=True)
class News:
    """As of which round a list is drawn up, and since when something is news."""

    at: str | None = option("--round", metavar="NAME")
    since: str | None = option("--since", metavar="ROUND")
    new: bool = option("--new", default=False)


@dataclass(frozen=True)
class Taken:
    """A measure taken."""

    measure: str = required("--measure", metavar="KIND")
    author: str = required("--author", metavar="NAME")
    text: str = required("--text", metavar="TEXT")
    date: str | None = option("--date", metavar="DAY")
    after: str | None = option("--round", metavar="NAME")


@dataclass(frozen=True)
class OneHousehold:
    """A household by its id."""

    household: str = arguments("ID")


@dataclass(frozen=True)
class Looked:
    """What a look at the ledger is asked with."""

    store: Store
    output: Output


@dataclass(frozen=True)
class Told(Looked):
    """What a report on families is asked with."""

    rules: ProgrammeFile


@dataclass(frozen=True)
class Watched(Told):
    """What the list of families to visit is asked with."""

    rules: Watching
    findings: Findings


@dataclass(frozen=True)
class Noting:
    """What a note is made with."""

    store: Store
    rules: ProgrammeFile
    waiting: Waiting
    speech: Speech
