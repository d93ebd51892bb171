"""Pipelines through real processes: what arrives, what is refused, and that nothing stays behind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from at_a_step import signalled_at
from command_line import REPOSITORY, auralis_process
from numpy.typing import NDArray
from patience import PATIENCE_S, until
from wav_bytes import chunk, fmt, wav

RATE = 44_100
AURALIS = f"{sys.executable} -m auralis_cli"


def needs(*tools: str) -> pytest.MarkDecorator:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@dataclass(frozen=True)
class Pipeline:
    """What a shell left behind; `codes` are those of its commands in order."""

    codes: list[int]
    out: bytes
    err: str


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of music, 16 bits."""
    path = tmp_path_factory.mktemp("song") / "in.wav"
    soundfile.write(path, np.clip(demo_piece.compose()[5 * RATE : 10 * RATE], -1, 1), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def mastered(song: Path) -> NDArray[np.int32]:
    """What the file gives at 24 bits."""
    out = song.with_name("mastered.wav")
    done = auralis_process("master", "--bits", "24", song, out)
    assert done.code == 0, done.err
    return samples(out)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """A TMPDIR of the test's own, which has to be empty in the end."""
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


def samples(path: Path) -> NDArray[np.int32]:
    return np.asarray(soundfile.read(path, dtype="int32", always_2d=True)[0])


def environment(spool: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(spool)}


def shell(line: str, spool: Path, stdin: bytes = b"") -> Pipeline:
    """Runs a line of bash in the folder beside `spool`; `auralis` in it is ours."""
    script = f'auralis() {{ {AURALIS} "$@"; }}\n{line}\ncodes="${{PIPESTATUS[@]}}"; echo "$codes" > codes'
    done = subprocess.run(
        ["bash", "-c", script], input=stdin, capture_output=True, cwd=spool.parent, env=environment(spool), timeout=120,
        check=False,
    )  # fmt: skip
    codes = [int(word) for word in (spool.parent / "codes").read_text().split()]
    assert list(spool.iterdir()) == []
    assert b"Traceback" not in done.stderr
    return Pipeline(codes, done.stdout, done.stderr.decode())


# ---- the pipes that must work ------------------------------------------------------------------------------------


@needs("ffmpeg", "flac")
def test_from_ffmpeg_through_a_master_to_flac(song: Path, spool: Path, mastered: NDArray[np.int32]) -> None:
    # ffmpeg writes 0xFFFFFFFF for the sizes, and a LIST before the audio.
    done = shell(f"ffmpeg -v error -i {song} -f wav - | auralis master - - | flac -s - -o y.flac", spool)
    assert done.codes == [0, 0, 0], done.err
    assert np.array_equal(samples(spool.parent / "y.flac"), mastered)
    # The summary, of which flac sees nothing, and no warning of flac's.
    assert "\n  loudness range" in done.err
    assert "WARNING" not in done.err


@needs("sox")
def test_from_sox_to_a_measurement(song: Path, spool: Path) -> None:
    done = shell(f"sox {song} -t wav - | auralis analyze - --json", spool)
    assert done.codes == [0, 0], done.err
    piped, of_file = json.loads(done.out), auralis_process("analyze", song, "--json").document
    assert piped.pop("path") == "-"
    assert of_file.pop("path") == str(song)
    assert piped == of_file


@pytest.mark.parametrize("options", ["--to wav", "--to flac", ""])
def test_a_consumer_who_has_enough_ends_it_quietly(options: str, song: Path, spool: Path) -> None:
    long = spool.parent / "long.wav"
    audio, _ = soundfile.read(song, dtype="int16")
    soundfile.write(long, np.tile(audio, (8, 1)), RATE)
    done = shell(f"auralis master {long} - {options} | head -c 1000 >/dev/null", spool)
    assert done.codes == [128 + signal.SIGPIPE, 0]
    assert done.err == ""


def test_a_consumer_who_leaves_at_once_is_noticed_before_anything_is_rendered(song: Path, spool: Path) -> None:
    # It begins when the other end is closed for sure.
    os.mkfifo(spool.parent / "left")
    begun = f"{{ read -r < left; auralis master --progress json {song} -; }}"
    done = shell(f"{begun} | {{ exec 0<&-; echo > left; }}", spool)
    assert done.codes == [128 + signal.SIGPIPE, 0]
    tasks = {json.loads(line).get("task") for line in done.err.splitlines()}
    assert not tasks & {"shaping", "rendering"}


def test_a_list_that_comes_slowly_is_read_to_its_end(song: Path, spool: Path) -> None:
    done = shell(f"(echo {song}; sleep 0.5; echo {song}) | auralis analyze --files-from - --jsonl", spool)
    assert [json.loads(line)["path"] for line in done.out.splitlines()] == [str(song)] * 2


@needs("flac", "sox")
def test_pipes_may_follow_each_other(song: Path, spool: Path, mastered: NDArray[np.int32]) -> None:
    before, after = f"flac --totally-silent -c {song}", "flac -s -d -c - | sox -t wav - y.wav"
    done = shell(f"{before} | auralis master -q - - --to flac | {after}", spool)
    assert (done.codes, done.err) == ([0, 0, 0, 0], "")
    assert np.array_equal(samples(spool.parent / "y.wav"), mastered)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_sizes_that_are_not_known_and_tags_in_front_are_no_hindrance(
    size: int, song: Path, spool: Path, mastered: NDArray[np.int32]
) -> None:
    body = soundfile.read(song, dtype="int16")[0].astype("<i2").tobytes()
    data = wav(body, before=chunk(b"LIST", b"INFOINAM\4\0\0\0abc\0"), data_size=size, riff_size=size)
    done = shell("auralis master -q - y.wav --bits 24", spool, data)
    assert (done.codes, done.err) == ([0], "")
    assert np.array_equal(samples(spool.parent / "y.wav"), mastered)


@pytest.mark.parametrize("name", ["-", "in.raw"])
def test_raw_samples_are_mastered_from_pipes_and_files(
    name: str, song: Path, spool: Path, mastered: NDArray[np.int32]
) -> None:
    data = soundfile.read(song, dtype="int16")[0].astype(">i2").tobytes()
    (spool.parent / "in.raw").write_bytes(data)
    line = f"auralis master -q {name} - --raw s16be --raw-rate {RATE} --raw-channels 2 > y.wav"
    done = shell(line, spool, data if name == "-" else b"")
    assert (done.codes, done.err) == ([0], "")
    assert np.array_equal(samples(spool.parent / "y.wav"), mastered)


def test_a_file_called_dash_is_reached_by_its_folder(song: Path, spool: Path) -> None:
    shutil.copy(song, spool.parent / "-")
    done = shell("auralis analyze ./- --json", spool)
    assert json.loads(done.out)["path"] == "-"
    assert json.loads(done.out)["frames"] == 5 * RATE


def test_verify_takes_a_pipe_too(song: Path, spool: Path) -> None:
    done = shell(f"auralis master -q {song} - | auralis verify - --target streaming --json", spool)
    assert done.codes == [0, 0], done.err
    assert json.loads(done.out)["path"] == "-"


# ---- what stands where -------------------------------------------------------------------------------------------


def test_standard_output_carries_the_audio_and_nothing_else(song: Path, spool: Path) -> None:
    done = shell(f"auralis master {song} - --report r.json", spool)
    assert done.codes == [0]
    assert done.out[:4] == b"RIFF"
    assert len(done.out) == 8 + int.from_bytes(done.out[4:8], "little")
    document = json.loads((spool.parent / "r.json").read_text())
    assert (document["path"], document["destination"], document["output_subtype"]) == (str(song), "-", "PCM_24")
    assert f"{song} → -" in done.err.replace("\n", " ")


def test_a_dry_run_writes_no_audio_and_shows_its_plan_as_ever(song: Path, spool: Path) -> None:
    done = shell(f"auralis master -n --json {song} - ", spool)
    assert done.codes == [0], done.err
    assert json.loads(done.out)["dry_run"] is True


# ---- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("auralis master {song} - --json", 2, "--report"),
        ("auralis analyze - - </dev/zero", 2, "standard input"),
        ("auralis master - out.flac </dev/null", 4, "-: is empty"),
        ("auralis master - out.flac <&-", 4, "-: standard input is closed"),
        ("auralis analyze - <&-", 4, "-: standard input is closed"),
        ("auralis master {song} - >&-", 1, "standard output: is closed"),
        ("auralis master {song} - >/dev/full", 1, "standard output: "),
        ("auralis master {song} - --to flac >/dev/full", 1, "standard output: "),
        ("yes | auralis master - out.flac", 4, "-: is not audio"),
        ("yes | auralis master --raw s16le - out.flac --max-size 3M", 4, "--max-size"),
        ("yes | auralis analyze --raw s16le - --max-duration 20s", 4, "--max-duration"),
        ("auralis analyze --raw s16le --raw-rate 1000 - </dev/zero", 2, "--raw-rate"),
    ],
)
def test_what_cannot_be_served_is_one_line(line: str, code: int, words: str, song: Path, spool: Path) -> None:
    done = shell(line.format(song=song), spool)
    assert done.codes[-1] == code, done.err
    lines = [said for said in done.err.splitlines() if not said.startswith("yes:")]
    assert len(lines) == 1
    assert lines[0].startswith("auralis: error: ")
    assert words in lines[0]
    assert not (spool.parent / "out.flac").exists()


@pytest.mark.parametrize("words", [["analyze", "-"], ["master", "-", "out.flac"], ["master", "in.wav", "-"]])
def test_audio_neither_comes_from_a_terminal_nor_goes_to_one(words: list[str], song: Path, spool: Path) -> None:
    shutil.copy(song, spool.parent / "in.wav")
    control, terminal = pty.openpty()
    try:
        done = subprocess.run(
            [*AURALIS.split(), *words], stdin=terminal, stdout=terminal, stderr=subprocess.PIPE, cwd=spool.parent,
            env=environment(spool), timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(control)
        os.close(terminal)
    assert done.returncode == 2
    assert b"terminal" in done.stderr
    assert done.stderr.count(b"\n") == 1


# ---- who goes away -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_wav(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Five minutes: too long for memory, so that it is spooled."""
    rng = np.random.default_rng(3)
    second = rng.normal(0.0, 1000.0, (RATE, 2)).astype("<i2")
    return wav(second.tobytes() * 300, head=fmt(), data_size=0, riff_size=0)


def started(spool: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*AURALIS.split(), "master", "--progress", "json", "-", "-"], stderr=subprocess.PIPE, env=environment(spool),
        cwd=spool.parent,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.flush()


def untaken_bytes(pipe: int) -> int:
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


PHASES = ["reading", "measuring", "shaping", "rendering"]


@pytest.mark.invariant("S4-D3.5")
@pytest.mark.parametrize(
    ("phase", "number"),
    [*((phase, signal.SIGHUP) for phase in PHASES), ("reading", signal.SIGINT), ("rendering", signal.SIGTERM)],
)
@pytest.mark.alone
def test_a_hang_up_in_any_phase_cleans_up_once(
    phase: str, number: signal.Signals, long_wav: bytes, spool: Path, mastered: NDArray[np.int32]
) -> None:
    process = started(spool)
    assert process.stderr is not None
    if phase == "reading":
        assert process.stdin is not None
        feed(process, long_wav[:4])
        pipe = process.stdin.fileno()
        until(lambda: untaken_bytes(pipe) == 0)  # and now it waits for more
    elif phase == "measuring":
        feed(process, long_wav[: len(long_wav) // 20])  # and now waits for more
    else:
        feed(process, long_wav)
        assert process.stdin is not None
        process.stdin.close()
    if phase != "reading":
        # In "rendering" nobody takes what is written: it waits for the consumer.
        next(line for line in process.stderr if json.loads(line).get("task") == phase)
        time.sleep(0.3 if phase == "rendering" else 0.0)
    process.send_signal(number)
    # Who does not hear it waits for the pipe without end.
    process.wait(timeout=PATIENCE_S)
    err = process.stderr.read()
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert err.splitlines()[-1] == b"auralis: error: interrupted"
    assert err.count(b"interrupted") == 1
    assert b"Traceback" not in err
    assert list(spool.iterdir()) == []
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        with suppress(BrokenPipeError):
            stream.close()


@pytest.mark.invariant("S4-D3.5")
def test_a_hang_up_while_a_file_is_built_for_standard_output_leaves_nothing(
    long_wav: bytes, spool: Path, mastered: NDArray[np.int32]
) -> None:
    (spool.parent / "in.wav").write_bytes(long_wav)
    done = subprocess.run(
        signalled_at(signal.SIGHUP, {"task": "rendering"}, "master", "in.wav", "-", "--to", "flac"),
        capture_output=True, env=environment(spool), cwd=spool.parent, timeout=4 * PATIENCE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (-signal.SIGHUP, b"")
    assert list(spool.iterdir()) == []


@pytest.mark.invariant("S4-D3.5")
def test_even_a_kill_leaves_no_spool(long_wav: bytes, spool: Path, mastered: NDArray[np.int32]) -> None:
    process = started(spool)
    assert process.stderr is not None
    feed(process, long_wav)
    process.stdin.close()  # type: ignore[union-attr]
    next(line for line in process.stderr if json.loads(line).get("task") == "rendering")
    process.kill()
    process.wait(timeout=PATIENCE_S)
    assert list(spool.iterdir()) == []
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def test_a_writer_who_dies_leaves_a_truncated_track(song: Path, spool: Path) -> None:
    done = shell(f"head -c 400000 {song} | auralis master - y.flac --json", spool)
    assert done.codes == [0, 0]
    document = json.loads(done.out)
    assert document["warnings"][0].startswith("truncated: 45")
    assert document["input"]["frames"] == soundfile.info(spool.parent / "y.flac").frames


def test_a_writer_is_not_killed_for_what_follows_the_audio(song: Path, spool: Path) -> None:
    done = shell(f"(cat {song}; head -c 1000000 /dev/zero) | auralis analyze -q - --json", spool)
    assert done.codes == [0, 0]


# ---- long proofs -------------------------------------------------------------------------------------------------

LONG = """
import numpy as np, sys
second = np.random.default_rng(1).normal(0, 2000, (44_100, 2)).astype("<i2").tobytes()
from wav_bytes import wav
sys.stdout.buffer.write(wav(b"", data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF))
for _ in range(3600):
    sys.stdout.buffer.write(second)
"""


@pytest.mark.soak
@pytest.mark.timeout(1800)
@needs("time")
@pytest.mark.invariant("S0-M07")
def test_an_hour_through_pipes_stays_within_its_memory(spool: Path, mastered: NDArray[np.int32]) -> None:
    (spool.parent / "generate.py").write_text(LONG)
    measured = f"{shutil.which('time')} -f %M -o rss "
    line = f"PYTHONPATH={REPOSITORY / 'tests'} {sys.executable} generate.py | {measured}{AURALIS} master - - | wc -c"
    script = f"{line}; grep -s . rss"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, cwd=spool.parent, env=environment(spool), check=False
    )
    count, rss_kib = done.stdout.split()
    assert int(count) == 3600 * RATE * 6 + 68
    assert int(rss_kib) < 300 << 10
    assert list(spool.iterdir()) == []
