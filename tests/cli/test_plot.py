"""`analyze --plot` and the defects it shows: valid files, the same every time, titles as text, nothing overwritten."""

from __future__ import annotations

import json
import struct
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from command_line import Run, auralis

from auralis_cli.terminal_text import display_width

RATE = 22_050
# Markup of the terminal, of matplotlib, of XML, a bidirectional control, and letters no Latin font has.
HOSTILE = "[red]$\\frac{1$ <b>&amp; \x1b]0;x\x07\u202e 音楽.wav"


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds that swell and are clipped on the left."""
    place = np.arange(2 * RATE) / RATE
    wave = 0.2 * np.sin(2 * np.pi * 440 * place) * (1 + place)
    path = tmp_path_factory.mktemp("audio") / "swell.wav"
    soundfile.write(path, np.stack([np.clip(wave * 1.8, -0.9, 0.9), wave], axis=1), RATE)
    return path


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height, once every chunk's checksum was found right."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    kinds = []
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0]
        kinds.append(kind)
        place += 12 + length
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    return struct.unpack(">II", data[16:24])


def words_of(svg: Path) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_input_gives_the_same_file_byte_for_byte(kind: str, tone: Path, tmp_path: Path) -> None:
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind.upper()}"
    for path in (first, second):
        done = auralis("analyze", tone, "--plot", path)
        assert (done.code, done.err) == (0, f"Plot written to {path}\n")
        assert "loudness" in done.out
    assert first.read_bytes() == second.read_bytes()
    if kind == "png":
        width, height = png_size(first.read_bytes())
        assert width > 1000
        assert height > 700
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, second.name])


def test_a_plot_says_what_it_shows(tone: Path, tmp_path: Path) -> None:
    path = tmp_path / "swell.svg"
    measured = auralis("analyze", tone, "--plot", path, "--json").document
    words = words_of(path)
    assert words.count("swell.wav") == 1
    for expected in ("left", "right", "clipped", "Waveform", "Average spectrum", "Loudness", "frequency, Hz", "LUFS"):
        assert expected in words
    shown = f"{measured['integrated_lufs']:.1f} LUFS".replace("-", "−")
    assert f"integrated {shown}" in words
    assert any(shown in word and "wav, 16 bit" in word for word in words)


@pytest.mark.invariant("S0-L06")
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_hostile_name_is_shown_as_text(kind: str, tone: Path, tmp_path: Path) -> None:
    source = tmp_path / HOSTILE
    source.write_bytes(tone.read_bytes())
    path = tmp_path / f"plot.{kind}"
    done = auralis("analyze", source, "--plot", path)
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    if kind == "svg":
        assert words_of(path).count("[red]$\\frac{1$ <b>&amp; \\x1b]0;x\\x07\\u202e 音楽.wav") == 1
    else:
        assert png_size(path.read_bytes())


def test_an_existing_file_stays_unless_forced(
    tone: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: an old plot that is in the trash and known to no undo."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "mine.png"
    path.write_text("mine")
    refused = auralis("analyze", tone, "--plot", path)
    assert (refused.code, refused.out) == (2, "")
    assert "exists already" in refused.err
    assert path.read_text() == "mine"
    assert run("analyze", tone, "--plot", path, "--force").code == 0
    assert png_size(path.read_bytes())
    assert run("undo", "-y").code == 0
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--plot", "x.pdf"], "ends neither in .png nor in .svg"),
        (["--plot", "x"], "- draws in the terminal"),
        (["--plot", ""], "a file name is empty"),
        (["--plot", "-", "--json"], "excludes --json"),
        (["--force"], "give --plot as well"),
        (["swell.wav", "--plot", "x.png"], "draws one input, not 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_work(words: list[str], message: str, tone: Path) -> None:
    refused = auralis("analyze", tone, *words)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert message in refused.err
    missing = auralis("analyze", tone, "--plot", tone.parent / "nowhere" / "x.png")
    assert missing.code == 1
    assert "its folder does not exist" in missing.err


@pytest.mark.invariant("S0-L05")
def test_without_matplotlib_it_is_said_with_a_way_out(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = auralis("analyze", tone, "--plot", tmp_path / "x.png", "--json")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "matplotlib is missing" in done.err
    assert "--plot -" in done.err
    assert auralis("analyze", tone, "--plot", "-").code == 0


def test_the_terminal_shows_all_curves_within_its_width(tone: Path) -> None:
    lines = auralis("analyze", tone, "--plot", "-").out.splitlines()
    start = lines.index("waveform")
    text = "\n".join(lines[start:])
    for expected in ("left", "right", "average spectrum, dB", "loudness, LUFS", "integrated", "true peak", "10k"):
        assert expected in text
    assert max(display_width(line) for line in lines[start:]) <= 96
    left = lines[start + 1 : start + 5]
    assert sum(0x2800 < ord(letter) < 0x2900 for line in left for letter in line) > 150
    assert "\x1b" not in text
    coloured = auralis("analyze", tone, "--plot", "-", terminal=True).out
    assert "\x1b[31m" in coloured


@pytest.mark.parametrize("seconds", [0.0001, 0.1, 0.5, 4.0])
@pytest.mark.parametrize("level", [0.0, 1e-6, 0.5])
@pytest.mark.parametrize("form", ["-", "svg"])
def test_short_and_silent_files_are_drawn_too(seconds: float, level: float, form: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.full((max(1, round(seconds * 8_000)), 1), level), 8_000, subtype="FLOAT")
    target = "-" if form == "-" else str(tmp_path / "odd.svg")
    assert auralis("analyze", path, "--plot", target).code == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("form", ["-", "png"])
def test_a_file_with_values_that_are_no_audio_is_drawn_all_the_same(form: str, value: float, tmp_path: Path) -> None:
    wave = np.full((8_000, 2), 0.1)
    wave[4_000, 1] = value
    path = tmp_path / "odd.wav"
    soundfile.write(path, wave, 8_000, subtype="FLOAT")
    assert auralis("analyze", path, "--plot", "-" if form == "-" else str(tmp_path / "odd.png")).code == 0


def test_defects_are_objects_with_their_numbers_and_lines_for_people(tone: Path) -> None:
    (clipping,) = auralis("analyze", tone, "--json").document["defects"][:1]
    assert clipping["kind"] == "clipping"
    assert clipping["severity"] == "warning"
    assert clipping["channel"] == 1
    assert set(clipping) == {
        "kind", "severity", "message", "start_s", "length_s", "count", "per_minute", "channel", "level_dbfs",
    }  # fmt: skip
    shown = auralis("analyze", tone).out
    assert "  defects " in shown
    assert clipping["message"].split(";")[0] in shown
    row = auralis("analyze", tone, tone).out.splitlines()[1]
    assert row.endswith("swell.wav  clipping")
    assert json.dumps(clipping)
