"""Who does the jobs of a batch: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.worker_process import Sign
from auralis_cli.services.workers import WorkerExecutor

_AHEAD = 2


@dataclass(frozen=True, slots=True)
class OpenExecutor:
    """An executor that takes jobs, and how many of them may be handed over so that no worker waits."""

    executor: Executor
    ahead: int


@contextmanager
def open_executor(
    cluster: ClusterAddress | None,
    workers: int,
    *,
    stall_s: float,
    most: int = 1,
    on_sign: Callable[[Future[Any], Sign], None] = lambda _future, _sign: None,
    on_loss: Callable[[Future[Any], int], None] = lambda _future, _pid: None,
) -> Iterator[OpenExecutor]:
    """The executor of `cluster`, in chunks of `most` jobs, or of `workers` processes; what runs at the end is stopped.

    Raises OnlineError where there is no such cluster, UsageError where clusters are not installed.
    """
    if cluster is None:
        local = WorkerExecutor(workers, stall_s=stall_s, on_sign=on_sign, on_loss=on_loss)
        try:
            yield OpenExecutor(local, workers * _AHEAD)
        finally:
            local.shutdown(cancel_futures=True)
        return
    from auralis_cli.services.cluster import ClusterExecutor, connected

    with connected(cluster) as client:
        remote = ClusterExecutor(client, stall_s=stall_s, most=most, on_sign=on_sign, on_loss=on_loss)
        try:
            yield OpenExecutor(remote, remote.ahead)
        finally:
            remote.shutdown(cancel_futures=True)
