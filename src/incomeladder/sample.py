"""Synthetic survey rounds of any size, for training, demonstrations and benchmarks: no row is a real household.

Every number is drawn from an integer hash of the seed, the household and what the number is for, so that a seed gives
the same rows on every machine and with every version of polars. For the same reason there is no exp, log or power in
here: mathematical libraries differ in the last digit, and a last digit can carry an income across a line.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

# Households per thousand (they add up to 1,000; nearly two thirds are urban), the sampling weight, and what a middling
# household of three has in the first round, in yuan a year: tuned so that income per head is 2.1 times as high in towns
# as in villages, and over half of all households have 100,000 in the third round.
STRATA = (
    ("510402", "东区", "urban", 315, "84.5", 127_000),
    ("510402", "东区", "rural", 20, "43.6", 70_000),
    ("510403", "西区", "urban", 100, "62.25", 115_000),
    ("510403", "西区", "rural", 20, "51.2", 65_000),
    ("510411", "仁和区", "urban", 110, "76.8", 121_000),
    ("510411", "仁和区", "rural", 110, "79.5", 64_000),
    ("510421", "米易县", "urban", 75, "91.4", 117_000),
    ("510421", "米易县", "rural", 110, "88", 63_000),
    ("510422", "盐边县", "urban", 35, "104.75", 111_000),
    ("510422", "盐边县", "rural", 105, "96.35", 55_000),
)

# County, township, villages. Residence goes by the village: a 社区 is urban, a 村 rural.
VILLAGES = """
东区 炳草岗街道 竹湖园社区 新华社区 湖光社区
东区 大渡口街道 仁和路社区 钢城社区
东区 弄弄坪街道 枣子坪社区 金沙社区
东区 瓜子坪街道 兰尖社区 攀密社区
东区 银江镇 五道河社区 沙坝村 阿署达村
西区 清香坪街道 路南社区 杨家坪社区
西区 河门口街道 河石坝社区 高家坪社区
西区 格里坪镇 格里坪社区 金家村 庄上村
仁和区 大河中路街道 华芝社区 宝灵社区
仁和区 仁和镇 弯腰树社区 板桥村 沙沟村
仁和区 平地镇 平地村 迤沙拉村
仁和区 大田镇 大田社区 片那立村 银鹿村
仁和区 啊喇彝族乡 啊喇村 永富村
米易县 攀莲镇 城南社区 城北社区 水塘村 贤家村
米易县 撒莲镇 撒莲社区 禹王宫村 摩挲村
米易县 白马镇 白马社区 田家村 棕树湾村
米易县 新山傈僳族乡 新山村 坪山村
盐边县 桐子林镇 安宁社区 金河社区 纳尔河村
盐边县 红格镇 红格社区 昔格达村 金河村
盐边县 渔门镇 渔门社区 双龙村 高坪村
盐边县 格萨拉彝族乡 大湾村 洼落村
"""

# Households per thousand with fewer than 2, 3, … 7 members.
SIZES = {"urban": (100, 345, 695, 875, 955, 988), "rural": (90, 305, 620, 815, 920, 970)}
# What each member above three adds to the income, and each one below three takes away: a tenth or so.
PER_MEMBER = 0.1

# Households per thousand in this group or one before it: among the one in six with the lowest lasting income, and among
# the others.
KEY_GROUPS = (("低保家庭", 250, 4), ("脱贫家庭", 370, 24), ("零就业家庭", 450, 31), ("残疾人", 500, 51))

# How far incomes lie apart in the first, the second and the third round and after: tuned to 7, 5 and 4 % of households
# below 30,000 yuan. It shrinks because the poorest are helped first.
SPREADS = (0.67, 0.62, 0.6)
# The part of the spread that a household keeps, and the part that is drawn anew; their squares add up to 1.
LASTING, PASSING = 0.96, 0.28
# What a middling income is multiplied by from one round to the next.
GROWTH = 1.05

# Households per thousand that answer in multiples of so many fen, or of more. The others know every fen.
ROUNDINGS = ((40, 1_000_000), (190, 100_000), (340, 10_000), (640, 100))
# Per thousand households: no answer, and (in villages only) a year's loss.
MISSING, LOSS = 3, 4
# A loss is this part of what the household would have had, in whole hundreds of yuan.
LOSS_PART, HUNDRED_YUAN = 4, 10_000

# A household is surveyed for this many rounds at most, then a new one takes its slot: 3 % of the slots in each round.
ROTATION = 33
# A household gains or loses a member at most once in this many rounds.
SIZE_CHANGE = 30

THOUSAND = 1_000


def households(count: int, rounds: Sequence[str], seed: int) -> pl.LazyFrame:
    """Synthetic survey rows, all of the first round, then all of the second, and so on.

    Each round has exactly ``count`` households (0 to 4,294,967,294), of which some 3 % have left by the next round and
    as many are new. The labels in ``rounds`` should differ, and there must be one at least. Income is text: yuan a year
    with two decimals or none, null where it is missing; the weight is text too. An id is the county's code and a number
    of six digits, or of more from the millionth household on. Nothing is computed until the frame is collected or sunk,
    and the streaming engine then holds a few batches of it at a time.
    """
    return pl.concat([_round(count, index, label, seed) for index, label in enumerate(rounds)])


def _round(count: int, index: int, label: str, seed: int) -> pl.LazyFrame:
    """Draw one round; a repeated label is a source of rows that takes no memory, unlike a range of integers."""
    slots = pl.LazyFrame().select(survey_round=pl.repeat(label, count)).with_row_index("slot")
    occupied = _occupied(slots, count, index, seed)
    settled = occupied.with_columns(_places(_draw(seed, "place", THOUSAND)))
    described = settled.with_columns(
        size=_size(index, seed),
        lasting=_normal(_hash(seed, "lasting")),
        passing=_normal(_hash(seed, "passing", index)),
    )
    earning = described.with_columns(deviation=_deviation(index)).with_columns(fen=_fen(index))
    return earning.with_columns(fen=_answer(index, seed)).select(
        pl.concat_str("code", pl.col("number").cast(pl.String).str.zfill(6)).alias("household_id"),
        "survey_round",
        "county",
        "township",
        "village",
        "residence",
        _key_group(seed).alias("key_group"),
        "size",
        _yuan(pl.col("fen")).alias("income"),
        "weight",
    )


def _occupied(slots: pl.LazyFrame, count: int, index: int, seed: int) -> pl.LazyFrame:
    """Who is in each slot in this round: a running number, and a key that everything else about it is drawn from."""
    slot = pl.col("slot").cast(pl.UInt64)
    turn = _mixed(slot + _salt(seed, "turn")) % ROTATION
    generation = (turn + index) // ROTATION
    return slots.with_columns(generation=generation).select(
        "survey_round",
        number=slot + pl.col("generation") * count,
        # Slots are numbers of 32 bits, so each household starts from a number of its own, whatever the count.
        key=_mixed(slot + pl.col("generation") * 2**32 + _salt(seed, "household")),
    )


def _places(cell: pl.Expr) -> list[pl.Expr]:
    """Look up where the households of this thousandth live, and what goes with that.

    A join would do the same, but may hold over a gigabyte of finished rows when the disk is slow.
    """
    rows = [
        (code, county, *villages[place % len(villages)], residence, weight, income)
        for code, county, residence, share, weight, income in STRATA
        for villages in [_villages(county, residence)]
        for place in range(share)
    ]
    names = ["code", "county", "township", "village", "residence", "weight", "middling"]
    columns = pl.DataFrame(rows, schema=names, orient="row")
    return [pl.lit(column).gather(cell).alias(column.name) for column in columns]


def _villages(county: str, residence: str) -> list[tuple[str, str]]:
    """Township and village, for each village of a county that is urban or rural."""
    ending = {"urban": "社区", "rural": "村"}[residence]
    lines = [line.split() for line in VILLAGES.split("\n") if line.startswith(county)]
    return [(township, name) for _, township, *names in lines for name in names if name.endswith(ending)]


def _size(index: int, seed: int) -> pl.Expr:
    """From 1 to 7 members: one household in sixty grows by one in a round, and as many shrink."""
    draw, rural = _draw(seed, "size", THOUSAND), pl.col("residence") == "rural"
    edges = zip(SIZES["urban"], SIZES["rural"], strict=True)
    members = pl.sum_horizontal((draw >= pl.when(rural).then(r).otherwise(u)).cast(pl.Int64) for u, r in edges) + 1
    when = _draw(seed, "size change", 2 * SIZE_CHANGE)
    change = pl.when(when < index).then(1).when(when >= 2 * SIZE_CHANGE - index).then(-1).otherwise(0)
    return (members + change).clip(1, 7)


def _deviation(index: int) -> pl.Expr:
    """How far a household is from the middling one of its place, as an exponent of e: at 0 it is the middling one."""
    spread = SPREADS[min(index, len(SPREADS) - 1)]
    return (pl.col("lasting") * LASTING + pl.col("passing") * PASSING) * spread + (pl.col("size") - 3) * PER_MEMBER


def _fen(index: int) -> pl.Expr:
    """Work out the true income, in fen: nearly log-normal, since (1 + x/16)^16 is nearly e^x, and never below 0."""
    power = pl.col("deviation") / 16 + 1
    for _ in range(4):
        power *= power
    return (pl.col("middling") * 100 * math.prod([GROWTH] * index) * power).cast(pl.Int64)


def _answer(index: int, seed: int) -> pl.Expr:
    """Say what the household says, in fen: its income rounded, a loss, or nothing."""
    fen, draw = pl.col("fen"), _draw(seed, "answer", THOUSAND, index)
    loss = fen // (LOSS_PART * HUNDRED_YUAN) * -HUNDRED_YUAN
    lost = (pl.col("residence") == "rural") & (draw < MISSING + LOSS)
    return pl.when(draw < MISSING).then(None).when(lost).then(loss).otherwise(_rounded(fen, index, seed))


def _rounded(fen: pl.Expr, index: int, seed: int) -> pl.Expr:
    """Round to the nearest multiple of what this household thinks in when it answers."""
    draw = _draw(seed, "rounding", THOUSAND, index)
    unit = pl.coalesce(*(pl.when(draw < edge).then(unit) for edge, unit in ROUNDINGS), 1)
    return (fen + unit // 2) // unit * unit


def _key_group(seed: int) -> pl.Expr:
    """Name the group that is helped into work first, the same for life; null for most."""
    draw, poor = _draw(seed, "key group", THOUSAND), pl.col("lasting") < -1
    return pl.coalesce(
        pl.when(draw < pl.when(poor).then(among_poor).otherwise(among_others)).then(pl.lit(group))
        for group, among_poor, among_others in KEY_GROUPS
    )


def _yuan(fen: pl.Expr) -> pl.Expr:
    """Fen as yuan, in text; losses have no odd fen, so that the sign is safe."""
    whole, odd = (fen // 100).cast(pl.String), fen % 100
    with_fen = pl.concat_str(whole, pl.lit("."), odd.cast(pl.String).str.zfill(2))
    return pl.when(odd == 0).then(whole).otherwise(with_fen)


def _draw(seed: int, purpose: str, sides: int, index: int = 0) -> pl.Expr:
    """Throw a die with so many sides, numbered from 0, for each household."""
    return _hash(seed, purpose, index) % sides


def _hash(seed: int, purpose: str, index: int = 0) -> pl.Expr:
    """64 random bits for each household; what holds for life is drawn without a round's index."""
    return _mixed(pl.col("key") + _salt(seed, purpose, index))


def _normal(bits: pl.Expr) -> pl.Expr:
    """Make a normal number (mean 0, variance 1): the ones among 48 bits, with 16 more to fill the steps between.

    The ones have mean 24 and variance 12, the fraction mean 1/2 and variance 1/12; 3.476 is the root of both variances.
    """
    ones, rest = (bits // 2**16).bitwise_count_ones(), bits % 2**16
    return (ones.cast(pl.Float64) + rest.cast(pl.Float64) / 2**16 - 24.5) / 3.476


def _salt(seed: int, purpose: str, index: int = 0) -> pl.Expr:
    """Give each seed, purpose and round a number of 64 bits, whatever the process or platform."""
    digest = hashlib.blake2b(f"{seed} {purpose} {index}".encode(), digest_size=8).digest()
    return pl.lit(int.from_bytes(digest, "big"), pl.UInt64)


def _mixed(number: pl.Expr) -> pl.Expr:
    """Mix the bits as splitmix64 ends, so that no two numbers meet; dividing by 2**n is the shift that polars lacks."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number = (number ^ (number // 2**shift)) * pl.lit(factor, pl.UInt64)
    return number ^ (number // 2**31)
