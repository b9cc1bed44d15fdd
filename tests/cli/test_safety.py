from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
NASTY = {
    "bold": "[bold]x",
    "close": "[/x]",
    "link": "[link=http://example.org]x[/link]",
    "escape": "a\x1b[31mred",
    "osc8": "\x1b]8;;http://example.org\x1b\\x",
    "c1": "a\x9b31mb",
    "nel": "a\x85b",
    "bidi": "a\u202etxt.b",
    "isolate": "a\u2066b\u2069",
    "separator": "a\u2028b\u2029c",
    "invisible": "a\u200b\u200fb",
    "bell": "a\x07b\x08c\x7f",
    "return": "a\rb",
    "tab": "a\tb",
    "break": "a\nb",
    "marker": "# x | y ` <b> ~~z~~ **w**",
    "script": "<script>alert(1)</script>",
}
COMMANDS = (
    ["check"],
    ["bands", "--by", "county"],
    ["bands", "--by", "note"],
    ["flag", "--tier", "all", "--with", "note", "--by", "village"],
    ["transitions", "--by", "county", "--movers", "all"],
)


def written(path: Path, text: str, income: str = "20000") -> Path:
    cell = '"' + text.replace('"', '""') + '"'
    rows = [
        "household_id,survey_round,county,village,key_group,note,income",
        *(f"{cell},{label},{cell},{cell},{cell},{cell},{income}" for label in ("2023", "2024")),
        *(f"2,{label},east,west,,note,30000" for label in ("2023", "2024")),
    ]
    path.write_bytes(("\n".join(rows) + "\n").encode())
    return path


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", NASTY)
def test_text_from_a_survey_is_never_obeyed(run: Run, tmp_path: Path, name: str, command: list[str], form: str) -> None:
    town = written(tmp_path / "town.csv", NASTY[name])
    done = run(*command, town, "--format", form)
    assert done.status in {0, 3}
    assert OBEYED.findall(done.out + done.err) == []


@pytest.mark.parametrize("name", ["bold", "close", "link"])
def test_what_looks_like_markup_is_shown_as_written(run: Run, tmp_path: Path, name: str) -> None:
    assert NASTY[name] in run("flag", written(tmp_path / "town.csv", NASTY[name])).out


def test_an_escape_sequence_is_shown_as_an_escape(run: Run, tmp_path: Path) -> None:
    assert r"a\x1b[31mred" in run("flag", written(tmp_path / "town.csv", NASTY["escape"])).out


def test_nothing_is_markup_in_markdown(run: Run, tmp_path: Path) -> None:
    town = written(tmp_path / "town.csv", NASTY["marker"])
    out = run("flag", town, "--format", "markdown").out
    assert r"\# x \| y \` &lt;b\> &#126;&#126;z&#126;&#126; \*\*w\*\*" in out
    table = [line for line in out.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


@pytest.mark.parametrize("name", NASTY)
def test_a_cell_that_is_refused_is_never_obeyed(run: Run, tmp_path: Path, name: str) -> None:
    done = run("bands", written(tmp_path / "town.csv", NASTY[name], income='"' + NASTY[name] + '"'), "--round", "all")
    assert done.status == 3
    assert OBEYED.findall(done.out + done.err) == []


@pytest.mark.parametrize("name", [name for name in NASTY if name not in {"script", "osc8", "link", "close"}])
@pytest.mark.parametrize("command", ["check", "bands", "flag", "transitions"])
def test_a_file_name_is_never_obeyed(run: Run, tmp_path: Path, name: str, command: str) -> None:
    town = written(tmp_path / f"{NASTY[name]}.csv", "x", income="abc")
    for arguments in ([town], [town, "--skip-invalid"], [f"{town}.absent"]):
        done = run(command, *arguments)
        assert done.status in {0, 3}
        assert OBEYED.findall(done.out + done.err) == []


def test_a_file_name_that_is_no_text_is_never_obeyed(run: Run, tmp_path: Path) -> None:
    done = run("bands", tmp_path / "a\udcff.csv")
    assert done.is_refused(2, "argument 2", "UTF-8")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize(
    "option", ["--by", "--round", "--column", "--encoding", "--fail-on", "--format", "--step", "--programme", "--foo"]
)
def test_an_argument_is_never_obeyed(run: Run, tmp_path: Path, option: str, name: str) -> None:
    done = run("bands", written(tmp_path / "town.csv", "x"), option, NASTY[name])
    assert (done.out, done.status in {2, 3, 4}) == ("", True)
    assert OBEYED.findall(done.err) == []


@pytest.mark.parametrize("name", NASTY)
def test_a_heading_is_never_obeyed(run: Run, tmp_path: Path, name: str) -> None:
    heading = '"' + NASTY[name] + '"'
    (tmp_path / "town.csv").write_bytes(f"household_id,{heading},size\n1,x,3\n".encode())
    done = run("bands", "town.csv")
    assert done.status == 3
    assert OBEYED.findall(done.out + done.err) == []


@pytest.mark.parametrize("name", [name for name in NASTY if name not in {"return", "break", "tab"}])
def test_the_name_of_a_round_is_never_obeyed(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "town.csv").write_bytes(
        f"household_id,survey_round,income\n1,{NASTY[name]},20000\n1,2024,30000\n".encode()
    )
    for command in ("bands", "flag", "transitions", "check"):
        more = ["--round", "all"] if command in {"bands", "flag"} else []
        assert OBEYED.findall(run(command, "town.csv", *more).out) == []


def test_a_programme_is_never_obeyed(run: Run, tmp_path: Path) -> None:
    town = written(tmp_path / "town.csv", "x")
    (tmp_path / "rules.toml").write_text('"a\\u001b[31m" = 1\nsize_rule = "\\u202e\\u009b"\n')
    done = run("bands", town, "--programme", "rules.toml")
    assert (done.status, done.out) == (4, "")
    assert OBEYED.findall(done.err) == []


def test_a_long_id_is_not_told_whole_in_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "town.csv").write_text("household_id,income\n" + "510402199001011234,30000\n" * 2)
    done = run("bands", "town.csv")
    assert done.status == 3
    assert "510402199001011234" not in done.err
