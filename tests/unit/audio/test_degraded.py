"""With a part of the installation missing: what still works says that it is less, what does not says why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import soundfile
from command_line import auralis
from encoders import RECIPES, Recipe, piece

from auralis_cli.audio.reader import open_reader
from auralis_cli.errors import UnsupportedError
from auralis_cli.model.degraded import degradation, degradations


@pytest.fixture
def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if PyAV were not installed."""
    for name in [name for name in sys.modules if name == "av" or name.startswith("av.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "auralis_cli.audio.av_decoder", raising=False)
    monkeypatch.setitem(sys.modules, "av", None)


def song(folder: Path, container: str, subtype: str) -> Path:
    path = folder / f"song.{container.lower()}"
    soundfile.write(path, piece(50_000, 44_100), 44_100, format=container, subtype=subtype)
    return path


@pytest.mark.invariant("S0-L05")
@pytest.mark.usefixtures("without_pyav")
def test_mp3_is_read_by_libsndfile_and_that_is_said(tmp_path: Path) -> None:
    with open_reader(song(tmp_path, "MP3", "MPEG_LAYER_III")) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 50_000
        assert degradations(reader.warnings) == ("PyAV cannot be loaded, libsndfile decoded it",)


@pytest.mark.usefixtures("without_pyav")
@pytest.mark.parametrize(("container", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_what_never_needed_it_is_as_good_as_ever(tmp_path: Path, container: str, subtype: str) -> None:
    with open_reader(song(tmp_path, container, subtype)) as reader:
        assert sum(len(block) for block in reader.blocks(4096)) == 50_000
        assert reader.warnings == ()


@pytest.mark.ffmpeg
@pytest.mark.usefixtures("without_pyav")
@pytest.mark.parametrize("recipe", [r for r in RECIPES if r.name in ("aac", "wavpack 16")], ids=lambda r: r.name)
def test_what_needs_it_is_refused_by_saying_so(tmp_path: Path, recipe: Recipe) -> None:
    path = tmp_path / f"a{recipe.extension}"
    recipe.encode(path, piece(5000, 44_100), 44_100)
    with pytest.raises(UnsupportedError, match=r"PyAV cannot be loaded.*doctor") as caught:
        open_reader(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.invariant("S0-L05")
@pytest.mark.usefixtures("without_pyav")
def test_the_command_line_notes_it_and_lists_it(tmp_path: Path) -> None:
    path = song(tmp_path, "MP3", "MPEG_LAYER_III")
    done = auralis("analyze", "--json", str(path))
    assert done.code == 0
    assert done.document["degraded"] == ["PyAV cannot be loaded, libsndfile decoded it"]
    assert "degraded: PyAV cannot be loaded" in done.err
    assert auralis("analyze", "--json", str(song(tmp_path, "WAV", "PCM_16"))).document["degraded"] == []


@pytest.mark.usefixtures("without_pyav")
def test_a_file_is_not_at_fault_for_what_is_not_installed(tmp_path: Path) -> None:
    path = song(tmp_path, "MP3", "MPEG_LAYER_III")
    document = auralis("verify", "--json", "--target", "streaming", str(path)).document
    assert next(check for check in document["checks"] if check["name"] == "faults")["value"] == 0
    assert document["degraded"] == ["PyAV cannot be loaded, libsndfile decoded it"]


@pytest.mark.invariant("S0-L05")
@pytest.mark.usefixtures("without_pyav")
def test_doctor_says_what_is_missing_and_what_that_costs() -> None:
    done = auralis("doctor", "--json")
    assert done.code == 1
    check = next(check for check in done.document["checks"] if check["name"] == "decoders")
    assert check["ok"] is False
    assert check["detail"].startswith("degraded: PyAV cannot be loaded, so ")
    assert "m4a" in check["detail"]
    assert "flac," not in check["detail"].replace("oggflac,", "")
    assert check["hint"] == "install av"


def test_only_what_is_about_the_installation_is_a_degradation() -> None:
    warnings = ("truncated: 3 %", degradation("less"), "damaged: degraded: no")
    assert degradations(warnings) == ("less",)
