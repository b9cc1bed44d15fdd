from __future__ import annotations

import re
import unicodedata
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Formatter
from typing import TYPE_CHECKING

import pytest

import incomeladder
from incomeladder.cli.choices import AUDITS
from incomeladder.cli.columns import COLUMNS
from incomeladder.cli.language import choose
from incomeladder.frames import CANONICAL, LACKS_PART, PARTS_DIFFER
from incomeladder.intake import roster
from incomeladder.render.wording import en, zh
from incomeladder.suspicions import SLIPS, row_warnings
from incomeladder.validate import DUPLICATE, RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SOURCE = Path(incomeladder.__file__).parent
SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
REPORTS = ("bands", "flag", "transitions", "indicators", "trajectories", "audit", "project", "report")
PAGES = (
    [],
    *([command] for command in ("check", *REPORTS, "sample", "programme")),
    ["programme", "show"],
    ["programme", "schema"],
    ["completion"],
    ["doctor"],
)
SHARED = (
    *("--by", "--weight", "--programme", "--step", "--top", "--column", "--unit", "--encoding", "--skip-invalid"),
    *("--rejects", "--max-problems", "--format", "--output", "--lang", "--quiet", "--fail-on"),
)


def columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def placeholders(text: str) -> set[str]:
    """The facts of a sentence; one by which a word is only chosen, as in {n:is|are}, it need not tell."""
    return {name for _, name, words, _ in Formatter().parse(text) if name and "|" not in (words or "")}


# the choice


@pytest.mark.parametrize(
    ("argv", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_MESSAGES": "POSIX", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LANG": "fr_FR.UTF-8"}, "en"),
        ([], {"INCOMELADDER_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"INCOMELADDER_LANG": "zh", "LC_ALL": "C"}, "zh"),
        (["--lang", "en"], {"INCOMELADDER_LANG": "zh"}, "en"),
        (["bands", "--lang=zh"], {"INCOMELADDER_LANG": "en"}, "zh"),
        (["--lang", "en", "bands", "--lang", "zh"], {}, "zh"),
    ],
)
def test_the_option_goes_before_the_variable_and_the_variable_before_the_locale(
    argv: list[str], environment: dict[str, str], language: str
) -> None:
    assert choose(argv, environment) == language


def test_a_report_is_in_the_language_of_the_variable(run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCOMELADDER_LANG", "zh")
    assert run("bands", survey()).out.startswith("家庭收入阶梯 2024\n")


@pytest.mark.parametrize(
    ("environment", "title"),
    [({"LANG": "zh_CN.UTF-8"}, "家庭收入阶梯"), ({"LC_ALL": "C"}, "Income ladder"), ({}, "Income ladder")],
)
def test_a_report_is_in_the_language_of_the_locale(
    process: Run, survey: Draw, environment: dict[str, str], title: str
) -> None:
    assert process("bands", survey(), env=environment).out.startswith(title)


# the help


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_a_help_page_is_no_wider_than_80_columns(run: Run, page: list[str], language: str) -> None:
    done = run("--lang", language, *page, "--help")
    assert (done.status, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if columns(line) > 80] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["check", *REPORTS])
def test_the_help_of_a_report_names_every_shared_option(run: Run, command: str, language: str) -> None:
    out = run("--lang", language, command, "--help").out
    options = [option for option in SHARED if (command, option) != ("check", "--by")]
    rounds = ["--from", "--to", "--movers"] if command == "transitions" else ["--round"]
    assert [option for option in [*options, *rounds, "--help"] if f"  {option}" not in out] == []


@pytest.mark.parametrize("page", PAGES[1:], ids=" ".join)
def test_a_chinese_help_page_says_everything_in_chinese(run: Run, page: list[str]) -> None:
    out = run("--lang", "zh", *page, "--help").out
    told = [line for line in out.split("选项:")[1].splitlines() if line.strip()]
    assert [line for line in told if not re.search(r"[\u4e00-\u9fff]", line) and not are_names(line)] == []


def are_names(line: str) -> bool:
    return len(line.split()) <= 2 or set(line.replace(",", "").split()) <= {*AUDITS, "rejects", "suspicious"}


# complaints


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bands"], "缺少"),
        (["bands", "x.csv", "--fomat", "csv"], "没有选项 --fomat；是否想用 --format？"),
        (["bnds"], "没有命令 bnds；是否想用 bands？"),
        (["bands", "x.csv", "--format", "cvs"], "不在可选值之内"),
        (["transitions", "a", "b", "c"], "多出一个参数 c"),
        (["bands", "x.csv", "--column", "income"], "请写成"),
        (["bands", "x.csv", "--output", "report.foo"], "看不出格式"),
    ],
)
def test_complaints_about_a_command_line_are_chinese(run: Run, arguments: list[str], told: str) -> None:
    done = run("--lang", "zh", *arguments)
    assert done.is_refused(2, told)
    assert done.err.startswith("错误：")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "是空文件"), (b"\x00\x01\x02", "不是可以读取的文件"), (b"household_id,size\n1,3\n", "没有认得的收入列")],
)
def test_a_refused_survey_is_explained_in_chinese(run: Run, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "town.csv").write_bytes(content)
    assert run("bands", "town.csv", "--lang", "zh").is_refused(3, told)


def test_rejected_rows_are_explained_in_chinese(run: Run, survey: Draw) -> None:
    done = run("bands", survey("household_id | income \n 1 | 三万"), "--lang", "zh")
    assert "不是金额" in done.err
    assert "有 1 行无法使用" in done.err


def test_the_reasons_in_a_json_check_are_in_the_language_asked_for(run: Run, survey: Draw) -> None:
    done = run("check", survey("household_id | income \n 1 | 三万"), "--lang", "zh", "--format", "json")
    assert done.json["tables"]["problems"][0]["reason"].startswith("不是金额")


# the catalogues


def test_both_catalogues_have_the_same_keys() -> None:
    assert set(en.WORDS) == set(zh.WORDS)


def test_a_sentence_holds_the_same_facts_in_both_languages() -> None:
    unequal = {key for key in en.WORDS if placeholders(en.WORDS[key]) != placeholders(zh.WORDS[key])}
    assert unequal - {"say.flagged"} == set()
    assert placeholders(zh.WORDS["say.flagged"]) <= placeholders(en.WORDS["say.flagged"])


def test_a_sentence_is_one_line() -> None:
    assert [key for words in (en, zh) for key, text in words.WORDS.items() if "\n" in text] == []


def test_every_reason_in_the_source_is_in_the_catalogues() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    keys = set(re.findall(r'\b(?:Reason|because)\(\s*"(\w+)"', text))
    assert len(keys) > 30
    assert keys - set(en.WORDS) == set()


def test_every_word_that_is_asked_for_is_in_the_catalogues() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    keys = set(re.findall(r'\bwords\(\s*"([\w.]+)"', text))
    assert len(keys) > 30
    assert keys - set(en.WORDS) == set()


def test_every_rule_of_a_row_is_in_the_catalogues() -> None:
    warnings = row_warnings({*CANONICAL, LACKS_PART, PARTS_DIFFER}, ["x"])
    rules = {rule.name for rule in (*RULES, *roster.rules(CANONICAL), *warnings)} | {
        DUPLICATE,
        "other_member_rejected",
        "incomes_unchanged",
        *SLIPS,
    }
    assert {f"rule.{name}" for name in rules} - set(en.WORDS) == set()


def test_every_contradiction_of_a_programme_is_in_the_catalogues() -> None:
    keys = re.findall(r'ValueError\("(\w+)"\)', (SOURCE / "programme.py").read_text("utf-8"))
    assert keys
    assert {f"programme_{key}" for key in keys} - set(en.WORDS) == set()


@pytest.mark.parametrize("language", [en, zh], ids=["en", "zh"])
def test_no_word_is_said_in_two_ways(language: ModuleType) -> None:
    modules = [import_module(f"{language.__name__}.{found.name}") for found in iter_modules(language.__path__)]
    keys = Counter(key for module in modules for key in module.WORDS)
    assert [key for key, times in keys.items() if times > 1] == []
    assert keys.keys() == language.WORDS.keys()


@pytest.mark.parametrize("words", [en.WORDS, zh.WORDS], ids=["en", "zh"])
def test_every_character_can_be_written_on_a_chinese_console(words: dict[str, str]) -> None:
    assert [key for key, text in words.items() if text.encode("cp936", "replace").decode("cp936") != text] == []


# help that teaches


REPORTED = {"check": [], "project": ["--until", "2026"]} | {name: [] for name in REPORTS if name != "project"}


@pytest.mark.parametrize("command", REPORTED)
def test_help_names_the_columns_that_come_out(run: Run, survey: Draw, command: str) -> None:
    town = survey("household_id | income\n1 | abc", "2024.csv") if command == "check" else survey()
    tables = run(command, town, *REPORTED[command], "--format", "json").json["tables"]
    found = list(next(iter(tables.values()))[0])
    assert [name for name in COLUMNS[command].split(", ") if name not in {"by…", "with…"}] == found
    assert "".join(COLUMNS[command].split()) in "".join(run(command, "--help").out.split())


@pytest.mark.parametrize("command", ["add", "rounds", "history 01", "watch", "measures", "verify"])
def test_help_names_the_columns_of_the_ledger_too(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    added = run("ledger", "add", survey(), "--format", "json")
    name, *asked = command.split()
    if name == "measures":
        run("ledger", "note", "01", "--measure", "public-job", "--author", "a", "--text", "b")
    told = added if name == "add" else run("ledger", name, *asked, "--format", "json")
    named = [column for column in COLUMNS[f"ledger_{name}"].split(", ") if not column.startswith("[")]
    assert list(next(iter(told.json["tables"].values()))[0]) == named


def test_help_of_a_list_names_the_column_that_only_new_households_have(run: Run, tmp_path: Path) -> None:
    ledger = ("--ledger", tmp_path / "ledger")
    run("ledger", "add", SAMPLE, *ledger)
    found = run("ledger", "watch", "--new", *ledger, "--format", "csv").out.splitlines()[0].split(",")
    assert found == [column.strip("[]") for column in COLUMNS["ledger_watch"].split(", ")]


def test_help_of_report_does_not_offer_all_rounds(run: Run) -> None:
    said = {name: run(name, "--help").out.split("--round")[1].split("--by")[0] for name in ("bands", "report")}
    assert ["all for every" in " ".join(text.split()) for text in said.values()] == [True, False]


def test_the_columns_of_an_exported_round_are_those_of_its_help(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    run("sample", "--households", "1", "--rounds", "2024", "--output", tmp_path / "2024.csv")
    run("ledger", "add", tmp_path / "2024.csv")
    exported = run("ledger", "export", "2024").out.splitlines()[0]
    assert COLUMNS["ledger_export"].replace(" ", "") == f"{exported},others…"


@pytest.mark.parametrize("command", ["programme show", "doctor"])
def test_help_names_the_columns_of_reports_on_no_survey_too(run: Run, command: str) -> None:
    table = next(iter(run(*command.split(), "--format", "json").json["tables"].values()))
    assert list(table[0]) == COLUMNS[command.replace(" ", "_")].split(", ")


def test_the_columns_of_a_sample_are_those_of_its_help(run: Run) -> None:
    assert run("sample", "--households", "1").out.splitlines()[0] == COLUMNS["sample"].replace(" ", "")


@pytest.mark.parametrize("asked", [["--lang", "zh"], ["--lang=zh"]])
def test_the_language_alone_shows_them_in_it(run: Run, asked: list[str]) -> None:
    assert "三种用法:" in run(*asked).err


@pytest.mark.parametrize(("language", "ways"), [("en", "Three ways in:"), ("zh", "三种用法:")])
def test_the_program_alone_shows_the_three_ways_in(
    run: Run, monkeypatch: pytest.MonkeyPatch, language: str, ways: str
) -> None:
    monkeypatch.setenv("INCOMELADDER_LANG", language)
    done = run()
    assert done.status == 2
    shown = done.out + done.err
    assert ways in shown
    assert all(f"incomeladder {name}" in shown for name in ("check", "flag", "transitions", "indicators", "bands"))


# one, and more than one


@pytest.mark.parametrize(
    ("town", "told"),
    [
        ("1 | 5000", ["1 household, of which 0 have no", "1 (100.0%) is below", "; it lacks 25,000 yuan"]),
        (
            "1 | 5000 \n 2 | 35000 \n 3 |",
            ["3 households, of which 1 has no", "1 (50.0%) is below", "\n1 is in the low tier"],
        ),
        (
            "1 | 5000 \n 2 | 5000",
            ["2 households, of which 0 have", "2 (100.0%) are below", "; together they lack 50,000"],
        ),
    ],
)
def test_words_agree_with_the_number_beside_them(run: Run, survey: Draw, town: str, told: list[str]) -> None:
    out = run("bands", survey(f"household_id | income \n {town}"), "--lang", "en").out
    assert [words for words in told if words not in out] == []


# our own words in cells

WORDS = """
    household_id | survey_round | 城乡 | band  | income
    1            | 2023         | 城镇 | left  | 5000
    2            | 2023         | 农村 | urban | 5000
    1            | 2024         | 城镇 | left  | 45000
    2            | 2024         | 农村 | urban |
"""


@pytest.mark.parametrize(
    ("command", "told", "untold"),
    [
        (["flag", "--round", "2023"], ["城镇", "农村"], ["urban", "rural"]),
        (["bands", "--by", "residence"], ["城乡：城镇", "城乡：农村", "\n无收入"], ["\nmissing", "rural"]),
        (["transitions", "--movers", "all", "--by", "residence"], ["留在本档的占比", "城镇", "升"], ["immob", "urban"]),
        (["audit", "--by", "residence"], ["凑整"], ["urban"]),
        (["programme", "show"], ["内置"], ["built-in"]),
    ],
    ids=lambda told: told[0],
)
def test_a_chinese_document_says_our_own_words_in_chinese(
    run: Run, survey: Draw, command: list[str], told: list[str], untold: list[str]
) -> None:
    files = [] if command[0] == "programme" else [survey(WORDS)]
    out = run(*command, *files, "--lang", "zh").out
    assert [word for word in told if word not in out] == []
    assert [word for word in untold if word in out] == []


def test_data_keep_the_english_words_in_every_language(run: Run, survey: Draw) -> None:
    done = run("flag", survey(WORDS), "--round", "2023", "--lang", "zh", "--format", "csv")
    assert [row["residence"] for row in done.rows] == ["urban", "rural"]


def test_a_surveys_own_column_is_not_translated(run: Run, survey: Draw) -> None:
    out = run("flag", survey(WORDS), "--round", "2023", "--with", "band", "--lang", "zh").out
    assert re.findall(r"(left|urban)$", out, re.MULTILINE) == ["left", "urban"]
