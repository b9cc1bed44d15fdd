"""What options can be asked for, where not everything can."""

from __future__ import annotations

from typing import Literal

Format = Literal["table", "markdown", "html", "csv", "json", "xlsx", "parquet"]
FileFormat = Literal["csv", "parquet"]
CheckFormat = Literal["table", "json"]
Level = Literal["household", "person"]
Unit = Literal["yuan", "wan"]
AUDITS = ("heaping", "density", "density_unrounded", "on_line", "copied", "alike", "second_digit", "last_digit")
"""The tests of an audit."""
FINDINGS = {
    "add": "rejects",
    "audit": f"rejects, suspicious, {', '.join(AUDITS)}",
    "bands": "below-floor, rejects",
    "check": "rejects",
    "flag": "below-floor, rejects",
    "indicators": "below-floor, rejects, target",
    "project": "rejects, target",
    "report": "below-floor, fell, rejects",
    "trajectories": "rejects, relapse",
    "transitions": "below-floor, fell, rejects",
    "watch": "below-floor, fell",
}
"""What ``--fail-on`` can ask of each command."""
PUBLISHED = frozenset({"bands", "indicators", "report", "transitions"})
"""Reports that everybody may read; others refuse to be published."""
TierChoice = Literal["floor", "low", "middle", "all"]
MoversChoice = Literal["up", "down", "rose", "fell", "left", "entered", "all"]
SizeRuleChoice = Literal["as-is", "reference-only", "per-capita", "square-root", "oecd"]
LonelyChoice = Literal["refuse", "centre"]
EngineChoice = Literal["polars", "duckdb", "spark"]
LanguageChoice = Literal["zh", "en"]
LogFormat = Literal["text", "json"]
ShellChoice = Literal["bash", "zsh", "fish", "powershell"]
