"""`auralis master --reference`: towards another recording, never anything else in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import auralis

from auralis_cli.model.sound_profile import SoundProfile
from auralis_cli.model.source import AudioSource
from auralis_cli.services import reference_profiles


def music(seconds: float) -> np.ndarray:
    """Chords under a beat, wide."""
    time_s = np.arange(round(seconds * 44_100)) / 44_100
    beat = np.exp(-8.0 * (time_s % 0.5))[:, None]
    noise = np.random.default_rng(5).normal(0.0, 0.05, (len(time_s), 2))
    chord = np.stack([sum(np.sin(2 * np.pi * f * time_s + s) for f in (110, 277, 1760)) for s in (0.0, 1.0)], axis=1)
    return (0.02 * chord * (0.5 + beat) + noise * beat).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("music")
    song = music(5.0)
    soundfile.write(made / "song.wav", song, 44_100, subtype="PCM_16")
    louder = np.clip(2.5 * np.stack([song[:, 0], 0.5 * song[:, 1] + 0.3 * np.roll(song[:, 0], 40)], axis=1), -1.0, 1.0)
    soundfile.write(made / "other.wav", louder, 48_000, subtype="PCM_16")
    return made


@pytest.mark.invariant("S3-ENG-07")
def test_a_song_with_itself_as_reference_comes_out_as_it_went_in(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    assert auralis("master", "--reference", folder / "song.wav", folder / "song.wav", out).code == 0
    assert np.array_equal(*(soundfile.read(path, dtype="int16")[0] for path in (folder / "song.wav", out)))


def test_loudness_and_peaks_are_the_references_and_it_says_by_what(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.flac"
    done = auralis("master", "--reference", folder / "other.wav", folder / "song.wav", out, "--json")
    document = done.document
    reference = document["plan"]["reference"]
    assert document["plan"]["mode"] == "reference"
    assert reference["name"] == str(folder / "other.wav")
    assert reference["tracks"] == 1
    assert document["output"]["integrated_lufs"] == pytest.approx(reference["integrated_lufs"], abs=0.1)
    assert document["output"]["true_peak_dbtp"] <= min(-1.0, reference["true_peak_dbtp"] + 0.1)
    assert soundfile.info(out).frames == soundfile.info(folder / "song.wav").frames
    assert abs(document["match"]["before"]["integrated_lufs"]) > 1.0
    assert abs(document["match"]["after"]["integrated_lufs"]) < 0.1
    places = (folder / "song.wav", tmp_path / "o.flac")
    hybrid = auralis("master", "--reference", folder / "other.wav", "--mode", "hybrid", "--explain", "-n", *places)
    assert hybrid.code == 0
    assert " the reference)" in hybrid.out
    assert f"  hybrid            {folder / 'other.wav'}: " in hybrid.out


@pytest.mark.invariant("S2-u3")
def test_a_reference_that_cannot_be_one_is_an_error_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.flac"
    soundfile.write(tmp_path / "silent.wav", np.zeros((200_000, 2)), 44_100)
    for reference in ("missing.flac", str(tmp_path / "silent.wav"), "artist:nobody"):
        for mode in ("reference", "hybrid"):
            done = auralis("master", "--reference", reference, "--mode", mode, folder / "song.wav", out)
            assert done.code == 4, done.err
            assert done.err.splitlines()[-1].startswith("auralis: error: ")
            assert not out.exists()


@pytest.mark.invariant("S2-u3")
@pytest.mark.parametrize(
    "words",
    [
        ("--mode", "reference"),
        ("--mode", "hybrid"),
        ("--mode", "loudest"),
        ("--mode", "adaptive", "--reference", "other.wav"),
        ("--preset", "warm", "--reference", "other.wav"),
        ("--reference", "-"),
    ],
)
def test_contradictions_and_unknown_modes_are_refused_before_any_work(
    words: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    named = [str(folder / word) if word == "other.wav" else word for word in words]
    done = auralis("master", *named, folder / "song.wav", tmp_path / "out.flac")
    assert done.code == 2
    assert not (tmp_path / "out.flac").exists()


def test_the_reference_is_never_replaced_by_what_is_made_after_it(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.flac"
    soundfile.write(kept, music(4.0), 44_100)
    before = kept.read_bytes()
    done = auralis("master", "--reference", kept, "--force", folder / "song.wav", kept)
    assert done.code == 2
    assert "reference and output are the same file" in done.err
    assert kept.read_bytes() == before


def test_a_batch_listens_to_its_reference_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listened = []
    measured = reference_profiles._measured

    def counting(source: AudioSource, *rest: Any) -> SoundProfile:
        listened.append(source)
        return measured(source, *rest)

    monkeypatch.setattr(reference_profiles, "_measured", counting)
    soundfile.write(tmp_path / "reference.wav", music(4.0)[:, ::-1], 44_100)
    done = auralis(
        "master", "--reference", tmp_path / "reference.wav", "--out-dir", tmp_path / "out", "-n", "--jobs", "1",
        folder / "song.wav", folder / "other.wav",
    )  # fmt: skip
    assert done.code == 0
    assert len(listened) == 1
