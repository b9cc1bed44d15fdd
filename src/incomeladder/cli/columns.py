"""The columns of each report's main table, as its help names them; a test holds them against the reports."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "check": "file, sheet, row, column, value, rule, severity, reason",
    "bands": "survey_round, by…, band, lower, upper, households, weight, share, cumulative_share",
    "flag": (
        "survey_round, household_id, county, township, village, residence, key_group, size, income, band, tier, "
        "target, shortfall, with…"
    ),
    "transitions": "by…, from_band, to_band, households, weight, row_share",
    "indicators": "survey_round, by…, indicator, value, standard_error, lower, upper, target, met",
    "trajectories": (
        "household_id, by…, path, bands, rounds_seen, rounds_below, spells, first_below, last_below, exits, relapses, "
        "persistent, last_seen, weight"
    ),
    "audit": (
        "survey_round, by…, test, amount, households, observed, expected, statistic, p_value, p_adjusted, suspicious"
    ),
    "project": "year, by…, band, lower, upper, weight, share, share_lower, share_upper",
    "report": "survey_round, band, lower, upper, households, weight, share, cumulative_share",
    "sample": ("household_id, survey_round, county, township, village, residence, key_group, size, income, weight"),
    "doctor": "check, found, verdict, advice",
    "ledger_add": "survey_round, outcome, households, missing_income, columns",
    "ledger_rounds": (
        "survey_round, state, households, missing_income, weighted, pseudonymised, added, version, sources, columns"
    ),
    "ledger_history": (
        "household_id, survey_round, seen, county, township, village, residence, key_group, size, income, change, "
        "band, tier, target, shortfall, movement"
    ),
    "ledger_export": (
        "household_id, survey_round, county, township, village, residence, key_group, size, income, weight, others…"
    ),
    "ledger_measures": (
        "measure, notes, households, rose_above_target, still_below_target, left, missing, no_target, pending"
    ),
    "ledger_watch": (
        "household_id, county, township, village, residence, key_group, size, last_seen, previous_income, income, "
        "change, band, tier, target, shortfall, reasons, [new_reasons], measures"
    ),
    "programme_show": "key, value, source",
    "ledger_verify": "survey_round, state, households, faults",
}
