"""Any fast road gives the households and the rejects that the careful reader gives, whatever a file looks like."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.clean import TYPED
from incomeladder.errors import RowsRejected, SurveyRefused
from incomeladder.frames import ROUND
from incomeladder.intake.reading import Reading
from incomeladder.read import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incomeladder.intake.survey import Survey
    from incomeladder.validate import Rule

    Make = Callable[..., Any]

HEADINGS = [
    "户编号,乡镇,年收入,人口数,城乡,权重",
    "姓名,户编号,工资性收入,转移净收入,年份",
    "户编号,年收入（万元）,乡镇",
]
IDS = ["1", "2", "03", "０4", " 5", '="06"', "5.1E+17", "", "合计", "x-7", "511102198501010018"]
AMOUNTS = ["30000", "29999.99", "-0.01", "3.85万", "３万", '"1,234.5"', "1,5", "1e5", "", "无", "abc", "9" * 20, "12元"]
WORDS = [
    "东区",
    "银江镇",
    "",
    " ",
    "小计",
    "3",
    "0",
    "3人",
    "城镇",
    "农村",
    "都市",
    "2023",
    "1.5",
    "-1",
    '"a""b"',
    "a\tb",
]
CELL = st.one_of(st.sampled_from(IDS), st.sampled_from(AMOUNTS), st.sampled_from(WORDS))
SOUND = st.tuples(st.sampled_from(["1", "2", "3", "4", "5", "6"]), st.sampled_from(["a", "b"]), st.integers(0, 99_999))
DAMAGE = st.sampled_from(["", "", "", '"', ",", "\n", "\r", "\0", "\x1a", '"\n', ",,", "\u3000", "\ufeff"])
ENDS = st.sampled_from(["\n", "\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    heading, end = draw(st.sampled_from(HEADINGS)), draw(ENDS)
    columns = heading.count(",") + 1
    rows = draw(st.lists(st.one_of(st.lists(CELL, min_size=columns, max_size=columns), st.lists(CELL)), max_size=7))
    sound = [[*map(str, row), *["1"] * columns][:columns] for row in draw(st.lists(SOUND, min_size=1, max_size=4))]
    whole = end.join([heading, *(",".join(row) for row in [*sound, *rows])]) + draw(st.sampled_from(["", end]))
    place = draw(st.integers(0, len(whole)))
    return (whole[:place] + draw(DAMAGE) + whole[place:]).encode(draw(ENCODINGS))


def carefully() -> Iterator[Any]:
    """Nothing is straight: every row is read by the standard library, every column with care."""
    yield patch.object(text, "_looks_plain", return_value=False)
    yield patch.object(text, "_is_sound", return_value=False)
    yield patch.object(Reading, "first", judged)


def judged(survey: Survey, warnings: tuple[Rule, ...] = ()) -> Reading:
    return Reading(survey.prove(), warnings, care=frozenset({*TYPED, ROUND}))


def found(report: Make, file: str) -> object:
    """All there is to know of a file: the fate of its rows, the problems, the households; or why it is refused."""
    try:
        checked = report("check", file)
        listed = report("flagged", file, tiers=("floor", "low", "middle"), skip_invalid=True, rounds=("all",))
    except RowsRejected as refusal:
        return refusal.problems.rows()
    except SurveyRefused as refusal:
        return [(reason.key, sorted(reason.facts.items(), key=str)) for reason in refusal.reasons]
    return checked.accounting, checked.tables["problems"].rows(), listed.accounting, listed.main.rows(), listed.notes


@given(content=files())
@settings(max_examples=80)
def test_the_fast_roads_find_what_the_careful_reader_finds(report: Make, write: Make, content: bytes) -> None:
    file = write(content)
    fast = found(report, file)
    with ExitStack() as care:
        for way in carefully():
            care.enter_context(way)
        slow = found(report, file)
    assert fast == slow
