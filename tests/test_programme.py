from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from incomeladder.dotted import nested
from incomeladder.errors import ProgrammeRefused
from incomeladder.loading import file_schema, load
from incomeladder.programme import Programme

if TYPE_CHECKING:
    from collections.abc import Callable

    Said = Callable[[str], Path]


ROOT = Path(__file__).parents[1]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    def said(toml: str) -> Path:
        path = tmp_path / "programme.toml"
        path.write_text(toml, "utf-8")
        return path

    return said


def reasons(path: Path | None, **options: str) -> dict[str, dict[str, object]]:
    with pytest.raises(ProgrammeRefused) as refused:
        load(path, **options)
    assert refused.value.status == 4
    return {reason.key: reason.facts for reason in refused.value.reasons}


def test_the_built_in_programme_is_the_published_one() -> None:
    programme = load().programme
    tiers = programme.tiers
    assert (programme.name, programme.reference_size, programme.size_rule) == ("panzhihua", 3, "as-is")
    assert (programme.ladder.step, programme.ladder.top, programme.ladder.bands) == (10_000, 100_000, 10)
    assert (tiers.floor.lower, tiers.floor.upper, tiers.floor.target) == (None, 30_000, 30_000)
    assert (tiers.low.lower, tiers.low.upper, tiers.low.target) == (30_000, 40_000, 40_000)
    assert (tiers.middle.lower, tiers.middle.upper, tiers.middle.target) == (90_000, 100_000, 100_000)
    assert (programme.middle_income.lower, programme.middle_income.upper) == (100_000, 500_000)
    assert programme.key_groups == ("脱贫家庭", "低保家庭", "零就业家庭", "残疾人")
    assert programme.floor == 300_000_000


def test_the_built_in_programme_is_what_pydantic_makes_of_its_values(said: Said) -> None:
    built_in = load()
    validated = TypeAdapter(Programme).validate_python(nested(built_in.values))
    assert repr(built_in.programme) == repr(validated)
    assert built_in.programme == validated == load(said("")).programme


def test_a_report_by_the_built_in_programme_does_not_import_pydantic(survey: Callable[..., str]) -> None:
    probe = (
        "import sys\nfrom incomeladder.cli import main\n"
        "assert main(sys.argv[1:]) == 0\nassert 'polars' in sys.modules\nassert 'pydantic' not in sys.modules\n"
    )
    file = survey("household_id|income\n1|20000\n2|95000")
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", probe, "bands", file],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


def test_the_lines_are_every_edge_and_target_once_and_rising() -> None:
    yuan = [line // 10_000 for line in load().programme.lines]
    assert yuan == [30_000, 40_000, 90_000, 100_000, 500_000]


def test_a_file_says_only_what_differs_and_each_value_knows_its_source(said: Said) -> None:
    path = said('name = "测试"\n[tiers.floor]\nupper = 25000\ntarget = 25000\n')
    loaded = load(path)
    assert loaded.programme.name == "测试"
    assert loaded.programme.tiers.floor.upper == 25_000
    assert loaded.programme.tiers.low.upper == 40_000
    assert loaded.sources["tiers.floor.upper"] == str(path)
    assert loaded.sources["tiers.low.upper"] == "built-in"


def test_an_option_goes_before_the_file(said: Said) -> None:
    loaded = load(said("[ladder]\nstep = 4000\ntop = 80000\n"), step="5000")
    assert (loaded.programme.ladder.step, loaded.programme.ladder.top) == (5_000, 80_000)
    assert loaded.sources["ladder.step"] == "--step"
    assert loaded.sources["ladder.top"].endswith("programme.toml")


def test_decimals_of_a_file_are_exact(said: Said) -> None:
    assert load(said("[ladder]\nstep = 0.1\ntop = 0.3\n")).programme.ladder.bands == 3


def test_the_mark_that_notepad_writes_is_read_over(said: Said) -> None:
    assert load(said('\ufeffname = "x"\n')).programme.name == "x"


def test_unknown_keys_are_all_refused_with_the_nearest_known_one(said: Said) -> None:
    with pytest.raises(ProgrammeRefused) as refused:
        load(said("refrence_size = 3\n[tiers.flor]\nupper = 1\n"))
    assert [(reason.facts["key"], reason.facts["nearest"]) for reason in refused.value.reasons] == [
        ("refrence_size", "reference_size"),
        ("tiers.flor.upper", "tiers.floor.upper"),
    ]


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("[ladder]\nstep = 30000\n", "programme_top_not_whole_steps"),
        ("[ladder]\nstep = 200000\n", "programme_top_not_whole_steps"),
        ("[ladder]\nstep = 10\n", "programme_too_many_bands"),
        ("[tiers.low]\nlower = 40000\n", "programme_tier_upside_down"),
        ("[tiers.low]\ntarget = 39999\n", "programme_target_inside_tier"),
        ("[tiers.floor]\ntarget = 35000\n", "programme_floor_target"),
        ("[tiers.floor]\nlower = 10000\n", "programme_floor_has_lower"),
        ("[tiers.low]\nlower = 29999\n", "programme_tiers_overlap"),
        ("[tiers.middle]\nlower = 39999.99\n", "programme_tiers_overlap"),
        ("[middle_income]\nlower = 500000\n", "programme_range_upside_down"),
    ],
)
def test_rules_that_contradict_one_another_are_refused(said: Said, toml: str, reason: str) -> None:
    path = said(toml)
    assert reasons(path)[reason]["source"] == str(path)


@pytest.mark.parametrize(
    "toml",
    [
        "[ladder]\nstep = 0\n",
        "[ladder]\nstep = -1\n",
        "[ladder]\nstep = 0.00001\n",
        '[ladder]\nstep = "abc"\n',
        "[ladder]\ntop = inf\n",
        "[ladder]\ntop = nan\n",
        "[ladder]\ntop = 1000000000000\n",
        "[middle_income]\nlower = -1\n",
        "reference_size = 0\n",
        "reference_size = 2.5\n",
        'size_rule = "per-person"\n',
        'name = ""\n',
        "key_groups = 3\n",
    ],
)
def test_values_that_cannot_be_are_refused_with_their_key_and_source(said: Said, toml: str) -> None:
    path = said(toml)
    facts = reasons(path)["programme_bad_value"]
    assert str(facts["key"]).split(".")[-1] in toml
    assert facts["source"] == str(path)


@pytest.mark.parametrize(
    ("options", "reason"), [({"step": "x"}, "programme_bad_value"), ({"top": "75000"}, "programme_top_not_whole_steps")]
)
def test_a_bad_option_is_named_as_the_source(options: dict[str, str], reason: str) -> None:
    assert reasons(None, **options)[reason]["source"] == f"--{next(iter(options))}"


def test_a_file_that_is_no_toml_or_not_there_is_refused(said: Said, tmp_path: Path) -> None:
    assert "programme_not_toml" in reasons(said("name = \n"))
    assert "programme_unreadable" in reasons(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    assert "programme_not_toml" in reasons(tmp_path / "latin.toml")


def test_the_built_in_watch_list_and_measures() -> None:
    programme = load().programme
    watch = programme.watch
    assert (watch.margin, watch.drop, watch.close) == (Decimal("0.05"), Decimal("0.3"), Decimal("0.05"))
    assert watch.lines == ("floor", "low", "middle")
    assert {kind: name.zh for kind, name in programme.measures.items()} == {
        "public-job": "公益性岗位",
        "skills-training": "技能培训",
        "job-referral": "就业推荐",
        "industry-support": "产业帮扶",
        "micro-credit": "小额信贷",
        "minimum-allowance": "低保兜底",
        "medical-aid": "医疗救助",
        "education-aid": "教育资助",
        "housing-repair": "危房改造",
        "temporary-aid": "临时救助",
    }
    assert all(name.en for name in programme.measures.values())


@pytest.mark.parametrize(
    ("said_as", "fraction"), [("5%", "0.05"), ("2.5%", "0.025"), ("0.0001%", "0.000001"), ("99.9999%", "0.999999")]
)
def test_a_percentage_is_an_exact_fraction(said: Said, said_as: str, fraction: str) -> None:
    assert load(said(f'[watch]\ndrop = "{said_as}"\n')).programme.watch.drop == Decimal(fraction)
    assert load(drop=said_as).programme.watch.drop == Decimal(fraction)


@pytest.mark.parametrize(
    "said_as",
    [
        "5",
        "0.05",
        '"5"',
        '"0%"',
        '"0.0%"',
        '"100%"',
        '"-5%"',
        '"+5%"',
        '"1e1%"',
        '"5 %"',
        '"5%\\n"',
        '"%"',
        '".5%"',
        '"0.00001%"',
        '"５%"',
        '"5％"',
        "true",
        '["5%"]',
    ],
)
def test_what_is_no_percentage_between_0_and_100_is_refused(said: Said, said_as: str) -> None:
    path = said(f"[watch]\nmargin = {said_as}\n")
    facts = reasons(path)["programme_not_percentage"]
    assert (facts["source"], facts["key"]) == (str(path), "watch.margin")


def test_the_options_of_the_watch_list_go_before_the_file_for_one_run(said: Said) -> None:
    loaded = load(said('[watch]\nmargin = "1%"\nclose = "2%"\n'), margin="3%", drop="40%", close=None)
    watch = loaded.programme.watch
    assert (watch.margin, watch.drop, watch.close) == (Decimal("0.03"), Decimal("0.4"), Decimal("0.02"))
    assert (loaded.sources["watch.margin"], loaded.sources["watch.drop"]) == ("--margin", "--drop")
    assert loaded.sources["watch.close"].endswith("programme.toml")
    assert loaded.sources["watch.lines"] == "built-in"


@pytest.mark.parametrize("option", ["margin", "drop", "close"])
def test_an_option_that_is_no_percentage_is_named_as_the_source(option: str) -> None:
    assert reasons(None, **{option: "0.05"})["programme_not_percentage"]["source"] == f"--{option}"


def test_the_watched_lines_are_names_of_tiers(said: Said) -> None:
    assert load(said('[watch]\nlines = ["low"]\n')).programme.watch.lines == ("low",)
    assert load(said("[watch]\nlines = []\n")).programme.watch.lines == ()
    assert reasons(said('[watch]\nlines = ["high"]\n'))["programme_bad_value"]["value"] == "high"


def test_a_file_adds_kinds_of_help_after_those_built_in_and_renames_them(said: Said) -> None:
    loaded = load(said('[measures.legal-aid]\nen = "legal aid"\nzh = "法律援助"\n[measures.public-job]\nzh = "公岗"\n'))
    measures = loaded.programme.measures
    assert (next(iter(measures)), list(measures)[-1]) == ("public-job", "legal-aid")
    assert (measures["public-job"].zh, measures["public-job"].en) == (
        "公岗",
        load().programme.measures["public-job"].en,
    )
    assert loaded.sources["measures.legal-aid.en"].endswith("programme.toml")


def test_a_kind_of_help_has_a_name_in_both_languages(said: Said) -> None:
    path = said('[measures.legal-aid]\nen = "legal aid"\n')
    assert reasons(path) == {"programme_lacks_name": {"source": str(path), "key": "measures.legal-aid.zh"}}


@pytest.mark.parametrize("kind", ["Legal", "legal_aid", "legal aid", "-legal", "法律援助", ""])
def test_a_kind_of_help_is_called_in_lower_case_letters_digits_and_hyphens(said: Said, kind: str) -> None:
    path = said(f'[measures."{kind}"]\nen = "x"\nzh = "y"\n')
    assert reasons(path) == {"programme_bad_kind": {"source": str(path), "table": f"measures.{kind}"}}


@pytest.mark.parametrize(
    "toml",
    [
        "measures = 3\n",
        "measures.public-job = 3\n",
        '[measures.public-job]\nname = "x"\n',
        '[measures.a.b]\nen = "x"\n',
        "[watch]\nmargins = 3\n",
    ],
)
def test_a_kind_of_help_says_nothing_but_its_names(said: Said, toml: str) -> None:
    assert "programme_unknown_key" in reasons(said(toml))


def test_every_wrong_rule_of_a_file_is_told_at_once(said: Said) -> None:
    found = reasons(said('[watch]\nmargin = 5\n[measures.a]\nen = "x"\n[measures.B]\nen = "x"\nzh = "y"\n'))
    assert set(found) == {"programme_not_percentage", "programme_lacks_name", "programme_bad_kind"}


def test_tiers_may_touch_and_may_leave_room(said: Said) -> None:
    loaded = load(said("[tiers.low]\nlower = 32000\n[tiers.middle]\nlower = 40000\n"))
    assert loaded.programme.tiers.low.lower == Decimal(32_000)


def test_a_programme_cannot_be_changed_once_loaded() -> None:
    with pytest.raises(FrozenInstanceError):
        load().programme.reference_size = 4


def test_the_schema_of_a_file_requires_nothing_and_forbids_unknown_keys() -> None:
    schema = file_schema()
    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(asdict(load().programme))


def test_the_schema_says_how_percentages_and_kinds_of_help_are_written() -> None:
    schema = file_schema()
    margin = schema["$defs"]["Watch"]["properties"]["margin"]
    assert margin["type"] == "string"
    assert re.search(margin["pattern"], "2.5%")
    assert [said for said in ("5", "0%", "100%", "5%%") if re.search(margin["pattern"], said)] == []
    measures = schema["properties"]["measures"]
    (pattern, table), *others = measures["patternProperties"].items()
    assert (others, measures["additionalProperties"], table) == ([], False, {"$ref": "#/$defs/Title"})
    assert re.search(pattern, "public-job")
    assert not re.search(pattern, "Public Job")
