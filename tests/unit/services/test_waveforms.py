"""Shapes of tracks: true to what is heard, drawn once, and kept within bounds."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from patience import PATIENCE_S

from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.waveform import Waveform, level_of, lufs_of
from auralis_cli.services.waveform_drawing import draw_track
from auralis_cli.services.waveforms import Waveforms, waveforms_folder

RATE_HZ = 44_100


class Drawing:
    """Shapes with a cache of its own, whose kernels are those of all tests."""

    def __init__(self, home: Path, most_kept: int = 4000) -> None:
        environ = {**os.environ, "AURALIS_HOME": str(home)}
        self.folder = waveforms_folder(environ)
        self._waveforms = Waveforms(home / "no.db", environ, most_kept=most_kept)

    def of(self, path: Path) -> Waveform | AuralisError:
        """What is told of a file."""
        told: list[Waveform | AuralisError] = []
        came = threading.Event()

        def done(found: Waveform | AuralisError) -> None:
            told.append(found)
            came.set()

        self._waveforms.ask(QueueTrack(str(path)), done)
        assert came.wait(PATIENCE_S)
        return told[0]


@pytest.fixture
def drawing(auralis_home: Path) -> Drawing:
    return Drawing(auralis_home)


def tone(level: float, seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    wave = level * np.sin(2.0 * np.pi * 997.0 * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def test_loud_and_quiet_parts_stand_where_they_are_heard_at_their_loudness(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, np.concatenate((tone(0.1, 2.0), tone(0.8, 2.0))), RATE_HZ, "FLOAT")
    drawn = draw_track(QueueTrack(str(path)), None)
    (quiet, quiet_lufs), (loud, loud_lufs) = drawn.columns(2)
    assert quiet == pytest.approx(0.1, abs=0.003)
    assert loud == pytest.approx(0.8, abs=0.003)
    # A sine in both channels reads its peak level in LUFS (BS.1770), to the step it is kept in.
    assert quiet_lufs == pytest.approx(20.0 * math.log10(0.1), abs=0.4)
    assert loud_lufs == pytest.approx(20.0 * math.log10(0.8), abs=0.4)


def test_a_shape_is_drawn_once_and_again_when_the_file_is_another(tmp_path: Path, drawing: Drawing) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, tone(0.2, 1.0), RATE_HZ)
    first = drawing.of(path)
    (kept,) = drawing.folder.iterdir()
    assert drawing.of(path) == first
    assert isinstance(first, Waveform)
    assert kept.read_bytes() == first.to_bytes()
    assert [one.name for one in drawing.folder.iterdir()] == [kept.name]
    soundfile.write(tmp_path / "other.wav", tone(0.9, 1.0), RATE_HZ)
    os.replace(tmp_path / "other.wav", path)
    assert drawing.of(path) != first
    assert len(list(drawing.folder.iterdir())) == 2


def test_what_cannot_be_decoded_is_told_as_such_and_not_kept(tmp_path: Path, drawing: Drawing) -> None:
    path = tmp_path / "song.flac"
    path.write_bytes(b"no music")
    assert isinstance(drawing.of(path), InputError)
    assert isinstance(drawing.of(tmp_path / "gone.flac"), InputError)
    assert not drawing.folder.exists()


@pytest.mark.invariant("S1-M-17")
def test_shapes_are_kept_within_a_bound_however_many_are_looked_at(
    tmp_path: Path, auralis_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Waveforms, "_draw", lambda *_: Waveform(b"\1", b"\2"))
    drawing = Drawing(auralis_home, most_kept=5)
    for number in range(12):
        path = tmp_path / f"{number}.wav"
        path.touch()
        drawing.of(path)
    assert 0 < len(list(drawing.folder.iterdir())) <= 5


def test_what_nobody_waits_for_any_more_is_told_to_nobody(
    tmp_path: Path, auralis_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: the shape of the track before told in the place of the newest."""
    for name, level in (("old", 0.2), ("new", 0.9)):
        soundfile.write(tmp_path / f"{name}.wav", tone(level, 1.0), RATE_HZ)
    waveforms = Waveforms(auralis_home / "no.db", {**os.environ, "AURALIS_HOME": str(auralis_home)})
    told: list[str] = []
    came, are_asked, draw = threading.Event(), threading.Event(), Waveforms._draw

    def drawn(*what: Any) -> Waveform | None:
        # None is there before both are asked for.
        assert are_asked.wait(PATIENCE_S)
        return draw(*what)

    monkeypatch.setattr(Waveforms, "_draw", drawn)
    waveforms.ask(QueueTrack(str(tmp_path / "old.wav")), lambda _found: told.append("old"))

    def done(_found: Waveform | AuralisError) -> None:
        told.append("new")
        came.set()

    waveforms.ask(QueueTrack(str(tmp_path / "new.wav")), done)
    are_asked.set()
    assert came.wait(PATIENCE_S)
    assert told == ["new"]


def test_a_damaged_cache_is_drawn_anew(tmp_path: Path, drawing: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waveforms, "_draw", lambda *_: Waveform(b"\1", b"\2"))
    path = tmp_path / "song.wav"
    path.touch()
    first = drawing.of(path)
    for kept in drawing.folder.iterdir():
        kept.write_bytes(b"odd")
    assert drawing.of(path) == first


@pytest.mark.parametrize("columns", [1, 7, 60, 400])
def test_every_column_has_the_highest_of_what_it_covers(columns: int) -> None:
    shape = Waveform(bytes(range(100)), bytes(reversed(range(100))))
    drawn = list(shape.columns(columns))
    assert len(drawn) == columns
    assert max(peak for peak, _ in drawn) == pytest.approx(99 / 255)
    assert drawn[0][1] == lufs_of(99)


def test_levels_come_back_and_stay_within_their_scale() -> None:
    assert level_of(-math.inf) == level_of(-90.0) == 0
    assert level_of(3.0) == 255
    assert all(level_of(lufs_of(level)) == level for level in range(256))


def test_asking_brings_no_numpy() -> None:
    code = "import sys, auralis_cli.services.waveforms; assert 'numpy' not in sys.modules, 'numpy'"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
