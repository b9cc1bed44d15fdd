"""README, its picture and the small files at the top say what is true."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def shown() -> object:
    spec = importlib.util.spec_from_file_location("shown", ROOT / "tests" / "shown.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_in_the_readme_is_what_a_terminal_shows() -> None:
    module = shown()
    assert module.PICTURE.read_text(encoding="utf-8") == module.picture()


def test_the_readme_begins_with_the_two_commands_of_one_line_each() -> None:
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    main_job, tests = (block.splitlines() for block in blocks[:2])
    assert main_job[-1].endswith("incomeladder transitions data/sample_households.csv")
    assert tests[-1].endswith("pytest -q --cov")
    assert len(main_job) == len(tests) == 1


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_hashed_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") >= text.count("==") > 0
    assert "://" not in text


def test_the_glossary_explains_every_measure_of_mobility() -> None:
    from incomeladder.measures import MOBILITY  # noqa: PLC0415

    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    assert [measure for measure in MOBILITY if f"`{measure}`" not in glossary] == []
