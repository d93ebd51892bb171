"""Files that are broken, slow or endless, and changes of mind: what is told, what goes on, and what is given back."""

from __future__ import annotations

import os
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from feeding import RATE_HZ, Feeding, Shelf, Tape, TapeReader, items_of, numbers_of
from patience import PATIENCE_S, until, without_halts_s

from auralis_cli.errors import InputError
from auralis_cli.model.queue import QueueItem
from auralis_cli.player.feed_request import FeederReport, Following, ReportKind

BLOCK = RATE_HZ // 16


@pytest.mark.parametrize("error", [InputError("b", "is torn"), ValueError("torn"), MemoryError("torn")])
@pytest.mark.invariant("S0-M08")
def test_a_decoder_that_raises_at_block_7_is_told_and_given_back_and_the_next_track_plays(error: Exception) -> None:
    broken = Tape(50_000, 1_000, breaks_at=7 * BLOCK, error=error)
    shelf = Shelf({"a": Tape(1_000), "b": broken, "c": Tape(1_000, 9_000)})
    playing = Feeding(shelf, ["a", "b", "c"])
    heard = numbers_of(playing.all())
    assert np.array_equal(heard, [*range(1_000), *range(1_000, 1_000 + 7 * BLOCK), *range(9_000, 10_000)])
    (failed,) = playing.told(ReportKind.FAILED)
    assert failed.item == playing.items[1]
    assert failed.error is not None
    assert "torn" in str(failed.error)
    assert not shelf.open_now
    assert playing.feed.finished
    assert playing.feed.problem is None


@pytest.mark.invariant("S0-M08")
def test_tracks_that_cannot_be_opened_are_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "empty.flac").touch()
    (tmp_path / "text.mp3").write_text("no music")
    shelf = Shelf({"a": Tape(700), "c": Tape(700, 700), "torn": Tape(9, unreadable="is torn")})
    names = [str(tmp_path / "gone.flac"), "a", "torn", str(tmp_path / "empty.flac"), str(tmp_path / "text.mp3"), "c"]
    playing = Feeding(shelf, names)
    assert np.array_equal(numbers_of(playing.all()), np.arange(1_400))
    failed = playing.told(ReportKind.FAILED)
    assert [report.item.ticket for report in failed] == [1, 3, 4, 5]
    assert all(report.error is not None and report.error.exit_code == 4 for report in failed)
    assert [mark[:2] for mark in playing.marks] == [(0, 2), (700, 6)]
    assert not shelf.open_now


@pytest.mark.parametrize("kind", [{"unreadable": "is torn"}, {"breaks_at": 1}, {}])
def test_five_in_a_row_of_which_nothing_is_heard_end_it(kind: dict[str, object]) -> None:
    broken = {f"b{n}": Tape(0 if not kind else 500, **kind) for n in range(9)}  # type: ignore[arg-type]
    playing = Feeding(Shelf({"a": Tape(500), **broken, "c": Tape(500)}), ["a", *broken, "c"])
    assert len(playing.all()) == 500
    assert playing.feed.problem is not None
    assert [report.item.ticket for report in playing.told(ReportKind.GAVE_UP)] == [6]


def test_four_in_a_row_are_passed_over_as_often_as_there_are() -> None:
    torn = Tape(500, unreadable="is torn")
    names = (["torn"] * 4 + ["a"]) * 3
    playing = Feeding(Shelf({"torn": torn, "a": Tape(500)}), names)
    assert len(playing.all()) == 1_500
    assert playing.feed.problem is None


def test_an_empty_track_that_is_repeated_does_not_spin_for_ever() -> None:
    playing = Feeding(Shelf({"a": Tape(0)}), ["a"], follow=Following)
    assert len(playing.all()) == 0
    assert playing.told(ReportKind.GAVE_UP)


@pytest.mark.invariant("S3-ENG-09")
def test_blocks_with_what_is_no_number_are_muted_counted_and_told_once() -> None:
    bad = (BLOCK + 3, 3 * BLOCK, 3 * BLOCK + 1)
    shelf = Shelf({"a": Tape(5 * BLOCK, 1, bad_frames=bad), "b": Tape(BLOCK, 9_000)})
    playing = Feeding(shelf, ["a", "b"])
    heard = playing.all()
    assert np.isfinite(heard).all()
    expected = np.arange(1, 1 + 5 * BLOCK).reshape(5, BLOCK)
    expected[[1, 3]] = 0
    assert np.array_equal(numbers_of(heard)[: 5 * BLOCK], expected.ravel())
    (warned,) = playing.told(ReportKind.WARNED)
    assert warned.item.ticket == 1
    assert "muted" in str(warned.error)


@pytest.mark.invariant("S2-NEW-7")
def test_who_is_not_listened_to_reads_no_further_than_the_ring_and_loses_nothing() -> None:
    shelf = Shelf({"long": Tape(40 * RATE_HZ), "next": Tape(100, 40 * RATE_HZ)})
    playing = Feeding(shelf, ["long", "next"], ring_frames=2_000)
    assert playing.feed.wait_filled(2_000, PATIENCE_S)
    (reader,) = shelf.open_now
    assert isinstance(reader, TapeReader)
    # The block that waits for room is all there is beside the ring.
    threading.Event().wait(0.1)
    assert reader._position <= 2_000 + BLOCK
    assert np.array_equal(numbers_of(playing.all()), np.arange(40 * RATE_HZ + 100))


@pytest.mark.invariant("S2-NEW-7")
def test_a_track_ten_times_as_long_takes_no_more_memory() -> None:
    def most_bytes(seconds: int) -> int:
        shelf = Shelf({name: Tape(seconds * RATE_HZ, is_silent=True) for name in "ab"})
        tracemalloc.start()
        playing = Feeding(shelf, ["a", "b"], crossfade_s=2.0)
        left = 2 * (seconds - 1) * RATE_HZ
        while left:
            left -= len(playing.take(min(left, 1_000)))
        playing.take(RATE_HZ)
        assert playing.feeder.join(PATIENCE_S)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    most_bytes(10)
    assert most_bytes(100) < 1.2 * most_bytes(10)


@pytest.mark.invariant("S0-H08")
def test_no_more_than_one_track_is_opened_ahead_and_nothing_stays_open() -> None:
    before = set(threading.enumerate())
    shelf = Shelf({f"t{n}": Tape(BLOCK * (n % 3), announced=None) for n in range(60)})
    playing = Feeding(shelf, list(shelf.tapes), ring_frames=500)
    while len(playing.take(300)):
        assert len(shelf.open_now) <= 2
    assert playing.feeder.join(PATIENCE_S)
    assert shelf.most_open == 2
    assert not shelf.open_now
    # Who opened a track ends after it was taken.
    until(lambda: set(threading.enumerate()) <= before)


@pytest.mark.invariant("S0-H08")
def test_five_hundred_feeds_broken_off_leave_no_thread_and_no_file(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{n}.flac") for n in range(2)]
    for path in paths:
        soundfile.write(path, np.zeros((9_000, 2), np.float32), RATE_HZ)
    threads, handles = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    shelf = Shelf()
    for number in range(500):
        playing = Feeding(shelf, paths, ring_frames=1_000)
        if number % 3:
            playing.take(number)
        playing.feeder.cancel()
    playing.cancel()
    # A feeder that has not noticed yet may still begin to open a file.
    until(lambda: set(threading.enumerate()) <= threads)
    until(lambda: len(os.listdir("/proc/self/fd")) <= handles)


@pytest.mark.invariant("S2-NEW-11")
def test_a_file_that_is_slow_to_open_holds_up_neither_who_asks_nor_what_plays() -> None:
    shelf = Shelf({"a": Tape(30_000, announced=None), "slow": Tape(100, 30_000)})
    shelf.slow.add("slow")
    playing = Feeding(shelf, ["a", "slow"], ring_frames=1_000)
    assert shelf.asked.wait(PATIENCE_S)
    assert np.array_equal(numbers_of(playing.take(30_000)), np.arange(30_000))
    shelf.let_open.set()
    assert np.array_equal(numbers_of(playing.all()), np.arange(30_000, 30_100))


@pytest.mark.invariant("S2-NEW-11")
def test_a_feed_waiting_for_a_slow_file_is_broken_off_at_once_and_the_file_closed_when_it_comes() -> None:
    shelf = Shelf({"slow": Tape(1_000)})
    shelf.slow.add("slow")
    playing = Feeding(shelf, ["slow"])
    assert shelf.asked.wait(PATIENCE_S)
    playing.feeder.cancel()
    until(lambda: playing.feed.finished)
    # The thread that opens is stuck, and said to be.
    assert not playing.feeder.join(0.2)
    shelf.let_open.set()
    assert playing.feeder.join(PATIENCE_S)
    assert not shelf.open_now


@pytest.mark.invariant("S1-L-03")
def test_when_something_else_follows_that_is_opened_ahead_and_the_former_closed() -> None:
    shelf = Shelf({"a": Tape(20_000, announced=None), "old": Tape(100, 50_000), "new": Tape(100, 20_000)})
    items = items_of(["a", "old", "new"])
    answers = {1: items[1]}

    def follow(item: QueueItem) -> Following | None:
        return Following(answers[item.ticket]) if item.ticket in answers else None

    playing = Feeding(shelf, ["a", "old", "new"], ring_frames=1_000, follow=follow)
    playing.take(5_000)
    until(lambda: shelf.opened == ["a", "old"])
    answers[1] = items[2]
    assert np.array_equal(numbers_of(playing.take(5_000)), np.arange(5_000, 10_000))
    # Long before the end, from which no more than a ring keeps it.
    until(lambda: shelf.opened == ["a", "old", "new"])
    until(lambda: len(shelf.open_now) == 2)
    assert np.array_equal(numbers_of(playing.all()), np.arange(10_000, 20_100))
    assert not shelf.open_now


def test_what_follows_when_the_track_ends_is_what_counts() -> None:
    """The last answer is another one than those before."""
    shelf = Shelf({"a": Tape(2 * BLOCK), "old": Tape(100, 50_000), "new": Tape(100, 2 * BLOCK)})
    items = items_of(["a", "old", "new"])
    answers = {1: [items[2], items[1], items[1], items[1]]}

    def follow(item: QueueItem) -> Following | None:
        return Following(answers[item.ticket].pop()) if item.ticket in answers else None

    playing = Feeding(shelf, ["a", "old", "new"], follow=follow)
    assert np.array_equal(numbers_of(playing.all()), np.arange(2 * BLOCK + 100))
    assert not answers[1]
    assert not shelf.open_now


def test_a_track_that_is_repeated_joins_itself() -> None:
    begun: list[FeederReport] = []

    def report(told: FeederReport) -> None:
        begun.extend([told] if told.kind is ReportKind.BEGUN else [])

    def follow(item: QueueItem) -> Following | None:
        return Following(item) if len(begun) < 4 else None

    playing = Feeding(Shelf({"a": Tape(1_234)}), ["a"], ring_frames=500, follow=follow, report=report)
    heard = numbers_of(playing.all())
    assert len(playing.marks) == 4
    assert np.array_equal(heard, np.tile(np.arange(1_234), 4))


@pytest.mark.invariant("S1-C-01")
def test_a_thousand_hand_overs_from_track_to_track_take_less_than_five_seconds() -> None:
    shelf = Shelf({f"t{n}": Tape(40, 40 * n) for n in range(1_000)})
    begun_s: list[float] = []

    def report(told: FeederReport) -> None:
        begun_s.extend([time.monotonic()] if told.kind is ReportKind.BEGUN else [])

    playing = Feeding(shelf, list(shelf.tapes), ring_frames=4_000, report=report)
    assert np.array_equal(numbers_of(playing.all()), np.arange(40_000))
    assert len(playing.marks) == len(begun_s) == 1_000
    assert without_halts_s(begun_s) < 5.0
