"""What an export encodes: the same samples where the format keeps them, cut to the sample, with tags and cover."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from exported_music import RATE_HZ, divided, noise, song
from mutagen.flac import FLAC, Picture
from mutagen.oggopus import OggOpus
from tagged_files import COVER

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.reader import open_reader
from auralis_cli.audio.tag_reading import read_tags
from auralis_cli.errors import InputError, OutputError, RefusedError
from auralis_cli.model.audio import Subtype
from auralis_cli.model.library import Track
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource
from auralis_cli.services.export_folder import FolderIdentity
from auralis_cli.services.export_work import ExportJob, MadeFile, make_file
from auralis_cli.services.unlisted_files import library_of


def made(
    source: Path | AudioSource,
    target: Path,
    kind: str | None,
    bitrate_bps: int | None = None,
    *,
    displaces: bool = False,
) -> MadeFile:
    source = source if isinstance(source, AudioSource) else AudioSource(source)
    job = ExportJob(source, target, kind, bitrate_bps, 1_600_000_000 * 10**9, displaces)
    return make_file(job, SilentProgress(), CancelToken())


def found_at(path: Path) -> list[Track]:
    """What a library would know of the file."""
    store, _ = library_of([str(path)], now=1, cancel=CancelToken())
    with store:
        return list(store.tracks.select())


@pytest.mark.parametrize("kind", ["flac", "wav", "aiff"])
@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24)])
def test_what_is_lossless_stays_the_same_to_the_sample(tmp_path: Path, kind: str, subtype: str, bits: int) -> None:
    for suffix in (".flac", ".wav"):
        source = song(tmp_path / f"in{suffix}", 5, subtype=subtype)
        target = tmp_path / f"{suffix[1:]}.{kind}"
        assert made(source, target, kind).warnings == ()
        samples, rate_hz = soundfile.read(target, dtype="int32")
        assert np.array_equal(samples, soundfile.read(source, dtype="int32")[0])
        assert (rate_hz, soundfile.info(target).subtype) == (RATE_HZ, subtype)
        assert target.stat().st_mtime == 1_600_000_000
    assert np.array_equal(samples >> (32 - bits), np.round(noise(5, bits=bits) * (1 << (bits - 1))).astype(np.int32))


def test_samples_that_do_not_fit_are_said_and_float_is_kept_where_it_can_be(tmp_path: Path) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, 1.5 * noise(6), RATE_HZ, subtype="FLOAT")
    assert made(source, tmp_path / "a.flac", "flac").warnings == (
        "FLOAT becomes 24 bits, which are the most that flac holds",
    )
    assert made(source, tmp_path / "a.aiff", "aiff").warnings == ()
    assert np.array_equal(soundfile.read(tmp_path / "a.aiff")[0], soundfile.read(source)[0])


def test_a_track_of_a_sheet_is_cut_to_the_sample_and_has_its_tags(tmp_path: Path) -> None:
    tracks = tracks_of(divided(tmp_path))
    whole = soundfile.read(tmp_path / "whole.flac", dtype="int32")[0]
    cut = round(76 * RATE_HZ / 75)
    parts = []
    for number, track in enumerate(tracks, 1):
        target = tmp_path / f"{number}.flac"
        assert made(track, target, "flac").warnings == ()
        parts.append(soundfile.read(target, dtype="int32")[0])
        tags = FLAC(target)
        assert (tags["title"], tags["album"], tags["tracknumber"]) == ([track.cue and dict(track.cue.tags)["title"]],
                                                                       ["Whole"], [str(number)])  # fmt: skip
    assert len(parts[0]) == cut
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("kind", ["opus", "mp3", "ogg", "m4a"])
def test_a_lossy_file_sounds_for_as_long_at_a_rate_it_has_with_tags_and_cover(tmp_path: Path, kind: str) -> None:
    frames = 96_000
    source = tmp_path / "in.flac"
    tone = 0.3 * np.sin(np.arange(frames) * 2 * np.pi * 440 / 96_000)[:, None].repeat(2, axis=1)
    soundfile.write(source, tone, 96_000, subtype="PCM_24")
    tagged = FLAC(source)
    tagged.update({"title": "Naïve Ψ", "artist": ["One", "Two"]})
    cover = Picture()
    cover.type, cover.mime, cover.data = 3, "image/png", COVER
    tagged.add_picture(cover)
    tagged.save()
    target = tmp_path / f"out.{kind}"
    done = made(source, target, kind, 128_000)
    with open_reader(target) as reader:
        assert reader.info.subtype is Subtype.LOSSY
        heard = np.concatenate(list(reader.blocks(4096)))
        rate_hz = reader.info.sample_rate_hz
    assert (rate_hz, len(heard)) == (48_000, 48_000)
    expected = 0.3 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000)
    assert np.sqrt(np.mean((heard[4000:-4000, 0] - expected[4000:-4000]) ** 2)) < 0.02
    assert done.published.size_bytes == target.stat().st_size
    with target.open("rb") as file:
        found = read_tags(file, kind)
    assert [one.data for one in found.pictures] == [COVER]
    assert found.values()["title"][1] == ["Naïve Ψ"]


@pytest.mark.parametrize("kind", ["flac", "mp3", "m4a", "ogg"])
def test_what_is_known_of_its_loudness_goes_along(tmp_path: Path, kind: str) -> None:
    source, target = song(tmp_path / "in.wav", 8, frames=48_000), tmp_path / f"out.{kind}"
    job = ExportJob(AudioSource(source), target, kind, None, 0, False, (-7.25, 1.034), (-6.5, 1.2))
    assert make_file(job, SilentProgress(), CancelToken()).warnings == ()
    (track,) = found_at(target)
    assert (track.replaygain_track_gain_db, track.replaygain_track_peak) == (-7.25, 1.034)
    assert (track.replaygain_album_gain_db, track.replaygain_album_peak) == (-6.5, 1.2)


def test_opus_is_told_its_loudness_in_its_own_way(tmp_path: Path) -> None:
    source, target = song(tmp_path / "in.flac", 8, frames=48_000, title="One"), tmp_path / "out.opus"
    job = ExportJob(AudioSource(source), target, "opus", None, 0, False, (-7.25, 1.034))
    make_file(job, SilentProgress(), CancelToken())
    tags = OggOpus(target)
    assert (tags["R128_TRACK_GAIN"], tags["TITLE"]) == ([str(round((-7.25 - 5.0) * 256))], ["One"])
    (track,) = found_at(target)
    assert track.replaygain_track_gain_db == -7.25


def test_channels_that_a_format_does_not_hold_are_mixed_down(tmp_path: Path) -> None:
    source = tmp_path / "in.wav"
    soundfile.write(source, noise(7, 48_000, channels=6), 48_000)
    made(source, tmp_path / "out.mp3", "mp3")
    with open_reader(tmp_path / "out.mp3") as reader:
        assert (reader.info.channels, reader.info.frames) == (2, 48_000)


def test_a_bit_rate_that_there_is_not_becomes_the_nearest_and_is_said(tmp_path: Path) -> None:
    source = song(tmp_path / "in.flac", 8)
    assert made(source, tmp_path / "out.mp3", "mp3", 150_000).warnings == (
        "made with 160 kbit/s, the nearest there is",
    )


@pytest.mark.parametrize("kind", ["opus", "flac"])
def test_a_file_that_ends_before_it_should_is_used_as_far_as_it_goes(tmp_path: Path, kind: str) -> None:
    source = song(tmp_path / "in.flac", 9, frames=60_000)
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    done = made(source, tmp_path / f"out.{kind}", kind)
    assert any("truncated" in warning for warning in done.warnings)
    with open_reader(tmp_path / f"out.{kind}") as reader:
        assert 10_000 < (reader.info.frames or 0) < 60_000


def test_what_is_no_audio_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "in.flac"
    source.write_bytes(b"fLaC" + bytes(100))
    for kind in ("flac", "opus"):
        with pytest.raises(InputError):
            made(source, tmp_path / "out.x", kind)
    assert sorted(os.listdir(tmp_path)) == ["in.flac"]


@pytest.mark.parametrize("kind", [None, "wav"])
def test_a_name_that_was_taken_meanwhile_stays_with_who_took_it(
    tmp_path: Path, kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    source, target = song(tmp_path / "in.flac", 1), tmp_path / "out"
    target.write_bytes(b"theirs")
    with pytest.raises(RefusedError, match="exists already"):
        made(source, target, kind)
    assert target.read_bytes() == b"theirs"
    replaced = made(source, target, kind, displaces=True).published.replaced
    assert replaced is not None
    assert Path(replaced).read_bytes() == b"theirs"
    assert not list(tmp_path.glob(".auralis-*"))


def test_a_source_that_is_written_while_it_is_copied_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = song(tmp_path / "in.wav", 1)
    copy = os.copy_file_range

    def copy_while_written(*where: int) -> int:
        count = copy(*where)
        os.utime(source)
        return count

    monkeypatch.setattr("auralis_cli.services.export_work.os.copy_file_range", copy_while_written)
    with pytest.raises(InputError, match="changed while it was copied"):
        made(source, tmp_path / "out.wav", None)
    assert not (tmp_path / "out.wav").exists()


def test_where_the_kernel_does_not_copy_the_program_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_where: int) -> int:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("auralis_cli.services.export_work.os.copy_file_range", refuse)
    monkeypatch.setattr("auralis_cli.services.export_work._PIECE_BYTES", 1000)
    source = song(tmp_path / "in.wav", 1)
    made(source, tmp_path / "out.wav", None)
    assert (tmp_path / "out.wav").read_bytes() == source.read_bytes()


def test_a_folder_that_is_gone_is_the_outputs_failure(tmp_path: Path) -> None:
    source = song(tmp_path / "in.flac", 1)
    for kind in (None, "flac"):
        with pytest.raises(OutputError):
            made(source, tmp_path / "gone" / "out", kind)


@pytest.mark.parametrize("kind", [None, "flac"])
def test_nothing_is_made_in_what_a_stick_was_mounted_on(tmp_path: Path, kind: str | None) -> None:
    """Planted: workers that look at their file only, while the folder is the one below the stick by now."""
    stick = tmp_path / "stick"
    stick.mkdir()
    source = song(tmp_path / "a.wav", 1)
    status = stick.stat()
    job = ExportJob(
        AudioSource(source),
        stick / f"a.{kind or 'wav'}",
        kind,
        None,
        0,
        False,
        folder=FolderIdentity(str(stick), status.st_dev, status.st_ino),
    )
    stick.rename(tmp_path / "in a pocket")
    stick.mkdir()
    with pytest.raises(OutputError, match="is gone: taken out, or unmounted"):
        make_file(job, SilentProgress(), CancelToken())
    assert os.listdir(stick) == []
