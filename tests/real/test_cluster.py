"""Work on a real dask cluster on this machine: the same results as here, whatever becomes of a worker."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster_jobs
import pytest
from command_line import auralis
from dask_processes import DaskProcesses, dask_processes
from patience import PATIENCE_S
from random_changes import dump
from scanned_folders import NOW, SilentBatchProgress, song
from sound_sinks import waited_for

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import cluster as cluster_module
from auralis_cli.services.batch import Item, Outcome, run_batch

# What dask does as it comes and goes is not ours to mend.
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.xdist_group("dask"),
    pytest.mark.usefixtures("auralis_home"),
]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is kept from its work for some seconds is still there."""
    for name in ("_ANSWER_S", "_CONNECT_S", "_GRACE_S"):
        monkeypatch.setattr(cluster_module, name, PATIENCE_S)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    with dask_processes(tmp_path_factory.mktemp("dask"), 2) as processes:
        yield processes


class Watching(SilentBatchProgress):
    """Does something when the first item is through."""

    def __init__(self, then: Any) -> None:
        super().__init__()
        self._then = then

    def overall(self, done: int, total: int, finished: str | None) -> None:
        if done == 1:
            self._then()


def batch(
    cluster: DaskProcesses, items: list[Item[Any]], sink: Any = None, cancel: CancelToken | None = None
) -> list[Outcome[Any]]:
    return list(
        run_batch(items, 1, 60.0, sink or SilentBatchProgress(), cancel or CancelToken(), cluster=cluster.address)
    )


def test_masters_are_those_of_this_machine_byte_for_byte_and_known_to_later_batches(
    cluster: DaskProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = [song(tmp_path / "music" / f"{number}.wav", number) for number in range(3)]
    monkeypatch.chdir(tmp_path)
    assert auralis("master", "music", "--out-dir", "here").code == 0
    made = auralis("master", "music", "--out-dir", "there", "--executor", str(cluster.address))
    assert made.code == 0, made.err
    here, there = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("here", "there"))
    assert len(here) == len(music)
    assert there == here
    again = auralis("master", "music", "--out-dir", "there", "--json").document
    assert [one["skipped"] for one in again["items"]] == [True] * len(music)
    undone = auralis("undo", "--yes")
    assert undone.code == 0
    assert list((tmp_path / "there").iterdir()) == []


def test_an_album_is_that_of_this_machine_byte_for_byte(
    cluster: DaskProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        song(tmp_path / "music" / f"{number}.wav", number)
    monkeypatch.chdir(tmp_path)
    for place, words in (("here", ()), ("there", ("--executor", str(cluster.address)))):
        made = auralis("master", "music", "--album", "--out-dir", place, *words)
        assert made.code == 0, made.err
    here, there = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("here", "there"))
    assert len(here) == 2
    assert there == here
    again = auralis("master", "music", "--album", "--out-dir", "there", "--json").document
    assert [one["skipped"] for one in again["items"]] == [True] * 2


@pytest.mark.soak
def test_fingerprints_are_those_of_this_machine_row_for_row(cluster: DaskProcesses, tmp_path: Path) -> None:
    for number in range(3):
        song(tmp_path / "music" / f"{number}.wav", number)
    (tmp_path / "music" / "damaged.flac").write_bytes(b"fLaC" + bytes(100))
    rows = []
    for name, words in (("here", ()), ("there", ("--executor", str(cluster.address)))):
        library = tmp_path / f"{name}.db"
        assert auralis("--library", library, "scan", tmp_path / "music").code in (0, 3)
        done = auralis("--library", library, "fingerprint", *words)
        assert done.code == 0, done.err
        assert "3 fingerprinted" in done.out
        with Store.open(library, program="test", now=NOW) as store:
            tables = dump(store.database)
            measured = {table: tables[table] for table in ("fingerprints", "landmarks", "analyses") if table in tables}
            # But for when, and in which order they came.
            rows.append(
                {
                    table: sorted(re.sub(r"^\(\d+, |, \d{10}\b", "", row) for row in found)
                    for table, found in measured.items()
                }
            )
    assert rows[0]
    assert rows[1] == rows[0]


def test_a_job_that_fails_fails_as_it_does_here(cluster: DaskProcesses) -> None:
    items: list[Item[Any]] = [
        Item("song.flac", cluster_jobs.fail, ()),
        Item("2", cluster_jobs.mark, (cluster.folder, 2, 0.0)),
    ]
    failed, done = batch(cluster, items)
    assert str(failed.error) == "song.flac: is damaged (a hint)"
    assert done.result == 2


def test_who_is_asked_to_stop_stops_the_workers(cluster: DaskProcesses, tmp_path: Path) -> None:
    cancel = CancelToken()
    items: list[Item[Any]] = [
        Item("short", cluster_jobs.mark, (tmp_path, 1, 0.2)),
        Item("long", cluster_jobs.wait_to_be_stopped, (tmp_path,)),
    ]
    with pytest.raises(CancelledError):
        batch(cluster, items, Watching(cancel.cancel), cancel)
    # Where it had begun, it hears of it; what is asked to stop is not waited for.
    if (tmp_path / "began").exists():
        waited_for((tmp_path / "stopped").exists, "the long job to hear that it is to stop")


def test_workers_of_another_version_are_refused_in_one_line(
    cluster: DaskProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(tmp_path / "music" / "1.wav", 1)
    monkeypatch.setattr(cluster_module, "engine", lambda: "another")
    refused = auralis("master", tmp_path / "music", "--out-dir", tmp_path / "out", "--executor", str(cluster.address))
    assert refused.code == 1
    assert "runs another Auralis" in refused.err
    assert refused.err.count("\n") == 1
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.invariant("S2-u6")
def test_a_worker_that_is_killed_costs_no_file(cluster: DaskProcesses, tmp_path: Path) -> None:
    """Kills the fault that a chunk which had to begin anew is given up. The last of this module: a worker is gone."""
    items: list[Item[Any]] = [Item(str(number), cluster_jobs.hold, (tmp_path, number)) for number in range(6)]
    killed: list[int] = []

    def at_work() -> list[int]:
        return [int(mark.name.partition("-")[2]) for mark in tmp_path.glob("[1-9]-*")]

    def kill() -> None:
        waited_for(at_work, "a worker at work")
        killed.append(at_work()[0])
        os.kill(killed[0], signal.SIGKILL)
        (tmp_path / "released").touch()

    outcomes = batch(cluster, items, Watching(kill))
    assert killed
    assert [(one.result, one.error) for one in outcomes] == [(number, None) for number in range(6)]
    begun = [mark.name.partition("-")[0] for mark in tmp_path.glob("[0-9]-*")]
    assert len(begun) > len(set(begun)), "the worker was not killed at work"


@pytest.mark.soak
def test_a_file_that_kills_every_worker_fails_alone(tmp_path: Path) -> None:
    with dask_processes(tmp_path, 2, nanny=True) as cluster:
        items: list[Item[Any]] = [Item(str(one), cluster_jobs.mark, (tmp_path, one, 0.2)) for one in range(8)]
        items.insert(3, Item("killer.flac", cluster_jobs.kill_worker, ()))
        outcomes = batch(cluster, items)
    assert [one.index for one in outcomes if one.error is not None] == [3]
    assert "died with each worker" in str(outcomes[3].error)
