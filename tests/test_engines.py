"""Polars, DuckDB and Spark read the same files alike, and say the same of them; what they cannot read they refuse."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder import compare, summarise
from incomeladder.classify import classify
from incomeladder.clean import careful
from incomeladder.engine import Engine, duck, opened, portable, shape, spark
from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.flag import by_need, flag
from incomeladder.frames import ID, WEIGHT_UNIT
from incomeladder.intake import kept, plain
from incomeladder.intake.settle import settle
from incomeladder.intake.survey import Survey
from incomeladder.intake.workspace import Workspace
from incomeladder.ledger.store import Ledger
from incomeladder.link import link
from incomeladder.pipeline import Request
from incomeladder.pipeline.keep import Keeping, keep
from incomeladder.programme import Programme, Tiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from incomeladder.engine import EngineName
    from incomeladder.frames import Lazy
    from incomeladder.read.source import Source

    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

# The session of these tests lives for a minute: nothing is worth being compiled twice.
QUICK = {"spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "2", "spark.driver.memory": "512m"}


class Polars:
    """The engine that the others are held against."""

    def scan(self, source: Source) -> Lazy:
        raw = source.table.raw if source.table.typed is None else source.table.typed
        return nw.from_native(raw.select(shape.names(source)))

    def collect(self, frames: Sequence[Lazy]) -> list[pl.DataFrame]:
        return pl.collect_all([nw.to_native(frame) for frame in frames])


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Engine]:
    with duck.opened() as library:
        yield Engine(library)


@pytest.fixture(scope="session")
def on_spark() -> Iterator[Engine]:
    if shutil.which("java") is None and "CI" not in os.environ:
        pytest.skip("no Java")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with spark.opened("local[2]", QUICK) as library:
            yield Engine(library)


@pytest.fixture(params=["duckdb", pytest.param("on_spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


def read(engine: Engine, sources: Sequence[Source]) -> Lazy:
    return portable.rows([engine.scan(source) for source in sources], sources)


def in_doubt(engine: Engine, sources: Sequence[Source]) -> dict[str, int]:
    found = read(engine, sources)
    doubts, repeated = engine.collect([portable.doubts(found), portable.repeated(found)])
    told = {**doubts.row(0, named=True), "repeated": repeated.item()}
    return {name: rows for name, rows in told.items() if rows}


IDS = st.one_of(
    st.sampled_from(
        [
            "银江-001",
            "合计",
            "小 计",
            "第3页",
            "共30户",
            "无",
            "-",
            "５",
            "1e5",
            "5.1E+17",
            '="7"',
            "一、甲",
            "（续）",
            "*1",
        ]
    ),
    st.text("0123456789.-+eE计合共户页第一、（）()#*'\"\u3000\xa0\u200b甲a", min_size=1, max_size=8),
    st.text(min_size=1, max_size=6),
)


def households(engine: Engine, sources: Sequence[Source]) -> pl.DataFrame:
    (found,) = engine.collect([portable.households(read(engine, sources))])
    return found.sort(pl.all())


def on_polars(sources: Sequence[Source]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The households, and the account of them, that the program itself finds on its straight road."""
    survey = Survey(tuple(sources))
    assert plain.is_open(survey)
    found = plain.households(survey)
    told, made = pl.collect_all([plain.findings(found, survey, one_round=False), found])
    doubts = pl.selectors.boolean()
    assert not told.select(doubts.any()).transpose().to_series().any()
    weight = [] if "weight" in survey.columns else [pl.lit(WEIGHT_UNIT, pl.Int64).alias("weight")]
    return made.with_columns(weight), told.select(~doubts)


def common(found: pl.DataFrame, other: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What both frames tell, in the order of their rows."""
    shared = [name for name in found.columns if name in other.columns]
    return found.select(shared).sort(pl.all()), other.select(shared).sort(pl.all())


def reads_alike(engine: Engine, sources: Sequence[Source]) -> bool:
    """The engine finds nothing in doubt, and the households and the account that the program itself finds."""
    read_alike(engine, sources)
    return not in_doubt(engine, sources)


def read_alike(engine: Engine, sources: Sequence[Source]) -> None:
    wanted, accounted = on_polars(sources)
    found = read(engine, sources)
    made, account = engine.collect([portable.households(found), portable.account(found)])
    given, expected = common(made, wanted)
    assert {ID, "survey_round", "income", "weight"} <= set(given.columns)
    assert given.equals(expected)
    assert given.schema == expected.schema
    logs = (rows.sort("_file", "survey_round")["log_income"] for rows in (account, accounted))
    assert all(a == pytest.approx(b, rel=1e-12) if b is not None else a is None for a, b in zip(*logs, strict=True))
    counts = common(account.drop("log_income"), accounted.drop("log_income"))
    assert counts[0].equals(counts[1])
    assert counts[0].schema == counts[1].schema


TOWN = """
    家庭编号 | 年份 | 县区   | 村     | 居住地 | 人口 | 可支配收入    | 权重        | 登记人
    00101    | 2023 | 东区   | 沙坝村 | 城镇   | 3    | 29999.99999   | 1.5         | 李
    0102     | 2023 |        | 沙坝村 | rural  | 12   | -0.00001      | 1           | 王
    A-3      | 2023 | 西区   |        | urban  |      |               | 0.123456789 | 甲
    4_x      | 2024 | 东区   | 新庄   | 农村   | 999  | 1234567.5     | 0           |
    00101    | 2024 | 东区   | 沙坝村 | 城镇   | 3    | 30000         | 9999999     |
"""


def test_a_table_is_read_as_polars_reads_it(
    engine: Engine, survey: Callable[..., str], sources: Sources, write: Write
) -> None:
    text = Path(survey(TOWN)).read_text("utf-8")
    files = [write(text.replace("\n", "\r\n")), write("\ufeff" + text.removesuffix("\n"))]
    files.append(write(text.replace(",", "\t"), "2024.tsv"))
    read_alike(engine, sources(*files))
    assert reads_alike(engine, sources(write(text)))


def test_files_are_read_as_one_survey(engine: Engine, survey: Callable[..., str], sources: Sources) -> None:
    one = survey("household_id | income(万元) \n 1 | 2.99999999 \n 2 | -0.000000001", "2023.csv")
    other = survey("id | county | income \n 1 | 东区 | 31000 \n 7 | 西区 | 0.00004", "2024.csv")
    assert reads_alike(engine, sources(one, other))
    weighted = survey("id | weight | income \n 1 | 2 | 31000", "2025.csv")
    assert in_doubt(engine, sources(weighted, other)) == {"weight": 2}


def test_a_quoted_cell_may_hold_the_delimiter(engine: Engine, write: Write, sources: Sources) -> None:
    quoted = 'id,income,note,"a ""b"", c"\n1,"30000","a, ""b""",\n2,,,""""\n"3",5,"""","""a,"\n'
    assert reads_alike(engine, sources(write(quoted)))
    assert households(engine, sources(write('id,income,note\n1,"3",""\n'))).row(0)[1:4] == ("1", 30_000, None)


HEAD = "household_id,county,income,size\n"
UNSOUND = {
    "short row": b"1,x,2\n",
    "long row": b"1,x,2,3,4\n",
    "quote in the middle of a quoted cell": b'1,"x"y,2,3\n',
    "quote in the middle of a plain cell": b'1,x"y,2,3\n',
    "open quote": b'1,"x,2,3\n2,x,2,3\n',
    "line break in a cell": b'1,"x\ny",2,3\n',
    "bad UTF-8": b"1,\xe4\xb8\xff,2,3\n",
    "lone surrogate": b"1,\xed\xa0\x80,2,3\n",
    "NUL": b"1,x\x00y,2,3\n",
    "NUL in an amount": b"1,x,2\x00,3\n",
    "blank line": b"\n1,x,2,3\n",
    "line of spaces": b"1,x,2,3\n  \n",
    "line of delimiters": b"1,x,2,3\n,,,\n",
    "end of a DOS file": b"1,x,2,3\n\x1a",
    "old line end": b"1,x,2,3\r2,x,2,3\n",
    "mixed line ends": b"1,x\r,2,3\r\n",
    "replacement character": "1,x\ufffd,2,3\n".encode(),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_text_that_is_not_of_sound_rows_is_refused(engine: Engine, name: str, write: Write, sources: Sources) -> None:
    sound = HEAD + "".join(f"{number},z,30000,2\n" for number in range(100, 4_000))
    (source,) = sources(write(sound))
    source.file.path.write_bytes(sound.encode() + UNSOUND[name])
    with pytest.raises(SurveyRefused) as refused:
        engine.scan(source)
    assert {reason.key for reason in refused.value.reasons} <= {"engine_unsound", "engine_refused"}
    assert all("\n" not in str(fact) for reason in refused.value.reasons for fact in reason.facts.values())


DOUBTS = {
    "exponent": ("1,x,1e5,3", "income"),
    "Chinese numerals": ("1,x,三万,3", "income"),
    "separator": ('1,x,"30,000",3', "income"),
    "unit": ("1,x,3万,3", "income"),
    "full width": ("1,x,３,3", "income"),
    "plus": ("1,x,+3,3", "income"),
    "point without a digit": ("1,x,3.,3", "income"),
    "blank before an amount": ("1,x, 3,3", "income"),
    "not a number": ("1,x,NaN,3", "income"),
    "too large": ("1,x,100000000000,3", "income"),
    "too large below zero": ("1,x,-99999999999.99999,3", "income"),
    "no id": (",x,3,3", ID),
    "total": ("合计,x,3,3", ID),
    "id with a blank": ("1 ,x,3,3", ID),
    "destroyed id": ("5.1E+17,x,3,3", ID),
    "size of 0": ("1,x,3,0", "size"),
    "size of 10000": ("1,x,3,10000", "size"),
    "note in the place of an id": ("第3页,x,3,3", ID),
    "id between quotes": ("'7',x,3,3", ID),
    "full-width id": ("Ａ7,x,3,3", ID),
    "half a person": ("1,x,3,1.5", "size"),
    "missing place": ("1,未知,3,3", "county"),
    "missing place in English": ("1,N/A,3,3", "county"),
    "blank after a place": ("1,x\u3000,3,3", "county"),
    "total of a place": ("1,东区合计,3,3", "county"),
}


def test_rows_that_polars_would_look_at_are_in_doubt(engine: Engine, write: Write, sources: Sources) -> None:
    text = "".join(f"{row},{place}\n" for place, (row, _) in enumerate(DOUBTS.values()))
    (found,) = engine.collect([read(engine, sources(write(f"{HEAD.strip()},place\n{text}9,z,30000,2,\n")))])
    flags = [name for name in found.columns if name.startswith("doubt_") and not name.endswith("place")]
    told = {
        row["column:place"]: {name.removeprefix("doubt_") for name in flags if row[name]} for row in found.to_dicts()
    }
    names = {str(place): name for place, name in enumerate(DOUBTS)}
    wanted = {name: {column} for name, (_, column) in DOUBTS.items()}
    assert {names[place]: columns for place, columns in told.items() if place} == wanted
    assert told[None] == set()


def test_labels_of_rounds_that_polars_would_clean_are_in_doubt_and_not_lost(
    engine: Engine, write: Write, sources: Sources
) -> None:
    labels = ["2023", "2024", "２０２４", " 2024", "2024（上）", "合计", "", "未知"]
    rows = "".join(f"{number},{label},3\n" for number, label in enumerate(labels))
    found = read(engine, sources(write(f"id,year,income\n{rows}")))
    (wanted,) = engine.collect([portable.of_rounds(found, {"2024"})])
    told = dict(wanted.sort(ID).select(ID, "doubt_survey_round").rows())
    assert told == {"1": False} | dict.fromkeys(("2", "3", "4", "5", "6", "7"), True)


def test_ids_that_stand_twice_in_a_round_are_counted(
    engine: Engine, survey: Callable[..., str], sources: Sources
) -> None:
    ids = ["1 2023", "1 2023", "1 2024", "2 2024", "01 2024", "2 2024"]
    drawn = "\n".join(["id | year | income", *(f"{each.replace(' ', ' | ')} | 5" for each in ids)])
    assert in_doubt(engine, sources(survey(drawn))) == {"repeated": 2}


def test_weights_places_and_rounds_are_in_doubt(engine: Engine, survey: Callable[..., str], sources: Sources) -> None:
    drawn = """
        id | year | weight | residence | income
        1  | 2023 |        | 城市      | 3
        2  |      | -1     | rural     | 3
        3  | 2023 | 1e3    |           | 3
    """
    assert in_doubt(engine, sources(survey(drawn))) == {"weight": 3, "residence": 1, "survey_round": 1}
    labelled = "village | id | income \n 户均 | 3 | 10 \n 甲 | 4 | 10"
    assert in_doubt(engine, sources(survey(labelled))) == {"_first": 1}


TYPED = pl.DataFrame(
    {
        "household_id": ["1", "02", "3", "4"],
        "round": pl.Series([2023, 2023, 2023, 2024], dtype=pl.Int16),
        "county": ["东区", None, "西区", "东区"],
        "size": pl.Series([1, 999, None, 3], dtype=pl.Int16),
        "income": [29999.9999, -0.0001, None, 30000.0],
        "weight": [Decimal("1.5"), Decimal("0.000000001"), Decimal(0), Decimal(99999999)],
    },
    schema_overrides={"weight": pl.Decimal(18, 9)},
).rename({"round": "survey_round"})


SOUND = (
    ("income", [1, -5, None, 127], pl.Int8),
    ("income", [0, 5, None, 2**32 - 1], pl.UInt32),
    ("income", [0, 5, None, 10**11 - 1], pl.UInt64),
    ("income", [-(10**11) + 1, 5, None, 10**11 - 1], pl.Int64),
    ("income", [Decimal("-0.01"), Decimal("1.99"), None, Decimal(5)], pl.Decimal(9, 2)),
    ("income", [Decimal("-0.00001"), Decimal("1.99999"), None, Decimal("-5.00010")], pl.Decimal(38, 5)),
    ("income", [Decimal("-0.00000001"), Decimal("1.999999"), None, Decimal(0)], pl.Decimal(30, 20)),
    ("income", [0.1, 1e10, None, -1234567.8901], pl.Float64),
    ("income", ["-0.00001", "3.141592653589", None, "007"], pl.String),
    ("size", [1.0, 2.0, None, 999.0], pl.Float64),
    ("size", [Decimal(1), Decimal(999), None, Decimal("3.0")], pl.Decimal(6, 1)),
    ("weight", [1, 0, 3, 99_999_999], pl.Int64),
    ("weight", [0.1, 0.5, 3.25, 123456.789], pl.Float64),
    ("household_id", [1, 2, 3, 510_402_198_501_012_345], pl.Int64),
    ("county", ["东区", None, "a'b", 'c"d'], pl.Categorical),
)
DOUBTFUL = (
    ("income", [float("nan"), float("inf"), None, -float("inf")], pl.Float64),
    ("income", [float("nan"), float("nan"), None, float("nan")], pl.Float64),
    ("income", [0.1 + 0.2, 29999.99999, None, 1e300], pl.Float64),
    ("income", [10**11, -(10**11), None, 2**62], pl.Int64),
    ("income", [0.5, 1.5, None, 2.5], pl.Float32),
    ("income", [True, False, None, True], pl.Boolean),
    ("income", ["", "1e5", None, "3\n"], pl.String),
    ("income", [Decimal(10) ** 11, -(Decimal(10) ** 12), None, Decimal(10) ** 13], pl.Decimal(38, 4)),
    ("size", [0.5, 0.0, None, 10000.0], pl.Float64),
    ("size", [0, -1, None, 10000], pl.Int64),
    ("county", [1.5, 2.5, None, 3.5], pl.Float64),
    ("county", ["", " x", None, "无\n"], pl.String),
)


@pytest.fixture
def parquet(tmp_path: Path, sources: Sources) -> Callable[..., tuple[Source, ...]]:
    """Write the table once for each column that is put into it."""

    def parquet(columns: Sequence[tuple[str, list[Any], pl.DataType]]) -> tuple[Source, ...]:
        files = [tmp_path / f"{number}.parquet" for number in range(len(columns))]
        for file, (name, values, kind) in zip(files, columns, strict=True):
            TYPED.with_columns(pl.Series(name, values, dtype=kind)).write_parquet(file)
        return sources(*map(str, files))

    return parquet


def test_columns_of_parquet_are_read_as_polars_reads_them(
    engine: Engine, parquet: Callable[..., tuple[Source, ...]]
) -> None:
    found = parquet(SOUND)
    read_alike(engine, found)
    assert not engine.collect([portable.doubts(read(engine, found))])[0].sum_horizontal().item()


def test_columns_of_parquet_that_do_not_read_are_in_doubt(
    engine: Engine, parquet: Callable[..., tuple[Source, ...]]
) -> None:
    (found,) = engine.collect([read(engine, parquet(DOUBTFUL))])
    flags = [name for name in found.columns if name.startswith("doubt_")]
    told = found.group_by("_file", maintain_order=True).agg(pl.col(flags).sum()).sort("_file").drop("_file").to_dicts()
    wanted = [{name: 3 if name == f"doubt_{column}" else 0 for name in flags} for column, *_ in DOUBTFUL]
    assert told == wanted


@pytest.mark.parametrize("column", ["income", "size", "weight"])
def test_no_number_among_numbers_is_in_doubt(
    engine: Engine, parquet: Callable[..., tuple[Source, ...]], column: str
) -> None:
    found = in_doubt(engine, parquet([(column, [1.0, float("nan"), None, 5.0], pl.Float64)]))
    assert found[column] >= 1


@pytest.mark.parametrize("name", ["_x.csv", "a[1]{b}*?.csv", "a b%20'c.csv", "年=度 1.csv", "a\\b.csv", "x.csv.gz"])
def test_a_file_is_read_whatever_its_name_or_refused(
    engine: Engine, name: str, sources: Sources, tmp_path: Path
) -> None:
    for each in ("other.csv", "a1b.csv", "a1bxy.csv"):
        (tmp_path / each).write_text("id,income\n9,9\n")
    (tmp_path / name).write_text("id,income\n1,30000\n")
    (source,) = sources(str(tmp_path / name))
    try:
        assert households(engine, [source])[ID].to_list() == ["1"]
    except SurveyRefused as refused:
        assert name in {"_x.csv", "x.csv.gz"}, refused.reasons  # noqa: PT017  (what is read must be right)


@pytest.mark.parametrize("wan", [False, True])
def test_amounts_that_polars_reads_with_care_are_read_alike(
    engine: Engine,
    wan: bool,  # noqa: FBT001
    write: Write,
    sources: Sources,
) -> None:
    texts = ["9" * (7 if wan else 11) + ".99999999", "-0" + "." + "0" * 30 + "1", "12345678901.00001", "0.1"]
    texts += ["-9999999.99999999", "00000000007.5", "-3." + "9" * 40, "1" + "." + "9" * 40]
    heading = "收入（万元）" if wan else "收入"
    rows = "".join(f"{number},{text}\n" for number, text in enumerate(texts) if not wan or len(text.split(".")[0]) < 9)
    found = households(engine, sources(write(f"id,{heading}\n{rows}")))
    wanted = pl.DataFrame({ID: found[ID], "text": [texts[int(name)] for name in found[ID]]})
    assert found.height > 3
    assert found["income"].to_list() == wanted.select(careful.amount(pl.col("text"), wan=wan)).to_series().to_list()


def test_rounds_of_the_ledger_are_read_as_polars_reads_them(
    engine: Engine, tmp_path: Path, survey: Callable[..., str], sources: Sources, programme: Programme
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    for label, drawn in (("2023", BEFORE), ("2024 H1", AFTER.replace("weight", "grain"))):
        keep(sources(survey(drawn, f"{label}.csv")), Request(programme), Keeping(ledger, extra=("county",)))
    found = sources("@2023", "@2024 H1", ledger=ledger)
    given, expected = common(households(engine, found), kept.households(Survey(found)).collect())
    assert {"income", "weight", "survey_round"} <= set(given.columns)
    assert given.equals(expected)
    assert not in_doubt(engine, found)


BEFORE = """
    id | county | income      | weight
    1  | 东区   | 29999.9999  | 1
    2  | 东区   | 30000       | 2
    3  |        | -0.0001     | 0
    4  | 西区   |             | 0.000000005
    5  |        | 99999999999 | 99999999.999999999
    6  | 西区   | -9999999999 | 99999999.999999999
    9  | 东区   | 39999.9999  | 99999999.999999999
"""
AFTER = """
    id | county | income     | weight
    1  | 西区   | 30000      | 7
    2  |        |            | 7
    3  |        | 0          | 7
    4  | 西区   | 100000     | 7
    7  |        | -0.01      | 9
    8  | 东区   |            | 9
    9  | 东区   | 9999999    | 9
"""
KINDS: tuple[compare.Movers, ...] = ("up", "down", "rose", "fell", "left", "entered", "all")
BY = ("county",)


def stages(engine: Engine, programme: Programme, *rounds: Sequence[Source]) -> list[pl.DataFrame]:
    """What all counting stages make of two rounds, those in no order of their own sorted."""
    sides = [classify(portable.households(read(engine, each)), programme) for each in rounds]
    linked = link(*sides, ID, carried=BY, compared=("segment", "band", "income"))
    counts = [summarise.count(sides[0], BY), summarise.count(sides[1], ()), compare.count(linked, BY)]
    needy = [by_need(flag(side, programme, Tiers.names), ("survey_round",), ID) for side in sides]
    moved = [compare.movers(linked, programme, kind, BY) for kind in KINDS]
    found = engine.collect([*counts, *needy, *moved])
    return [shape.whole(frame.sort(pl.all())) for frame in found[:3]] + found[3:]


def test_every_stage_counts_alike(
    engine: Engine, survey: Callable[..., str], sources: Sources, programme: Programme
) -> None:
    rounds = sources(survey(BEFORE, "2023.csv")), sources(survey(AFTER, "2024.csv"))
    made, wanted = (stages(each, programme, *rounds) for each in (engine, Polars()))
    assert [frame.rows() for frame in made] == [frame.rows() for frame in wanted]
    assert [frame.schema for frame in made] == [frame.schema for frame in wanted]


def test_sums_do_not_end_at_64_bits(engine: Engine, write: Write, sources: Sources, programme: Programme) -> None:
    rows = "".join(f"{number},99999999.999999999,99999999999\n" for number in range(200))
    (found,) = sources(write(f"id,weight,income\n{rows}"))
    (counts,) = engine.collect([summarise.count(classify(read(engine, [found]), programme), ())])
    assert counts.select("weight", "income").row(0) == (200 * (10**17 - 1), 200 * 99_999_999_999 * 10_000)


def test_what_an_engine_cannot_do_is_refused_in_one_line(engine: Engine, tmp_path: Path, sources: Sources) -> None:
    TYPED.write_parquet(tmp_path / "2023.parquet")
    (source,) = sources(str(tmp_path / "2023.parquet"))
    whole = source.file.path.read_bytes()
    for content in (b"PAR1", whole[:-9], whole.replace(b"PAR1", b"XXXX")):
        source.file.path.write_bytes(content)
        with pytest.raises(SurveyRefused) as refused:
            households(engine, [source])
        (reason,) = refused.value.reasons
        assert reason.key == "engine_refused"
        assert reason.facts["detail"]
        assert "\n" not in str(reason.facts["detail"])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("一览表,\nid,income\n1,3\n", "engine_headings"),
        ("家庭编号,年收入\n1,3\n".encode("gb18030"), "engine_encoding"),
        ("income,size\n1,3\n", "engine_ids"),
        ('{"id": "1", "income": 3}\n', "engine_kind"),
    ],
)
def test_tables_that_only_polars_reads_are_refused(
    duckdb: Engine, content: str | bytes, key: str, write: Write, sources: Sources
) -> None:
    (source,) = sources(write(content, "2024.ndjson" if key == "engine_kind" else "2024.csv"))
    with pytest.raises(SurveyRefused) as refused:
        duckdb.scan(source)
    assert [reason.key for reason in refused.value.reasons] == [key]


@pytest.mark.parametrize(("name", "module"), [("duckdb", "duckdb"), ("spark", "pyspark.errors"), ("spark", "pyarrow")])
def test_an_engine_that_is_not_installed_is_refused(
    name: EngineName, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageRefused) as refused, opened(name):
        pass
    assert refused.value.reasons[0].facts == {"engine": name, "extra": name}


@given(ids=st.lists(IDS, min_size=1, max_size=12, unique=True))
@settings(max_examples=80, deadline=None)
def test_ids_that_an_engine_takes_are_those_that_nobody_would_clean(
    ids: list[str], duckdb: Engine, sources: Sources, write: Write
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("id", "income"), *((each, 30_000) for each in ids)])
    try:
        source = sources(write(text.getvalue()))
        found = in_doubt(duckdb, source)
    except SurveyRefused:
        return
    if not found:
        (verdict,), (taken,) = settle([Survey(source)], lambda frames: [frames[0].select(ID)], Workspace())
        assert verdict.accounting(["2024"]).accepted == len(ids)
        assert sorted(taken[ID]) == sorted(ids)


@pytest.mark.parametrize(
    "name", ["银江-001", "沙沟/2", "12.0", "+5", "攀枝花市东区银江镇(3)", "#7", "a.b@c", "东区2号院3单元"]
)
def test_ids_of_any_characters_that_stand_as_they_are_can_be_counted(
    engine: Engine, name: str, sources: Sources, write: Write
) -> None:
    assert not in_doubt(engine, sources(write(f"id,income\n{name},30000\n")))


CELLS = st.one_of(
    st.sampled_from(
        ["", "x", "东区", " 甲", "-", "合计", "1", "007", "1.5", "-0.00001", "1e5", "３", "N/A", "a,b", 'a"b', "\t"]
    ),
    st.decimals(-(10**7), 10**7, allow_nan=False, places=6).map(str),
    st.text('0123456789.-+eE \u3000元计,"x', max_size=6),
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=8)


def drawn_alike(engine: Engine, rows: list[tuple[str, ...]], sources: Sources, write: Write) -> None:
    """The engine refuses what is drawn, or says of it what polars does, in the same expressions and by itself."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("id", "county", "income", "size", "weight"), *rows])
    try:
        source = sources(write(text.getvalue()))
        portable.rows([engine.scan(each) for each in source], source)
    except SurveyRefused:
        return
    frames = [(each, read(each, source)) for each in (engine, Polars())]
    made, wanted = ([frame.sort(pl.all()) for frame in each.collect([found])] for each, found in frames)
    assert made[0].equals(wanted[0])
    if not in_doubt(engine, source):
        verdict = plain.households(Survey(source)).collect()
        assert verdict["income"].sort().to_list() == made[0]["income"].sort().to_list()


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_any_rows_are_read_alike_by_duckdb(
    rows: list[tuple[str, ...]], duckdb: Engine, sources: Sources, write: Write
) -> None:
    drawn_alike(duckdb, rows, sources, write)


@pytest.mark.spark
@given(rows=ROWS)
@settings(max_examples=6, deadline=None)
def test_any_rows_are_read_alike_by_spark(
    rows: list[tuple[str, ...]], on_spark: Engine, sources: Sources, write: Write
) -> None:
    drawn_alike(on_spark, rows, sources, write)
