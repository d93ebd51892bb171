"""Many files through whole commands: what is named, where it goes, what one bad file costs, what a second run does."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import demo_piece
import numpy as np
import pytest
import soundfile
from at_a_step import killed_at, signalled_at
from command_line import REPOSITORY, Finished, auralis, auralis_process
from numpy.typing import NDArray

from auralis_cli.commands.items import Display, Manner, Task, run_items
from auralis_cli.commands.verb import Session
from auralis_cli.model.reports import AnalysisReport
from auralis_cli.model.source import AudioSource
from auralis_cli.output import Output
from auralis_cli.services import batch
from auralis_cli.services.analyze import analyze_file
from auralis_cli.services.processors import cores

RATE = 44_100
POISONED = os.pathsep.join((str(REPOSITORY / "tests" / "poison"), str(REPOSITORY)))


@pytest.fixture(scope="module")
def piece() -> NDArray[np.float32]:
    return np.clip(demo_piece.compose()[5 * RATE :], -1.0, 1.0).astype(np.float32)


def write(path: Path, piece: NDArray[np.float32], number: int = 0, seconds: float = 3.0) -> Path:
    """Some seconds of the piece, other ones for every number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    start = int(number * RATE * 0.7)
    soundfile.write(path, piece[start : start + int(seconds * RATE)], RATE, subtype="PCM_16")
    return path


@pytest.fixture
def music(piece: NDArray[np.float32], tmp_path: Path) -> Path:
    """A folder of four tracks in two folders."""
    folder = tmp_path / "music"
    for number, name in enumerate(("a/1.wav", "a/2.flac", "b/1.wav", "top.wav")):
        write(folder / name, piece, number)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def items(done: Finished) -> list[Any]:
    return list(done.document["items"])


def test_a_folder_is_mastered_into_another_folders_mirrored(music: Path, tmp_path: Path) -> None:
    done = auralis("master", music, "--out-dir", tmp_path / "out", "--json", "--loudness", "-20")
    assert done.code == 0, done
    assert sorted(digests(tmp_path / "out")) == ["a/1.flac", "a/2.flac", "b/1.flac", "top.flac"]
    assert [Path(item["path"]).name for item in items(done)] == ["1.wav", "2.flac", "1.wav", "top.wav"]
    assert all(abs(item["output"]["integrated_lufs"] + 20.0) < 0.1 for item in items(done))
    assert "4 of 4 done in " in done.err


def test_the_same_bytes_come_out_for_any_number_of_jobs(music: Path, tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        assert auralis("master", music, "--out-dir", tmp_path / jobs, "-j", jobs).code == 0
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    alone = tmp_path / "alone.flac"
    assert auralis("master", music / "top.wav", alone).code == 0
    assert hashlib.sha256(alone.read_bytes()).hexdigest() == digests(tmp_path / "1")["top.flac"]


def test_what_is_done_and_unchanged_is_skipped_and_nothing_else(
    music: Path, piece: NDArray[np.float32], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert auralis("master", music, "--out-dir", out).code == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.flac")}
    write(music / "b/1.wav", piece, 9)
    (out / "top.flac").unlink()
    again = auralis("master", music, "--out-dir", out, "--json")
    assert again.code == 3
    by_name = {Path(item["path"]).relative_to(music).as_posix(): item for item in items(again)}
    assert [name for name, item in by_name.items() if item.get("skipped")] == ["a/1.wav", "a/2.flac"]
    # Another source under the same name: its result is in the way, and is the user's.
    assert by_name["b/1.wav"]["error"]["code"] == "refused"
    assert "output" in by_name["top.wav"]
    assert (out / "a/1.flac").stat().st_mtime_ns == before[out / "a/1.flac"]
    forced = auralis("master", music, "--out-dir", out, "--force", "--json")
    assert forced.code == 0
    assert not any(item.get("skipped") for item in items(forced))


def test_a_dry_run_says_what_is_done_already(music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert auralis("master", music / "a", "--out-dir", out).code == 0
    (out / "2.flac").unlink()
    done = auralis("master", music / "a", "--out-dir", out, "-n", "--json")
    assert done.code == 0, done
    assert [(item["dry_run"], item.get("skipped", False)) for item in items(done)] == [(True, True), (True, False)]
    forced = auralis("master", music / "a", "--out-dir", out, "-n", "--force", "--json")
    assert not any(item.get("skipped") for item in items(forced))


@pytest.mark.invariant("S4-D2.2")
def test_a_result_has_its_place_whatever_else_the_folder_holds(piece: NDArray[np.float32], tmp_path: Path) -> None:
    """Kills: a place that depends on what is found below the folder that was named."""
    lib, out = tmp_path / "lib", tmp_path / "out"
    write(lib / "albumA" / "x.wav", piece)
    assert auralis("master", lib, "--out-dir", out).code == 0
    assert sorted(digests(out)) == ["albumA/x.flac"]
    write(lib / "albumB" / "x.wav", piece, 1)
    again = auralis("master", lib, "--out-dir", out, "--json")
    assert again.code == 0, again
    assert [bool(item.get("skipped")) for item in items(again)] == [True, False]
    assert sorted(digests(out)) == ["albumA/x.flac", "albumB/x.flac"]
    # Folders that are named are told apart, also where one of them holds nothing yet.
    (lib / "albumC").mkdir()
    named = auralis("master", lib / "albumA", lib / "albumC", "--out-dir", tmp_path / "other", "-n", "--json")
    assert items(named)[0]["destination"] == str(tmp_path / "other" / "albumA" / "x.flac")


@pytest.mark.invariant("S4-D2.2")
def test_a_result_that_would_lie_beside_its_input_does_not_replace_it(
    piece: NDArray[np.float32], tmp_path: Path
) -> None:
    write(tmp_path / "album" / "x.flac", piece)
    before = digests(tmp_path)
    for words in ((), ("--force",)):
        done = auralis("master", tmp_path, "--out-dir", tmp_path, "--json", *words)
        assert (done.code, digests(tmp_path)) == (2, before)
        assert "would take the place of an input" in items(done)[0]["error"]["message"]


def test_results_below_the_inputs_are_no_inputs_of_the_next_run(music: Path) -> None:
    for _ in range(2):
        done = auralis("master", music, "--out-dir", music / "out", "--json")
        assert done.code == 0, done
        assert len(items(done)) == 4
    assert "what results are there is left out (4)" in done.err
    assert all(item["skipped"] for item in items(done))
    # What is named is meant.
    assert len(items(auralis("master", music / "out", "--out-dir", music / "again", "-n", "--json"))) == 4


def test_results_beside_the_inputs_are_no_inputs_of_the_next_run(piece: NDArray[np.float32], tmp_path: Path) -> None:
    write(tmp_path / "song.wav", piece)
    for _ in range(2):
        done = auralis("master", tmp_path, "--out-dir", tmp_path, "--json")
        assert (done.code, len(items(done))) == (0, 1), done
    assert sorted(digests(tmp_path)) == ["song.flac", "song.wav"]


def test_a_table_without_rows_has_no_head(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"nothing")
    for words in (("analyze",), ("master", "--out-dir", tmp_path / "out")):
        assert auralis(*words, tmp_path).out == ""


def test_a_batch_whose_receipts_cannot_be_kept_is_done_and_says_so(
    piece: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("auralis_cli.commands.master_run.receipts_dir", lambda: tmp_path / "file" / "receipts")
    done = auralis("master", write(tmp_path / "song.wav", piece), "--out-dir", tmp_path / "out", "--json")
    assert done.code == 0, done
    assert "no later batch will know" in items(done)[0]["warnings"][0]
    assert (tmp_path / "out" / "song.flac").exists()


def test_an_input_named_twice_is_done_once_and_that_is_said(piece: NDArray[np.float32], tmp_path: Path) -> None:
    song = write(tmp_path / "song.wav", piece)
    done = auralis("master", song, tmp_path / "." / "song.wav", "--out-dir", tmp_path / "out", "-n", "--json")
    assert (done.code, len(items(done))) == (0, 1)
    assert "named more than once, and done once: 1 of 2 inputs" in done.err


def test_another_wish_is_no_reason_to_skip(music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert auralis("master", music, "--out-dir", out).code == 0
    other = auralis("master", music, "--out-dir", out, "--loudness", "-16", "--json")
    assert other.code == 2
    assert {item["error"]["code"] for item in items(other)} == {"refused"}
    assert "with other wishes" in items(other)[0]["error"]["message"]


@pytest.mark.invariant("S0-H07")
def test_files_that_crash_or_hang_their_decoder_cost_themselves(
    music: Path, piece: NDArray[np.float32], tmp_path: Path
) -> None:
    write(music / "crash.wav", piece)
    write(music / "hang.wav", piece)
    nan = piece[:RATE].copy()
    nan[1000] = np.nan
    soundfile.write(music / "nan.wav", nan, RATE, subtype="FLOAT")
    out = tmp_path / "out"
    words = ("master", music, "--out-dir", out, "--stall-timeout", "12", "--jsonl", "-j", "2")
    with ThreadPoolExecutor() as threads:
        measuring = ("analyze", music, "--stall-timeout", "12", "--jsonl")
        measured = threads.submit(auralis_process, *measuring, PYTHONPATH=POISONED)
        done = auralis_process(*words, PYTHONPATH=POISONED)
    assert done.code == 3, done
    errors = {Path(item["path"]).name: item["error"]["message"] for item in done.lines if "error" in item}
    assert errors == {
        "crash.wav": "cannot be worked on: its process crashed (SIGSEGV)",
        "hang.wav": "cannot be worked on: no progress for 12 s",
        "nan.wav": "holds NaN or Inf at frame 1000",
    }
    assert sorted(digests(out)) == ["a/1.flac", "a/2.flac", "b/1.flac", "top.flac"]
    assert "Traceback" not in done.err
    assert [Path(item["path"]).name for item in measured.result().lines if "error" in item] == ["crash.wav", "hang.wav"]


def test_a_killed_batch_goes_on_where_it_stopped(piece: NDArray[np.float32], tmp_path: Path) -> None:
    music, out, whole = tmp_path / "music", tmp_path / "out", tmp_path / "whole"
    for number in range(8):
        write(music / f"{number}.wav", piece, number, 6.0)
    words = ("master", music, "--out-dir", out)
    killed_at({"items_done": 3}, *words, environ={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    finished = sorted(out.glob("*.flac"))
    assert len(finished) >= 3
    again = auralis("master", music, "--out-dir", out, "--json")
    assert again.code == 0, again
    assert sum("skipped" in item for item in items(again)) >= 3
    assert auralis("master", music, "--out-dir", whole).code == 0
    assert {name: value for name, value in digests(out).items() if name.endswith(".flac")} == digests(whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_batch_leaves_whole_files_only(
    number: signal.Signals, piece: NDArray[np.float32], tmp_path: Path
) -> None:
    music, out = tmp_path / "music", tmp_path / "out"
    for count in range(6):
        write(music / f"{count}.wav", piece, count, 8.0)
    done = subprocess.run(
        signalled_at(number, {"items_done": 1}, "master", music, "--out-dir", out, group=True),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == (130 if number == signal.SIGINT else -number)
    names = [path.name for path in out.iterdir()]
    assert names
    assert all(name.endswith(".flac") for name in names)
    for name in names:
        assert soundfile.info(out / name).frames == 8 * RATE


def test_lists_of_names_are_read_from_files_and_pipes(music: Path, tmp_path: Path) -> None:
    odd = music / os.fsdecode(b"caf\xe9\n-.wav")
    (music / "top.wav").rename(odd)
    listed = tmp_path / "list"
    listed.write_bytes(b"\0".join(os.fsencode(path) for path in (odd, music / "a/1.wav")) + b"\0")
    done = auralis("analyze", "--files-from", listed, "-0", "--jsonl")
    assert done.code == 0, done
    assert [item["path"] for item in done.lines] == [str(odd), str(music / "a/1.wav")]
    assert done.out.isascii()
    plain = f"{music}/a/1.wav\n\n{music}/missing.wav\n".encode()
    piped = subprocess.run(
        [sys.executable, "-m", "auralis_cli", "analyze", "--files-from", "-", "--jsonl"],
        input=plain,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert piped.returncode == 3
    lines = [json.loads(line) for line in piped.stdout.splitlines()]
    assert ["error" in line for line in lines] == [False, True]


@pytest.mark.invariant("S0-H02")
def test_names_in_a_list_are_names_and_results_stay_in_their_folder(
    piece: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "deep" / "music"
    write(music / "t.wav", piece)
    for name in ("-rf.wav", "~x.wav", "$HOME.wav", "-"):
        (music / name).write_bytes((music / "t.wav").read_bytes())
    monkeypatch.chdir(music)
    listed = tmp_path / "list"
    listed.write_bytes(b"-rf.wav\n~x.wav\n$HOME.wav\n../music/-\n../../list\nnul\0.wav\n")
    done = auralis("master", "--files-from", listed, "--out-dir", tmp_path / "out", "--jsonl")
    assert done.code == 3
    assert [item.get("error", {}).get("code") for item in done.lines] == [None] * 4 + ["unsupported", "unreadable"]
    inside = tmp_path / "out"
    assert {path.name for path in inside.rglob("*") if path.is_file()} == {
        "-rf.flac", "~x.flac", "$HOME.flac", "-.flac",
    }  # fmt: skip
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "list", "out"}


def test_no_result_takes_the_place_of_an_input(piece: NDArray[np.float32], tmp_path: Path) -> None:
    write(tmp_path / "song.wav", piece)
    write(tmp_path / "other.flac", piece)
    before = digests(tmp_path)
    done = auralis("master", tmp_path, "--out-dir", tmp_path, "--force", "--json")
    assert done.code == 3
    refused = [item for item in items(done) if "error" in item]
    assert [Path(item["path"]).name for item in refused] == ["other.flac"]
    assert "would take the place of an input" in refused[0]["error"]["message"]
    assert before.items() <= digests(tmp_path).items()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("master", "a", "b", "c"), "OUT"),
        (("master", "--files-from", "x"), "--files-from"),
        (("master", "a", "--out-dir", "x", "--files-from", "y"), "--files-from"),
        (("master", "-", "--out-dir", "x"), "-"),
        (("analyze",), "PATH"),
        (("analyze", "-0", "x.wav"), "--null"),
        (("analyze", "-j", "0", "x.wav"), "--jobs"),
        (("analyze", "--max-size", "lots", "x.wav"), "--max-size"),
        (("analyze", "--max-duration", "nan", "x.wav"), "--max-duration"),
        (("analyze", "--raw-rate", "44100", "x.wav"), "--raw-rate"),
        (("master", "a.wav", "--out-dir", "x", "--to", "exe"), "--to"),
        (("master", "a.wav", "--out-dir", "x", "--bitrate", "128"), "--bitrate"),
        (("master", "a.wav", "--out-dir", "x", "--to", "mp3", "--bits", "16"), "--bits"),
        (("master", "a.wav", "--out-dir", "x", "--to", "mp3", "--bitrate", "9999"), "--bitrate"),
        (("master", "a.wav", "--out-dir", "x", "--preset", "loudest"), "--preset"),
    ],
)
@pytest.mark.invariant("S2-u3")
def test_what_cannot_be_served_is_refused_before_any_work(
    words: tuple[str, ...], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = auralis(*words)
    assert (done.code, done.err.startswith(f"auralis: error: {named}: "), done.err.count("\n")) == (2, True, 1), done
    assert list(tmp_path.iterdir()) == []


def test_every_input_failing_is_told_by_the_code_of_the_failures(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no audio")
    (tmp_path / "b.wav").touch()
    assert auralis("analyze", tmp_path).code == 4
    assert auralis("master", tmp_path, "--out-dir", tmp_path / "o").code == 4
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = auralis("analyze", empty)
    assert (nothing.code, nothing.err) == (
        4,
        f"auralis: error: {empty}: holds no audio files\n0 of 1 done, 1 failed in 0:00\n",
    )


def test_progress_of_a_batch_is_told_for_each_file_and_for_all(music: Path) -> None:
    done = auralis("analyze", music, "--jsonl", "--progress", "json", "-q")
    told = [json.loads(line) for line in done.err.splitlines()]
    assert [line["items_done"] for line in told if "items_done" in line] == [0, 1, 2, 3, 4]
    steps = [line for line in told if "task" in line]
    assert {line["path"] for line in steps} == {str(path) for path in music.rglob("*.*")}


def test_bars_on_a_terminal_step_aside_for_results(music: Path) -> None:
    done = auralis("analyze", music, terminal=True)
    assert done.code == 0
    rows = [line for line in done.out.splitlines() if str(music) in line]
    assert len(rows) == 4, done
    assert "4 of 4" in done.err


def test_a_dry_run_of_many_writes_nothing(music: Path, tmp_path: Path) -> None:
    before = digests(tmp_path)
    done = auralis("master", music, "--out-dir", tmp_path / "out", "-n", "--json")
    assert done.code == 0, done
    assert all(item["dry_run"] for item in items(done))
    assert digests(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_the_report_of_a_batch_holds_every_file(music: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    done = auralis("master", music, "--out-dir", tmp_path / "out", "--report", report, "--json")
    assert json.loads(report.read_text()) == done.document


def test_a_folder_as_the_only_input_wants_a_folder_for_results(music: Path, tmp_path: Path) -> None:
    done = auralis("master", music, tmp_path / "o.flac")
    assert done.code == 2
    assert "--out-dir masters all in it" in done.err


def test_verify_judges_many(music: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert auralis("master", music, "--out-dir", out, "--target", "broadcast").code == 0
    done = auralis("verify", out, "--target", "broadcast", "--jsonl", "-j", "2")
    assert (done.code, [item["ok"] for item in done.lines]) == (0, [True] * 4), done
    assert auralis("verify", out, "--target", "loud").code == 1


def test_what_all_tracks_of_a_sheet_have_in_common_is_said_once(piece: NDArray[np.float32], tmp_path: Path) -> None:
    write(tmp_path / "album.flac", piece, seconds=6.0)
    tracks = "".join(f"TRACK {n} AUDIO\nINDEX 01 00:0{n * 2 - 2}:00\n" for n in (1, 2, 3))
    (tmp_path / "album.cue").write_text(f'FILE "album.wav" WAVE\n{tracks}')
    done = auralis("analyze", tmp_path / "album.cue", "--jsonl")
    assert (done.code, len(done.lines)) == (0, 3)
    assert all(len(line["warnings"]) == 1 for line in done.lines)
    assert done.err.count("album.flac") == 1


def test_work_ends_with_who_shows_it(music: Path) -> None:
    def stumble(_report: AnalysisReport) -> None:
        raise BrokenPipeError

    tasks = [Task(AudioSource(path), analyze_file, (AudioSource(path),)) for path in sorted(music.rglob("*.*"))]
    session = Session(Output(io.StringIO(), io.StringIO(), {}))
    display = Display(json=lambda _report: None, alone=stumble, row=stumble)
    with pytest.raises(BrokenPipeError) as raised:
        run_items(session, tasks, display, Manner(False, False, 2, 60.0), alone=False)
    assert raised.traceback
    assert multiprocessing.active_children() == []


@pytest.mark.invariant("S0-L02")
def test_no_more_is_done_at_a_time_than_there_are_processors(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: a thousand jobs begin a thousand processes."""
    asked: list[int] = []
    whole = batch.run_batch

    def observed(items: Any, jobs: int, *rest: Any) -> Any:
        asked.append(jobs)
        return whole(items, jobs, *rest)

    monkeypatch.setattr(batch, "run_batch", observed)
    done = auralis("analyze", music, "--jobs", "64", "--json")
    assert done.code == 0, done
    assert asked == [cores()]
    assert f"--jobs 64: there are {cores()} processors" in done.err
