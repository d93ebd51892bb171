"""Where tracks overlap: by how much, how loud, and where they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from feeding import RATE_HZ, Block, Feeding, Shelf, Tape, numbers_of
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE_S

from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.source import AudioSource, CueTrack
from auralis_cli.player.crossfade import Begin, Overlap, crossfaded, follow_in_album
from auralis_cli.player.feeder import AHEAD_S
from auralis_cli.player.ring import COLUMNS


def constant(frames: int, value: float, **kinds: object) -> Tape:
    return Tape(0, sound=np.full((frames, 2), value, np.float32), **kinds)  # type: ignore[arg-type]


def test_tracks_overlap_with_equal_power_and_the_mark_is_where_the_new_one_begins() -> None:
    tapes = {"a": constant(40_000, 0.5), "b": constant(40_000, -0.25)}
    playing = Feeding(Shelf(tapes), ["a", "b"], crossfade_s=1.0)
    heard = playing.all()
    assert len(heard) == 72_000
    assert playing.marks == [(0, 1, 40_000), (32_000, 2, 40_000)]
    out, into = np.cos((np.arange(8_000) + 0.5) * np.pi / 16_000), np.sin((np.arange(8_000) + 0.5) * np.pi / 16_000)
    assert np.allclose(out**2 + into**2, 1.0)
    expected = np.concatenate((np.full(32_000, 0.5), 0.5 * out - 0.25 * into, np.full(32_000, -0.25)))
    for column in range(4):
        assert np.abs(heard[:, column] - expected).max() < 1e-6
    assert np.array_equal(heard[:, 4], np.ones(72_000))


def test_noise_keeps_its_power_through_an_overlap() -> None:
    rng = np.random.default_rng(1)
    tapes = {name: Tape(0, sound=rng.normal(0, 0.1, (80_000, 2)).astype(np.float32)) for name in "ab"}
    heard = Feeding(Shelf(tapes), ["a", "b"], crossfade_s=4.0).all()
    assert len(heard) == 128_000
    power = (heard[:, :2].reshape(16, -1) ** 2).mean(axis=1)
    assert np.abs(10 * np.log10(power / 0.01)).max() < 0.25


@pytest.mark.parametrize("announced", [-1, None])
def test_tracks_shorter_than_the_overlap_overlap_by_half_of_what_there_is(announced: int | None) -> None:
    tapes = {
        name: constant(frames, 0.5, announced=announced) for name, frames in {"a": 3_000, "b": 600, "c": 1}.items()
    }
    playing = Feeding(Shelf(tapes), ["a", "b", "c", "a"], crossfade_s=2.0)
    heard = playing.all()
    begins = [mark[0] for mark in playing.marks]
    assert begins == sorted(begins)
    assert 3_000 - 1_500 <= begins[1] <= 3_000 - 300
    assert [mark[2] for mark in playing.marks] == [3_000, 600, 1, 3_000]
    assert len(heard) == begins[-1] + 3_000
    assert np.abs(heard[:, :2]).max() <= 0.5 * np.sqrt(2) + 1e-6


@settings(max_examples=30)
@given(
    lengths=st.lists(st.integers(0, 700), min_size=1, max_size=5),
    keep=st.integers(0, 300),
    overlap=st.integers(0, 300),
    size=st.integers(1, 200),
)
@pytest.mark.invariant("S2-u1")
def test_an_overlap_loses_and_repeats_no_frame(lengths: list[int], keep: int, overlap: int, size: int) -> None:
    row: Overlap[int] = Overlap()
    parts: list[Begin[int] | Block] = []
    for key, length in enumerate(lengths):
        parts.extend(row.begin(key, overlap))
        row.keep(keep)
        track = np.full((length, COLUMNS), 0.5, np.float32)
        for start in range(0, length, size):
            parts.extend(row.put(track[start : start + size]))
        parts.extend(row.end())
    parts.extend(row.finish())
    assert [part.key for part in parts if isinstance(part, Begin)] == list(range(len(lengths)))
    blocks = [part for part in parts if not isinstance(part, Begin)]
    # What overlaps is louder than what was put in: cos + sin of the angles of its fade.
    total = sum(len(block) for block in blocks)
    overlapping = sum(int((block[:, 0] != 0.5).sum()) for block in blocks)
    assert total + overlapping == sum(lengths)
    assert overlapping <= min(keep, overlap) * (len(lengths) - 1)


def track(path: str, **about: object) -> PlayableTrack:
    return PlayableTrack(AudioSource(Path(path)), path, **about)  # type: ignore[arg-type]


def test_what_follows_each_other_in_one_album_is_told_by_disc_and_track_or_the_cue_sheet() -> None:
    first = track("1", album_key="k", disc=1, track=9)
    assert follow_in_album(first, replace(first, track=10))
    assert follow_in_album(replace(first, disc=None), replace(first, track=10))
    assert follow_in_album(first, replace(first, disc=2, track=1))
    for other in (
        replace(first, track=11),
        replace(first, track=8),
        first,
        replace(first, track=10, album_key="other"),
        replace(first, track=10, album_key=None),
        replace(first, track=None),
        replace(first, disc=2, track=10),
        replace(first, disc=3, track=1),
        None,
    ):
        assert not follow_in_album(first, other)
    assert not follow_in_album(None, first)
    sheet = track("album.flac")
    one, two, three = (
        replace(sheet, source=replace(sheet.source, cue=CueTrack(Path("album.cue"), number, start, end)))
        for number, (start, end) in enumerate(((0, 75), (75, 150), (150, None)), 1)
    )
    assert follow_in_album(one, two)
    assert follow_in_album(two, three)
    assert not follow_in_album(one, three)
    assert not follow_in_album(three, one)


def test_nothing_overlaps_within_an_album_in_order_nor_with_a_track_that_broke_off() -> None:
    tapes = {"a": Tape(5_000), "b": Tape(5_000, 5_000), "torn": Tape(50_000, 10_000, breaks_at=1_500), "c": Tape(5, 99)}
    shelf = Shelf(tapes)
    shelf.tracks = {name: track(name, album_key="k", track=number) for number, name in enumerate(tapes)}
    shelf.tracks["c"] = track("c")
    playing = Feeding(shelf, list(tapes), crossfade_s=0.25)
    assert np.array_equal(numbers_of(playing.all()), [*range(11_500), *range(99, 104)])


@pytest.mark.parametrize("announced", [-1, None])
def test_converted_tracks_overlap_also_where_what_follows_is_asked_before_their_first_frame(
    announced: int | None,
) -> None:
    tapes = {name: constant(44_100, 0.5, rate_hz=44_100, announced=announced) for name in "abc"}
    playing = Feeding(Shelf(tapes), ["a", "b", "c"], rate_hz=48_000, crossfade_s=0.2)
    assert len(playing.all()) == 3 * 48_000 - 2 * 9_600
    assert [mark[0] for mark in playing.marks] == [0, 38_400, 76_800]


def test_nothing_overlaps_with_the_end_of_the_queue() -> None:
    playing = Feeding(Shelf({"a": Tape(20_000)}), ["a"], crossfade_s=1.0)
    assert np.array_equal(numbers_of(playing.all()), np.arange(20_000))


def test_what_is_heard_does_not_depend_on_when_it_is_taken() -> None:
    rng = np.random.default_rng(3)
    tapes = {name: Tape(0, sound=rng.normal(0, 0.1, (9_000, 2)).astype(np.float32)) for name in "abc"}
    quick = Feeding(Shelf(tapes), ["a", "b", "c"], crossfade_s=0.3).all()
    slow = Feeding(Shelf(tapes), ["a", "b", "c"], crossfade_s=0.3, ring_frames=257).all()
    assert np.array_equal(quick, slow)


def test_an_end_is_kept_back_only_once_it_is_near_so_that_a_track_is_heard_at_once() -> None:
    frames = int((AHEAD_S + 60) * RATE_HZ)
    playing = Feeding(Shelf({"a": constant(frames, 0.5), "b": constant(9, 0.1)}), ["a", "b"], crossfade_s=12.0)
    assert playing.feed.wait_filled(RATE_HZ, PATIENCE_S)
    assert playing.feed.ring.written >= RATE_HZ
    assert not playing.told_anything_of(2)
    assert len(playing.all()) == frames + 9 - 4


@pytest.mark.parametrize("level", [0.6, 0.7, 0.85, 0.95, 1.3])
def test_an_overlap_of_what_is_alike_does_not_rise_above_full_scale(level: float) -> None:
    """✗ two loud tracks come 3 dB above full scale in the midst of their overlap."""
    time = np.arange(30_000)
    tail = level * np.sin(0.3 * time)[:, None].astype(np.float32).repeat(COLUMNS, 1)
    mixed = crossfaded(tail, tail)[:, :2]
    ceiling = max(level, 10 ** (-1 / 20))
    envelope = np.abs(mixed[:, 0].reshape(-1, 100)).max(axis=1)
    assert envelope.max() <= ceiling * (1 + 1e-6)
    # And no less than it has to: as loud as it may be in the midst, and whole at both ends.
    assert envelope[150] == pytest.approx(min(ceiling, level * np.sqrt(2)), rel=0.01)
    assert envelope[[0, -1]] == pytest.approx(level, rel=0.01)


def test_two_blocks_of_no_frames_cross_to_none() -> None:
    nothing = np.empty((0, COLUMNS), np.float32)
    assert crossfaded(nothing, nothing).shape == (0, COLUMNS)
