"""Words that name no file stand for tracks of the library, in every verb that reads audio; nothing else is opened."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import library_of
import numpy as np
import pytest
import soundfile
from command_line import Finished, auralis

from auralis_cli.commands.inputs import Asked, inputs_of
from auralis_cli.commands.verb import Session
from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.source import AudioSource, DecodeLimits
from auralis_cli.output import Output
from auralis_cli.services.receipts import Receipts

Run = Callable[..., Finished]
Find = Callable[..., list[AudioSource | InputError]]
RATE = 8_000


def tone(path: Path, seconds: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE)
    soundfile.write(path, wave, RATE, subtype="PCM_16", format="WAV")
    return path


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Two tracks by Air, one by Björk, one whose file is gone, one of a cue sheet; a file that was never scanned."""
    folder = tmp_path / "music"
    for name in ("one.wav", "two.wav", "three.wav", "stray.wav"):
        tone(folder / name)
    tone(folder / "disc" / "disc.wav", 4.0)
    sheet = folder / "disc" / "disc.cue"
    sheet.write_text(
        'FILE "disc.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n  INDEX 01 00:02:00\n'
    )
    records = [
        library_of.record(f"{folder}/one.wav", artist="Air", track=1),
        library_of.record(f"{folder}/two.wav", artist="Air", track=2),
        library_of.record(f"{folder}/three.wav", artist="Björk"),
        library_of.record(f"{folder}/gone.wav", artist="Gone"),
        *library_of.divided(f"{folder}/disc/disc.wav", str(sheet), ["First", "Second"]),
    ]
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, records, root=str(folder))
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *words: auralis("--library", tmp_path / "library.db", "-q", *words)


def paths(done: Finished) -> list[str]:
    return [Path(item["path"]).name for item in done.document["items"]]


@pytest.fixture
def found(run: Run, tmp_path: Path) -> Find:
    """What words on the command line of any verb stand for."""

    def find(*words: str | Path, results_in: Path | None = None) -> list[AudioSource | InputError]:
        session = Session(Output(io.StringIO(), io.StringIO(), {"AURALIS_HOME": str(tmp_path)}))
        session.library_file = tmp_path / "library.db"
        named = [AudioSource(Path(word)) for word in words]
        return list(inputs_of(session, Asked(named, None, False, DecodeLimits(), None, results_in)).found)

    return find


def names(sources: list[AudioSource | InputError]) -> list[str]:
    assert all(isinstance(one, AudioSource) for one in sources)
    return [Path(one.name).name for one in sources if isinstance(one, AudioSource)]


@pytest.mark.parametrize("words", [["artist:air"], ["air"], ["artist:air", "track:1.."], ["^artist:x", "air"]])
def test_a_query_stands_for_the_tracks_it_finds_in_its_order(found: Find, music: Path, words: list[str]) -> None:
    assert names(found(*words)) == ["one.wav", "two.wav"]


def test_one_track_that_is_found_is_still_a_list(run: Run, music: Path) -> None:
    assert paths(run("analyze", "--json", "artist:bjork")) == ["three.wav"]
    done = run("verify", "--target", "loud", "--json", "artist:bjork")
    assert (done.code, paths(done)) == (1, ["three.wav"])


def test_files_and_a_query_stand_beside_each_other(found: Find, music: Path) -> None:
    sources = found(music / "stray.wav", "artist:air", music / "three.wav", "track:2")
    assert names(sources) == ["stray.wav", "two.wav", "three.wav"]


def test_a_track_of_a_cue_sheet_is_its_span(run: Run, found: Find, music: Path) -> None:
    assert names(found("title:second")) == ["disc.cue#2"]
    (item,) = run("analyze", "--json", "title:second").document["items"]
    assert item["duration_s"] == 2.0
    (music / "disc" / "disc.cue").write_text('FILE "disc.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n')
    gone = run("analyze", "--json", "title:second")
    assert gone.code == 4
    assert "no longer in the cue sheet" in gone.err
    (music / "disc" / "disc.cue").unlink()
    assert run("analyze", "title:second").code == 4


def test_a_track_whose_file_is_gone_fails_alone(run: Run, music: Path) -> None:
    done = run("analyze", "--json", "artist:gone,", "artist:bjork")
    assert done.code == 3
    assert sorted("error" in item for item in done.document["items"]) == [False, True]
    assert "gone.wav: does not exist" in done.err


def test_a_query_is_mastered_into_a_folder_and_its_results_are_no_input(run: Run, music: Path, tmp_path: Path) -> None:
    out = tmp_path / "mastered"
    done = run("master", "artist:air", "--out-dir", out, "-n", "--json")
    assert (done.code, len(done.document["items"])) == (0, 2)
    assert not out.exists()
    alone = run("master", "artist:bjork", tmp_path / "out.wav", "-n", "--json")
    assert alone.code == 0
    assert "input" in alone.document
    several = run("master", "artist:air", tmp_path / "out.wav")
    assert several.code == 2
    assert "holds 2 tracks" in several.err


@pytest.mark.invariant("S1-H-12")
@pytest.mark.parametrize("word", ["path:{}", "path:={}", "title:stray", "file:{}", "stray"])
def test_a_query_opens_no_file_that_is_not_in_the_library(found: Find, music: Path, word: str) -> None:
    (failed,) = found(word.format(music / "stray.wav"))
    assert isinstance(failed, InputError)
    assert "library holds no such tracks" in str(failed)


def test_results_of_earlier_runs_are_no_inputs(found: Find, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receipts, "knows", lambda _, path: path.name == "two.wav")
    assert names(found("air", results_in=music)) == ["one.wav"]
    assert names(found("air", results_in=music / "elsewhere")) == ["one.wav", "two.wav"]


@pytest.mark.parametrize("name", ["nosuch.wav", "no/such", "/no/such.flac", "artist.mp3"])
def test_a_name_of_a_file_that_is_not_there_is_no_query(run: Run, music: Path, name: str) -> None:
    done = run("analyze", name)
    assert done.code == 4
    assert done.err == f"auralis: error: {Path(name)}: does not exist\n"


def test_without_a_library_every_word_names_a_file(run: Run, tmp_path: Path) -> None:
    for word in ("artist:air", "air"):
        done = run("analyze", word)
        assert (done.code, done.err) == (4, f"auralis: error: {word}: does not exist\n")
    assert not (tmp_path / "library.db").exists()


def test_a_query_that_cannot_be_served_is_refused(run: Run, music: Path) -> None:
    for words in (["artist:air", "year:soon"], ["title::("], ["like:3"]):
        done = run("analyze", *words)
        assert (done.code, len(done.err.splitlines())) == (2, 1)


def test_an_existing_file_is_itself_whatever_it_is_called(run: Run, music: Path, tmp_path: Path) -> None:
    tone(tmp_path / "artist:air")
    assert Path(run("analyze", "--json", "artist:air").document["path"]).name == "artist:air"
