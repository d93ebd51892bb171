"""`auralis replaygain` as a command: real files, what is written, what is not done twice, and what undoes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from command_line import Run, auralis
from gated_reference import blocks_of, gated_lufs
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TALB, TIT2
from track_files import tags_of

from auralis_cli.audio.track_file import content_of
from auralis_cli.model.player_choices import NormalizeMode
from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.normalization import normalize_gain_db
from auralis_cli.services.track_lookup import LibraryTrackLookup

RATE_HZ = 44_100
NAMES = ("1.flac", "2.opus", "3.mp3", "4.wav")


def piece(path: Path, level: float, seed: int, seconds: float = 3.0) -> Path:
    """Noise through which a tone fades in."""
    rng = np.random.default_rng(seed)
    rate_hz = 48_000 if path.suffix == ".opus" else RATE_HZ
    place = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = rng.standard_normal((len(place), 2)) * 0.2 + np.sin(place * 2000.0)[:, None] * (place / seconds)[:, None]
    kinds: dict[str, Any] = {
        ".opus": {"format": "OGG", "subtype": "OPUS"},
        ".mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
    }
    kind = kinds.get(path.suffix, {"format": path.suffix[1:].upper(), "subtype": "PCM_16"})
    soundfile.write(path, np.clip(wave * level, -1.0, 1.0).astype(np.float32), rate_hz, **kind)
    return path


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album of four formats, measured once by worker processes: each test has a copy of it."""
    folder = tmp_path_factory.mktemp("music") / "Album"
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        piece(folder / name, 0.5 / 2**seed, seed)
    done = auralis("--library", folder.parent / "none.db", "replaygain", "-n", "-j", "2", folder)
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def album(known: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(known, tmp_path / "Album"))


@pytest.fixture
def decodes_nothing(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever would be decoded fails instead."""

    def refuse(*_: object) -> None:
        raise AssertionError("a file was decoded that was measured before")

    monkeypatch.setattr("auralis_cli.services.gain_measuring.measure_for_gain", refuse)
    monkeypatch.setattr("auralis_cli.services.batch.run_batch", refuse)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def items(done: Any) -> dict[str, dict[str, Any]]:
    assert done.code == 0, done.err
    return {Path(one["path"]).name: one for one in done.document["items"]}


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(run: Run, album: Path, library: Path) -> None:
    before = contents(album)
    found = items(run("replaygain", "-n", "--json", album))
    assert contents(album) == before
    assert not library.exists()
    assert [(one["state"], one["dry_run"]) for one in found.values()] == [("written", True)] * 4
    shown = run("replaygain", "-n", album)
    assert [line.rsplit("  ", 1)[1] for line in shown.out.splitlines()[1:]] == ["to be written"] * 4
    assert "\ndry run: 4 to be written in " in shown.err
    written = items(run("replaygain", "--json", album))
    assert {name: one["tags"] for name, one in written.items()} == {name: one["tags"] for name, one in found.items()}


@pytest.mark.usefixtures("decodes_nothing")
def test_gains_are_those_of_a_reference_of_its_own(run: Run, album: Path) -> None:
    found = items(run("replaygain", "--json", album))
    waves = {name: soundfile.read(album / name, always_2d=True) for name in ("1.flac", "4.wav")}
    for name, (wave, rate_hz) in waves.items():
        assert found[name]["track_gain_db"] == pytest.approx(-18.0 - gated_lufs([blocks_of(wave, rate_hz)]), abs=0.02)
        assert found[name]["track_peak"] >= np.abs(wave).max() - 1e-6
    all_waves = [soundfile.read(album / name, always_2d=True) for name in NAMES]
    expected = -18.0 - gated_lufs([blocks_of(wave, rate_hz) for wave, rate_hz in all_waves])
    for one in found.values():
        assert one["album_gain_db"] == pytest.approx(expected, abs=0.02)
        assert one["album_peak"] == max(other["track_peak"] for other in found.values())
    said = FLAC(album / "1.flac")
    assert said["REPLAYGAIN_TRACK_GAIN"] == [f"{found['1.flac']['track_gain_db']:.2f} dB"]
    assert said["REPLAYGAIN_ALBUM_PEAK"] == [f"{found['1.flac']['album_peak']:.6f}"]
    opus = mutagen.File(album / "2.opus").tags
    assert int(opus["R128_TRACK_GAIN"][0]) / 256 + 5 == pytest.approx(found["2.opus"]["track_gain_db"], abs=0.005)


@pytest.mark.skipif(shutil.which("loudgain") is None, reason="needs loudgain")
def test_gains_are_those_that_loudgain_writes(run: Run, album: Path, tmp_path: Path) -> None:
    names = ("1.flac", "2.opus", "3.mp3")
    found = items(run("replaygain", "-n", "--json", *(album / name for name in names)))
    for name in names:
        theirs = shutil.copy(album / name, tmp_path)
        subprocess.run(("loudgain", "-s", "i", "-q", theirs), check=True, capture_output=True)
        assert found[name]["track_gain_db"] == pytest.approx(tags_of(theirs).replaygain_track_gain_db, abs=0.05)


@pytest.mark.usefixtures("decodes_nothing")
def test_what_is_current_is_neither_decoded_nor_touched(run: Run, album: Path) -> None:
    assert run("replaygain", album).code == 0
    before = contents(album)
    assert {one["state"] for one in items(run("replaygain", "--json", album)).values()} == {"unchanged"}
    assert contents(album) == before
    # What somebody else wrote is put right, of that file alone.
    tags = FLAC(album / "1.flac")
    tags["replaygain_track_gain"] = "+9.99 dB"
    tags.save()
    states = {name: one["state"] for name, one in items(run("replaygain", "--json", album)).items()}
    assert states == {"1.flac": "written", "2.opus": "unchanged", "3.mp3": "unchanged", "4.wav": "unchanged"}


def test_force_measures_what_is_known_again(run: Run, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from auralis_cli.services import gain_measuring

    measured: list[str] = []
    really = gain_measuring.measure_for_gain

    def noted(source: Any, *others: Any) -> Any:
        measured.append(source.name)
        return really(source, *others)

    monkeypatch.setattr(gain_measuring, "measure_for_gain", noted)
    assert run("replaygain", "-n", known / "4.wav").code == 0
    assert measured == []
    assert run("replaygain", "-n", "--force", known / "4.wav").code == 0
    assert measured == [str(known / "4.wav")]


@pytest.mark.usefixtures("decodes_nothing")
def test_what_was_written_is_undone_byte_for_byte(run: Run, album: Path) -> None:
    before, audio = contents(album), {path.name: content_of(str(path)) for path in album.iterdir()}
    assert run("replaygain", album).code == 0
    assert {path.name: content_of(str(path)) for path in album.iterdir()} == audio
    assert "gains of 4 files written" in run("history").out
    assert run("undo", "-y").code == 0
    assert contents(album) == before


@pytest.mark.usefixtures("decodes_nothing")
def test_remove_takes_out_what_was_written_and_no_more(run: Run, album: Path) -> None:
    tags = FLAC(album / "1.flac")
    tags["TITLE"] = "stays"
    tags.save()
    assert run("replaygain", album).code == 0
    assert {one["state"] for one in items(run("replaygain", "--remove", "--json", album)).values()} == {"removed"}
    assert FLAC(album / "1.flac").tags == [("TITLE", "stays")]
    assert {one["state"] for one in items(run("replaygain", "--remove", "--json", album)).values()} == {"unchanged"}


@pytest.mark.usefixtures("decodes_nothing")
def test_of_tracks_only_leaves_what_is_said_of_albums(run: Run, album: Path) -> None:
    tags = FLAC(album / "1.flac")
    tags["REPLAYGAIN_ALBUM_GAIN"] = "-1.23 dB"
    tags.save()
    found = items(run("replaygain", "--track", "--json", album))
    assert {one["album_gain_db"] for one in found.values()} == {None}
    assert FLAC(album / "1.flac")["REPLAYGAIN_ALBUM_GAIN"] == ["-1.23 dB"]


@pytest.mark.usefixtures("decodes_nothing")
def test_albums_are_told_by_tags_before_folders(run: Run, album: Path) -> None:
    for name in ("1.flac", "3.mp3"):
        tags: Any = FLAC(album / name) if name.endswith("flac") else ID3()
        if isinstance(tags, FLAC):
            tags["ALBUM"], tags["TITLE"] = "One", "T"
            tags.save()
        else:
            tags.add(TALB(encoding=3, text="One"))
            tags.add(TIT2(encoding=3, text="T"))
            tags.save(album / name)
    found = items(run("replaygain", "-n", "--json", album))
    gains = {name: one["album_gain_db"] for name, one in found.items()}
    assert gains["1.flac"] == gains["3.mp3"] != gains["2.opus"] == gains["4.wav"]
    by_folder = items(run("replaygain", "-n", "--album-by", "folder", "--json", album))
    assert len({one["album_gain_db"] for one in by_folder.values()}) == 1


@pytest.mark.usefixtures("decodes_nothing")
def test_opus_is_given_what_is_asked_for(run: Run, album: Path) -> None:
    path = album / "2.opus"
    names = {
        choice: {
            name.upper() for name in items(run("replaygain", "--opus-tags", choice, "--json", path))[path.name]["tags"]
        }
        for choice in ("both", "rg", "r128")
    }
    assert names["r128"] == {"R128_TRACK_GAIN", "R128_ALBUM_GAIN"}
    assert names["both"] == names["rg"] | names["r128"]
    left = {name.upper() for name, _ in mutagen.File(path).tags if name.upper() != "ENCODER"}
    assert left == names["r128"]


def test_the_gain_of_an_opus_header_counts(run: Run, album: Path) -> None:
    from opus_header import with_header_gain

    louder = album / "louder.opus"
    louder.write_bytes(with_header_gain((album / "2.opus").read_bytes(), 6.0))
    found = items(run("replaygain", "-n", "--track", "--json", album / "2.opus", louder))
    difference = found["2.opus"]["track_gain_db"] - found["louder.opus"]["track_gain_db"]
    assert difference == pytest.approx(6.0, abs=0.05)


def test_a_clip_safe_gain_is_lowered_by_the_peak_it_goes_with(run: Run, album: Path) -> None:
    found = items(run("replaygain", "--clip-safe", "--json", album))
    for one in found.values():
        for of in ("track", "album"):
            assert one[f"{of}_peak"] * 10 ** (one[f"{of}_gain_db"] / 20) <= 10 ** (-1 / 20) + 1e-9
    # Beyond what was decoded before: its peaks allow nothing of what its loudness asks for.
    assert found["4.wav"]["track_gain_db"] < -18.0 - found["4.wav"]["integrated_lufs"]


def test_silence_has_no_gain_of_its_own_and_is_said(run: Run, album: Path) -> None:
    silent = album / "silent.wav"
    soundfile.write(silent, np.zeros((RATE_HZ, 2)), RATE_HZ)
    done = run("replaygain", "--json", album)
    one = items(done)["silent.wav"]
    assert (one["track_gain_db"], one["integrated_lufs"]) == (None, None)
    assert one["album_gain_db"] is not None
    assert "there is no gain for it" in done.err
    assert not {"replaygain_track_gain", "replaygain_track_peak"} & one["tags"].keys()


def test_one_that_cannot_be_read_fails_and_the_others_go_on(run: Run, album: Path) -> None:
    (album / "5.flac").write_bytes(b"fLaC" + bytes(60))
    done = run("replaygain", "--json", album, album / "missing.flac")
    assert done.code == 3
    failed = [Path(one["path"]).name for one in done.document["items"] if "error" in one]
    assert failed == ["5.flac", "missing.flac"]
    assert sum(one.get("state") == "written" for one in done.document["items"]) == 4
    assert run("replaygain", album / "missing.flac").code == 4


def test_tracks_of_a_cue_sheet_have_no_tags_of_their_own(run: Run, album: Path) -> None:
    sheet = album / "a.cue"
    sheet.write_text('FILE "4.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n  INDEX 01 00:01:00\n')
    done = run("replaygain", "--json", sheet)
    assert done.code == 4
    assert [one["error"]["code"] for one in done.document["items"]] == ["unsupported"] * 2
    assert "which has no tags of its own" in done.err


def test_the_library_follows_and_a_track_is_played_with_the_gain_of_its_tags(
    run: Run, album: Path, library: Path
) -> None:
    assert run("scan", album).code == 0
    found = items(run("replaygain", "--json", "format:flac", ",", "format:opus"))
    assert set(found) == {"1.flac", "2.opus"}
    for name, one in found.items():
        row = run("list", "-f", "$replaygain_track_gain_db $replaygain_album_gain_db", f"path:{name}").out.split()
        assert [float(value) for value in row] == pytest.approx([one["track_gain_db"], one["album_gain_db"]], abs=0.006)
        track = LibraryTrackLookup(library).look_up(QueueTrack(os.fspath(album / name)))
        for mode, of in ((NormalizeMode.TRACK, "track"), (NormalizeMode.ALBUM, "album")):
            # R128 has no peaks: one at full scale is assumed.
            peak_db = 20 * np.log10(one[f"{of}_peak"]) if name == "1.flac" else 0.0
            expected = min(one[f"{of}_gain_db"], -1.0 - peak_db)
            assert normalize_gain_db(track, mode, in_album_order=False) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(("mode", "of"), [("track", "track"), ("album", "album")])
def test_a_file_is_played_with_the_gain_that_was_written(
    run: Run, album: Path, tmp_path: Path, mode: str, of: str
) -> None:
    gain_db = items(run("replaygain", "--json", album))["1.flac"][f"{of}_gain_db"]
    played = tmp_path / "played.wav"
    assert run("play", "--normalize", mode, "--output", played, album / "1.flac").code == 0
    before, after = (soundfile.read(path, always_2d=True)[0] for path in (album / "1.flac", played))
    assert 10.0 * np.log10(np.mean(after**2) / np.mean(before**2)) == pytest.approx(gain_db, abs=0.002)


def test_the_whole_library_is_asked_for_first(run: Run, album: Path) -> None:
    assert run("scan", album).code == 0
    refused = run("replaygain")
    assert (refused.code, "-y answers yes" in refused.err) == (2, True)
    assert len(items(run("replaygain", "-y", "--json"))) == 4


def test_a_part_of_an_album_is_said_to_be_one(run: Run, album: Path) -> None:
    assert run("scan", album.parent).code == 0
    done = run("replaygain", "-n", album / "1.flac")
    assert done.code == 0
    assert "3 more" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--remove", "--clip-safe"),
        ("--remove", "--force"),
        ("--remove", "--album-by", "folder"),
        ("--remove", "--opus-tags", "r128"),
        ("--track", "--album-by", "folder"),
        ("--json", "--jsonl"),
    ],
)
def test_options_that_exclude_each_other_are_refused(run: Run, album: Path, words: tuple[str, ...]) -> None:
    assert run("replaygain", *words, album).code == 2
