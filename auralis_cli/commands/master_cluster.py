"""A batch of masters on a cluster: absolute paths, receipts where workers can see them, and back afterwards."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from auralis_cli.commands.cluster_option import check_cluster
from auralis_cli.commands.items import Task
from auralis_cli.commands.master_display import Result
from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import Destination
from auralis_cli.paths import receipts_dir


def check_master_cluster(
    context: typer.Context, cluster: ClusterAddress | None, out_dir: Path | None, *, dry_run: bool
) -> None:
    """Raises UsageError where other words contradict --executor."""
    check_cluster(context, cluster, dry_run=dry_run)
    if cluster is not None and out_dir is None:
        raise UsageError("--executor", "is for many files", "give --out-dir")


def take_receipts_home(out_dir: Path, *, done: bool) -> None:
    """Takes over what workers noted beside the results; where they are `done`, nothing of it stays there."""
    from auralis_cli.services.shared_storage import take_receipts_back

    take_receipts_back(receipts_dir(), out_dir, done=done)


def with_absolute_paths(requests: Sequence[MasterRequest | AuralisError]) -> list[MasterRequest | AuralisError]:
    """The same requests for processes that stand in other folders."""
    return [one if isinstance(one, AuralisError) else _absolute(one) for one in requests]


def _absolute(request: MasterRequest) -> MasterRequest:
    source = request.source
    cue = source.cue and replace(source.cue, sheet=Path(os.path.abspath(source.cue.sheet)))
    path = source.path and Path(os.path.abspath(source.path))
    destination = Destination(request.destination.path and Path(os.path.abspath(request.destination.path)))
    return replace(request, source=replace(source, path=path, cue=cue), destination=destination)


def tasks_for_cluster(
    tasks: Sequence[Task[Result] | AuralisError], requests: Sequence[MasterRequest | AuralisError], out_dir: Path
) -> list[Task[Result] | AuralisError]:
    """The tasks as workers do them: with receipts lent to them, and not before they see what is seen here."""
    from auralis_cli.services.shared_storage import lend_receipts

    outputs = [one.destination.path for one in requests if isinstance(one, MasterRequest)]
    lent = lend_receipts(receipts_dir(), out_dir, [path for path in outputs if path is not None])
    return [one if isinstance(one, AuralisError) else _for_cluster(one, lent) for one in tasks]


def _for_cluster(task: Task[Result], lent: Path) -> Task[Result]:
    from auralis_cli.services.shared_storage import on_shared_storage, seen_here

    request, *_ = task.arguments
    assert isinstance(request, MasterRequest | AlbumRequest)
    sources = [one.source for one in (request.tracks if isinstance(request, AlbumRequest) else (request,))]
    files = [one.path for one in sources if one.path is not None]
    files += [one.cue.sheet for one in sources if one.cue is not None]
    # A library is not for other machines: what it knows is measured anew, and comes out the same.
    arguments = (request, lent) if isinstance(request, AlbumRequest) else (request, lent, None)
    return replace(task, work=on_shared_storage, arguments=(seen_here([lent, *files]), task.work, *arguments))
