from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

BUILT_IN = tomllib.loads(files("incomeladder").joinpath("programme.toml").read_text("utf-8"))


def sources(run: Run, *argv: str | Path) -> dict[str, tuple[str, str]]:
    done = run("programme", "show", "--format", "json", *argv)
    assert done.status == 0, done
    return {row["key"]: (row["value"], row["source"]) for row in done.json["tables"]["programme"]}


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def unknown(schema: dict[str, Any], part: dict[str, Any], table: dict[str, Any]) -> list[str]:
    """The keys of a table that the schema does not have."""
    found = []
    for key, value in table.items():
        named = [inner for pattern, inner in part.get("patternProperties", {}).items() if re.search(pattern, key)]
        named += [part["additionalProperties"]] if key in part.get("propertyNames", {}).get("enum", ()) else []
        known = part.get("properties", {}).get(key, *named)
        if known is None:
            found.append(key)
        elif isinstance(value, dict):
            found += unknown(schema, resolved(schema, known), value)
    return found


@pytest.mark.parametrize(
    ("rules", "arguments", "expected"),
    [
        (None, [], {"ladder.step": ("10000", "built-in")}),
        (None, ["--step", "5000"], {"ladder.step": ("5000", "--step")}),
        (None, ["--top", "200000"], {"ladder.top": ("200000", "--top")}),
        ("[ladder]\nstep = 20000", ["--programme", "rules.toml"], {"ladder.step": ("20000", "rules.toml")}),
        ("[ladder]\nstep = 20000", ["--programme", "rules.toml"], {"ladder.top": ("100000", "built-in")}),
        ("[ladder]\nstep = 7", ["--programme", "rules.toml", "--step", "5000"], {"ladder.step": ("5000", "--step")}),
    ],
)
def test_each_rule_says_where_it_stands(
    run: Run, tmp_path: Path, rules: str | None, arguments: list[str], expected: dict[str, tuple[str, str]]
) -> None:
    if rules:
        (tmp_path / "rules.toml").write_text(rules)
    assert expected.items() <= sources(run, *arguments).items()


def test_every_rule_of_the_built_in_programme_is_shown(run: Run) -> None:
    shown = sources(run)
    assert {"name", "reference_size", "size_rule", "ladder.step", "tiers.floor.upper", "key_groups"} <= set(shown)


def test_a_programme_that_notepad_wrote_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes(b"\xef\xbb\xbf[ladder]\r\nstep = 20000\r\n")
    assert sources(run, "--programme", "rules.toml")["ladder.step"] == ("20000", "rules.toml")


def test_a_programme_file_changes_the_ladder_and_the_floor(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        "[ladder]\nstep = 50000\n[tiers.floor]\nupper = 20000\ntarget = 20000\n", encoding="utf-8"
    )
    envelope = run("bands", survey(), "--programme", "rules.toml", "--format", "json").json
    assert [row["band"] for row in envelope["tables"]["bands"]] == ["0-50000", "50000-100000", "100000+"]
    assert envelope["tables"]["summary"][0]["below_floor"] == 0
    assert envelope["programme"]["tiers"]["floor"]["upper"] == 20000


def test_step_and_top_change_the_ladder_for_one_run(run: Run, survey: Draw) -> None:
    rows = run("bands", survey(), "--step", "2500.5", "--top", "5001", "--format", "json").json["tables"]["bands"]
    assert [row["band"] for row in rows] == ["0-2500.5", "2500.5-5001", "5001+"]


def test_the_schema_is_json_and_requires_nothing(run: Run) -> None:
    schema = run("programme", "schema").json
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert [part for part in (schema, *schema["$defs"].values()) if "required" in part] == []


def test_the_schema_has_every_key_of_the_built_in_programme(run: Run) -> None:
    schema = run("programme", "schema").json
    assert unknown(schema, schema, BUILT_IN) == []


def test_the_schema_has_no_room_for_a_mistyped_key(run: Run) -> None:
    schema = run("programme", "schema").json
    assert unknown(schema, schema, {"ladder": {"stop": 1}}) == ["stop"]
    assert [part["additionalProperties"] for part in (schema, *schema["$defs"].values())] == [False] * (
        1 + len(schema["$defs"])
    )


def test_the_schema_is_the_same_in_either_language(run: Run) -> None:
    english, chinese = (run("--lang", lang, "programme", "schema").out for lang in ("en", "zh"))
    assert json.loads(english) == json.loads(chinese)


def test_a_heading_that_the_programme_names_twice_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[columns]\nsize = ["members"]\nincome = ["members"]\n')
    assert run("programme", "show", "--programme", "own.toml").is_refused(4, "own.toml", "[columns]")
