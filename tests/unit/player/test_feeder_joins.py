"""Joins of a feed, read straight out of its ring: nothing lost, nothing twice, nothing made up."""

from __future__ import annotations

from pathlib import Path

import gapless_albums
import numpy as np
import pytest
import soundfile
from feeding import RATE_HZ, Feeding, Shelf, Tape, coded, numbers_of
from hypothesis import given, settings
from hypothesis import strategies as st

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.resample import Downsampler
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import AudioSource, CueTrack
from auralis_cli.player.feed_request import ReportKind
from auralis_cli.player.joining import converted_frames
from auralis_cli.services.track_lookup import LibraryTrackLookup


def album(*lengths: int, **kinds: object) -> Shelf:
    """Tapes that are one recording, numbered through."""
    tapes, first = {}, 0
    for number, length in enumerate(lengths):
        tapes[f"t{number}"] = Tape(length, first, **kinds)  # type: ignore[arg-type]
        first += length
    return Shelf(tapes)


@pytest.mark.invariant("S2-NEW-8")
@pytest.mark.invariant("S2-u1")
@settings(max_examples=25)
@given(lengths=st.lists(st.integers(0, 2_000), min_size=1, max_size=6), start=st.integers(0, 2_100))
def test_tracks_of_any_length_follow_each_other_frame_by_frame(lengths: list[int], start: int) -> None:
    shelf = album(*lengths)
    playing = Feeding(shelf, list(shelf.tapes), start_frame=start)
    heard = playing.all()
    first = min(start, lengths[0])
    if lengths.count(0) < 5:
        assert np.array_equal(numbers_of(heard), np.arange(first, sum(lengths)))
        begins = np.cumsum([0, lengths[0] - first, *lengths[1:-1]]).tolist()[: len(lengths)]
        assert [mark[0] for mark in playing.marks] == begins
        assert [mark[2] for mark in playing.marks] == lengths
    assert np.array_equal(heard[:, 0:2], heard[:, 2:4])
    assert not shelf.open_now


@pytest.mark.parametrize("block", [-1, 0, 1])
@pytest.mark.invariant("S2-NEW-8")
def test_tracks_of_whole_blocks_and_one_frame_more_or_less_keep_their_length(block: int) -> None:
    length = 10 * (RATE_HZ // 16) + block
    shelf = album(length, length, length)
    assert np.array_equal(numbers_of(Feeding(shelf, list(shelf.tapes)).all()), np.arange(3 * length))


@pytest.mark.parametrize(("source", "target"), [(44_100, 48_000), (48_000, 44_100), (8_000, 48_000), (22_050, 44_101)])
def test_a_converted_album_is_the_conversion_of_the_whole(source: int, target: int) -> None:
    rng = np.random.default_rng(7)
    lengths = [3_001, 1, 0, 4_444, 97, 12_345]
    whole = rng.uniform(-0.5, 0.5, (sum(lengths), 2)).astype(np.float32)
    ends = np.cumsum(lengths)
    tapes = {
        f"t{number}": Tape(length, rate_hz=source, sound=whole[end - length : end])
        for number, (length, end) in enumerate(zip(lengths, ends, strict=True))
    }
    playing = Feeding(Shelf(tapes), list(tapes), rate_hz=target)
    heard = playing.all()
    converted = Downsampler(source, target, 2).process(whole, last=True)
    total = converted_frames(len(whole), source, target)
    assert len(heard) == total
    assert np.array_equal(heard[: total - 1, :2], converted[: total - 1])
    assert [mark[0] for mark in playing.marks] == [
        converted_frames(int(end) - length, source, target) for end, length in zip(ends, lengths, strict=True)
    ]


def test_mono_and_stereo_of_one_rate_go_through_one_converter() -> None:
    rng = np.random.default_rng(8)
    mono = rng.uniform(-0.5, 0.5, (5_000, 1)).astype(np.float32)
    stereo = np.repeat(rng.uniform(-0.5, 0.5, (5_000, 1)).astype(np.float32), 2, axis=1)
    tapes = {"mono": Tape(0, rate_hz=44_100, sound=mono), "stereo": Tape(0, rate_hz=44_100, sound=stereo)}
    heard = Feeding(Shelf(tapes), ["mono", "stereo", "mono"], rate_hz=48_000).all()
    whole = np.concatenate((mono, stereo[:, :1], mono))
    converted = Downsampler(44_100, 48_000).process(whole, last=True)
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert np.array_equal(heard[: len(converted) - 1, :1], converted[: len(heard)][:-1])


def test_each_rate_from_8_to_384_khz_gives_its_length_at_that_of_the_feed() -> None:
    rates = [8_000, 11_025, 44_100, 96_000, 192_000, 384_000, 48_000]
    tapes = {str(rate): Tape(rate // 10 + 7, rate_hz=rate) for rate in rates}
    playing = Feeding(Shelf(tapes), list(tapes), rate_hz=48_000)
    heard = playing.all()
    lengths = [converted_frames(rate // 10 + 7, rate, 48_000) for rate in rates]
    assert len(heard) == sum(lengths)
    assert [mark[2] for mark in playing.marks] == lengths


@pytest.mark.parametrize(("source", "start"), [(44_100, 1), (44_100, 9_999), (96_000, 7_001), (22_050, 20_000)])
def test_a_converted_track_from_its_middle_is_what_it_is_from_its_start(source: int, start: int) -> None:
    rng = np.random.default_rng(9)
    tapes = {"t": Tape(0, rate_hz=source, sound=rng.uniform(-0.5, 0.5, (source, 2)).astype(np.float32))}
    whole = Feeding(Shelf(tapes), ["t"], rate_hz=48_000).all()
    part = Feeding(Shelf(tapes), ["t"], rate_hz=48_000, start_frame=start).all()
    assert len(part) == len(whole) - start
    assert np.abs(part - whole[start:]).max() < 1e-5


def test_what_is_sought_beyond_its_end_ends_at_once_and_what_follows_plays() -> None:
    shelf = album(1_000, 500)
    playing = Feeding(shelf, ["t0", "t1"], start_s=999.0)
    assert np.array_equal(numbers_of(playing.all()), np.arange(1_000, 1_500))
    assert [mark[1] for mark in playing.marks] == [1, 2]


@pytest.mark.parametrize("announced", [300, 5_000, None])
def test_a_header_that_lies_shortens_and_lengthens_nothing(announced: int | None) -> None:
    tapes = {"liar": Tape(1_000, announced=announced), "next": Tape(500, 1_000)}
    playing = Feeding(Shelf(tapes), ["liar", "next"])
    assert np.array_equal(numbers_of(playing.all()), np.arange(1_500))
    assert playing.marks == [(0, 1, 1_000), (1_000, 2, 500)]


def test_tracks_of_one_file_are_read_on_without_opening_it_again(tmp_path: Path) -> None:
    sound = coded(0, 44_100 * 6)
    soundfile.write(tmp_path / "album.flac", sound, 44_100, subtype="PCM_16")
    starts = ["00:00:00", "00:01:13", "00:03:50", "00:03:51", "00:05:02"]
    lines = [f'  TRACK {n:02} AUDIO\n    TITLE "{n}"\n    INDEX 01 {start}\n' for n, start in enumerate(starts, 1)]
    (tmp_path / "album.cue").write_text('FILE "album.flac" WAVE\n' + "".join(lines))
    sources = tracks_of(tmp_path / "album.cue")
    shelf = Shelf()
    shelf.tracks = {source.name: PlayableTrack(source, source.name) for source in sources}
    opened = shelf.files_opened
    playing = Feeding(shelf, [source.name for source in sources], rate_hz=44_100, crossfade_s=1.0)
    assert np.array_equal(playing.all()[:, :2], sound)
    assert len(opened) == 1
    sectors = [0, 88, 275, 276, 377]
    assert [mark[0] for mark in playing.marks] == [sector * 588 for sector in sectors]
    # From the middle of the album, and a track that is not the next one.
    chosen = [sources[3].name, sources[4].name, sources[1].name]
    part = Feeding(shelf, chosen, rate_hz=44_100, start_frame=100).all()[:, :2]
    assert np.array_equal(part, np.concatenate((sound[276 * 588 + 100 :], sound[88 * 588 : 275 * 588])))
    assert len(opened) == 3


def test_a_track_of_a_sheet_behind_one_that_breaks_off_is_opened_for_itself() -> None:
    sheet = Path("album.cue")
    shelf = Shelf({"album": Tape(3 * RATE_HZ, breaks_at=RATE_HZ // 2)})
    for number, (start, end) in enumerate(((0, 75), (75, 150), (150, None)), 1):
        source = AudioSource(Path("album"), cue=CueTrack(sheet, number, start, end))
        shelf.tracks[str(number)] = PlayableTrack(source, str(number))
    playing = Feeding(shelf, ["1", "2", "3"])
    playing.all()
    # A tape is opened at its beginning, so each of the three breaks off there.
    assert shelf.opened == ["album"] * 3
    assert [report.item.ticket for report in playing.told(ReportKind.FAILED)] == [1, 2, 3]
    assert not shelf.open_now


class CountingLookup(LibraryTrackLookup):
    opened = 0

    def open(self, track: PlayableTrack) -> AudioReader:
        self.opened += 1
        return super().open(track)


def test_a_cue_sheet_that_is_queued_plays_as_the_one_file_it_is_of(tmp_path: Path) -> None:
    sound = coded(0, 44_100 * 4)
    soundfile.write(tmp_path / "album.flac", sound, 44_100, subtype="PCM_16")
    lines = [f"  TRACK {n:02} AUDIO\n    INDEX 01 00:0{n - 1}:11\n" for n in (1, 2, 3)]
    sheet = tmp_path / "album.cue"
    sheet.write_text('FILE "album.flac" WAVE\n' + "".join(lines))
    tracks = [QueueTrack(str(sheet), cue_number=number) for number in (1, 2, 3)]
    lookup = CountingLookup(None)
    playing = Feeding(lookup, tracks, rate_hz=44_100, crossfade_s=0.5)
    assert np.array_equal(playing.all()[:, :2], sound[11 * 588 :])
    # Those after the first were read on, not opened.
    assert (len(playing.told(ReportKind.OPENED)), lookup.opened) == (3, 1)


@pytest.mark.parametrize("form", gapless_albums.FORMATS, ids=lambda form: form.name)
def test_albums_cut_from_one_recording_have_no_seam(form: gapless_albums.AlbumFormat, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    seconds = np.arange(int(5.2 * form.rate_hz)) / form.rate_hz
    sweep = np.sin(2 * np.pi * (150 * seconds + 120 * seconds**2))
    noise = rng.normal(0, 0.03, (len(seconds), 2))
    recording = (0.3 * np.stack((sweep, np.roll(sweep, 50)), axis=1) + noise).astype(np.float32)
    # Odd, and of whole milliseconds: FFmpeg cuts an m4a to those, by which the judge goes.
    lengths = [441 * (75 + 2 * number) for number in range(6)]
    album = gapless_albums.cut_album(tmp_path, form, recording, lengths)
    playing = Feeding(Shelf(), [str(path) for path in album.tracks], rate_hz=form.rate_hz)
    heard = playing.all()
    assert len(heard) == len(album.whole)
    verdict = gapless_albums.judged(heard[:, :2], album)
    assert verdict.is_gapless, verdict
    assert [mark[0] for mark in playing.marks] == [0, *album.joins]
    assert len(playing.told(ReportKind.BEGUN)) == 6


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 16_000])
def test_with_exact_rates_the_feed_ends_before_a_track_of_another_rate(rate_hz: int) -> None:
    tapes = {"a": Tape(500), "b": Tape(500, 500), "c": Tape(500, rate_hz=16_000)}
    shelf = Shelf(tapes)
    playing = Feeding(shelf, list(tapes), rate_hz=rate_hz, exact_rate=True)
    assert len(playing.all()) == 1_000 * rate_hz // RATE_HZ
    assert [mark[1] for mark in playing.marks] == [1, 2]
    assert playing.feed.problem is None
    assert not shelf.open_now
