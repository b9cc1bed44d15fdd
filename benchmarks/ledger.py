"""The ledger: what it takes to add rounds, to compare them, to tell one household's history, and to draw up a list."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from measure import INCOMELADDER, PYTHON, ROOT, Runs, interleaved, median

_ROUNDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=5_000_000, help="households of the rounds that show the memory")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        before, after = fill(small, asked.households)
        bigger, biggest = fill(large, asked.large, rounds=2)
        show(
            {
                "import polars": (PYTHON, "-c", "import polars"),
                "bands, 6,000 rows": (*INCOMELADDER, "bands", ROOT / "data" / "sample_households.csv"),
                "history, 10 rounds": (
                    *INCOMELADDER,
                    "ledger",
                    "history",
                    first(after),
                    "--ledger",
                    small / "ledger",
                ),
                "watch, 10 rounds": (
                    *INCOMELADDER,
                    "ledger",
                    "watch",
                    "--ledger",
                    small / "ledger",
                    "--format",
                    "json",
                ),
                "transitions, CSV": (*INCOMELADDER, "transitions", before, after, "--format", "json"),
                "transitions, ledger": (*compared(small, before, after), "--format", "json"),
                "large, CSV": (*INCOMELADDER, "transitions", bigger, biggest, "--format", "json"),
                "large, ledger": (*compared(large, bigger, biggest), "--format", "json"),
            },
            asked.times,
        )


def fill(folder: Path, households: int, *, rounds: int = _ROUNDS) -> tuple[Path, Path]:
    """A ledger of so many rounds, and its last two as CSV files; says what each round took to add."""
    folder.mkdir()
    names = [str(2025 - number) for number in range(rounds, 0, -1)]
    files = []
    for name in names:
        files.append(folder / f"{name}.csv")
        made = ("--households", str(households), "--rounds", ",".join(names), "--output", folder / "all.csv")
        if len(files) == 1:
            subprocess.run((*INCOMELADDER, "sample", *made), check=True, env={"PYTHONPATH": ROOT / "src"})
        with (folder / "all.csv").open(encoding="utf-8") as rows, files[-1].open("w", encoding="utf-8") as kept:
            kept.write(next(rows))
            kept.writelines(row for row in rows if row.split(",", 2)[1] == name)
        add = Runs()
        add.add(tuple(map(str, (*INCOMELADDER, "ledger", "add", files[-1], "--ledger", folder / "ledger"))))
        print(f"add {households:,} as {name}: {add.wall[0]:.2f} s {add.cpu[0]:.2f} s CPU {add.memory:.0f} MB")
    (folder / "all.csv").unlink()
    return files[-2], files[-1]


def first(file: Path) -> str:
    """The id of a file's first household."""
    with file.open(encoding="utf-8") as rows:
        next(rows)
        return next(rows).split(",", 1)[0]


def compared(folder: Path, before: Path, after: Path) -> tuple[object, ...]:
    """The command that compares two rounds of a ledger."""
    return (*INCOMELADDER, "transitions", f"@{before.stem}", f"@{after.stem}", "--ledger", folder / "ledger")


def show(commands: dict[str, tuple[object, ...]], times: int) -> None:
    runs = interleaved({name: tuple(map(str, command)) for name, command in commands.items()}, times)
    for name, taken in runs.items():
        print(f"{name:20} {median(taken.wall):6.2f} s {median(taken.cpu):6.2f} s CPU {taken.memory:6.0f} MB")


if __name__ == "__main__":
    main()
