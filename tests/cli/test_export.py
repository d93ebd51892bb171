"""`auralis export … --to DIR` as a command: what it takes, what it says, how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import Run, auralis, auralis_process
from exported_music import divided, song


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "music"
    song(folder / "a.flac", 1, title="One", artist="Air", album="Moon", tracknumber="1")
    song(folder / "c.ogg", 3, subtype="VORBIS", title="Loose", artist="Air", album="Moon")
    song(folder / "x.wav", 4)
    return folder


@pytest.fixture
def library(tmp_path: Path, music: Path) -> Path:
    """A library of three songs."""
    file = tmp_path / "library.db"
    assert auralis("--library", file, "scan", music).code == 0
    return file


def test_what_a_query_finds_is_copied_said_in_a_line_and_undone(run: Run, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    done = run("export", "artist:air", "--to", stick)
    assert done.code == 0
    assert done.out.startswith("2 copied; ")
    assert f" in {stick}, after " in done.out
    assert (stick / "Air/Moon/01 - One.flac").read_bytes() == (tmp_path / "music/a.flac").read_bytes()
    assert run("export", "artist:air", "--to", stick).out.startswith(f"2 there already in {stick}")
    assert run("undo", "-y").out.count("to the trash") == 2
    assert not list(stick.rglob("*.flac"))


def test_documents_say_what_became_of_each_and_failures_have_the_one_shape(
    run: Run, tmp_path: Path, music: Path
) -> None:
    (music / "x.wav").unlink()
    done = run("export", "--to", tmp_path / "stick", "--json")
    assert done.code == 3
    items = {item.get("action", "failed"): item for item in done.document["items"]}
    assert items["copy"].keys() == {"id", "path", "target", "action", "size_bytes", "warnings"}
    assert items["failed"]["path"] == str(music / "x.wav")
    assert items["failed"]["error"]["message"] == "does not exist"
    planned = run("export", "--to", tmp_path / "other", "--jsonl", "-n", "artist:air")
    assert [one["dry_run"] for one in planned.lines] == [True, True]
    assert not (tmp_path / "other").exists()


def test_where_nothing_is_to_be_done_that_is_said(run: Run, tmp_path: Path, music: Path) -> None:
    words = ("export", "artist:air", "--to", tmp_path / "stick", "--max-total", "1k")
    assert run(*words, "-n").out == f"dry run: nothing to do in {tmp_path}/stick\n"
    assert run(*words).out.startswith(f"nothing to do in {tmp_path}/stick, after ")


def test_a_plan_names_every_file_and_shows_no_control_characters(run: Run, tmp_path: Path, music: Path) -> None:
    song(music / "h\x1b[31m.flac", 5, title="\x1b[31mred", artist="Air", album="Moon")
    run("scan")
    done = run("export", "title:red", "--to", tmp_path / "stick", "-n", terminal=True)
    assert done.code == 0
    assert "\x1b[31mred" not in done.out
    assert "h\\x1b[31m.flac" in done.out
    assert done.out.splitlines()[-1].startswith("dry run: 1 to be copied; ")


def test_files_that_no_library_knows_are_exported_as_they_are(tmp_path: Path, music: Path) -> None:
    divided(music / "d")
    stick = tmp_path / "stick"
    done = auralis("--library", tmp_path / "none.db", "export", music / "d", music / "a.flac", "--to", stick, "-n")
    assert (done.code, (tmp_path / "none.db").exists()) == (0, False)
    names = tmp_path / "names"
    names.write_bytes(b"\0".join(os.fsencode(path) for path in (music / "d" / "whole.cue", music / "a.flac")))
    done = auralis("--library", tmp_path / "none.db", "export", "--files-from", names, "-0", "--to", stick)
    assert done.code == 0
    assert done.out.startswith("1 copied, 2 encoded; ")
    found = sorted(str(path.relative_to(stick)) for path in stick.rglob("*.flac"))
    assert found == ["Air/Moon/01 - One.flac", "Band/Whole/01 - First.flac", "Band/Whole/02 - Second.flac"]


def test_what_cannot_be_served_is_said_before_anything_is_done(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = {
        ("genre:x",): "--to",
        ("--to", "d", "--format", "mp4"): "--format",
        ("--to", "d", "--bitrate", "96"): "--bitrate",
        ("--to", "d", "--bitrate", "96", "--format", "flac"): "--bitrate",
        ("--to", "d", "--force-transcode"): "--force-transcode",
        ("--to", "d", "--template", "../$title"): "TEMPLATE",
        ("--to", "d", "--template", "$nothing"): "nothing",
        ("--to", "d", "--playlist", "Gone"): "Gone",
        ("--to", "d", "--names", "odd"): "--names",
        ("--to", "d", "--max-total", "lots"): "--max-total",
        ("-", "--to", "d"): "standard input",
        ("--json", "--jsonl", "--to", "d"): "--json",
    }
    for words, why in refused.items():
        done = run("export", *words)
        assert (done.code, done.err.count("\n"), why in done.err) == (2, 1, True), words


def test_nothing_found_and_no_folder_to_be_made_in_have_their_codes(run: Run, tmp_path: Path) -> None:
    assert run("export", "artist:nobody", "--to", tmp_path / "stick", "--sync").code == 4
    gone = run("export", "--to", tmp_path / "no" / "stick")
    assert (gone.code, "the folder it is to be made in does not exist" in gone.err) == (1, True)
    (tmp_path / "file").touch()
    assert run("export", "--to", tmp_path / "file").code == 1


def test_a_playlist_is_exported_with_its_tracks_and_kept_in_step(run: Run, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    run("playlist", "create", "Best", "title:one")
    assert run("export", "--playlist", "Best", "--to", stick).out.startswith("1 copied, 1 playlist written; ")
    assert (stick / "Best.m3u8").read_text().splitlines()[-1] == "Air/Moon/01 - One.flac"
    run("playlist", "add", "Best", "title:loose")
    run("playlist", "remove", "Best", "1")
    done = run("export", "--playlist", "Best", "--to", stick, "--sync")
    assert done.out.startswith("1 copied, 1 playlist written, 1 moved to the trash; ")
    assert (stick / "Best.m3u8").read_text().splitlines()[-1] == "Air/Moon/Loose.ogg"
    run("undo", "-y")
    assert (stick / "Best.m3u8").read_text().splitlines()[-1] == "Air/Moon/01 - One.flac"
    assert (stick / "Air/Moon/01 - One.flac").exists()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe")
def test_another_program_plays_what_was_encoded_and_reads_its_tags(run: Run, tmp_path: Path) -> None:
    done = run("export", "--to", tmp_path / "stick", "--format", "opus", "--bitrate", "96", "-j", "2")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 copied, 2 encoded; ")
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams"]
    out = subprocess.run([*command, tmp_path / "stick/Air/Moon/01 - One.opus"], capture_output=True, check=True).stdout
    (stream,) = json.loads(out)["streams"]
    assert (stream["codec_name"], stream["tags"]["title"], stream["tags"]["artist"]) == ("opus", "One", "Air")


def test_it_can_be_stopped_and_goes_on(tmp_path: Path, music: Path) -> None:
    stick = tmp_path / "stick"
    first = auralis_process("--library", tmp_path / "l.db", "export", music, "--to", stick, "--max-total", "20K")
    assert first.code == 0
    assert "left out" in first.err
    again = auralis_process("--library", tmp_path / "l.db", "export", music, "--to", stick)
    assert "there already" in again.out
