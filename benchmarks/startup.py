"""CPU time of start-up and of small reports, against that of python and of importing polars."""

from __future__ import annotations

from measure import INCOMELADDER, PYTHON, ROOT, interleaved, median

SAMPLE = str(ROOT / "data" / "sample_households.csv")
COMMANDS = {
    "python -c pass": (PYTHON, "-c", "pass"),
    "--version": (*INCOMELADDER, "--version"),
    "--help": (*INCOMELADDER, "--help"),
    "python -c 'import polars'": (PYTHON, "-c", "import polars"),
    "bands": (*INCOMELADDER, "bands", SAMPLE),
    "flag": (*INCOMELADDER, "flag", SAMPLE),
    "transitions": (*INCOMELADDER, "transitions", SAMPLE),
}
PEERS = {"--version": "python -c pass", "--help": "python -c pass"}

runs = interleaved(COMMANDS, times=15)
for name, taken in runs.items():
    peer = PEERS.get(name, "python -c 'import polars'")
    ratio = median(taken.cpu) / median(runs[peer].cpu)
    print(f"{name:26} {median(taken.cpu) * 1000:6.0f} ms CPU  {ratio:5.2f} x {peer}")
