"""Albums cut from one recording are heard as that recording: rendered, and through the real sink."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import auralis
from gapless_albums import FORMATS, Album, AlbumFormat, cut_album, judged, odd_lengths
from playing_process import player_environ, playing
from sound_sinks import PULSE_MISSING, has_pulseaudio, pulse_sink

# Five joins, in as little time as tells them apart.
TRACKS, MEAN_S = 6, 0.5
FLAC = FORMATS[0]


def recording(frames: int, rate_hz: int) -> np.ndarray:
    """A glide in noise: no moment of it is like another, none is silent."""
    time_s = np.arange(frames) / rate_hz
    drawn = np.random.default_rng(7).normal(0.0, 0.05, (frames, 2))
    glide = 0.2 * np.sin(2 * np.pi * (150.0 * time_s + 300.0 * time_s**2))
    return (glide[:, None] + drawn).astype(np.float32)


def album_of(form: AlbumFormat, folder: Path) -> Album:
    lengths = odd_lengths(TRACKS, int(MEAN_S * form.rate_hz))
    return cut_album(folder, form, recording(sum(lengths), form.rate_hz), lengths)


def rendered(target: Path, *words: str | Path) -> np.ndarray:
    done = auralis("play", "--output", target, "--bits", "32f", *words)
    assert done.code == 0, done.err
    heard: np.ndarray = soundfile.read(target, dtype="float32", always_2d=True)[0]
    return heard


@pytest.mark.invariant("S1-H-07", "S2-NEW-8")
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.suffix[1:])
def test_an_album_is_rendered_as_the_recording_it_was_cut_from(form: AlbumFormat, tmp_path: Path) -> None:
    if form.missing:
        pytest.skip(form.missing)
    album = album_of(form, tmp_path / "album")
    heard = rendered(tmp_path / "heard.wav", *album.tracks)
    assert len(heard) == len(album.whole)
    verdict = judged(heard, album)
    assert verdict.is_gapless, verdict


@pytest.mark.invariant("S1-H-07", "S2-NEW-8")
def test_an_album_that_is_converted_to_another_rate_has_no_seams_either(tmp_path: Path) -> None:
    if FLAC.missing:
        pytest.skip(FLAC.missing)
    album = album_of(FLAC, tmp_path / "album")
    whole = cut_album(tmp_path / "whole", FLAC, album.whole, [len(album.whole)])
    apart = rendered(tmp_path / "apart.wav", "--rate", "48000", *album.tracks)
    assert np.array_equal(apart, rendered(tmp_path / "whole.wav", "--rate", "48000", *whole.tracks))


@pytest.mark.alone
def test_an_album_is_heard_from_the_real_sink_as_the_recording_it_was_cut_from(
    tmp_path: Path, auralis_home: Path
) -> None:
    if not has_pulseaudio():
        pytest.skip(PULSE_MISSING)
    if FLAC.missing:
        pytest.skip(FLAC.missing)
    album = album_of(FLAC, tmp_path / "album")
    (tmp_path / "sink").mkdir()
    with pulse_sink(tmp_path / "sink", rate_hz=FLAC.rate_hz) as sink, sink.recording() as heard:
        environ = player_environ(auralis_home, sink.variables)
        # So much ahead that a busy machine does not make the sound server itself put silence in.
        options = ("--quit-at-end", "--latency", "2000")
        with playing(environ, tmp_path, *options, *album.tracks, ready=False) as player:
            assert player.wait(60) == 0, player.said()
        verdict = judged(heard(), album)
    assert verdict.is_gapless, verdict
