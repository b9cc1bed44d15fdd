from __future__ import annotations

import json
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import LedgerRefused, SurveyRefused
from incomeladder.ledger import columns, sorting
from incomeladder.ledger.log import Note, append, notes
from incomeladder.ledger.names import is_fit, refuse_unfit
from incomeladder.ledger.pseudonyms import Key
from incomeladder.ledger.record import DATA, RECORD, Record, read_record, sha256_of
from incomeladder.ledger.sorting import prove, sink_sorted
from incomeladder.ledger.store import Kept, Ledger
from incomeladder.ledger.taking import outcomes
from incomeladder.ledger.writing import writing
from incomeladder.pipeline import Request
from incomeladder.pipeline.keep import Keeping, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from incomeladder.programme import Programme
    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Sources = Callable[..., tuple[Source, ...]]
    Write = Callable[..., str]
    Add = Callable[..., Report]

TWO = "household_id | income\n1 | 30000\n2 | 29999.9999"
THREE_ROUNDS = """
household_id | survey_round | income
1            | 10           | 30000
1            | 9            | 29000
1            | 2024-H1      | 31000
"""
BILLION = 10**9


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


@pytest.fixture
def add(sources: Sources, survey: Write, programme: Programme, ledger: Ledger) -> Add:
    """Keep a drawn survey, named by its file."""

    def add(drawn: str, name: str = "2024.csv", **how: object) -> Report:
        return keep(sources(survey(drawn, name)), Request(programme), Keeping(ledger, **how))

    return add


# sorted in ranges


def households(ids: Iterable[str | None]) -> pl.LazyFrame:
    """Households whose incomes tell in what order they came."""
    named = pl.LazyFrame({"household_id": list(ids)}, schema={"household_id": pl.String})
    return named.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("income"))


def in_ranges(monkeypatch: pytest.MonkeyPatch, most: int, sampled: int) -> None:
    monkeypatch.setattr(sorting, "_RANGE", most)
    monkeypatch.setattr(sorting, "_SAMPLED", sampled)


def told(ids: Sequence[str], folder: Path) -> pl.DataFrame:
    """What is written of these households."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    sink_sorted(households(ids), len(ids), folder / DATA, scratch)
    assert list(scratch.iterdir()) == []
    return pl.read_parquet(folder / DATA)


IDS = {
    "rising": [f"{number:05}" for number in range(3000)],
    "falling": [f"{number:05}" for number in reversed(range(3000))],
    "alike but for their ends": [f"5104021990{number * 7919 % 3000:08}" for number in range(3000)],
    "nearly all in one place": ["1", "2", *(f"510402{number * 7919 % 2997:05}" for number in range(2997)), "9"],
    "of every length": ["7" * (number % 40 + 1) + f"-{number}" for number in range(3000)],
    "chinese": [f"户{number * 7919 % 3000}号" for number in range(3000)],
}


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
@pytest.mark.parametrize(("most", "sampled"), [(500, 1), (500, 50), (7, 3), (2999, 1000)])
def test_sorting_in_ranges_writes_what_one_sort_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ids: list[str], most: int, sampled: int
) -> None:
    once = told(ids, tmp_path)
    in_ranges(monkeypatch, most, sampled)
    assert told(ids, tmp_path).equals(once)
    assert prove(tmp_path / DATA) == sorting.Proof(3000, 0, rising=True)


@pytest.mark.parametrize("count", range(6))
def test_few_households_are_sorted_in_ranges_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int) -> None:
    in_ranges(monkeypatch, 1, 1)
    ids = [str(number) for number in reversed(range(count))]
    assert told(ids, tmp_path)["household_id"].to_list() == sorted(ids)
    assert prove(tmp_path / DATA).rows == count


def test_a_sample_that_catches_nobody_is_one_range(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_ranges(monkeypatch, 2, 1 << 62)
    assert told(["3", "1", "2"], tmp_path)["household_id"].to_list() == ["1", "2", "3"]


def test_an_id_that_stands_twice_lies_in_one_range_and_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_ranges(monkeypatch, 10, 1)
    ids = [f"{number:03}" for number in range(100)]
    assert told([*ids, "050"], tmp_path).height == 101
    assert not prove(tmp_path / DATA).rising


def test_rows_are_packed_in_groups_in_which_one_household_is_soon_found(tmp_path: Path) -> None:
    ids = [f"{number:06}" for number in range(150_000)]
    sink_sorted(households(ids), len(ids), tmp_path / DATA, tmp_path)
    parquet = pytest.importorskip("pyarrow.parquet")
    told = parquet.ParquetFile(tmp_path / DATA).metadata
    assert [told.row_group(number).num_rows for number in range(told.num_row_groups)] == [65_536, 65_536, 18_928]
    assert {told.row_group(0).column(number).compression for number in range(2)} == {"ZSTD"}
    statistics = told.row_group(1).column(0).statistics
    assert (statistics.min, statistics.max) == ("065536", "131071")


ANY_IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6), unique=True, max_size=60)


@given(ids=ANY_IDS, most=st.integers(1, 20))
@settings(max_examples=80)
def test_any_ids_rise_by_polars_own_comparison(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], most: int
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        in_ranges(monkeypatch, most, 1)
        folder = tmp_path_factory.mktemp("sorted")
        written = told(ids, folder)["household_id"]
        proof = prove(folder / DATA)
        shutil.rmtree(folder)
    assert sorted(written) == sorted(ids)
    assert (written > written.shift(1)).sum() == max(len(ids) - 1, 0)
    assert written.to_list() == sorted(ids, key=str.encode)
    assert (proof.rows, proof.rising) == (len(ids), True)


# the proof


@pytest.mark.parametrize(
    ("ids", "rising"),
    [
        ([], True),
        (["1"], True),
        (["1", "2"], True),
        (["10", "9"], True),
        (["é", "户"], True),
        (["\uffff", "\U00010000"], True),
        (["9", "10"], False),
        (["1", "1"], False),
        (["1", "3", "2"], False),
        ([None], False),
        ([None, "1"], False),
        (["1", None], False),
        (["1", None, "2"], False),
        ([None, None], False),
    ],
)
def test_ids_are_proved_to_rise_or_not(tmp_path: Path, ids: list[str | None], *, rising: bool) -> None:
    households(ids).sink_parquet(tmp_path / DATA)
    assert (prove(tmp_path / DATA).rows, prove(tmp_path / DATA).rising) == (len(ids), rising)


def test_a_fall_between_two_row_groups_is_seen(tmp_path: Path) -> None:
    ids = [f"{number:06}" for number in range(4000)]
    households([*ids[2000:], *ids[:2000]]).sink_parquet(tmp_path / DATA, row_group_size=2000)
    assert not prove(tmp_path / DATA).rising


def test_missing_incomes_are_counted(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"household_id": ["1", "2", "3"], "income": [None, 5, None]})
    frame.sink_parquet(tmp_path / DATA)
    assert prove(tmp_path / DATA) == sorting.Proof(3, 2, rising=True)


@given(ids=st.lists(st.sampled_from(["1", "10", "2", "户", "", "a"]) | st.none(), max_size=6))
@settings(max_examples=60)
def test_the_proof_agrees_with_a_recount(tmp_path_factory: pytest.TempPathFactory, ids: list[str | None]) -> None:
    folder = tmp_path_factory.mktemp("proof")
    households(ids).sink_parquet(folder / DATA)
    rising = None not in ids and ids == sorted(set(ids), key=lambda text: (text or "").encode())
    assert prove(folder / DATA).rising == rising
    shutil.rmtree(folder)


# amounts


@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.integers(-(10**15), 10**15), st.none() | st.integers(0, 10**17), st.integers(0, 10**15)
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=60)
def test_amounts_and_weights_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int | None, int | None, int]]
) -> None:
    folder = tmp_path_factory.mktemp("amounts")
    names = ("income", "weight", "wage_income")
    frame = pl.LazyFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")
    numbered = frame.with_row_index().select(pl.col("index").cast(pl.String).alias("household_id"), *names)
    columns.stored(numbered, ["household_id", *names]).sink_parquet(folder / DATA)
    kept = pl.read_parquet(folder / DATA)
    assert kept["income"].to_list() == [None if row[0] is None else Decimal(row[0]) / 10_000 for row in rows]
    assert kept["weight"].to_list() == [None if row[1] is None else Decimal(row[1]) / BILLION for row in rows]
    assert columns.households(folder / DATA, ("household_id", *names)).select(names).collect().rows() == rows
    shutil.rmtree(folder)


def test_a_heading_of_the_survey_cannot_pass_for_a_column_of_ours() -> None:
    assert (columns.frame_name("income"), columns.stored_name("income")) == ("income", "income")
    assert (columns.frame_name("户主"), columns.stored_name("column:户主")) == ("column:户主", "户主")
    assert columns.frame_name("_row") == "column:_row"


# names


@pytest.mark.parametrize(
    "name",
    ["2024", "2024-H1", "2024年", "2024 上半年", "1", "_", "a+b", "v1.2", "第一轮", "é", "x" * 64, "All", "LATEST"],
)
def test_a_round_can_have_a_name_that_every_system_can_store(name: str) -> None:
    assert is_fit(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "a/b", "a\\b", "a=b", "../x", " 2024", "2024 ", "2024.", ".2024", "-1", "a\nb", "a\x00b"),
        *("a\x1b[31m", "a\u202eb", "e\u0301", "x" * 65, "all", "latest", "a*b", "a?b", "[a]", "a:b", "@2024", "%20"),
    ],
)
def test_a_name_that_is_a_path_or_an_order_is_refused(name: str) -> None:
    assert not is_fit(name)
    with pytest.raises(LedgerRefused, match="round_name_unfit") as refused:
        refuse_unfit(["2024", name])
    assert [reason.facts["round"] for reason in refused.value.reasons] == [name]


# rounds


def test_rounds_stand_in_natural_order(add: Add, ledger: Ledger) -> None:
    add(THREE_ROUNDS)
    assert ledger.names() == ("9", "10", "2024-H1")
    assert [kept.name for kept in ledger.every()] == ["9", "10", "2024-H1"]
    assert [kept.name for kept in ledger.asked("latest")] == ["2024-H1"]


@pytest.mark.parametrize(
    ("text", "names"),
    [("9", ["9"]), ("*", ["9", "10", "2024-H1"]), ("2*", ["2024-H1"]), ("?", ["9"]), ("[19]*", ["9", "10"])],
)
def test_a_round_is_asked_for_by_its_name_or_a_pattern(add: Add, ledger: Ledger, text: str, names: list[str]) -> None:
    add(THREE_ROUNDS)
    assert [kept.name for kept in ledger.asked(text)] == names


@pytest.mark.parametrize("text", ["2024", "", "all", "3*", "../ledger", "2024-h1"])
def test_a_round_that_is_not_there_is_refused_with_those_that_are(add: Add, ledger: Ledger, text: str) -> None:
    add(THREE_ROUNDS)
    with pytest.raises(SurveyRefused, match="unknown_kept_round") as refused:
        ledger.asked(text)
    assert refused.value.reasons[0].facts["rounds"] == ("9", "10", "2024-H1")


@pytest.mark.parametrize("text", ["latest", "*", "2024"])
def test_a_ledger_that_does_not_exist_holds_no_rounds_and_is_not_made(ledger: Ledger, text: str) -> None:
    assert (ledger.names(), ledger.every(), ledger.records()) == ((), (), {})
    with pytest.raises(SurveyRefused, match="ledger_empty"):
        ledger.asked(text)
    assert not ledger.folder.exists()


def test_a_record_proves_itself_and_its_households(add: Add, ledger: Ledger) -> None:
    add(TWO)
    (kept,) = ledger.every()
    record = kept.record
    assert (record.sha256, record.size) == (sha256_of(kept.data), kept.data.stat().st_size)
    assert (kept.data.parent / RECORD).read_bytes() == record.to_bytes()
    assert read_record(kept.data.parent, "2024") == record
    assert (record.rows, record.columns, record.weighted) == (2, ("household_id", "income"), False)


def test_households_of_the_ledger_are_known_to_be_sorted(add: Add, ledger: Ledger) -> None:
    add(TWO)
    (kept,) = ledger.every()
    frame = columns.households(kept.data, kept.record.columns).collect()
    assert frame["household_id"].flags["SORTED_ASC"]
    assert frame.rows() == [("1", 300_000_000), ("2", 299_999_999)]


# there already


def repacked(kept: Kept, folder: Path) -> Kept:
    """The same households, as another version of polars might have packed them."""
    folder.mkdir()
    pl.read_parquet(kept.data).write_parquet(folder / DATA, compression="gzip")
    told = {"sha256": sha256_of(folder / DATA), "size": (folder / DATA).stat().st_size}
    return Kept(Record(**{**vars(kept.record), **told}), folder / DATA)


def test_the_same_households_in_another_packing_are_there_already(add: Add, ledger: Ledger, tmp_path: Path) -> None:
    add("household_id | income | county\n1 | 30000 | 东区\n2 | |")
    (kept,) = ledger.every()
    assert outcomes(ledger, [repacked(kept, tmp_path / "again")], one_round=True) == {"2024": "already_there"}


@pytest.mark.parametrize(
    "other",
    [
        "household_id | income | county\n1 | 30000.0001 | 东区\n2 | |",
        "household_id | income | county\n1 | 30000 | 东区\n2 | 0 |",
        "household_id | income | county\n1 | 30000 | 东区\n2 | | 东区",
        "household_id | income | county\n1 | 30000 | 东区\n3 | |",
        "household_id | income | county\n1 | 30000 | 东区\n2 | |\n3 | |",
    ],
)
def test_households_that_differ_in_anything_are_not(add: Add, ledger: Ledger, other: str) -> None:
    add("household_id | income | county\n1 | 30000 | 东区\n2 | |")
    before = (ledger.place("2024") / DATA).read_bytes()
    with pytest.raises(LedgerRefused, match="round_differs"):
        add(other)
    assert (ledger.place("2024") / DATA).read_bytes() == before


def test_rounds_of_other_columns_are_said_to_have_other_columns(add: Add) -> None:
    add("household_id | income | county\n1 | 30000 | 东区\n2 | |")
    with pytest.raises(LedgerRefused, match="round_columns_differ"):
        add("household_id | income | village\n1 | 30000 | 东区\n2 | |")


def test_neither_the_order_of_rows_nor_the_spelling_of_amounts_makes_another_round(add: Add) -> None:
    add("household_id | income\n1 | 1000\n2 | 2000")
    assert add("household_id | income\n2 | 2000.00\n1 | ￥1000").main["outcome"].to_list() == ["already_there"]


# the log


def note(**told: str) -> Note:
    usual = {"household_id": "1", "measure": "public-job", "survey_round": "2024", "date": "2024-05-01"}
    return Note(**usual | {"author": "李", "text": "护路员"} | told)


def test_notes_are_kept_in_the_order_in_which_they_were_made(ledger: Ledger) -> None:
    texts = ["b", "a", "l1\nl2\r\n", "\u2028\x85\x00", "[bold]x", '"q"\\', "\U0001f600"]
    with writing(ledger, 0) as writer:
        assert [append(writer, note(text=text)) for text in texts] == [True] * len(texts)
        assert [append(writer, note(text=text)) for text in texts] == [False] * len(texts)
    assert notes(ledger)["text"].to_list() == texts


def test_a_note_is_another_where_anything_in_it_differs(ledger: Ledger) -> None:
    others = [note(**{name: f"{value}0"}) for name, value in vars(note()).items()]
    with writing(ledger, 0) as writer:
        assert all(append(writer, each) for each in [note(), *others])
    assert notes(ledger).height == 7


def test_the_log_begins_with_what_proves_it(ledger: Ledger) -> None:
    with writing(ledger, 0) as writer:
        append(writer, note())
    head, line, end = (ledger.folder / "measures.ndjson").read_text().split("\n")
    assert list(json.loads(head)) == ["format", "notes", "sha256"]
    assert (json.loads(line), end) == (vars(note()), "")


def test_no_log_holds_no_notes(ledger: Ledger) -> None:
    assert notes(ledger).rows() == []
    assert notes(ledger).columns == ["household_id", "measure", "survey_round", "date", "author", "text"]


# pseudonyms


def test_a_pseudonym_is_the_hmac_of_the_id() -> None:
    key = Key(b"Jefe")  # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert key.pseudonym("what do ya want for nothing?") == expected
    assert "Jefe" not in repr(key) + str(key)
    assert key.fingerprint != Key(b"Jefe2").fingerprint


def test_pseudonymised_rounds_are_sorted_by_pseudonym_and_hold_no_id(add: Add, ledger: Ledger) -> None:
    key = Key(b"0123456789abcdef")
    add("household_id | income\n510402199001011234 | 1000\n510402199001015678 | 2000", key=key)
    (kept,) = ledger.every()
    stored = pl.read_parquet(kept.data)
    ids = ("510402199001011234", "510402199001015678")
    assert dict(stored.rows()) == {
        key.pseudonym(one): Decimal(income) for one, income in zip(ids, (1000, 2000), strict=True)
    }
    assert prove(kept.data).rising
    content = kept.data.read_bytes() + (kept.data.parent / RECORD).read_bytes()
    assert [one for one in ids if one.encode() in content] == []
    assert kept.record.key == key.fingerprint
