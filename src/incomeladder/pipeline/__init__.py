"""One function a command: the stages set in order, and collected once."""

from incomeladder.pipeline.check import check
from incomeladder.pipeline.cleaning import write_clean
from incomeladder.pipeline.design import Design
from incomeladder.pipeline.estimating import indicators
from incomeladder.pipeline.pair import transitions
from incomeladder.pipeline.request import Request
from incomeladder.pipeline.rules import rules_in_force
from incomeladder.pipeline.single import bands, flagged

__all__ = [
    "Design",
    "Request",
    "bands",
    "check",
    "flagged",
    "indicators",
    "rules_in_force",
    "transitions",
    "write_clean",
]
