"""`auralis recommend`: what it says, by what it judges, and what it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import library_of
import numpy as np
import pytest
import soundfile
from command_line import auralis, auralis_process

from auralis_cli.audio.track_file import content_of, full_hash
from auralis_cli.commands.recommend import PAGE
from auralis_cli.db.store import Store
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.recommendation_rules import RESTRAINTS, SIGNS
from auralis_cli.model.source import AudioSource
from auralis_cli.services.analyze import analyze_file
from auralis_cli.services.stored_analysis import ANALYSIS_VERSION, analysis_to_bytes

RATE = 22_050


def drums(path: Path, seconds: float = 30.0) -> Path:
    """Four short bursts a second, in time."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(1).normal(0.0, 0.3, (len(time_s), 2))
    beat = np.exp(-40.0 * (time_s % 0.25))
    soundfile.write(path, np.clip(noise * beat[:, None], -0.99, 0.99), RATE, subtype="PCM_16")
    return path


def organ(path: Path, seconds: float = 30.0) -> Path:
    """A low chord that swells over the whole of it."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * time_s) / f for f in (110.0, 165.0, 220.0, 277.2, 330.0))
    level = 10.0 ** (-1.5 + 1.5 * time_s / seconds)
    wave = 20.0 * chord * level
    soundfile.write(path, np.stack([wave, wave], axis=1), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    drums(folder / "drums.wav")
    organ(folder / "organ.wav")
    soundfile.write(folder / "silence.wav", np.zeros((RATE, 2)), RATE)
    return folder


def test_drums_are_given_punch_and_an_organ_is_left_gentle(music: Path) -> None:
    done = auralis("recommend", "--json", music / "drums.wav", music / "organ.wav", "-j", "1")
    assert done.code == 0
    first, second = done.document["items"]
    assert (first["preset"], second["preset"]) == ("punchy", "gentle")
    for item in (first, second):
        assert {*item} == {
            "path", "preset", "intensity", "confidence", "reasons", "scores", "preferences", "analysis", "warnings",
            "degraded",
        }  # fmt: skip
        assert 0.3 <= item["intensity"] <= 1.0
        assert 0.0 <= item["confidence"] <= 1.0
        assert {*item["scores"]} == {*PRESETS}
        assert item["analysis"] == "measured"
        for reason in item["reasons"]:
            assert {*reason} == {"about", "measured", "value", "text"}
            assert reason["about"] in ("preset", "intensity")
    assert first["reasons"][0]["measured"] in {sign.measured for sign in SIGNS["punchy"]}


def test_one_track_is_told_with_reasons_and_many_in_a_line_each(music: Path) -> None:
    alone = auralis("recommend", music / "drums.wav")
    assert alone.code == 0
    lines = alone.out.splitlines()
    assert lines[0] == str(music / "drums.wav")
    assert lines[2].split() == ["preset", "punchy"]
    assert "onsets a second" in alone.out
    many = auralis("recommend", music / "drums.wav", music / "silence.wav", "-j", "1", "-q")
    assert [line.split()[0] for line in many.out.splitlines()] == ["preset", "punchy", "adaptive"]


def test_a_single_track_of_a_list_is_told_with_reasons_as_well(music: Path, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text(f"{music / 'drums.wav'}\n")
    listed = auralis("recommend", "--files-from", names, "-j", "1", "-q")
    assert listed.out == auralis("recommend", music / "drums.wav").out
    assert {*auralis("recommend", "--json", "--files-from", names, "-j", "1").document} == {"auralis", "items"}


def test_each_is_a_line_of_json_as_soon_as_it_is_known_and_a_failure_stands_among_them(music: Path) -> None:
    done = auralis("recommend", "--jsonl", music / "silence.wav", music / "none.wav", "-j", "1")
    assert done.code == 3
    silence, missing = done.lines
    assert (silence["preset"], silence["intensity"]) == ("adaptive", 0.0)
    assert missing["error"]["message"].endswith("does not exist")


def folder(path: Path) -> str:
    path.mkdir()
    soundfile.write(path / "song.wav", np.zeros((RATE, 2)), RATE)
    return "is a folder"


def named_pipe(path: Path) -> str:
    os.mkfifo(path)
    return "is a named pipe"


def endless_device(path: Path) -> str:
    path.symlink_to("/dev/zero")
    return "is a device"


def text(path: Path) -> str:
    path.write_text("no music\n" * 1_000)
    return "is not audio"


def nothing(path: Path) -> str:
    path.touch()
    return "is empty"


def missing(path: Path) -> str:
    return "does not exist"


def a_circle(path: Path) -> str:
    path.symlink_to(path)
    return "is a symbolic link that leads in a circle"


@pytest.mark.invariant("S1-L-04")
@pytest.mark.parametrize("make", [folder, named_pipe, endless_device, text, nothing, missing, a_circle])
@pytest.mark.parametrize("with_library", [False, True])
def test_what_is_no_audio_file_is_refused_in_one_line_and_never_waited_for(
    make: Callable[[Path], str], with_library: bool, tmp_path: Path
) -> None:
    library, path = tmp_path / "library.db", tmp_path / "odd.wav"
    if with_library:
        Store.open(library, program="test", now=1).close()
    says = make(path)
    done = auralis("--library", library, "recommend", path)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith(f"auralis: error: {path}: {says}")
    assert done.err.count("\n") == 1
    listed = tmp_path / "names"
    listed.write_text(f"{path}\n")
    of_list = auralis("--library", library, "recommend", "--files-from", listed, "--jsonl", "-j", "1")
    assert of_list.code == 4
    assert says in of_list.lines[0]["error"]["message"]


@pytest.mark.invariant("S1-L-04")
def test_a_device_itself_is_refused_as_a_process(tmp_path: Path) -> None:
    done = auralis_process("recommend", "/dev/zero", cwd=tmp_path)
    assert done.code == 4
    assert "is a device" in done.err


@pytest.mark.invariant("S1-L-04")
@pytest.mark.parametrize("word", ["id:999", "artist:nobody"])
def test_an_id_or_a_query_that_the_library_does_not_know_is_refused(word: str, tmp_path: Path) -> None:
    Store.open(tmp_path / "library.db", program="test", now=1).close()
    done = auralis("--library", tmp_path / "library.db", "recommend", word)
    assert (done.code, done.out) == (4, "")
    assert "the library holds no such tracks" in done.err


def test_a_query_is_judged_by_what_the_library_has_measured(music: Path, tmp_path: Path) -> None:
    song, library = music / "drums.wav", tmp_path / "library.db"
    body = analysis_to_bytes(analyze_file(AudioSource(song), SilentProgress(), CancelToken()).analysis)
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record(str(song), artist="Air")], root=str(music))
        store.analyses.put([(content_of(str(song)), body)], version=ANALYSIS_VERSION, now=1)
        store.audio_hashes.put([(content_of(str(song)), full_hash(str(song)))])
    known = auralis("--library", library, "recommend", "--jsonl", "artist:air").lines[0]
    measured = auralis("recommend", "--json", song).document
    assert (known["analysis"], measured["analysis"]) == ("stored", "measured")
    assert {**known, "analysis": ""} == {**measured, "analysis": ""}


def test_what_is_no_sound_has_no_recommendation(tmp_path: Path) -> None:
    audio = np.zeros((RATE, 1), np.float32)
    audio[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", audio, RATE, subtype="FLOAT")
    done = auralis("recommend", tmp_path / "nan.wav")
    assert done.code == 4
    assert "NaN" in done.err


def test_the_page_states_every_rule_of_the_table() -> None:
    page = " ".join(PAGE.details)
    for signs in (*SIGNS.values(), *(one.signs for one in RESTRAINTS)):
        for sign in signs:
            assert f"{sign.measured} {sign.begins:g} to {sign.plain:g}" in page
    assert all(preset in page for preset in PRESETS)
