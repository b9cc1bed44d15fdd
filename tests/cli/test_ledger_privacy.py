from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

import polars as pl
import pytest

from ledgers import NOTE, held, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

IDS = ("510402199001011234", "510402198512304321")
BEFORE, AFTER = (
    f"household_id | survey_round | income\n{IDS[0]} | {label} | {income}\n{IDS[1]} | {label} | 35000"
    for label, income in (("2023", "12000"), ("2024", "31000"))
)


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


@pytest.fixture
def key(tmp_path: Path) -> Callable[..., Path]:
    """Write a new key; ``mode`` says who may read it."""

    def write(name: str = "key", mode: int = 0o600, secret: str | None = None) -> Path:
        path = tmp_path / name
        path.write_text(secrets.token_hex(16) + "\n" if secret is None else secret)
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666])
def test_fault_43_a_key_that_others_may_read_is_refused(
    run: Run, survey: Survey, ledger: Path, key: Callable[..., Path], mode: int
) -> None:
    path = key(mode=mode)
    assert run("ledger", "add", survey(BEFORE), "--pseudonymise", path).is_refused(5, "chmod 600", "key")
    assert run("ledger", "history", IDS[0], "--pseudonymise", path).is_refused(5, "chmod 600")
    assert not ledger.exists()


@pytest.mark.parametrize("secret", ["", "\n", "short", "fifteen bytes..", "  fifteen bytes..\n\n"])
def test_fault_43_a_key_that_is_too_short_is_refused(
    run: Run, survey: Survey, ledger: Path, key: Callable[..., Path], secret: str
) -> None:
    done = run("ledger", "add", survey(BEFORE), "--pseudonymise", key(secret=secret))
    assert done.is_refused(5, "16 bytes or more")
    assert secret.strip() not in done.err or not secret.strip()
    assert not ledger.exists()


def test_fault_43_a_key_that_is_not_there_is_refused(run: Run, survey: Survey, ledger: Path, tmp_path: Path) -> None:
    assert run("ledger", "add", survey(BEFORE), "--pseudonymise", "absent").is_refused(5, "absent", "No such file")
    assert run("ledger", "add", survey(BEFORE), "--pseudonymise", tmp_path).is_refused(5)
    assert not ledger.exists()


@pytest.mark.parametrize("names", [("one", "other"), ("one", ""), ("", "one")], ids=" ".join)
def test_fault_43_rounds_whose_ids_go_by_different_keys_are_refused(
    run: Run, survey: Survey, ledger: Path, key: Callable[..., Path], names: tuple[str, str]
) -> None:
    first, second = (["--pseudonymise", key(name)] if name else [] for name in names)
    assert run("ledger", "add", survey(BEFORE), *first).status == 0
    before = held(ledger)
    assert run("ledger", "add", survey(AFTER), *second).is_refused(5, "2024", "@2023", "same key")
    assert run("ledger", "add", survey(BEFORE), *second).is_refused(5, "@2023")
    assert held(ledger) == before


def test_fault_43_a_pseudonymised_round_is_compared_with_its_like_only(
    run: Run, survey: Survey, key: Callable[..., Path]
) -> None:
    file, hidden = survey(AFTER, "after.csv"), ["--pseudonymise", key()]
    for drawn in (BEFORE, AFTER):
        assert run("ledger", "add", survey(drawn), *hidden).status == 0
    assert run("transitions", "@2023", file).is_refused(3, "different ids")
    assert run("transitions", file, "@2023").is_refused(3, "different ids")
    assert run("transitions", "@2023", "@2024").status == 0
    shown = run("transitions", "@2023", "@2024", "--format", "csv").out
    run("ledger", "add", survey(BEFORE), "--ledger", "plain")
    run("ledger", "add", file, "--ledger", "plain")
    assert run("transitions", "@2023", "@2024", "--format", "csv", "--ledger", "plain").out == shown


def test_fault_43_who_has_the_key_finds_a_family_and_who_has_not_does_not(
    run: Run, survey: Survey, key: Callable[..., Path]
) -> None:
    own, other = key(), key("other")
    for drawn in (BEFORE, AFTER):
        run("ledger", "add", survey(drawn), "--pseudonymise", own)
    assert run("ledger", "note", IDS[0], *NOTE, "--pseudonymise", own).status == 0
    told = run("ledger", "history", IDS[0], "--pseudonymise", own, "--format", "csv")
    assert [row["income"] for row in told.rows] == ["12000", "31000"]
    assert IDS[0] not in told.out + told.err
    for more in ([], ["--pseudonymise", other]):
        assert IDS[0] not in run("ledger", "history", IDS[0], *more).err
        assert run("ledger", "history", IDS[0], *more).is_refused(5)
        assert run("ledger", "note", IDS[0], *NOTE, *more).is_refused(5)


def test_fault_43_no_file_of_the_ledger_has_an_id_in_clear(
    run: Run, survey: Survey, ledger: Path, key: Callable[..., Path]
) -> None:
    own = key()
    run("ledger", "add", survey(BEFORE), "--pseudonymise", own)
    run("ledger", "note", IDS[0], *NOTE, "--pseudonymise", own)
    run("ledger", "note", IDS[1], *NOTE)
    files = [path for path in ledger.rglob("*") if path.is_file()]
    assert len(files) == 4
    for path in files:
        content = path.read_bytes()
        assert not [each for each in (*IDS, own.read_text().strip()) if each.encode() in content], path
    (data,) = ledger.rglob("*.parquet")
    rows = str(pl.read_parquet(data, hive_partitioning=False).rows())
    assert not [each for each in IDS if each in rows]


UMASKS = (0o000, 0o022, 0o077, 0o777)


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_fault_55_files_have_mode_0600_and_folders_0700_under_any_umask(
    run: Run, survey: Survey, ledger: Path, umask: int
) -> None:
    one, two = survey(rounds_of("2023", "12000"), "one.csv"), survey(rounds_of("2024 2025", "31000"), "two.csv")
    before = os.umask(umask)
    try:
        for command in (["add", one], ["add", two], ["note", "1", *NOTE], ["remove", "2025", "--yes"]):
            assert run("ledger", *command).status == 0
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (ledger, *ledger.rglob("*"))}
    assert len(found) == 10
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}


def test_fault_55_folders_on_the_way_to_the_ledger_are_private_too(run: Run, survey: Survey, tmp_path: Path) -> None:
    assert run("ledger", "add", survey(BEFORE), "--ledger", "a/b/ledger").status == 0
    assert [stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("a", "a/b", "a/b/ledger")] == [0o700] * 3


def test_fault_55_a_ledger_that_somebody_opened_up_gets_private_files(run: Run, survey: Survey, ledger: Path) -> None:
    run("ledger", "add", survey(BEFORE))
    for path in (ledger, *ledger.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    run("ledger", "add", survey(AFTER))
    new = ledger / "rounds" / "round=2024"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, *new.iterdir())] == [0o700, 0o600, 0o600]
