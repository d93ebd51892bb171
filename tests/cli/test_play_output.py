"""`auralis play --output`: what would be heard, in files and pipes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from at_a_step import signalled_at
from command_line import REPOSITORY, Run

RATE_HZ = 44_100
# In 64ths of a second: eight tracks, one after the other, in one recording.
LENGTHS = (0, 40, 41, 90, 128)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four tracks, and beside it what they were cut from."""
    folder = tmp_path_factory.mktemp("music") / "album"
    folder.mkdir()
    whole = np.random.default_rng(3).integers(-12_000, 12_000, (2 * RATE_HZ, 2)).astype(np.int16)
    cuts = [min(one * RATE_HZ // 64 + one % 7, len(whole)) for one in LENGTHS]
    cuts[-1] = len(whole)
    for number, (start, end) in enumerate(pairwise(cuts), 1):
        soundfile.write(folder / f"{number}.flac", whole[start:end], RATE_HZ)
    np.save(folder.parent / "whole.npy", whole)
    return folder


@pytest.fixture
def places(auralis_home: Path, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "spool").mkdir()
    return {
        **os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_HOME": str(auralis_home), "TMPDIR": f"{tmp_path}/spool",
    }  # fmt: skip


def whole_of(album: Path) -> np.ndarray:
    return np.asarray(np.load(album.parent / "whole.npy"), np.int32) << 16


@pytest.mark.parametrize("name", ["out.wav", "out.flac"])
@pytest.mark.parametrize("bits", ["24", "16"])
def test_an_album_in_a_file_is_its_tracks_sample_for_sample(
    name: str, bits: str, album: Path, tmp_path: Path, run: Run
) -> None:
    out = tmp_path / name
    done = run("play", album, "--output", out, "--bits", bits)
    frames = 2 * RATE_HZ
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{out}: 0:02, {frames} frames at 44100 Hz\n"
    heard, rate_hz = soundfile.read(out, dtype="int32")
    assert (rate_hz, heard.shape) == (RATE_HZ, (frames, 2))
    # 16 bits are dithered, which moves samples by one step.
    assert np.abs(heard.astype(np.int64) - whole_of(album)).max() <= (0 if bits == "24" else 1 << 16)


def test_a_file_that_it_replaced_is_in_the_trash_and_undo_brings_it_back(
    album: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    out = tmp_path / "out.wav"
    out.write_bytes(b"precious")
    assert run("play", album / "1.flac", "--output", out, "--force").code == 0
    assert out.stat().st_size > 1000
    entry = run("history", "--json").document["items"][0]
    assert (entry["verb"], entry["summary"]) == ("play", "out.wav, replaced")
    assert run("undo", "-y").code == 0
    assert out.read_bytes() == b"precious"


def test_some_broken_tracks_are_said_and_the_rest_is_written(album: Path, tmp_path: Path, run: Run) -> None:
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC" + b"\1" * 99)
    out = tmp_path / "out.wav"
    done = run("play", album / "1.flac", broken, album / "2.flac", "--output", out)
    assert done.code == 3
    assert f"auralis: warning: {broken}: " in done.err
    expected = sum(soundfile.info(album / f"{number}.flac").frames for number in (1, 2))
    assert soundfile.info(out).frames == expected
    nothing = run("play", broken, "--output", tmp_path / "none.wav")
    assert (nothing.code, (tmp_path / "none.wav").exists()) == (4, False)
    assert nothing.err.startswith(f"auralis: error: {broken}: ")


def test_progress_is_shown_track_by_track(album: Path, tmp_path: Path, run: Run) -> None:
    done = run("play", album, "--output", tmp_path / "out.wav", "--progress", "json")
    steps = [json.loads(line) for line in done.err.splitlines() if line.startswith('{"task"')]
    shares = [step["done"] for step in steps if step["task"] == "rendering"]
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert 0.8 < shares[-1] <= 1.0


def test_a_queue_that_is_kept_is_rendered_from_its_beginning(album: Path, tmp_path: Path, run: Run) -> None:
    nothing = run("play", "--output", tmp_path / "out.wav")
    assert (nothing.code, nothing.err.count("\n")) == (2, 1)
    assert "the queue is empty" in nothing.err


def test_standard_output_carries_wav_and_nothing_else(album: Path, places: dict[str, str]) -> None:
    command = [sys.executable, "-m", "auralis_cli", "play", str(album), "--output", "-"]
    done = subprocess.run(command, env=places, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "-: 0:02, 88200 frames at 44100 Hz\n")
    data = done.stdout[done.stdout.index(b"data") + 8 :]
    samples = np.zeros((len(data) // 3, 4), np.uint8)
    samples[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    assert np.array_equal(samples.view("<i4").reshape(-1, 2), whole_of(album))


@pytest.mark.invariant("S0-H09")
@pytest.mark.parametrize("more", ["", "--repeat all"])
def test_a_reader_that_leaves_ends_it_at_once_and_quietly(
    more: str, album: Path, places: dict[str, str], tmp_path: Path
) -> None:
    words = f"play {shlex.quote(str(album))} {more} --output -"
    line = f"{shlex.quote(sys.executable)} -m auralis_cli {words} | head -c 1000 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=places, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == (f"{128 + signal.SIGPIPE}\n", "")
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(
    number: signal.Signals, album: Path, places: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "here" / "out.wav"
    out.parent.mkdir()
    names = tmp_path / "names"
    names.write_bytes(b"".join(os.fsencode(album / f"{one}.flac") + b"\0" for one in (1, 2, 3, 4)) * 500)
    words = ("play", "--files-from", names, "-0", "--output", out)
    done = subprocess.run(
        signalled_at(number, {"task": "rendering"}, *words),
        env=places, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == (130 if number == signal.SIGINT else -number)
    assert done.stderr.splitlines()[-1] == "auralis: error: interrupted"
    assert list(out.parent.iterdir()) == []


@pytest.mark.invariant("S4-D3.1")
def test_two_at_once_are_each_what_they_are_alone(
    album: Path, places: dict[str, str], tmp_path: Path, run: Run
) -> None:
    wishes = (("--volume", "60"), ("--crossfade", "0.1", "--volume", "90"))
    command = [sys.executable, "-m", "auralis_cli", "play", str(album)]

    def out(kind: str, which: int) -> Path:
        return tmp_path / f"{kind}{which}.wav"

    for which, words in enumerate(wishes):
        assert run("play", album, *words, "--output", out("alone", which)).code == 0
    both = [
        subprocess.Popen([*command, *words, "--output", str(out("both", which))], env=places, stderr=subprocess.DEVNULL)
        for which, words in enumerate(wishes)
    ]
    assert [process.wait(120) for process in both] == [0, 0]
    for which in range(2):
        assert out("both", which).read_bytes() == out("alone", which).read_bytes()
    assert out("alone", 0).read_bytes() != out("alone", 1).read_bytes()
