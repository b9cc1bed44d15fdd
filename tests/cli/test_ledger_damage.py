from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import polars as pl
import pytest

from incomeladder.errors import LedgerRefused
from incomeladder.ledger.log import LOG, notes
from incomeladder.ledger.record import DATA, RECORD, Record, read_record, sha256_of
from incomeladder.ledger.store import Ledger
from ledgers import NOTE, held, is_tidy, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]
    Spoil = Callable[[Path], object]

OLD = rounds_of("2023", "12000", "", "35000")
NEW = rounds_of("2024", "31000.50", "29999.99")
READERS = (
    *(["ledger", name] for name in ("history 1", "watch", "measures", "export 2023")),
    *(["bands", "@2023"], ["check", "@*"], ["flag", "@2023"]),
    *(["transitions", "@2023", "@2024"], ["transitions", "@2023", "new.csv"]),
)
COMMANDS = {" ".join(words): " ".join(words).split() for words in READERS}
LOG_COMMANDS = ("ledger history 1", "ledger watch", "ledger measures", "flag @2024 --with measures")


@pytest.fixture
def ledger(run: Run, survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of two rounds and a note."""
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    for drawn, name in ((OLD, "old.csv"), (NEW, "new.csv")):
        assert run("ledger", "add", survey(drawn, name)).status == 0
    assert run("ledger", "note", "1", *NOTE).status == 0
    return tmp_path / "ledger"


@pytest.fixture
def old(ledger: Path) -> Path:
    """The folder of the round that gets damaged."""
    return ledger / "rounds" / "round=2023"


def flips(path: Path) -> Iterator[int]:
    """Flip a bit of each byte of a file, one after another; the file is whole again at the end."""
    content, random = path.read_bytes(), Random(52)  # noqa: S311  (no secret)
    for place, byte in enumerate(content):
        path.write_bytes(content[:place] + bytes([byte ^ 1 << random.randrange(8)]) + content[place + 1 :])
        yield place
    path.write_bytes(content)


def flip(path: Path) -> None:
    """Flip a bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "reasons"),
    [(DATA, {"round_data_altered"}), (RECORD, {"round_record_damaged", "round_newer"})],
    ids=["households", "record"],
)
def test_fault_52_a_bit_that_is_flipped_anywhere_in_a_round_is_found(old: Path, name: str, reasons: set[str]) -> None:
    ledger, found = Ledger(old.parents[1]), set()
    for _ in flips(old / name):
        with pytest.raises(LedgerRefused) as refused:
            ledger.kept("2023")
        found |= set(refused.value.args)
    assert found <= reasons
    assert [*held(ledger.folder)] == ["2023", "2024"]


def test_fault_52_a_bit_that_is_flipped_anywhere_in_the_log_of_measures_is_found(ledger: Path) -> None:
    for _ in flips(ledger / LOG):
        with pytest.raises(LedgerRefused):
            notes(Ledger(ledger))
    assert notes(Ledger(ledger)).height == 1


@pytest.mark.parametrize("name", [DATA, RECORD])
@pytest.mark.parametrize("command", COMMANDS)
def test_fault_52_no_command_makes_a_number_of_a_round_with_a_flipped_bit(
    run: Run, old: Path, command: str, name: str
) -> None:
    flip(old / name)
    assert run(*COMMANDS[command]).is_refused(5, "damaged", "@2023", name)


@pytest.mark.parametrize("command", LOG_COMMANDS)
def test_fault_52_no_command_reads_a_log_of_measures_with_a_flipped_bit(run: Run, ledger: Path, command: str) -> None:
    flip(ledger / LOG)
    assert run(*command.split()).is_refused(5, "damaged", LOG)
    assert run("ledger", "verify").status == 5
    assert run("bands", "@2024").status == 0


def test_fault_52_no_note_is_added_to_a_log_with_a_flipped_bit(run: Run, ledger: Path) -> None:
    flip(ledger / LOG)
    content = (ledger / LOG).read_bytes()
    assert run("ledger", "note", "2", *NOTE).is_refused(5, "damaged", LOG)
    assert (ledger / LOG).read_bytes() == content
    assert is_tidy(ledger)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def put_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"")


SPOILT: dict[str, Spoil] = {
    **{f"{spoil.__name__} {DATA}": lambda old, spoil=spoil: spoil(old / DATA) for spoil in (cut, empty, make_folder)},
    **{f"{spoil.__name__} {RECORD}": lambda old, spoil=spoil: spoil(old / RECORD) for spoil in (cut, empty, lengthen)},
    f"missing {DATA}": lambda old: (old / DATA).unlink(),
    f"missing {RECORD}": lambda old: (old / RECORD).unlink(),
    f"folder {RECORD}": lambda old: make_folder(old / RECORD),
    "nothing in it": lambda old: [path.unlink() for path in old.iterdir()],
    "a file in its place": put_file,
    "another round": lambda old: shutil.copy(old.with_name("round=2024") / RECORD, old),
    "another round's households": lambda old: shutil.copy(old.with_name("round=2024") / DATA, old),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_fault_53_a_damaged_round_is_told_and_the_others_are_there(
    run: Run, survey: Survey, old: Path, spoilt: str
) -> None:
    SPOILT[spoilt](old)
    for command in ("rounds", "verify"):
        done = run("ledger", command, "--format", "csv")
        assert (done.status, done.err.count("error")) == (5, 0)
        assert "@2023: damaged" in done.err
        assert [(row["survey_round"], row["state"]) for row in done.rows] == [("2023", "damaged"), ("2024", "sound")]
    assert run("bands", "@2023").is_refused(5, "damaged")
    assert run("bands", "@2024").status == 0
    assert run("transitions", "@2024", survey(rounds_of("2025", "31000", "32000"))).status == 0


@pytest.mark.parametrize("spoilt", SPOILT)
def test_fault_53_a_damaged_round_can_be_removed_and_added_again(
    run: Run, survey: Survey, old: Path, spoilt: str
) -> None:
    SPOILT[spoilt](old)
    assert run("ledger", "add", survey(rounds_of("2025", "31000", "32000"))).status == 0
    assert run("ledger", "add", "old.csv").is_refused(5, "damaged", "@2023")
    assert run("ledger", "remove", "2023", "--yes").status == 0
    assert run("ledger", "add", "old.csv").status == 0
    assert run("ledger", "verify").status == 0
    assert [*held(old.parents[1])] == ["2023", "2024", "2025"]


def smuggle(folder: Path, households: pl.DataFrame, **told: object) -> None:
    """Put households into a round whose record and digests are in order."""
    record = read_record(folder, "2023")
    households.write_parquet(folder / DATA)
    size, digest = (folder / DATA).stat().st_size, sha256_of(folder / DATA)
    (folder / RECORD).write_bytes(replace(record, sha256=digest, size=size, **told).to_bytes())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda found: found.reverse(), "not sorted"),
        (lambda found: found[[0, 0, 2]], "not sorted"),
        (lambda found: found.with_columns(household_id=pl.lit(None, pl.String)), "not sorted"),
        (lambda found: found[:2], "holds 2 households, and its record says 3"),
        (lambda found: found.with_columns(income=pl.lit(1)), "0 households lack an income, and its record says 1"),
    ],
    ids=["unsorted", "twice", "without ids", "too few", "more incomes"],
)
def test_fault_54_verify_finds_households_that_were_smuggled_in(
    run: Run, old: Path, change: Callable[[pl.DataFrame], pl.DataFrame], fault: str
) -> None:
    smuggle(old, change(pl.read_parquet(old / DATA, hive_partitioning=False)))
    done = run("ledger", "verify", "--format", "csv")
    assert done.status == 5
    assert "@2023: damaged" in done.err
    assert fault in done.err
    assert [row["state"] for row in done.rows] == ["damaged", "sound"]


def test_fault_54_verify_finds_files_that_do_not_belong_to_a_round(run: Run, old: Path) -> None:
    shutil.copy(old / DATA, old / "more.parquet")
    done = run("ledger", "verify")
    assert (done.status, "more.parquet" in done.out) == (5, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_fault_56_a_round_in_a_newer_format_is_refused_with_the_version_that_is_needed(
    run: Run, old: Path, command: str
) -> None:
    newer: Record = replace(read_record(old, "2023"), format=2, version="7.8.9")
    (old / RECORD).write_bytes(newer.to_bytes())
    assert run(*COMMANDS[command]).is_refused(5, "@2023", "format 2", "7.8.9")


def test_fault_56_a_round_in_a_newer_format_with_facts_we_do_not_know_is_refused_all_the_same(
    run: Run, old: Path
) -> None:
    (old / RECORD).write_text(json.dumps({"format": 2, "version": "7.8.9", "shards": []}))
    assert run("bands", "@2023").is_refused(5, "format 2", "7.8.9")
    assert run("ledger", "rounds").status == 5


@pytest.mark.parametrize("command", [*LOG_COMMANDS, "note"])
def test_fault_56_a_log_in_a_newer_format_is_refused_and_left_alone(run: Run, ledger: Path, command: str) -> None:
    (ledger / LOG).write_text('{"format": 2}\n')
    words = ["ledger", "note", "2", *NOTE] if command == "note" else command.split()
    assert run(*words).is_refused(5, LOG, "format 2")
    assert (ledger / LOG).read_text() == '{"format": 2}\n'


@pytest.mark.parametrize("damage", [flip, Path.unlink], ids=["flipped", "missing"])
def test_a_round_is_added_whatever_became_of_the_one_before_it(
    run: Run, survey: Survey, ledger: Path, damage: Callable[[Path], None]
) -> None:
    damage(ledger / "rounds" / "round=2024" / DATA)
    assert run("ledger", "add", survey(rounds_of("2025", "32000", "33000"), "newest.csv")).status == 0
    assert run("bands", "@2025").status == 0
