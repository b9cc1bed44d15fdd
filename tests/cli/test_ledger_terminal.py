from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.test_safety import OBEYED
from cli.test_terminal import ESCAPES, answered, columns, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
FOLLOWED = "510421000932"
REPORTS = (["rounds"], ["verify"], ["history", FOLLOWED], ["watch"], ["watch", "--new"], ["measures"])
HOSTILE = (
    *("a\x1b[31mred", "\x1b]8;;http://example.org\x1b\\x", "a\x9b31mb", "a\u202etxt.b", "a\u2028b\u2029c"),
    *("a\x07b\x08c\x7f", "a\nb\rc\td", "[bold]x[/bold]", "[link=http://example.org]x[/link]"),
)


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


def note(run: Run, household: str, **told: str) -> None:
    usual = {"measure": "public-job", "author": "Li", "text": "road keeper", "date": "2023-11-02"}
    options = [f"--{name}={value}" for name, value in (usual | told).items()]
    assert run("ledger", "note", household, *options).status == 0


# room


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("report", REPORTS, ids=" ".join)
def test_a_window_of_80_columns_holds_every_line(run: Run, report: list[str], language: str) -> None:
    run("ledger", "add", SAMPLE)
    note(run, FOLLOWED, round="2023")
    text = ESCAPES.sub("", shown("ledger", *report, "--lang", language))
    assert [line for line in text.splitlines() if columns(line) > 80] == []
    assert text.count("\n") > 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_import_fits_into_a_window_of_80_columns(language: str) -> None:
    text = ESCAPES.sub("", shown("ledger", "add", SAMPLE, "--lang", language))
    assert [line for line in text.splitlines() if columns(line) > 80] == []
    assert "2,000" in text


def test_what_a_visit_needs_is_shown_in_80_columns(run: Run) -> None:
    run("ledger", "add", SAMPLE)
    heading = next(
        line for line in ESCAPES.sub("", shown("ledger", "watch", "--new")).splitlines() if "Household" in line
    )
    assert [word for word in ("Household", "Township", "Income", "Reasons") if word not in heading] == []


def test_a_wide_window_shows_all_columns(run: Run) -> None:
    run("ledger", "add", SAMPLE)
    note(run, FOLLOWED)
    for report in REPORTS:
        assert "Not shown" not in shown("ledger", *report, wide=250)


# text from elsewhere


@pytest.mark.parametrize("report", ["watch", "watch --by county --lang zh", "history 2", "rounds"])
def test_text_from_a_survey_or_a_note_is_never_obeyed(run: Run, tmp_path: Path, report: str) -> None:
    rows = "".join(f'"{one}","{text}","{text}","{text}",20000\n' for text in HOSTILE for one in (text, f"2{text}"))
    (tmp_path / "2024.csv").write_bytes(f"household_id,county,village,key_group,income\n2,,,,20000\n{rows}".encode())
    assert run("ledger", "add", "2024.csv", "--quiet").status == 0
    for text in HOSTILE:
        note(run, "2", author=text, text=text)
    for form in ("table", "markdown"):
        done = run("ledger", *report.split(), "--format", form)
        assert done.status == 0
        assert OBEYED.findall(done.out + done.err) == []
    for wide in (80, 250):
        assert OBEYED.findall(ESCAPES.sub("", shown("ledger", *report.split(), wide=wide, NO_COLOR="1"))) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_the_history_of_a_household_with_a_hostile_id_is_never_obeyed(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "2024.csv").write_bytes(f'household_id,income\n"x{text}",20000\n2,30000\n'.encode())
    assert run("ledger", "add", "2024.csv", "--quiet").status == 0
    household = run("ledger", "watch", "--format", "csv").rows[0]["household_id"]
    done = run("ledger", "history", household)
    assert (done.status, OBEYED.findall(done.out + done.err)) == (0, [])
    assert OBEYED.findall(run("ledger", "history", f"{text}?").err) == []


def test_an_escape_sequence_is_shown_as_an_escape(run: Run, survey: Draw) -> None:
    run("ledger", "add", survey("household_id | survey_round | income | county\n1 | 2024 | 20000 | a\x1b[31mred"))
    note(run, "1", text="b\x1b[32mgreen")
    assert r"a\x1b[31mred" in shown("ledger", "watch", wide=200)
    told = shown("ledger", "history", "1", wide=250)
    assert [word for word in (r"a\x1b[31mred", r"b\x1b[32mgreen") if word not in told] == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_data_on_a_terminal_are_not_obeyed_either(run: Run, survey: Draw, form: str) -> None:
    run("ledger", "add", survey("household_id | survey_round | income | county\n1 | 2024 | 20000 | a\x1b[31mred"))
    assert "\x1b" not in shown("ledger", "watch", "--format", form)


# asking


@pytest.mark.parametrize("answer", [b"y\n", b"YES\n", "是\n".encode()])
def test_a_round_is_removed_for_a_person_who_says_yes(run: Run, survey: Draw, ledger: Path, answer: bytes) -> None:
    run("ledger", "add", survey())
    status, told = answered(answer, "ledger", "remove", "2023")
    assert (status, [path.name for path in (ledger / "rounds").iterdir()]) == (0, ["round=2024"])
    assert "Remove @2023 from the ledger" in told
    assert "It cannot be undone." in told
    assert told.endswith("removed @2023\n")


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"yep\n", b"\x04"])
def test_a_round_stays_for_a_person_who_says_anything_else(run: Run, survey: Draw, ledger: Path, answer: bytes) -> None:
    run("ledger", "add", survey())
    status, told = answered(answer, "ledger", "remove", "2023")
    assert (status, len(list((ledger / "rounds").iterdir()))) == (5, 2)
    assert told.endswith("error: @2023 was not removed\n")


def test_a_person_is_not_asked_about_a_round_that_is_not_there(run: Run, survey: Draw) -> None:
    run("ledger", "add", survey())
    status, told = answered(b"y\n", "ledger", "remove", "2030")
    assert status == 3
    assert "[y/N]" not in told


def test_a_person_who_has_said_so_is_not_asked(run: Run, survey: Draw) -> None:
    run("ledger", "add", survey())
    assert answered(b"", "ledger", "remove", "2023", "--yes") == (0, "removed @2023\n")
