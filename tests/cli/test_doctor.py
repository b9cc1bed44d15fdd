"""What the doctor finds: sound, and with one thing after another broken."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.doctor import extras, libraries, loading, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

Run = Draw = Examined = Broken = Any
ROOT = Path(__file__).parents[2]
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(autouse=True)
def elsewhere(settled: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the ledger nor the shell of whoever runs the tests."""
    del settled
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "no-ledger"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")


@pytest.fixture
def examined(run: Run) -> Callable[..., dict[str, list[dict[str, str | None]]]]:
    """What is said of each check, after a look at the status."""

    def call(*argv: str, status: int = 0) -> dict[str, list[dict[str, str | None]]]:
        done = run("doctor", "--format", "json", *argv)
        assert (done.status, done.err) == (status, "")
        found: dict[str, list[dict[str, str | None]]] = {}
        for row in done.json["tables"]["checks"]:
            found.setdefault(row["check"], []).append(row)
        return found

    return call


@pytest.fixture
def broken(process: Run, tmp_path: Path) -> Callable[..., Outcome]:
    """The program with a library that is replaced by this text."""

    def call(library: str, text: str, *argv: str) -> Outcome:
        folder = tmp_path / "broken"
        folder.mkdir(exist_ok=True)
        (folder / f"{library}.py").write_text(text, encoding="utf-8")
        return process(*argv, env={"PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'src'}"})

    return call


# all is well


def test_where_everything_works_the_status_is_0_and_every_check_is_told(examined: Examined) -> None:
    found = examined()
    expected = {"python", "libraries", "processor", "loading", "language", "encoding", "file_names", "terminal"}
    expected |= {"temporary", "ledger", "extra_duckdb", "extra_spark", "extra_stata", "completion"}
    assert set(found) == expected
    assert [row for rows in found.values() for row in rows if row["verdict"] == "problem"] == []


def test_the_envelope_is_that_of_every_report_about_no_survey(run: Run) -> None:
    told = run("doctor", "--format", "json").json
    assert (told["schema"], told["report"], told["programme"]) == ("incomeladder/1", "doctor", None)
    assert list(told["tables"]["checks"][0]) == ["check", "found", "verdict", "advice"]


@pytest.mark.parametrize(
    ("language", "well"), [("en", "Everything that is needed works"), ("zh", "需要的都能正常使用")]
)
def test_the_last_line_says_how_it_stands(run: Run, language: str, well: str) -> None:
    done = run("doctor", "--lang", language)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[-1].startswith(well)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_are_no_wider_than_the_window(
    run: Run, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    from incomeladder.render.width import width  # noqa: PLC0415

    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run("doctor", "--lang", language).out.splitlines()
    assert [line for line in lines if width(line) > columns and " /" not in line] == []


def test_the_report_goes_where_it_is_sent_in_the_form_of_the_suffix(run: Run) -> None:
    assert run("doctor", "--output", "d.json").out == ""
    assert json.loads(Path("d.json").read_text(encoding="utf-8"))["report"] == "doctor"
    assert run("doctor", "--output", "d.txt", "--lang", "zh").status == 0
    assert Path("d.txt").read_text(encoding="utf-8").startswith("本程序的安装有什么问题？")


@pytest.mark.parametrize("asked", [("--format", "csv"), ("--output", "d.xlsx")])
def test_forms_that_it_does_not_have_are_refused(run: Run, asked: tuple[str, str]) -> None:
    assert run("doctor", *asked).is_refused(2, asked[1], "table", "json")
    assert not Path("d.xlsx").exists()


def test_quiet_is_silent_where_nothing_is_wrong_and_not_otherwise(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("doctor", "--quiet").out == ""
    monkeypatch.setattr(loading, "NEEDED", {"absent": "absent_library"})
    done = run("doctor", "--quiet")
    assert done.status == 5
    assert "absent" in done.out


# libraries


def test_the_libraries_looked_at_are_those_that_the_project_asks_for() -> None:
    needed = {re.split(r"[\[<>=]", line)[0] for line in PROJECT["dependencies"]}
    assert set(loading.NEEDED) == needed
    asked = {
        extra: tuple(sorted(re.split(r"[\[<>=]", line)[0] for line in lines))
        for extra, lines in PROJECT["optional-dependencies"].items()
        if extra != "compat"
    }
    assert asked == extras.EXTRAS


@pytest.mark.parametrize(
    ("version", "bounds", "within"),
    [
        ("2.1.0", "<3,>=2.1", True),
        ("2.1", "<3,>=2.1.0", True),
        ("2.0.9", "<3,>=2.1", False),
        ("3.0.0", "<3,>=2.1", False),
        ("3", "<3,>=2.1", False),
        ("0.28.4", "<0.29,>=0.28", True),
        ("0.29.0", "<0.29,>=0.28", False),
        ("2.10.0", ">=2.9", True),
        ("2.2.0rc1", ">=2.2", True),
        ("1.0", "", True),
    ],
)
def test_a_version_is_held_against_its_bounds(version: str, bounds: str, *, within: bool) -> None:
    assert libraries.is_within(version, bounds) is within


def test_versions_that_were_not_asked_for_are_problems(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        libraries.metadata, "requires", lambda _: ["polars<2,>=1", "no-such-library>=4", 'x; extra == "y"']
    )
    rows = examined(status=5)["libraries"]
    assert [row["verdict"] for row in rows] == ["problem", "problem"]
    assert "polars 2." in str(rows[0]["found"])
    assert rows[0]["advice"] == "python -m pip install 'polars<2,>=1'"
    assert rows[1]["found"] == "no-such-library is missing; no-such-library >=4 is needed"


def test_a_program_that_is_not_installed_is_warned_of(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> None:
        raise libraries.metadata.PackageNotFoundError

    monkeypatch.setattr(libraries.metadata, "requires", absent)
    assert [row["verdict"] for row in examined()["libraries"]] == ["warning"]


def test_a_polars_that_kills_its_process_is_told_and_does_not_kill_the_doctor(broken: Broken) -> None:
    done = broken("polars", KILLED, "doctor", "--format", "json")
    assert (done.status, done.err) == (5, "")
    (row,) = [row for row in done.json["tables"]["checks"] if row["verdict"] == "problem"]
    assert (row["check"], row["found"]) == ("loading", "polars ends the process that loads it (SIGILL)")
    assert "incomeladder[compat]" in row["advice"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise ImportError('DLL load failed')", "ImportError: DLL load failed"),
        ("raise RuntimeError('no\\x1b[31m such\\nthing')", r"RuntimeError: no\x1b[31m such thing"),
        ("raise SystemExit(0)", "SystemExit"),
        ("DataFrame = None", "TypeError"),
        ("import os; os._exit(0)", "polars ends the process that loads it (0x0)"),
    ],
)
def test_a_polars_that_does_not_load_is_told(broken: Broken, text: str, found: str) -> None:
    done = broken("polars", text, "doctor")
    assert (done.status, done.err) == (5, "")
    assert found in " ".join(done.out.split())
    assert "\x1b" not in done.out


def test_after_a_library_that_crashes_the_others_are_tried_all_the_same(broken: Broken) -> None:
    broken("rich", "raise ImportError('x')", "--version")
    done = broken("narwhals", KILLED, "doctor", "--format", "json")
    found = {row["found"] for row in done.json["tables"]["checks"] if row["verdict"] == "problem"}
    assert found == {
        "rich does not load (ImportError: x)",
        "narwhals ends the process that loads it (SIGILL)",
        "pyreadstat ends the process that loads it (SIGILL)",  # it loads narwhals
    }


def test_the_doctor_works_without_typer_too(broken: Broken) -> None:
    done = broken("typer", "raise ImportError('x', name='typer')", "doctor")
    assert (done.status, done.err) == (5, "")
    assert "typer does not load (ImportError: x)" in done.out


@pytest.mark.parametrize("library", ["typer", "polars"])
def test_a_command_whose_library_does_not_load_sends_one_to_the_doctor(
    broken: Broken, survey: Draw, library: str
) -> None:
    done = broken(library, f"raise ImportError('DLL', name={library!r})", "bands", str(survey()))
    assert done.is_refused(70, f"{library} does not load (DLL)", "incomeladder doctor")


# where it runs


def test_an_old_processor_is_known_by_its_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading.platform, "machine", lambda: "x86_64")
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nflags\t\t: fpu sse4_2 avx\n", encoding="utf-8")
    assert loading.has_avx2(told) is False
    told.write_text("flags\t\t: fpu avx avx2\n", encoding="utf-8")
    assert loading.has_avx2(told) is True
    assert loading.has_avx2(tmp_path / "none") is None
    monkeypatch.setattr(loading.platform, "machine", lambda: "aarch64")
    assert loading.has_avx2(told) is None


def test_an_old_processor_is_a_problem_without_the_polars_for_it(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "has_avx2", lambda: False)
    (row,) = examined(status=5)["processor"]
    assert "AVX2" in str(row["found"])
    assert "incomeladder[compat]" in str(row["advice"])
    installed = loading.installed
    monkeypatch.setattr(
        loading, "installed", lambda name: "2.1" if name == "polars-runtime-compat" else installed(name)
    )
    assert examined()["processor"][0]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("encoding", "verdict"), [("utf-8", "ok"), ("cp936", "ok"), ("ascii", "warning"), ("cp1252", "warning")]
)
def test_an_output_that_cannot_show_chinese_is_warned_of(process: Run, encoding: str, verdict: str) -> None:
    env = {"PYTHONIOENCODING": encoding}
    done = process("doctor", "--format", "json", "--output", "d.json", env=env)
    assert (done.status, done.err) == (0, "")
    rows = json.loads(Path("d.json").read_text(encoding="utf-8"))["tables"]["checks"]
    assert [row["verdict"] for row in rows if row["check"] == "encoding"] == [verdict]
    assert process("doctor", "--lang", "zh", env=env).status == 0


def test_it_runs_with_next_to_no_environment(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "incomeladder", "doctor"],
        env={"PYTHONPATH": str(ROOT / "src")},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_temporary_folder_that_is_not_there_is_a_problem(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(place, "tempfile", SimpleNamespace(gettempdir=(tmp_path / "none").stat))
    (row,) = examined(status=5)["temporary"]
    assert "TMPDIR" in str(row["advice"])


def test_little_room_is_warned_of(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5e8))
    assert examined()["temporary"][0]["verdict"] == "warning"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (".bashrc", 'eval "$(incomeladder completion bash)"', "on in bash"),
        (".bashrc", "alias ll='ls -l'", "off in bash"),
        (".local/share/bash-completion/completions/incomeladder", "_INCOMELADDER_COMPLETE=bash", "on in bash"),
    ],
)
def test_whether_completion_is_on_is_told(examined: Examined, name: str, text: str, told: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    (row,) = examined()["completion"]
    assert str(row["found"]).startswith(told)


def test_missing_extras_are_no_problem(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "EXTRAS", {"duckdb": ("no-such-library",)})
    (row,) = examined()["extra_duckdb"]
    assert (row["verdict"], row["advice"]) == ("ok", None)
    assert "pip install 'incomeladder[duckdb]'" in str(row["found"])


def test_an_extra_that_does_not_load_is_a_problem(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "duckdb.py").write_text("raise ImportError('no such symbol')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (row,) = examined(status=5)["extra_duckdb"]
    assert (row["verdict"], "no such symbol" in str(row["found"])) == ("problem", True)
    assert "duckdb" in str(row["advice"])


@pytest.mark.parametrize(
    ("script", "found"),
    [(None, "there is no Java"), ("echo 'openjdk version \"11.0.2\"' >&2", "is Java 11"), ("exit 1", "is Java ?")],
)
def test_spark_without_its_java_is_warned_of(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, script: str | None, found: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(Path.cwd()))
    monkeypatch.setattr(extras, "EXTRAS", {"spark": ("polars",)})
    if script is not None:
        java = Path("bin", "java")
        java.parent.mkdir()
        java.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        java.chmod(java.stat().st_mode | stat.S_IXUSR)
    (row,) = examined()["extra_spark"]
    assert row["verdict"] == "warning"
    assert found in str(row["found"])


def test_a_language_that_there_is_not_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCOMELADDER_LANG", "fr")
    told = place.language("en")
    assert (told.found.key, told.verdict) == ("doctor_language_unknown", "warning")


@pytest.mark.parametrize(
    ("columns", "told"), [("79", "doctor_narrow"), ("80", "doctor_terminal"), ("200", "doctor_terminal")]
)
def test_a_narrow_terminal_is_warned_of(monkeypatch: pytest.MonkeyPatch, columns: str, told: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(place, "sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True)))
    assert place.terminal().found.key == told
    monkeypatch.setenv("NO_COLOR", "1")
    assert place.terminal().found.key == told.replace("terminal", "terminal_plain")


def test_a_library_that_never_loads_is_not_waited_for(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_PATIENCE", 0.001)
    monkeypatch.setattr(loading, "NEEDED", {"rich": "rich"})
    (row,) = examined(status=5)["loading"]
    assert "rich did not load within" in str(row["found"])


# the ledger


@pytest.fixture
def kept(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, survey: Draw) -> Path:
    ledger = tmp_path / "ledger"
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(ledger))
    assert run("ledger", "add", survey()).status == 0
    return ledger


def test_a_sound_ledger_is_told_with_its_rounds_and_is_not_changed(examined: Examined, kept: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    (row,) = examined()["ledger"]
    assert row["verdict"] == "ok"
    assert f"{kept}, rounds: 2;" in str(row["found"])
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*")} == before


def test_no_ledger_is_no_problem(examined: Examined, tmp_path: Path) -> None:
    (row,) = examined("--ledger", str(tmp_path / "none"))["ledger"]
    assert row["verdict"] == "ok"
    assert not (tmp_path / "none").exists()


def test_a_place_where_no_ledger_can_be_made_is_a_problem(examined: Examined, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (row,) = examined("--ledger", str(tmp_path / "file"), status=5)["ledger"]
    assert "no ledger can be made" in str(row["found"])


def test_a_ledger_that_can_only_be_read_is_warned_of(
    examined: Examined, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: mode != os.W_OK and allowed(path, mode, **more))
    told = examined("--ledger", str(kept))["ledger"]
    assert any("can be read, but not added" in str(row["found"]) for row in told)


def test_what_is_no_ledger_is_a_problem(examined: Examined, tmp_path: Path) -> None:
    (tmp_path / "rounds").write_text("x", encoding="utf-8")
    (row,) = examined("--ledger", str(tmp_path), status=5)["ledger"]
    assert "cannot be read" in str(row["found"])


def test_a_ledger_that_nobody_has_named_is_a_problem(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", "")
    (row,) = examined(status=5)["ledger"]
    assert "INCOMELADDER_LEDGER" in str(row["found"])


def test_a_ledger_that_others_can_read_is_warned_of(examined: Examined, kept: Path) -> None:
    kept.chmod(0o755)
    rows = examined()["ledger"]
    assert [row["verdict"] for row in rows] == ["ok", "warning"]
    assert rows[1]["advice"] == f"chmod -R go= '{kept}'"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda place: (place / "_round.json").write_text("{}", encoding="utf-8"), "its record"),
        (lambda place: (place / "_round.json").write_text('{"format": 9}', encoding="utf-8"), "format 9"),
        (lambda place: (place / "households.parquet").write_bytes(b"PAR1"), "has 4 bytes"),
        (lambda place: (place / "households.parquet").unlink(), "cannot be read"),
    ],
)
def test_a_round_that_is_not_whole_is_a_problem(
    examined: Examined, kept: Path, damage: Callable[[Path], object], found: str
) -> None:
    damage(kept / "rounds" / "round=2024")
    rows = examined(status=5)["ledger"]
    assert [row["verdict"] for row in rows] == ["ok", "problem"]
    assert found in str(rows[1]["found"])


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system does not list its locks")
def test_a_writer_at_work_is_told_of_and_not_disturbed(examined: Examined, kept: Path) -> None:
    from incomeladder.ledger.store import Ledger  # noqa: PLC0415
    from incomeladder.ledger.writing import writing  # noqa: PLC0415

    with writing(Ledger(kept), 0):
        rows = examined()["ledger"]
    assert [row["verdict"] for row in rows] == ["ok", "warning"]
    assert "is writing" in str(rows[1]["found"])


def test_nothing_of_a_household_is_told(run: Run, kept: Path) -> None:
    del kept
    told = run("doctor").out + run("doctor", "--format", "json").out
    assert [word for word in ("东区", "米易县", "29999", "31000") if word in told] == []
