"""Cells as people write them: full-width digits, separators, units, guards. What is still null here cannot be read.

Typed columns are made ``compact`` first, once; the readers below take compact text.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from incomeladder.clean.straight import DIGITS
from incomeladder.frames import LARGEST_AMOUNT, LARGEST_WEIGHT, MONEY_UNIT, WEIGHT_UNIT

MISSING: Final = ("na", "n/a", "nan", "null", "-", "—", "无", "未知", "未填")
"""Words for an empty cell, in lower case."""

# Full-width forms only: NFKC would also turn ① and 10² into 1 and 102.
_FULL_WIDTH: Final = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {"\u3000": " ", "\u2212": "-"}
_MISSING: Final = rf"(?i)^\s*(?:{'|'.join(MISSING)})?\s*$"
DESTROYED: Final = r"^[0-9]+(?:\.[0-9]+)?[eE]\+[0-9]+$"
_NOISE: Final = r"[\s\u00a0\u200b-\u200d\u2060\ufeff]"
_CURRENCY: Final = r"[¥￥]|^(?:RMB|CNY|人民币)"
TOTALS: Final = (
    r"(?i)^\s*(?:(?:.{0,12}[合总小共累]\s*计|汇\s*总|[户人]均|平\s*均|均值|最[大小高低]|中位|其中|(?:sub|grand\s*)?total|sum|average)"
    r"[值数]?\s*[:：]?\s*$|[合总小共累]\s*计\s*[:：(（0-9]|其中\s*[:：])"
)
NOTES: Final = (
    r"^\s*(?:[*＊※]|填表|填报|制表|审核|复核|单位负责人|负责人|经办人|联系[电人]|.{0,4}电话|日期|以上[为均是]|备注\s*$"
    r"|(?:备注|注|说明|单位|数据来源)\s*[:：]|[（(]?(?:盖章|公章|续表|[转接]下页|以下空白)|第\s*[0-9一二三四五六七八九十]+\s*[页组]"
    r"|.{0,8}签[字名章]|共\s*[0-9]+\s*[户页人]|[0-9]{4}\s*年\s*[0-9]{1,2}\s*月|[一二三四五六七八九十]+\s*、"
    r"|[（(][一二三四五六七八九十]+[)）])|[（(]\s*(?:[0-9]+\s*户|续.{0,2})\s*[)）]\s*$"
)
_NUMBER: Final = r"^[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:万元|万|元)?$"
_SIZE: Final = r"^([+-]?[0-9]{1,4})(?:\.0*)?人?$"

RESIDENCES: Final = {
    "urban": ("urban", "城镇", "城市", "城", "城区", "市区", "镇", "城镇居民", "城镇户口", "非农业", "非农"),
    "rural": ("rural", "农村", "乡村", "乡", "村", "农", "农村居民", "农村户口", "农业"),
}


def is_missing(text: pl.Expr) -> pl.Expr:
    """Whether a cell is empty or says that nobody knows."""
    return text.is_null() | text.str.contains(_MISSING)


def words(text: pl.Expr) -> pl.Expr:
    """A name or label without outer spaces; null where it is missing."""
    return pl.when(~is_missing(text)).then(text.str.strip_chars())


def is_total(text: pl.Expr) -> pl.Expr:
    """Whether a cell is the label of a total: 合计, 银江镇小计, 户均, 其中：低保户."""
    return text.str.contains(TOTALS)


def is_note(text: pl.Expr) -> pl.Expr:
    """Whether a cell begins as notes, signatures and the headings of groups do: 填表人, 2024年1月, 一、沙坝村."""
    return text.str.contains(NOTES)


def round_label(text: pl.Expr) -> pl.Expr:
    """The name of a round without outer spaces; null where it is missing, or no name but the word for a total."""
    return pl.when(~is_total(text)).then(words(text.str.replace_many(_FULL_WIDTH)))


def compact(text: pl.Expr) -> pl.Expr:
    """Half-width, without spaces, and without the guards that keep Excel from reading a number."""
    narrow = text.str.replace_many(_FULL_WIDTH).str.replace_all(_NOISE, "")
    return narrow.str.replace(r'^="(.*)"$', "$1").str.strip_chars("\"'")


def household_id(text: pl.Expr) -> pl.Expr:
    """An id as text, leading zeros kept; null where it is missing."""
    return pl.when(~is_missing(text)).then(text)


def is_destroyed_id(identifier: pl.Expr) -> pl.Expr:
    """Whether Excel has written the id as 5.10402E+17: its last digits are gone."""
    return identifier.str.contains(DESTROYED)


def residence(text: pl.Expr) -> pl.Expr:
    """``urban`` or ``rural``; null where the word is missing or unknown."""
    word = text.str.to_lowercase()
    urban, rural = (word.is_in(RESIDENCES[name]) for name in ("urban", "rural"))
    return pl.when(urban).then(pl.lit("urban")).when(rural).then(pl.lit("rural"))


def size(text: pl.Expr) -> pl.Expr:
    """Members as a whole number (``3``, ``３人``, ``3.0``); null where it is missing or no whole number."""
    return text.str.extract(_SIZE).cast(pl.Int64)


def amount(text: pl.Expr, *, wan: bool) -> pl.Expr:
    """An amount of money in ten-thousandths of a yuan, cut towards minus infinity.

    ``wan`` says that a number without a unit of its own counts 万元. Null where the text is missing, is no number,
    or passes the largest amount that can be held.
    """
    return _scaled(text, MONEY_UNIT, LARGEST_AMOUNT, wan=wan)


def weight(text: pl.Expr) -> pl.Expr:
    """A sampling weight in billionths, cut; null where it is missing, no number, or too large to be held."""
    return _scaled(text, WEIGHT_UNIT, LARGEST_WEIGHT, wan=False)


def says_its_unit(text: pl.Expr) -> pl.Expr:
    """Whether the cell itself names 元 or 万元."""
    return text.str.contains("元|万")


def looks_numeric(text: pl.Expr) -> pl.Expr:
    """Whether the text has the form of a number, so that only its size can have been refused."""
    return _number(text).str.contains(_NUMBER)


def _number(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_CURRENCY, "")


def _scaled(text: pl.Expr, unit: int, largest: int, *, wan: bool) -> pl.Expr:
    number = _number(text)
    value = (_exact(number) - _cut_below_zero(number)) // _divisor(number, 10**DIGITS // unit, wan=wan)
    return pl.when(value.is_between(-largest, largest, closed="none")).then(value).cast(pl.Int64)


def _exact(number: pl.Expr) -> pl.Expr:
    """In units of the twelfth decimal; null where it is no number or does not fit."""
    sound = pl.when(number.str.contains(_NUMBER)).then(number.str.replace_all("[,+元万]", ""))
    carried = sound.str.extract(rf"^(-?[0-9]+(?:\.[0-9]{{1,{DIGITS}}})?)")
    return carried.cast(pl.Decimal(38, DIGITS), strict=False).to_physical()


def _cut_below_zero(number: pl.Expr) -> pl.Expr:
    """1 where decimals that are not carried make a negative number smaller still."""
    beyond = number.str.contains(rf"^-.*\.[0-9]{{{DIGITS}}}[0-9]*[1-9]")
    return pl.when(beyond).then(pl.lit(1, pl.Int128)).otherwise(pl.lit(0, pl.Int128))


def _divisor(number: pl.Expr, divisor: int, *, wan: bool) -> pl.Expr:
    own = divisor // 10_000 if wan else divisor
    named = pl.when(number.str.contains("万")).then(divisor // 10_000).when(number.str.ends_with("元")).then(divisor)
    return named.otherwise(own).cast(pl.Int128)
