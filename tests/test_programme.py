from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from incomeladder.errors import ProgrammeRefused
from incomeladder.programme import file_schema, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Said = Callable[[str], Path]


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


def test_tiers_may_touch_and_may_leave_room(said: Said) -> None:
    loaded = load(said("[tiers.low]\nlower = 32000\n[tiers.middle]\nlower = 40000\n"))
    assert loaded.programme.tiers.low.lower == Decimal(32_000)


def test_a_programme_cannot_be_changed_once_loaded() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().programme.reference_size = 4


def test_the_schema_of_a_file_requires_nothing_and_forbids_unknown_keys() -> None:
    schema = file_schema()
    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(load().programme.model_dump())
