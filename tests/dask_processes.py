"""A dask scheduler and workers of it on this machine, as processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from command_line import REPOSITORY
from patience import PATIENCE_S
from sound_sinks import waited_for

from auralis_cli.model.cluster_address import ClusterAddress


@dataclass
class DaskProcesses:
    """What runs."""

    address: ClusterAddress
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin_worker(self, *, nanny: bool = False) -> int:
        """One more worker; its process id, or that of its nanny."""
        place = str(self.folder / f"worker-{len(self.processes)}")
        words = [self.address.url, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
        words += ["--local-directory", place]
        self._begin("distributed.cli.dask_worker", *words, *([] if nanny else ["--no-nanny"]))
        return self.processes[-1].pid

    def log(self) -> bytes:
        """What the scheduler has said so far."""
        return (self.folder / "0.log").read_bytes()

    def begin_scheduler(self) -> None:
        """The one that all workers go to."""
        words = ("--host", self.address.host, "--port", str(self.address.port), "--no-dashboard", "--no-show")
        self._begin("distributed.cli.dask_scheduler", *words)

    def _begin(self, module: str, *words: str) -> None:
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])}
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        with log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", module, *words],
                    env=variables,
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )


@contextmanager
def dask_processes(folder: Path, workers: int, *, nanny: bool = False) -> Iterator[DaskProcesses]:
    """A cluster that is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = DaskProcesses(ClusterAddress("127.0.0.1", port), folder)
    try:
        cluster.begin_scheduler()
        for _ in range(workers):
            cluster.begin_worker(nanny=nanny)
        waited_for(lambda: b"Register worker" in cluster.log(), "the first worker to be there", for_s=60.0)
        yield cluster
    finally:
        for process in reversed(cluster.processes):
            # With the workers of nannies.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in cluster.processes:
            process.wait(PATIENCE_S)
