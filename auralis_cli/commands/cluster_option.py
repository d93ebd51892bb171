"""`--executor dask://host:port`: work that goes to the workers of a cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from auralis_cli.commands.verb import is_said
from auralis_cli.errors import UsageError
from auralis_cli.model.cluster_address import ClusterAddress


def parse_cluster(word: str) -> ClusterAddress:
    """An address such as dask://host:8786."""
    try:
        return ClusterAddress.parse(word)
    except ValueError as error:
        raise UsageError("--executor", str(error)) from error


Cluster = Annotated[
    ClusterAddress | None,
    typer.Option(
        "--executor",
        metavar="dask://HOST:PORT",
        parser=parse_cluster,
        help="Work on the dask cluster of this scheduler, over shared storage.",
        show_default="this machine",
    ),
]

CLUSTER_DETAILS = (
    "With --executor dask://HOST:PORT the workers of a dask cluster do the work (dask scheduler and dask worker start "
    "one; it takes the extra auralis-cli[cluster]). All of them need this very version of the program, and the music "
    "and the results by the same paths as here; nothing else is shared. Library, journal and receipts are written by "
    "this process alone. What comes out is what comes out here, byte for byte, where the machines are alike. A worker "
    "that dies costs no file: others do its work again; a file that kills every worker that has it fails alone. "
    "Ctrl-C stops the workers. A file that stands still for --stall-timeout is given up and its worker asked to stop "
    "it; dask cannot make it.",
    "Whoever reaches a dask scheduler or worker runs code there, and answers from one are trusted here: use it in a "
    "network that you trust, and name only schedulers of your own. Nothing is connected to but what --executor names.",
)


def check_cluster(context: typer.Context, cluster: ClusterAddress | None, *, dry_run: bool) -> None:
    """Raises UsageError where other words contradict --executor."""
    if cluster is None:
        return
    if is_said(context, "jobs"):
        raise UsageError("--jobs", "is of this machine, and --executor has the workers it has", "leave one out")
    if dry_run:
        raise UsageError("--executor", "has no part in a dry run", "leave it out")
