"""An album in, its files out: joins without a seam, levels kept, and nothing of it where anything fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from master_requests import master_request
from numpy.typing import NDArray
from solved_rendering import render_as_solved

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.audio import replay
from auralis_cli.commands.mastering_text import held_back_in_words
from auralis_cli.dsp.automation import GainAutomation
from auralis_cli.dsp.limiter import LimiterSettings
from auralis_cli.errors import (
    AuralisError,
    CancelledError,
    InputError,
    OutputError,
    RefusedError,
    StageError,
    UnsupportedError,
)
from auralis_cli.mastering import album as album_plans
from auralis_cli.mastering.control import ControlTrack
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.master_reports import MasterReport, MasterSkipped
from auralis_cli.model.mastering import LimiterPlan, SolvedPlan
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services import album_files
from auralis_cli.services.album_master import master_album, preview_album
from auralis_cli.services.publishing import publish

Audio = NDArray[np.float32]
RATE = 44_100
# Odd lengths, which no block divides.
LENGTHS = (2 * RATE + 101, 3 * RATE + 7, RATE + 1_333, 3 * RATE - 19)


@pytest.fixture(scope="module")
def piece() -> Audio:
    """Nine seconds of drums, bass, chords and lead; the second and the last track are quieter."""
    whole = np.ascontiguousarray(demo_piece.compose()[5 * RATE : 5 * RATE + sum(LENGTHS)])
    levels = np.repeat([1.0, 0.15, 1.0, 0.4], LENGTHS).astype(np.float32)
    piece: Audio = np.clip(whole * levels[:, None], -1.0, 1.0).astype(np.float32)
    return piece


def cut(folder: Path, whole: Audio, suffix: str = ".wav", subtype: str = "FLOAT") -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    tracks = []
    for number, part in enumerate(np.split(whole, np.cumsum(LENGTHS)[:-1]), 1):
        tracks.append(folder / f"{number:02} track{suffix}")
        soundfile.write(tracks[-1], part, RATE, subtype=subtype)
    return tracks


def album_of(tracks: list[Path], out: Path, suffix: str = ".wav", **wishes: object) -> AlbumRequest:
    out.mkdir(exist_ok=True)
    wishes = {"loudness_lufs": -14.0, **wishes}
    requests = [
        master_request(AudioSource(track), Destination(out / f"{track.stem}{suffix}"), **wishes) for track in tracks
    ]
    return AlbumRequest("Nine Seconds", tuple(requests))


def master(request: AlbumRequest, home: Path, cancel: CancelToken | None = None) -> list[MasterReport]:
    made = master_album(request, home / "receipts", SilentProgress(), cancel or CancelToken())
    assert all(isinstance(one, MasterReport) for one in made)
    return [one for one in made if isinstance(one, MasterReport)]


def samples(path: Path) -> Audio:
    return np.asarray(soundfile.read(path, dtype="float32", always_2d=True)[0])


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def mastered(piece: Audio, tmp_path_factory: pytest.TempPathFactory) -> tuple[AlbumRequest, list[MasterReport]]:
    """An album in floats, whose samples tell all."""
    home = tmp_path_factory.mktemp("album")
    request = album_of(cut(home / "in", piece), home / "out", subtype=Subtype.FLOAT, loudness_lufs=-13.5)
    return request, master(request, home)


def rendered_whole(whole: Audio, solved: SolvedPlan, folder: Path) -> Audio:
    """What the plan makes of the recording that the album was cut from, as one track."""
    source = folder / "whole.wav"
    soundfile.write(source, whole, RATE, subtype="FLOAT")
    request = master_request(AudioSource(source), Destination(folder / "one.wav"))
    blocks: list[Audio] = []

    class Kept:
        def write(self, block: Audio) -> None:
            blocks.append(block.copy())

    render_as_solved(request, solved, Kept())
    return np.concatenate(blocks)


@pytest.mark.invariant("S4-D2.5")
def test_the_tracks_one_after_the_other_are_the_master_of_the_whole_to_the_sample(
    mastered: tuple[AlbumRequest, list[MasterReport]], piece: Audio, tmp_path: Path
) -> None:
    """Kills: a limiter, or any stage, that begins anew with every track."""
    request, reports = mastered
    solved = reports[0].solved
    assert solved.max_reduction_db > 1.0
    assert solved.plan.tone is not None
    parts = [samples(one.destination.path) for one in request.tracks if one.destination.path]
    assert [len(part) for part in parts] == list(LENGTHS)
    np.testing.assert_array_equal(np.concatenate(parts), rendered_whole(piece, solved, tmp_path))


def test_the_album_is_on_target_gated_as_one_and_no_track_is(
    mastered: tuple[AlbumRequest, list[MasterReport]],
) -> None:
    """Kills: the album's loudness as the mean of its tracks'."""
    request, reports = mastered
    meter = LoudnessMeter(RATE, 2)
    for one in request.tracks:
        assert one.destination.path
        meter.add(samples(one.destination.path))
    assert meter.result().integrated_lufs == pytest.approx(-13.5, abs=0.02)
    share = reports[0].album
    assert share is not None
    assert share.integrated_lufs == pytest.approx(-13.5, abs=0.02)
    assert abs(np.mean([one.output.integrated_lufs for one in reports]) + 13.5) > 0.3
    assert {one.solved.gain_db for one in reports} == {share.gain_db}
    assert max(one.output.true_peak_dbtp for one in reports) <= -1.0


def test_tracks_are_as_loud_to_each_other_as_they_were(mastered: tuple[AlbumRequest, list[MasterReport]]) -> None:
    _, reports = mastered
    change = [one.output.integrated_lufs - one.analysis.measurements.integrated_lufs for one in reports]
    share = reports[0].album
    assert share is not None
    astray = np.array(change) - (share.integrated_lufs - share.input_lufs)
    assert np.abs(astray).max() < 0.2
    assert [one.album.astray_lu for one in reports if one.album] == pytest.approx(astray.tolist(), abs=1e-9)
    assert not any(held_back_in_words(one) for one in reports)
    assert reports[0].solved.plan.levels is not None
    # For themselves all would have come to one loudness.
    assert np.ptp([one.output.integrated_lufs for one in reports]) > 5.0


def test_a_track_that_is_not_where_it_was_to_the_others_says_so(
    piece: Audio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: levels that could not be kept, and not a word of it."""
    monkeypatch.setattr(album_plans, "_ROUNDS", 0)
    reports = master(album_of(cut(tmp_path / "in", piece), tmp_path / "out", loudness_lufs=-9.0), tmp_path)
    said = {one.album.astray_lu: held_back_in_words(one) for one in reports if one.album}
    assert max(abs(astray or 0.0) for astray in said) > 0.4
    for astray, words in said.items():
        assert astray is not None
        told = f"{abs(astray):.2f} LU {'louder' if astray > 0.0 else 'quieter'} than it was to the other tracks"
        assert (told in words) == (abs(astray) > 0.3)


def test_a_track_that_begins_in_the_end_of_a_loud_one_is_heard_from_its_first_frame(tmp_path: Path) -> None:
    """Kills: tracks measured by the tenths of a second of the album, whose borders are elsewhere."""
    lengths = (2 * RATE + 2_100, 3 * RATE + 700)
    audio = np.random.default_rng(5).normal(0.0, 0.1, (sum(lengths), 1)).astype(np.float32)
    # What fades lasts as long as the rest of that tenth.
    audio[lengths[0] + 2_300 :] *= 0.02
    alone = []
    for part in np.split(audio, [lengths[0]]):
        meter = LoudnessMeter(RATE, 1)
        meter.add(part)
        alone.append(meter.result().integrated_lufs)
    with closing(ControlTrack(RATE, 1, tmp_path)) as track:
        track.add_peaks(audio)
        track.add_energies(audio)
        track.finish()
        meters = album_plans._limited_meters(track, LimiterPlan(**asdict(LimiterSettings(0.0))), 0.0, lengths)
    assert [meter.result().integrated_lufs for meter in meters] == pytest.approx(alone, abs=0.05)


def test_a_track_is_measured_as_if_it_had_been_alone(
    mastered: tuple[AlbumRequest, list[MasterReport]], piece: Audio
) -> None:
    request, reports = mastered
    for one, report in zip(request.tracks, reports, strict=True):
        for path, told in ((one.source.path, report.analysis.measurements), (one.destination.path, report.output)):
            assert path
            meter = LoudnessMeter(RATE, 2)
            meter.add(samples(path))
            assert told == meter.result()
    assert [(one.album.number, one.album.tracks) for one in reports if one.album] == [(n, 4) for n in range(1, 5)]


def test_the_gain_that_keeps_levels_moves_by_no_more_than_1_db_a_second() -> None:
    """Kills: a step of gain where tracks meet."""
    curve = album_plans._curve(np.array([2.0, -2.0, 1.0]), [10 * RATE, 9 * RATE, 30 * RATE], RATE)
    steps = np.abs(np.diff(curve.gains_db)) / curve.hop_s
    assert 0.5 < steps.max() <= 1.0
    assert curve.gains_db[0] == pytest.approx(2.0)
    assert curve.gains_db[-1] == pytest.approx(1.0)
    # Crossings of tracks that are shorter than they are come on top of each other.
    short = album_plans._curve(np.arange(-4.0, 5.0, 2.0), [20 * RATE, RATE, RATE, RATE, 20 * RATE], RATE)
    assert 0.5 < np.abs(np.diff(short.gains_db)).max() / short.hop_s <= 1.0
    assert (short.gains_db[0], short.gains_db[-1]) == (-4.0, 4.0)


def test_an_album_that_is_not_kept_in_memory_is_the_same(
    mastered: tuple[AlbumRequest, list[MasterReport]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = mastered
    monkeypatch.setattr(replay, "MEMORY_BYTES", 1 << 20)
    again = album_of([one.source.path for one in request.tracks if one.source.path], tmp_path / "out",
                     subtype=Subtype.FLOAT, loudness_lufs=-13.5)  # fmt: skip
    master(again, tmp_path)
    for one, other in zip(request.tracks, again.tracks, strict=True):
        assert one.destination.path
        assert other.destination.path
        assert one.destination.path.read_bytes() == other.destination.path.read_bytes()


def test_nothing_to_do_leaves_every_sample(piece: Audio, tmp_path: Path) -> None:
    tracks = cut(tmp_path / "in", piece, ".flac", "PCM_16")
    request = album_of(tracks, tmp_path / "out", ".flac", loudness_lufs=None, intensity=0.0)
    reports = master(request, tmp_path)
    assert reports[0].output_format.dither is Dither.NONE
    for one in request.tracks:
        assert one.source.path
        assert one.destination.path
        np.testing.assert_array_equal(samples(one.destination.path), samples(one.source.path))


def test_a_lossy_album_holds_its_ceiling_with_one_for_all(piece: Audio, tmp_path: Path) -> None:
    request = album_of(cut(tmp_path / "in", piece), tmp_path / "out", ".ogg", format="ogg", loudness_lufs=-10.0)
    reports = master(request, tmp_path)
    assert {one.encoding for one in reports} == {reports[0].encoding}
    assert reports[0].encoding is not None
    for one, length in zip(reports, LENGTHS, strict=True):
        assert one.output.true_peak_dbtp <= -1.0
        assert one.output.frames == length


@pytest.fixture
def small(piece: Audio, tmp_path: Path) -> list[Path]:
    return cut(tmp_path / "in", piece[: sum(LENGTHS)], ".flac", "PCM_16")


def test_a_damaged_track_fails_the_album_in_one_line_that_names_it(small: list[Path], tmp_path: Path) -> None:
    """Kills: an album published in part."""
    small[2].write_bytes(small[2].read_bytes()[:300])
    with pytest.raises(InputError) as caught:
        master(album_of(small, tmp_path / "out", ".flac"), tmp_path)
    assert str(small[2]) in str(caught.value)
    assert "nothing of the album Nine Seconds is written" in str(caught.value)
    assert files_in(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda audio: audio[:, :1], (UnsupportedError, "has 1 channels, and .* has 2")),
        (lambda audio: np.where(np.arange(len(audio))[:, None] == 50, np.nan, audio), (InputError, "NaN or Inf at")),
        (lambda audio: audio[:0], (InputError, "holds no audio")),
    ],
)
def test_a_track_that_fits_no_album_fails_it(
    spoil: object, expected: tuple[type[AuralisError], str], piece: Audio, tmp_path: Path
) -> None:
    tracks = cut(tmp_path / "in", piece)
    soundfile.write(tracks[1], spoil(samples(tracks[1])), RATE, subtype="FLOAT")  # type: ignore[operator]
    with pytest.raises(expected[0], match=expected[1]) as caught:
        master(album_of(tracks, tmp_path / "out"), tmp_path)
    assert caught.value.what == str(tracks[1])
    assert files_in(tmp_path / "out") == []


def test_tracks_of_other_rates_are_converted_to_the_highest(small: list[Path], tmp_path: Path) -> None:
    soundfile.write(small[1], samples(small[1]), 48_000)
    reports = master(album_of(small, tmp_path / "out", ".flac"), tmp_path)
    assert {one.output_format.sample_rate_hz for one in reports} == {48_000}
    assert reports[1].output.frames == LENGTHS[1]
    assert reports[0].output.frames == round(LENGTHS[0] * 48_000 / 44_100)


def test_a_stop_leaves_nothing(small: list[Path], tmp_path: Path) -> None:
    cancel = CancelToken()

    class Stopping(SilentProgress):
        def step(self, task: str, done: float | None) -> None:
            if task == "rendering" and done and done > 0.5:
                cancel.cancel()

    with pytest.raises(CancelledError):
        master_album(album_of(small, tmp_path / "out", ".flac"), tmp_path / "receipts", Stopping(), cancel)
    assert files_in(tmp_path / "out") == []


@pytest.mark.parametrize("force", [False, True])
def test_where_one_file_cannot_have_its_name_none_has(
    force: bool, small: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: an album published in part; with --force what was there before is there again."""
    request = album_of(small, tmp_path / "out", ".flac", force=force)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if force:
        (tmp_path / "out" / "01 track.flac").write_bytes(b"mine")
    before = files_in(tmp_path / "out")
    real, count = publish, iter(range(9))

    def failing(*arguments: object, **wishes: object) -> object:
        if next(count) == 2:
            raise OutputError("03 track.flac", "the disk is full")
        return real(*arguments, **wishes)  # type: ignore[arg-type]

    monkeypatch.setattr(album_files, "publish", failing)
    with pytest.raises(OutputError, match="nothing of the album"):
        master(request, tmp_path)
    assert files_in(tmp_path / "out") == before
    if force:
        assert (tmp_path / "out" / "01 track.flac").read_bytes() == b"mine"


def test_an_album_is_done_when_all_of_its_files_are(small: list[Path], tmp_path: Path) -> None:
    request = album_of(small, tmp_path / "out", ".flac")
    first = master(request, tmp_path)
    receipts = tmp_path / "receipts"
    again = master_album(request, receipts, SilentProgress(), CancelToken())
    assert all(isinstance(one, MasterSkipped) for one in again)
    # As after a kill between two names: what is missing gets its own, the others stay as they are.
    paths = [one.destination.path for one in request.tracks if one.destination.path]
    lost, kept = paths[2].read_bytes(), os.stat(paths[0])
    paths[2].unlink()
    mended = master(request, tmp_path)
    assert paths[2].read_bytes() == lost
    assert os.stat(paths[0]) == kept
    assert [one.published is not None for one in mended] == [False, False, True, False]
    assert [one.output for one in mended] == [one.output for one in first]
    # Another track, or another order, is another album; what is there of the old one is nobody's to replace unasked.
    soundfile.write(small[3], samples(small[3])[::-1], RATE)
    with pytest.raises(RefusedError, match="was made before of other content"):
        master(request, tmp_path)
    forced = master(AlbumRequest(request.title, tuple(replace(one, force=True) for one in request.tracks)), tmp_path)
    assert all(one.published is not None for one in forced)


def test_a_dry_run_predicts_the_album_and_writes_nothing(small: list[Path], tmp_path: Path) -> None:
    request = album_of(small, tmp_path / "out", ".flac")
    previews = preview_album(request, tmp_path / "receipts", SilentProgress(), CancelToken())
    assert [getattr(one, "album", None) and one.album.integrated_lufs for one in previews] == [-14.0] * 4  # type: ignore[union-attr]
    assert files_in(tmp_path / "out") == []
    assert not (tmp_path / "receipts").exists()


@pytest.mark.invariant("S4-D2.1")
@pytest.mark.invariant("S4-D2.3")
def test_albums_made_at_once_are_what_they_are_alone(
    mastered: tuple[AlbumRequest, list[MasterReport]], tmp_path: Path
) -> None:
    request, _ = mastered
    tracks = [one.source.path for one in request.tracks if one.source.path]
    folders = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor(2) as threads:
        list(
            threads.map(
                lambda folder: master(
                    album_of(tracks, folder, subtype=Subtype.FLOAT, loudness_lufs=-13.5), tmp_path / folder.name
                ),
                folders,
            )
        )
    for one in request.tracks:
        assert one.destination.path
        expected = one.destination.path.read_bytes()
        assert [(folder / one.destination.path.name).read_bytes() == expected for folder in folders] == [True, True]


@pytest.mark.invariant("S4-D2.4")
def test_after_a_stage_that_failed_an_album_is_as_good_as_new(
    mastered: tuple[AlbumRequest, list[MasterReport]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = mastered
    tracks = [one.source.path for one in request.tracks if one.source.path]
    again = album_of(tracks, tmp_path / "out", subtype=Subtype.FLOAT, loudness_lufs=-13.5)
    real, count = GainAutomation.process, iter(range(1_000))

    def failing(self: GainAutomation, block: Audio) -> Audio:
        return real(self, block) if next(count) != 2 else block[:0]

    with monkeypatch.context() as planted:
        planted.setattr(GainAutomation, "process", failing)
        with pytest.raises(StageError, match="levels"):
            master(again, tmp_path)
    assert files_in(tmp_path / "out") == []
    master(again, tmp_path)
    for one, other in zip(request.tracks, again.tracks, strict=True):
        assert one.destination.path
        assert other.destination.path
        assert one.destination.path.read_bytes() == other.destination.path.read_bytes()


@pytest.mark.invariant("S4-D2.2")
def test_sources_stay_as_they_are_and_nothing_is_left_beside_results(small: list[Path], tmp_path: Path) -> None:
    before = [path.read_bytes() for path in small]
    master(album_of(small, tmp_path / "out", ".flac"), tmp_path)
    assert [path.read_bytes() for path in small] == before
    assert files_in(tmp_path / "out") == [f"{number:02} track.flac" for number in range(1, 5)]


@pytest.fixture(autouse=True)
def _no_trash_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return iter(())
