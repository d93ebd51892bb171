"""Eight threads wish, two look on, a device plays: nothing illegal is seen, nothing hangs, nothing is left behind."""

from __future__ import annotations

import faulthandler
import gc
import os
import random
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from patience import until
from player_fakes import PlayerRig, tracks

from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.player.states import TRANSITIONS

THREADS = 8
LEGAL = {(before, after) for (before, _), after in TRANSITIONS.items()} | {(state, state) for state in PlayerState}


def open_handles() -> int:
    return len(os.listdir("/proc/self/fd"))


@contextmanager
def watched(seconds: float) -> Iterator[None]:
    """A deadlock ends the test with every thread's stack."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def wishes_of(rig: PlayerRig, chance: random.Random) -> list[Callable[[], None]]:
    player = rig.player

    def jump() -> None:
        player.jump(chance.randrange(5))

    def seek() -> None:
        player.seek(chance.uniform(-0.5, 3.5))

    def edit() -> None:
        player.play_next(tracks(1))
        player.remove([len(player.queue.items) - 1])

    return [
        player.play, player.pause, player.toggle, player.stop, player.next, player.next, player.previous,
        jump, seek, seek, edit, player.undo, player.redo,
        lambda: player.repeat(chance.choice(list(RepeatMode))),
        lambda: player.set_volume(chance.uniform(0, 100)),
        lambda: player.intensity(chance.uniform(0, 1)),
        player.stop_after_current, player.enhance, player.shuffle, player.unshuffle,
        lambda: player.set_queue(tracks(8), play=True),
    ]  # fmt: skip


class Stage:
    """A living player: its conductor runs, a thread plays its device and pumps its feeders."""

    def __init__(self) -> None:
        self.rig = PlayerRig()
        self.problems: list[str] = []
        self._ended = threading.Event()
        self._told: Snapshot | None = None
        self.rig.player.subscribe(self._tell)
        self._device = threading.Thread(target=self._play, daemon=True)
        self._lookers = [threading.Thread(target=self._look_on, daemon=True) for _ in range(2)]

    def run(self, transitions: int) -> None:
        self.rig.player.start()
        self.rig.player.set_queue(tracks(8))
        threads = [
            threading.Thread(target=self._wish, args=(seed, transitions // THREADS), daemon=True)
            for seed in range(THREADS)
        ]
        for thread in [self._device, *self._lookers, *threads]:
            thread.start()
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()
        self._agrees_in_the_end()
        self._ended.set()
        for thread in [self._device, *self._lookers]:
            thread.join()
        self.rig.player.close()
        # Which waits no longer than it has promised to.
        self.rig.player._conductor._thread.join()
        assert self.problems == []

    def _agrees_in_the_end(self) -> None:
        """The last wish alone decides: state, item and sound are those of it."""
        player = self.rig.player
        player.set_queue(tracks(8))
        # However late it is looked at: the device plays a track in less than a tenth of a second.
        player.repeat(RepeatMode.ONE)
        player.stop_after_current(on=False)
        player.set_volume(100.0)
        player.enhance(on=False)
        player.jump(6)
        wanted = player.queue.items[6].ticket
        until(lambda: self.rig.sounds() == wanted and player.state is PlayerState.PLAYING, "the last wish is not heard")

    def _wish(self, seed: int, count: int) -> None:
        chance = random.Random(seed)
        wishes = wishes_of(self.rig, chance)
        for _ in range(count):
            try:
                chance.choice(wishes)()
            except Exception as error:
                if "no position" not in str(error):
                    self.problems.append(repr(error))

    def _play(self) -> None:
        while not self._ended.is_set():
            self.rig.pump()
            self.rig.pull(50)
            del self.rig.heard[:-1]
            self._ended.wait(0.0005)

    def _look_on(self) -> None:
        revision = 0
        while not self._ended.is_set():
            snapshot = self.rig.player.snapshot()
            self._judge(snapshot)
            if snapshot.revision < revision:
                self.problems.append(f"revision {snapshot.revision} after {revision}")
            revision = snapshot.revision
            self._ended.wait(0.001)

    def _judge(self, snapshot: Snapshot) -> None:
        legal = (
            0.0 <= snapshot.position_s <= (snapshot.duration_s if snapshot.duration_s is not None else 1e9)
            and (snapshot.position_s == 0.0 or snapshot.state is not PlayerState.STOPPED)
            and (-1 if snapshot.queue_length == 0 else 0) <= snapshot.queue_index < max(1, snapshot.queue_length)
            and (snapshot.item is None) == (snapshot.queue_length == 0)
            and (snapshot.item is not None or snapshot.state is PlayerState.STOPPED)
        )
        if not legal:
            self.problems.append(repr(snapshot))

    def _tell(self, snapshot: Snapshot) -> None:
        self._judge(snapshot)
        if self._told is not None and snapshot.revision <= self._told.revision:
            self.problems.append(f"told {snapshot.revision} after {self._told.revision}")
        self._told = snapshot


@pytest.mark.invariant("S1-H-01")
@pytest.mark.parametrize("transitions", [10_000, pytest.param(200_000, marks=pytest.mark.soak)])
def test_eight_threads_see_nothing_illegal_and_leave_nothing_behind(transitions: int) -> None:
    with watched(150):
        Stage().run(16)
        gc.collect()
        threads, handles = set(threading.enumerate()), open_handles()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            Stage().run(transitions)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
    # What earlier tests have left may go meanwhile.
    assert set(threading.enumerate()) <= threads
    assert open_handles() <= handles
    assert grown < 1_000_000
