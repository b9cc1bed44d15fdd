"""A Spark cluster of a master and two workers on this machine, from the jars that come with pyspark."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 120


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a cluster, which is stopped at the end."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = str(probe.getsockname()[1])
    master = f"spark://{_HOST}:{port}"
    with ExitStack() as running:
        running.enter_context(_daemon(folder / "master.log", "master.Master", "--port", port))
        _wait_for(folder / "master.log", "I have been elected leader")
        for name in ("one", "two"):
            running.enter_context(
                _daemon(folder / f"{name}.log", "worker.Worker", "--cores", "1", "--memory", "1500m", master)
            )
        for name in ("one", "two"):
            _wait_for(folder / f"{name}.log", "Successfully registered with master")
        yield master


@contextmanager
def _daemon(log: Path, kind: str, *arguments: str) -> Iterator[None]:
    import pyspark  # noqa: PLC0415  (only who asks for a cluster needs it)

    home = Path(pyspark.__file__).parent
    told = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": _HOST, "SPARK_DAEMON_MEMORY": "256m"}
    places = {"SPARK_NO_DAEMONIZE": "1", "SPARK_WORKER_DIR": str(log.parent / "work")}
    command = [
        str(home / "bin" / "spark-class"),
        f"org.apache.spark.deploy.{kind}",
        "--host",
        _HOST,
        "--webui-port",
        "0",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own cluster
            [*command, *arguments],
            env={**os.environ, **told, **places},
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait_for(log: Path, text: str) -> None:
    until = time.monotonic() + _PATIENCE
    while text not in log.read_text("utf-8", "replace"):
        assert time.monotonic() < until, log.read_text("utf-8", "replace")[-2000:]
        time.sleep(0.2)
