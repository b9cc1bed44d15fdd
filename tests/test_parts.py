"""What is joined in parts is what is joined at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import OutputRefused, Refused, RowsRejected, SurveyRefused
from incomeladder.intake.workspace import Workspace
from incomeladder.pipeline import Request, transitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incomeladder.programme import Programme
    from incomeladder.report import Report

    Write = Callable[..., str]
    Sources = Callable[..., Any]

BEFORE = """
    household_id | county | income
    01           | 东区   | 12000
    1            | 东区   | 35000
    2            | 西区   | 29999.99
    3            | 西区   |
    5            |        | -1
"""
AFTER = """
    household_id | county | income
    1            | 西区   | 29999
    01           | 东区   | 31000
    3            | 西区   | 40000
    4            | 西区   | 100000
    5            |        | 100
"""
TINY = 600
"""Bytes in which two households are joined at a time."""


@pytest.fixture(scope="session")
def compared(sources: Sources, programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    def compared(before: str, after: str, *, memory: int = TINY, folder: Path | None = None, **asked: Any) -> Report:  # noqa: ANN401
        movers = asked.pop("movers", None)
        place = folder or tmp_path_factory.mktemp("workspace")
        request = Request(programme, workspace=Workspace(place, memory), **asked)
        return transitions(sources(before), sources(after), request, movers=movers)

    return compared


def tables(report: Report) -> dict[str, list[tuple[object, ...]]]:
    return {name: table.rows() for name, table in report.tables.items()}


@pytest.mark.parametrize(
    "asked", [{}, {"by": ("county",)}, {"movers": "all"}, {"by": ("county",), "movers": "rose"}], ids=str
)
def test_parts_together_are_the_whole(compared: Callable[..., Report], survey: Write, asked: dict[str, Any]) -> None:
    files = survey(BEFORE, "2023.csv"), survey(AFTER, "2024.csv")
    parted, whole = compared(*files, **asked), compared(*files, memory=10**9, **asked)
    assert tables(parted) == tables(whole)
    assert (parted.accounting, parted.notes) == (whole.accounting, whole.notes)


def test_what_is_put_down_is_announced(sources: Sources, programme: Programme, survey: Write, tmp_path: Path) -> None:
    said, done = [], []
    workspace = Workspace(tmp_path, TINY, said.append, lambda *told: done.append(told))
    files = (sources(survey(text, name)) for text, name in ((BEFORE, "2023.csv"), (AFTER, "2024.csv")))
    transitions(*files, Request(programme, workspace=workspace))
    ((key, parts),) = [(reason.key, reason.facts["parts"]) for reason in said]
    assert (key, parts > 1) == ("joined_in_parts", True)
    assert done == [(number, parts) for number in range(parts)]


@pytest.mark.parametrize("identifier", ["PZH-7", "户7", "5104021985010101234567"])
def test_ids_without_keys_are_joined_as_they_are(
    compared: Callable[..., Report], survey: Write, identifier: str
) -> None:
    files = [
        survey(f"{text}\n{identifier} | 东区 | {income}", name)
        for text, income, name in ((BEFORE, 5, "2023.csv"), (AFTER, 6, "2024.csv"))
    ]
    parted, whole = compared(*files), compared(*files, memory=10**9)
    assert tables(parted) == tables(whole)
    assert parted.tables["summary"]["matched"].item() == 5


def test_an_id_that_stands_twice_is_found_in_its_part(compared: Callable[..., Report], survey: Write) -> None:
    twice = survey(AFTER + "\n3 | 西区 | 5", "2024.csv")
    with pytest.raises(RowsRejected) as refused:
        compared(survey(BEFORE, "2023.csv"), twice)
    assert refused.value.problems["row"].to_list() == [4, 7]
    left = compared(survey(BEFORE, "2023.csv"), twice, skip_invalid=True)
    assert left.tables["summary"]["matched"].item() == 3


def test_rounds_that_share_no_household_are_refused_in_parts_too(
    compared: Callable[..., Report], survey: Write
) -> None:
    with pytest.raises(SurveyRefused):
        compared(survey(BEFORE, "2023.csv"), survey("household_id | income\n77 | 5\n78 | 6", "2024.csv"), memory=300)


def test_a_workspace_that_cannot_be_written_to_is_told(
    compared: Callable[..., Report], survey: Write, tmp_path: Path
) -> None:
    with pytest.raises(OutputRefused):
        compared(survey(BEFORE, "2023.csv"), survey(AFTER, "2024.csv"), folder=tmp_path / "absent")


@pytest.mark.parametrize("county", ["无", "-"])
def test_words_that_are_cleaned_make_no_groups_of_their_own_in_parts(
    compared: Callable[..., Report], survey: Write, county: str
) -> None:
    files = survey(f"{BEFORE}\n7 | {county} | 5", "2023.csv"), survey(AFTER, "2024.csv")
    parted = compared(*files, by=("county",))
    assert tables(parted) == tables(compared(*files, by=("county",), memory=10**9))
    assert parted.tables["summary"]["county"].to_list() == ["东区", "西区", None]


@pytest.mark.parametrize(("households", "memory", "parts"), [(9_000_000, 2 * 10**9, 5), (200_000, 5, 1_000)])
def test_there_are_as_many_parts_as_memory_asks_for_and_a_machine_opens(
    tmp_path: Path, households: int, memory: int, parts: int
) -> None:
    assert Workspace(tmp_path, memory).parts(households) == parts


@pytest.mark.parametrize("lacking", [0, 1])
def test_a_round_may_lack_the_column_of_the_groups_in_parts_too(
    compared: Callable[..., Report], survey: Write, lacking: int
) -> None:
    texts = [BEFORE, AFTER]
    texts[lacking] = "household_id | income\n1 | 40000\n3 | 5000\n4 | 50000"
    files = [survey(text, name) for text, name in zip(texts, ("2023.csv", "2024.csv"), strict=True)]
    asked = {"by": ("county",), "movers": "all"}
    assert tables(compared(*files, **asked)) == tables(compared(*files, memory=10**9, **asked))


def test_a_row_of_another_round_is_noticed_in_parts(
    compared: Callable[..., Report], survey: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incomeladder.intake.survey._SMALL", 0)
    mixed = survey("household_id | survey_round | income\n1 | 2023 | 50000\n2 | 2023 | 6\n3 | 2022 | 7", "before.csv")
    parted = compared(mixed, survey(AFTER, "2024.csv"))
    assert parted.tables["summary"].select("before", "matched").rows() == [(2, 1)]


IDS = st.one_of(st.integers(0, 30).map(str), st.sampled_from(["007", "x1", "51040219850101012X"]))
HOUSEHOLDS = st.lists(
    st.tuples(
        IDS,
        st.sampled_from(["东区", "西区", "", " 东区", "无"]),
        st.sampled_from(["", "-1", "0", "29999.9999", "30000", "95000", "无"]),
    ),
    min_size=1,
    max_size=25,
)


@given(pair=st.tuples(HOUSEHOLDS, HOUSEHOLDS), memory=st.sampled_from([TINY, 5_000]))
@settings(max_examples=60)
def test_any_two_rounds_are_joined_alike_in_parts(
    compared: Callable[..., Report], write: Write, pair: tuple[list[tuple[str, ...]], ...], memory: int
) -> None:
    files = [
        write("household_id,county,income\n" + "".join(f"{','.join(row)}\n" for row in rows), f"{name}.csv")
        for name, rows in zip(("2023", "2024"), pair, strict=True)
    ]
    found = []
    for size in (memory, 10**9):
        try:
            found.append(tables(compared(*files, memory=size, by=("county",), movers="all", skip_invalid=True)))
        except Refused as refusal:
            found.append({"refused": [(reason.key,) for reason in refusal.reasons]})
    assert found[0] == found[1]
