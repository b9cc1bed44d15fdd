"""One function a command: the stages set in order, and collected once.

What only some commands need stands in modules of its own: ``estimating``, ``follow``, ``keep``.
"""

from incomeladder.pipeline.check import check
from incomeladder.pipeline.cleaning import write_clean
from incomeladder.pipeline.pair import transitions
from incomeladder.pipeline.request import Request
from incomeladder.pipeline.rules import rules_in_force
from incomeladder.pipeline.single import bands, flagged

__all__ = [
    "Request",
    "bands",
    "check",
    "flagged",
    "rules_in_force",
    "transitions",
    "write_clean",
]
