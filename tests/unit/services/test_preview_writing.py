"""A preview is the loudest part of the whole master, to the bit, and beside it what it was made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from chords import chords
from master_requests import master_request
from tracks import track

from auralis_cli.analysis.loudest import loudest_passage
from auralis_cli.errors import OutputError, RefusedError, UsageError
from auralis_cli.model.master_reports import MasterReport
from auralis_cli.model.passages import Passage
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services.master import master_file

RATE = 44_100
FADE = 441


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Quiet, loud, quiet; clipped, so that repairs are in the preview too."""
    music = np.clip(1.6 * chords(9.0), -1.0, 1.0)
    music *= np.where((np.arange(len(music)) // (3 * RATE) == 1), 1.0, 0.1)[:, None]
    path = tmp_path_factory.mktemp("music") / "song.wav"
    soundfile.write(path, music, RATE, subtype="PCM_16")
    return path


def master(source: Path, out: Path, **wishes: object) -> MasterReport:
    request = master_request(AudioSource(source), Destination(out), **wishes)
    return master_file(request, SilentProgress(), CancelToken())


@pytest.mark.invariant("S4-D2.1")
def test_a_preview_is_part_of_the_whole_master_sample_for_sample(source: Path, tmp_path: Path) -> None:
    """Kills: a preview that is dithered, decided or solved for itself, or cut elsewhere than told."""
    master(source, tmp_path / "whole.wav")
    report = master(source, tmp_path / "part.wav", preview_s=3.0)
    files = report.preview
    assert files is not None
    whole, part, before, original = (
        soundfile.read(path, dtype="int32", always_2d=True)[0]
        for path in (tmp_path / "whole.wav", tmp_path / "part.wav", files.before, source)
    )
    first = round(files.start_s * RATE)
    assert 2.5 < files.start_s < 3.5
    assert len(part) == len(before) == 3 * RATE
    inner = slice(FADE, -FADE)
    np.testing.assert_array_equal(part[inner], whole[first : first + len(part)][inner])
    np.testing.assert_array_equal(before[inner], original[first : first + len(part)][inner])
    for sound in (part, before):
        assert np.abs(sound[[0, -1]]).max() < 0.01 * 2**31
    assert files.before.name == "part (before).wav"
    assert files.match_gain_db is not None
    assert report.output.frames == len(whole)
    assert report.solved.plan.repairs == ("flat tops",)


def test_the_files_of_a_preview_replace_nothing_unasked(source: Path, tmp_path: Path) -> None:
    (tmp_path / "part (before).flac").write_bytes(b"mine")
    with pytest.raises(RefusedError, match="exists already"):
        master(source, tmp_path / "part.flac", preview_s=3.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part (before).flac"]


@pytest.mark.invariant("S1-M-11")
def test_where_the_preview_cannot_have_its_name_nothing_is_left_beside_it(source: Path, tmp_path: Path) -> None:
    """Kills: a "before" without its after, where a file appeared in the place meanwhile."""
    out, before = tmp_path / "part.flac", tmp_path / "part (before).flac"
    before.write_bytes(b"of last time")
    request = master_request(AudioSource(source), Destination(out), preview_s=3.0, force=True)

    def disk_fails(_finished: Path) -> None:
        raise OutputError("receipt", "no space left on device")

    with pytest.raises(OutputError, match="no space left"):
        master_file(request, SilentProgress(), CancelToken(), before_publishing=disk_fails)
    assert before.read_bytes() == b"of last time"
    assert [path.name for path in tmp_path.iterdir()] == [before.name]


def test_pipes_and_lossy_formats_have_no_previews(source: Path, tmp_path: Path) -> None:
    for out in (Destination(None), Destination(tmp_path / "part.mp3")):
        with pytest.raises(UsageError, match="--preview"):
            master_file(master_request(AudioSource(source), out, preview_s=3.0), SilentProgress(), CancelToken())


def test_the_loudest_part_lies_within_the_track_and_has_its_length() -> None:
    frames = 60 * RATE
    levels = [-30.0] * 571
    levels[300:330] = [-10.0] * 30
    analysis = track(short_term_lufs=tuple(levels), frames=frames, duration_s=60.0)
    passage = loudest_passage(analysis, 10.0)
    assert passage.frames == 10 * RATE
    assert passage.first_frame <= 30 * RATE
    assert passage.end_frame >= round(35.9 * RATE)
    assert loudest_passage(analysis, 1.0) == Passage(round((30.0 + 1.0) * RATE), RATE)
    assert loudest_passage(analysis, 90.0) == Passage(0, frames)
    quiet = track(short_term_lufs=(float("-inf"),) * 571, frames=frames, duration_s=60.0)
    assert loudest_passage(quiet, 10.0) == Passage(0, 10 * RATE)
    late = track(short_term_lufs=tuple([-30.0] * 570 + [-5.0]), frames=frames, duration_s=60.0)
    assert loudest_passage(late, 20.0).end_frame == frames
