"""Ctrl-C, SIGTERM and closed pipes: the work stops at once and nothing half-written stays."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from at_a_step import signalled_at
from command_line import REPOSITORY, auralis_process
from patience import PATIENCE_S

from auralis_cli.__main__ import GRACE_S

LIMIT_S = 2.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def write_beats(path: Path, seconds: int) -> Path:
    """Quiet noise and a beat: something to do for every stage."""
    rng = np.random.default_rng(3)
    with soundfile.SoundFile(path, "w", 44_100, 2, "PCM_16") as stream:
        for _ in range(seconds):
            second = rng.normal(0.0, 0.03, (44_100, 2))
            second[:2000] *= 6.0
            stream.write(second.astype(np.float32))
    return path


@pytest.fixture(scope="module")
def kernels_are_warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("warm")
    source = write_beats(folder / "in.wav", 6)
    # To flac as well: what is compiled for the first time cannot be interrupted.
    for name in ("out.wav", "out.flac"):
        assert auralis_process("master", source, folder / name).code == 0


@pytest.fixture(scope="module")
def long_track(kernels_are_warm: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some minutes: long enough to be caught in any phase."""
    return write_beats(tmp_path_factory.mktemp("interrupt") / "long.wav", 300)


def interrupted(task: str, number: signal.Signals, *words: str | Path) -> tuple[int, str, float]:
    """How a process ended that sent itself a signal as it reported `task`: code, words, and seconds it then worked."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        signalled_at(number, {"task": task}, "master", *words),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=4 * PATIENCE_S,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = done.stderr.splitlines()
    (until_then_s,) = [json.loads(line)["processor_s"] for line in lines if "processor_s" in line]
    return done.returncode, done.stderr, used_s - until_then_s


@pytest.mark.invariant("S1-M-11")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("task", ["measuring", "shaping", "rendering"])
def test_ctrl_c_in_any_phase_stops_within_two_seconds_and_leaves_nothing(
    task: str, number: signal.Signals, long_track: Path, tmp_path: Path
) -> None:
    code, err, worked_s = interrupted(task, number, long_track, tmp_path / "out.flac")
    # Of a processor: how long it waits for one is none of its doing.
    assert worked_s < LIMIT_S
    assert code == (130 if number == signal.SIGINT else -number)
    assert err.splitlines()[-1] == "auralis: error: interrupted"
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
@pytest.mark.invariant("S1-M-29")
@pytest.mark.parametrize("verb", ["master", "analyze", "scan"])
def test_ctrl_c_at_any_moment_is_done_within_two_seconds_by_the_clock(
    verb: str, long_track: Path, tmp_path: Path
) -> None:
    """By a clock on the wall, which tells the truth on a machine that does nothing else."""
    rng = np.random.default_rng(7)
    library = tmp_path / "library.db"
    words: dict[str, list[str | Path]] = {
        "master": [long_track, tmp_path / "out.flac"],
        "analyze": [long_track],
        "scan": ["--fingerprint", long_track.parent],
    }
    codes = set[int]()
    for after_s in rng.uniform(0.3, 3.0, 20):
        command = [sys.executable, "-m", "auralis_cli", "--library", library, verb, *words[verb]]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
            try:
                process.wait(after_s)
            except subprocess.TimeoutExpired:
                sent_s = time.monotonic()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=PATIENCE_S)
                assert time.monotonic() - sent_s < LIMIT_S
            codes.add(process.returncode)
        if process.returncode:
            assert list(tmp_path.glob("*out*")) == []
        for made in (*tmp_path.glob("out.flac"), *tmp_path.glob("library.db*")):
            made.unlink()
    assert 130 in codes
    assert codes <= {0, 130}


def test_an_existing_file_survives_an_interrupted_force(long_track: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"precious")
    assert interrupted("rendering", signal.SIGINT, "--force", long_track, out)[0] == 130
    assert out.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.wav"]


DEAF = """
import os, sys, time
from auralis_cli import __main__, cli
from auralis_cli.model.progress import CancelToken
cancel = CancelToken.cancel
def heard(token):
    cancel(token)
    os.write(sys.stderr.fileno(), b"heard\\n")
CancelToken.cancel = heard
if sys.argv[1:]:
    __main__.GRACE_S = float(sys.argv[1])
def deaf(**_):
    try:
        print("working", file=sys.stderr, flush=True)
        while True:
            time.sleep(0.01)
    finally:
        print("cleaned up", file=sys.stderr, flush=True)
load = cli.load_verb
def loaded(name):
    command = load(name)
    command.callback = deaf
    return command
cli.load_verb = loaded
sys.argv[1:] = ["doctor"]
__main__.main()
"""


@pytest.mark.invariant("S1-M-11")
@pytest.mark.parametrize("signals", [1, 2])
@pytest.mark.alone
def test_work_that_does_not_look_is_interrupted_all_the_same(signals: int) -> None:
    # The second Ctrl-C does not wait for the grace of the first.
    grace_s = GRACE_S if signals == 1 else 20.0 * PATIENCE_S
    assert GRACE_S < LIMIT_S
    words = [sys.executable, "-c", DEAF, str(grace_s)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        assert process.stderr is not None
        assert process.stderr.readline() == "working\n"
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            assert process.stderr.readline() == "heard\n"
        assert process.stderr.read() == "cleaned up\nauralis: error: interrupted\n"
        watchdog.cancel()
    assert process.returncode == 130


def test_an_ignored_hang_up_stays_ignored() -> None:
    caught = "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); " + DEAF.replace(
        "import sys, time\n", "import sys, time\n"
    )
    process = subprocess.Popen([sys.executable, "-c", caught], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert process.stderr is not None
    assert process.stderr.readline() == "working\n"
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -signal.SIGTERM


def test_a_reader_that_leaves_is_no_error() -> None:
    # The pipe is closed before the first byte of help.
    read_end, write_end = os.pipe()
    os.close(read_end)
    with subprocess.Popen(
        [sys.executable, "-c", SHOW_HELP],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        os.close(write_end)
        assert process.stderr is not None
        err = process.stderr.read()
    assert (process.returncode, err) == (-signal.SIGPIPE, "")


SHOW_HELP = """
import sys
from auralis_cli import __main__
sys.argv[1:] = ["master", "--help"]
__main__.main()
"""
