"""Reports as pages: valid, of one file, readable by everyone, with the numbers of the report and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pages import contrast, read, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    from pages import Node

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
STYLE = Path(__file__).parents[2] / "src" / "incomeladder" / "render" / "html" / "page.css"
EVERY = (
    *("check", "bands --round all --by county", "flag --tier all", "transitions --movers all", "indicators"),
    *("trajectories", "audit", "project --until 2026", "report", "report --round 2022", "report --by township"),
    *("report --step 5000", "report --step 2000", "report --step 20000", "report --top 500000"),
)
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "style": "</style><img src=x onerror=alert(1)>",
    "quote": "\"><a href='http://x'>",
    "escape": "\x1b[31mred",
    "bold": "[bold]x[/bold]",
    "bidi": "\u202eabc",
    "entity": "&lt;b&gt; &amp;",
    "emoji": "\U0001f3e1 \u4e1c\u533a",
    "long": "\u5f88\u957f" * 200,
}
ALONE = "household_id | income\n1 | 12000\n2 | 35000\n3 | 95000"


@pytest.fixture
def page(run: Run) -> Callable[..., Node]:
    """The page that a command writes to standard output."""

    def called(*argv: str | Path) -> Node:
        done = run(*argv, "--format", "html")
        assert done.status == 0, done.err
        return read(done.out)

    return called


# every page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", EVERY)
def test_a_page_is_whole_and_asks_nobody_for_anything(run: Run, command: str, language: str) -> None:
    name, *asked = command.split()
    out = run(name, SAMPLE, *asked, "--lang", language, "--format", "html").out
    made = read(out)
    assert made.attributes["lang"] == {"en": "en", "zh": "zh-CN"}[language]
    policy = [meta.attributes["content"] for meta in made.all("meta") if "http-equiv" in meta.attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert made.all("script", "link", "img", "iframe", "object", "embed", "base", "form", "a", "image", "use") == []
    named = {name for each in made.all() for name in each.attributes}
    assert named & {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"} == set()
    assert [name for name in named if name.startswith("on")] == []
    assert re.findall(r"url\((?!#)|@import|https?:|javascript:", out) == []


@pytest.mark.parametrize("command", EVERY)
def test_a_page_can_be_read_by_ear(page: Callable[..., Node], command: str) -> None:
    name, *asked = command.split()
    made = page(name, SAMPLE, *asked)
    headings = [int(each.tag[1]) for each in made.all("h1", "h2", "h3", "h4")]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert max(later - before for before, later in zip(headings, [*headings[1:], 1], strict=True)) <= 1
    assert len(made.all("main")) == 1
    for table in made.all("table"):
        assert [each.text != "" for each in table.all("caption")] == [True]
        assert [each.text for each in table.all("th") if each.attributes.get("scope") is None] == []
        assert table.all("thead")
    ids = [each.attributes["id"] for each in made.all() if "id" in each.attributes]
    assert len(set(ids)) == len(ids)
    pointed = [each.attributes.get("aria-labelledby", "").split() for each in made.all()]
    assert {name for names in pointed for name in names} <= set(ids)
    for picture in made.all("svg"):
        assert picture.attributes["role"] == "img"
        assert [each.tag for each in picture][:2] == ["title", "desc"]


@pytest.mark.parametrize("command", EVERY)
def test_rows_of_a_table_are_as_wide_as_its_headings(page: Callable[..., Node], command: str) -> None:
    name, *asked = command.split()
    for table in page(name, SAMPLE, *asked).all("table"):
        above = next(row for row in table.all("tr"))
        across = sum(int(cell.attributes.get("colspan", "1")) for cell in above)
        rows = [row for part in table.all("tbody", "tfoot") for row in part]
        assert {len(list(row)) for row in rows} <= {across}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_a_survey_is_text(run: Run, tmp_path: Path, name: str) -> None:
    quoted = HOSTILE[name].replace('"', '""')
    rows = "".join(
        f'{number},{year},"{quoted}",{income}\n' for number, year, income in ((1, 2023, 20000), (1, 2024, 31000))
    )
    (tmp_path / "town.csv").write_text(f"household_id,survey_round,township,income\n{rows}2,2024,x,1\n", "utf-8")
    for command in ("report", "flag --round all"):
        out = run(*command.split(), "town.csv", "--format", "html").out
        made = read(out)
        assert made.all("script", "img", "a", "b") == []
        assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out) == []
        assert HOSTILE[name].replace("\x1b", "\\x1b").replace("\u202e", "\\u202e") in [
            each.text for each in made.all("th", "td")
        ]


def test_equal_input_gives_equal_bytes(run: Run, tmp_path: Path) -> None:
    for name in ("a.html", "b.htm"):
        assert run("report", SAMPLE, "--output", tmp_path / name).status == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.htm").read_bytes()


def test_a_page_is_small_however_many_households_there_are(run: Run, tmp_path: Path) -> None:
    run("sample", "--households", "20000", "--rounds", "2023,2024", "--output", "large.csv")
    assert run("report", "large.csv", "--output", tmp_path / "x.html").status == 0
    assert (tmp_path / "x.html").stat().st_size < 120_000


def test_a_report_holds_no_household(run: Run, tmp_path: Path) -> None:
    town = tmp_path / "town.csv"
    town.write_text(
        "户编号,户主,survey_round,年收入\n510402001,欧阳丰,2023,12345\n510402001,欧阳丰,2024,23456\n", "utf-8"
    )
    out = run("report", town, "--format", "html").out
    assert [secret for secret in ("510402001", "欧阳丰", "12,345", "12345", "23456") if secret in out] == []


# colours


def colours(rule: dict[str, str]) -> tuple[str | None, list[str]]:
    """The colour of text, and the colours of what is filled or drawn."""
    drawn = [rule.get(name, "") for name in ("background", "fill", "stroke", "border", "border-color")]
    return rule.get("color"), re.findall(r"#[0-9a-f]{6}", " ".join(drawn))


def test_text_can_be_told_from_its_ground() -> None:
    pairs = []
    for _, rule in rules(STYLE.read_text("utf-8")):
        ink, _ = colours(rule)
        ground = re.findall(r"#[0-9a-f]{6}", rule.get("background", "#ffffff"))
        pairs += [(ink, ground[0])] if ink else []
        pairs += [("#1c2126", ground[0])] if not ink and "background" in rule and rule.get("padding") else []
    assert len(pairs) > 15
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_what_carries_meaning_can_be_told_from_white() -> None:
    told = (
        ".bar",
        "path.up",
        "path.down",
        "path.same",
        "path.out",
        "rect.",
        ".line",
        "path.floor",
        ".edge",
        ".cut",
        "swatch",
    )
    found = [
        (name, colours(rule)[1]) for name, rule in rules(STYLE.read_text("utf-8")) if any(part in name for part in told)
    ]
    coloured = [(name, drawn) for name, drawn in found if drawn]
    assert len(coloured) > 15
    assert [name for name, drawn in coloured if max(contrast(colour, "#ffffff") for colour in drawn) < 3] == []


def test_every_colour_is_written_in_six_digits() -> None:
    css = STYLE.read_text("utf-8")
    assert set(map(len, re.findall(r"#([0-9a-fA-F]+)[;\s,})]", css))) == {6}
    assert re.findall(r"\b(rgb|hsl|red|black|white|gray|grey|blue)\b", re.sub(r"/\*.*?\*/|white-space", "", css)) == []


# the numbers


def number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text) or 0)


@pytest.fixture
def both(run: Run, page: Callable[..., Node]) -> Callable[..., tuple[Node, dict[str, list[dict[str, Any]]]]]:
    """A report as a page and as its tables."""

    def called(*argv: str | Path) -> tuple[Node, dict[str, list[dict[str, Any]]]]:
        return page("report", *argv), run("report", *argv, "--format", "json").json["tables"]

    return called


Both = Any


@pytest.mark.parametrize("asked", [[], ["--step", "5000"], ["--step", "2000"], ["--top", "500000"]], ids=" ".join)
def test_the_ladder_has_the_numbers_of_the_report(both: Both, asked: list[str]) -> None:
    made, tables = both(SAMPLE, *asked)
    rows = made.section("ladder").rows()
    for label, column in (("2023", 3), ("2024", 5)):
        bands = {row["band"]: row["households"] for row in tables["bands"] if row["survey_round"] == label}
        told = {row[0] if row[0] != "Missing" else "missing": number(row[column]) for row in rows}
        assert told == bands
        assert sum(told.values()) == 2000


@pytest.mark.parametrize("asked", [[], ["--step", "5000"], ["--step", "2000"]], ids=" ".join)
def test_the_matrix_has_the_numbers_of_the_report(both: Both, asked: list[str]) -> None:
    made, tables = both(SAMPLE, *asked)
    told: dict[tuple[str, str], int] = {}
    for table in made.section("matrix").all("table"):
        ends = [each.text for each in table.all("thead")[0].all("th")][1:]
        for row in table.rows():
            told |= {(row[0], end): number(cell) for end, cell in zip(ends, row[1:], strict=True)}
    names = {"left": "Left", "entered": "Entered", "missing": "Missing"}
    cells = {
        (names.get(row["from_band"], row["from_band"]), names.get(row["to_band"], row["to_band"])): row["households"]
        for row in tables["matrix"]
    }
    assert {way: told[way] for way in cells} == cells
    assert told["Entered", "Total"] == tables["moves"][0]["entered"]


def test_the_marks_of_the_matrix_say_which_way(page: Callable[..., Node], survey: Draw) -> None:
    made = page("report", survey())
    rows = {row[0]: row[1:] for row in made.section("matrix").rows()}
    assert [cell for cell in rows["10000-20000"] if cell != "·"] == ["+1", "1"]
    assert [cell for cell in rows["30000-40000"] if cell != "·"] == ["−1", "1"]


@pytest.mark.parametrize("asked", [[], ["--step", "2000"], ["--step", "100"], ["--step", "20000"]], ids=" ".join)
def test_the_ribbons_add_up_to_the_households(both: Both, asked: list[str]) -> None:
    made, tables = both(SAMPLE, *asked)
    moves = tables["moves"][0]
    ribbons = [each for each in made.section("flows").all("path") if each.all("title")]
    told = {"up": 0, "down": 0, "same": 0, "out": 0}
    for ribbon in ribbons:
        told[ribbon.classes[0]] += number(ribbon.text.split(": ")[1])
    assert sum(told.values()) == moves["before"] + moves["entered"]
    assert told["out"] == moves["left"] + moves["entered"] + moves["missing"]
    if asked == []:
        assert (told["up"], told["same"], told["down"]) == (moves["up"], moves["same"], moves["down"])
    else:
        assert told["up"] + told["same"] + told["down"] == moves["up"] + moves["same"] + moves["down"]


def test_those_below_the_floor_stand_out(both: Both) -> None:
    made, tables = both(SAMPLE)
    moves = tables["moves"][0]
    touching = [each for each in made.section("flows").all("path") if "touching" in each.classes]
    households = sum(number(each.text.split(": ")[1]) for each in touching)
    assert households == moves["below_floor_before"] + moves["below_floor_after"] - moves["stayed_below_floor"]
    bars = [each for each in made.section("ladder").all("span") if {"bar", "now"} <= set(each.classes)]
    assert sum("below" in each.classes for each in bars) == 1 + 4  # in the legend, and <0 to 20000-30000


def test_a_ribbon_says_its_number_when_one_points_at_it(page: Callable[..., Node], survey: Draw) -> None:
    made = page("report", survey())
    said = sorted(each.text for each in made.section("flows").all("path") if each.all("title"))
    assert said == [
        "10000-20000 → 30000-40000: 1 household, rose",
        "30000-40000 → 20000-30000: 1 household, fell",
        "90000-100000 → Left: 1 household, came, left or without an income",
        "Entered → 100000+: 1 household, came, left or without an income",
    ]


def test_every_tier_is_told_with_who_went_and_who_came(both: Both) -> None:
    made, tables = both(SAMPLE)
    for row, tier in zip(made.section("tiers").rows(), tables["tiers"], strict=True):
        before, *out, stayed, entered, others, after = map(number, row[2:])
        names = ("reached_target", "fell_back", "left", "missing", "stayed", "entered", "before", "after")
        assert [*out, stayed, entered, before, after] == [tier[name] for name in names]
        assert before - sum(out) == stayed
        assert stayed + entered + others == after


def test_a_tier_whose_target_lies_beyond_it_does_not_say_who_came(page: Callable[..., Node]) -> None:
    Path("p.toml").write_text("[tiers.low]\nlower = 30000\nupper = 40000\ntarget = 50000\n", "utf-8")
    rows = page("report", SAMPLE, "--programme", "p.toml").section("tiers").rows()
    assert [row[-2] for row in rows] == ["+17", "–", "+87"]


def test_places_stand_the_worst_first_and_add_up(both: Both) -> None:
    made, tables = both(SAMPLE)
    places = made.section("places")
    now = {row["county"]: row for row in tables["places"] if row["survey_round"] == "2024"}
    was = {row["county"]: row for row in tables["places"] if row["survey_round"] == "2023"}
    worst = sorted(now, key=lambda name: -now[name]["below_floor_share"])
    rows = places.rows()
    assert [row[0] for row in rows] == worst
    for name, row in zip(worst, rows, strict=True):
        assert (number(row[1]), number(row[2])) == (now[name]["households"], now[name]["below_floor"])
        assert row[3] == f"{now[name]['below_floor_share']:.1%}"
        change = 100 * (now[name]["below_floor_share"] - was[name]["below_floor_share"])
        assert float(row[5].replace("−", "-")) == pytest.approx(change, abs=0.051)
        assert float(row[6].replace(",", "")) == now[name]["shortfall"]
    (total,) = places.rows("tfoot")
    assert total[1:3] == ["2,000", "75"]
    assert number(total[2]) == sum(number(row[2]) for row in rows)


def test_of_very_many_places_the_best_are_put_together(run: Run, tmp_path: Path) -> None:
    rows = [f"{each},{2024},{'village' + str(each)},{20000 if each <= 205 else 50000}" for each in range(1, 251)]
    (tmp_path / "t.csv").write_text("household_id,survey_round,village,income\n" + "\n".join(rows), "utf-8")
    places = read(run("report", "t.csv", "--format", "html").out).section("places")
    assert len(places.rows()) == 200
    rest, total = places.rows("tfoot")
    assert (rest[0], rest[1], rest[2]) == ("50 other places", "50", "5")
    assert number(rest[5]) == 50000
    assert (total[1], total[2]) == ("250", "205")


def test_the_headline_says_the_change(page: Callable[..., Node]) -> None:
    made = page("report", SAMPLE)
    figures = [[each.text for each in figure] for figure in made.section("headline").all("dl")[0]]
    assert figures[0] == ["Below the floor of 30,000 yuan", "75 households", "▼ 26 fewer than in 2023"]
    assert figures[1] == ["Lacking to the floor, in all", "723,159.31 yuan", "▼ 53,386.33 less than in 2023"]
    assert figures[5][1:] == ["52.2%", "▲ 2.7 percentage points more than in 2023"]


def test_the_accounting_the_rules_and_every_note_are_there(run: Run, page: Callable[..., Node]) -> None:
    made = page("report", SAMPLE)
    assert made.section("accounting").rows()[0] == ["2023", "2,000", "2,000", "0", "0", "6"]
    assert made.section("rules").rows() == [[str(SAMPLE), "utf-8", "yuan"]]
    notes = [each.text for each in made.section("notes").all("li")]
    assert notes == run("report", SAMPLE, "--format", "json").json["notes"]


# what there may be less of


def sections(made: Node) -> list[str]:
    return [each.classes[0] for each in made.all("section")]


def test_of_one_round_nothing_is_said_of_moves(page: Callable[..., Node], survey: Draw) -> None:
    made = page("report", survey(ALONE, "2024.csv"))
    assert sections(made) == ["headline", "ladder", "accounting", "rules", "notes"]
    assert "There is no round before it" in made.all("header")[0].text


def test_without_ids_two_rounds_are_compared_and_nobody_is_followed(page: Callable[..., Node], survey: Draw) -> None:
    town = survey("survey_round | income\n2023 | 12000\n2024 | 50000")
    made = page("report", town)
    assert "flows" not in sections(made)
    assert "no household ids" in made.all("header")[0].text
    assert "no household is below the floor" in made.section("headline").text


@pytest.mark.parametrize("asked", [[], ["--by", "township"]], ids=" ".join)
def test_of_no_households_zeros_are_told(page: Callable[..., Node], survey: Draw, asked: list[str]) -> None:
    town = survey("household_id | township | income", "2024.csv")
    made = page("report", town, "--allow-empty", *asked)
    assert "No household is on record for 2024." in made.section("headline").text
    assert {number(row[3]) for row in made.section("ladder").rows()} == {0}


def test_a_floor_inside_a_band_is_said(page: Callable[..., Node]) -> None:
    made = page("report", SAMPLE, "--step", "20000")
    assert "The floor lies inside the band 20000-40000" in made.section("ladder").text


def test_a_matrix_of_many_bands_stands_in_parts_that_fit_paper(page: Callable[..., Node]) -> None:
    tables = page("report", SAMPLE, "--step", "2000").section("matrix").all("table")
    across = [len(table.all("thead")[0].all("th")) for table in tables]
    assert len(across) == 3
    assert max(across) <= 20


def test_a_drawing_of_many_bands_puts_neighbours_together(page: Callable[..., Node]) -> None:
    blocks = page("report", SAMPLE, "--step", "2000").section("flows").all("rect")
    assert len(blocks) < 40


# languages

DATA_WORDS = {
    *("yuan", "utf", "wilson", "missing", "panzhihua", "gini", "oecd", "shorrocks"),
    *("round", "all", "format", "xlsx", "json"),  # options, as they are typed
}


@pytest.mark.parametrize("asked", [[], ["--round", "2022"], ["--step", "2000"], ["--by", "township"]], ids=" ".join)
def test_a_chinese_page_says_everything_in_chinese(page: Callable[..., Node], asked: list[str]) -> None:
    Path("t.csv").write_bytes(SAMPLE.read_bytes())
    body = page("report", "t.csv", "--lang", "zh", *asked).all("body")[0]
    told = " ".join([body.text, *(each.attributes.get("title", "") for each in body.all())])
    words = {word.lower() for word in re.findall(r"[A-Za-z]{2,}", told.replace("t.csv", ""))}
    assert words - DATA_WORDS == set()


# pages of other reports


def test_bars_and_large_flows_are_drawn_on_other_pages_too(page: Callable[..., Node]) -> None:
    bars = [cell for cell in page("bands", SAMPLE).all("td") if "blocks" in cell.attributes.get("class", "")]
    assert len(bars) >= 10
    assert all(set(bar.text) <= set("! █▉▊▋▌▍▎▏") for bar in bars)
    shades = [cell for cell in page("transitions", SAMPLE).all("td") if "h3" in cell.attributes.get("class", "")]
    assert len(shades) >= 10


def test_an_id_on_a_page_does_not_break(page: Callable[..., Node]) -> None:
    ids = [cell for cell in page("flag", SAMPLE).all("th") if cell.text.isdigit()]
    assert {cell.attributes["class"] for cell in ids} == {"t id"}


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (("2023", "2024"), [("2023", "end"), ("2024", "start")]),
        (
            ("仁和区2023年农村家庭收入调查汇总表", "仁和区2024年农村家庭收入调查汇总表"),
            [("仁和区2023年农村家庭收入调查汇总表", "start"), ("仁和区2024年农村家庭收入调查汇总表", "end")],
        ),
        (("2023", "a_survey_2024_" * 5), [("2023", "end"), ("a_survey_2024_" * 5, "end")]),
    ],
    ids=["short", "long", "of two lines"],
)
def test_the_name_of_a_round_stands_whole_above_the_drawing(
    page: Callable[..., Node], survey: Draw, names: tuple[str, str], places: list[tuple[str, str]]
) -> None:
    made = page("report", *(survey("household_id | income\n1 | 20000", f"{name}.csv") for name in names))
    (drawing,) = made.section("flows").all("svg")
    lines = [each for each in drawing.all("text") if "round" in each.classes]
    told: dict[str, str] = {}
    # The lines of a name stand on one another, the last one lowest and written first.
    for line in reversed(lines):
        anchor = f"{line.attributes['x']} {line.attributes['text-anchor']}"
        told[anchor] = told.get(anchor, "") + line.text
    assert sorted((name, anchor.split()[1]) for anchor, name in told.items()) == sorted(places)
    top = float(drawing.attributes["viewbox"].split()[1])
    assert min(float(line.attributes["y"]) for line in lines) > top + 10


@pytest.mark.parametrize(("rejected", "told"), [(1, "1 row could not"), (3, "3 rows could not"), (0, "")])
def test_the_headline_says_that_rows_were_rejected(
    page: Callable[..., Node], survey: Draw, rejected: int, told: str
) -> None:
    bad = "".join(f"\nx{number} | abc" for number in range(rejected))
    made = page("report", survey(f"household_id | income\n1 | 20000{bad}"), "--skip-invalid")
    said = made.section("headline").text
    assert (told in said, "could not be used" in said) == (True, bool(rejected))


def test_a_sentence_in_a_table_has_room(run: Run, survey: Draw) -> None:
    made = read(run("check", survey("household_id | income\n1 | abc"), "--format", "html").out)
    assert [cell.text[:12] for cell in made.all("td") if "said" in cell.classes] == ["is no amount"]
