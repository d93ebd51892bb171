"""`auralis analyze`: the keys of the contract, failures in the stream, exit codes. Meters have tests of their own."""

from __future__ import annotations

import os
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import auralis, auralis_process

from auralis_cli.commands.dimensions import FINGERPRINT_SECTION, FLAG_MEANINGS
from auralis_cli.model.fingerprint import DIMENSIONS, FingerprintFlag
from auralis_cli.model.measurements import Measurements

# What cli.md promises, as far as this issue goes.
PROMISED = {
    "integrated_lufs",
    "momentary_max_lufs",
    "short_term_max_lufs",
    "lra_lu",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "plr_db",
    "crest_db",
    "dc_offset",
    "duration_s",
    "sample_rate_hz",
    "channels",
    "content",
    "fingerprint",
    "fingerprint_flags",
    "tempo_confidence",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone of -23 LUFS, a short one, silence, and two files that are no audio."""
    folder = tmp_path_factory.mktemp("audio")
    tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 4) / 48_000)
    stereo = np.stack([tone, tone], axis=1)
    soundfile.write(folder / "tone.wav", stereo, 48_000, subtype="PCM_24")
    soundfile.write(folder / "short.flac", stereo[:9600], 48_000)
    soundfile.write(folder / "silence.wav", np.zeros((48_000, 1)), 48_000)
    (folder / "text.flac").write_text("not audio\n" * 100)
    return folder


def test_one_file_is_one_object_with_the_promised_keys(folder: Path) -> None:
    done = auralis("analyze", "-q", folder / "tone.wav", "--json")
    assert (done.code, done.err) == (0, "")
    measured = done.document
    assert set(measured) >= PROMISED | {field.name for field in fields(Measurements)}
    assert measured["path"] == str(folder / "tone.wav")
    assert measured["integrated_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert measured["true_peak_dbtp"] == pytest.approx(-23.0, abs=0.1)
    assert measured["duration_s"] == 4.0
    assert (measured["format"], measured["codec"], measured["subtype"]) == ("wav", "pcm_s24le", "PCM_24")
    assert set(measured["fingerprint"]) == {dimension.name for dimension in DIMENSIONS}
    assert measured["fingerprint_flags"] == ["no_tempo"]
    assert measured["tempo_confidence"] == 0.0
    assert measured["content"] in ("music", "speech", "silence")
    assert measured["warnings"] == []


def test_what_is_not_there_is_null(folder: Path) -> None:
    silent = auralis("analyze", folder / "silence.wav", "--json").document
    assert silent["integrated_lufs"] is None
    assert silent["true_peak_dbtp"] is None
    assert silent["fingerprint"] == {dimension.name: dimension.silence for dimension in DIMENSIONS}
    assert silent["fingerprint_flags"] == ["silent", "no_tempo"]
    short = auralis("analyze", folder / "short.flac", "--json")
    assert short.code == 0
    assert short.document["integrated_lufs"] is None
    assert short.document["warnings"] == ["shorter than 0.4 s: loudness is undefined"]
    assert "auralis: warning: " in short.err


def test_the_manual_lists_the_dimensions_of_the_table() -> None:
    title, rows = FINGERPRINT_SECTION
    page = (Path(__file__).parents[2] / "man" / "man1" / "auralis-analyze.1").read_text()
    section = page.split(f".SH {title}\n")[1].split(".SH ")[0]
    assert [line[3:] for line in section.splitlines() if line.startswith(".B ")] == [row.name for row in DIMENSIONS]
    assert [name for name, _ in rows] == [row.name for row in DIMENSIONS]
    assert all(row.definition in meaning for row, (_, meaning) in zip(DIMENSIONS, rows, strict=True))
    assert set(FLAG_MEANINGS) == set(FingerprintFlag)


def test_several_files_are_items(folder: Path) -> None:
    done = auralis("analyze", folder / "tone.wav", folder / "silence.wav", "--json")
    assert done.code == 0
    assert done.document["auralis"] == 1
    assert [Path(item["path"]).name for item in done.document["items"]] == ["tone.wav", "silence.wav"]


def test_jsonl_is_one_object_a_line(folder: Path) -> None:
    done = auralis("analyze", folder / "tone.wav", folder / "silence.wav", "--jsonl")
    assert [Path(item["path"]).name for item in done.lines] == ["tone.wav", "silence.wav"]
    assert len(auralis("analyze", folder / "tone.wav", "--jsonl").lines) == 1


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("tone.wav", "text.flac", "missing.wav"), 3),
        (("text.flac", "tone.wav"), 3),
        (("text.flac", "missing.wav"), 4),
        (("text.flac",), 4),
        (("tone.wav", "silence.wav"), 0),
    ],
)
def test_failures_stand_in_the_stream_where_their_result_would(
    names: tuple[str, ...], code: int, form: str, folder: Path
) -> None:
    done = auralis("analyze", *(folder / name for name in names), form)
    assert done.code == code
    items = done.lines if form == "--jsonl" else [done.document] if len(names) == 1 else done.document["items"]
    assert [item["path"] for item in items] == [str(folder / name) for name in names]
    for name, item in zip(names, items, strict=True):
        assert ("error" in item) == (name not in ("tone.wav", "silence.wav"))
        if "error" in item:
            assert set(item) == {"path", "error"}
            assert item["error"]["code"] in ("unreadable", "unsupported")
    assert done.err.count("auralis: error: ") == sum("error" in item for item in items)


def test_people_get_a_block_for_one_and_a_line_for_each_of_several(folder: Path) -> None:
    one = auralis("analyze", folder / "tone.wav")
    assert one.out.splitlines()[1] == "wav, 24 bit, 48 kHz, stereo, 4.00 s"
    assert "  loudness            -23.0  LUFS\n" in one.out
    several = auralis("analyze", folder / "tone.wav", folder / "silence.wav", folder / "text.flac")
    head, tone, silence = several.out.splitlines()
    assert head.split() == ["LUFS", "LRA", "dBTP", "PLR", "length", "file"]
    assert tone.split()[0] == "-23.0"
    assert silence.split()[0] == "–"
    assert {line.index(str(folder)) for line in (tone, silence)} == {head.index("file")}
    assert several.code == 3


def test_verbose_says_how_the_file_was_decoded(folder: Path) -> None:
    assert "decoded as pcm_s24le" in auralis("analyze", "-v", folder / "tone.wav").err
    assert auralis("analyze", "-q", folder / "short.flac").err == ""


def test_progress_as_json_goes_to_stderr(folder: Path) -> None:
    done = auralis("analyze", folder / "tone.wav", "--json", "--progress", "json")
    assert '{"task": "measuring", "done": 1.0}' in done.err
    assert done.document


@pytest.mark.parametrize("words", [[], ["-", "-"], ["", "x"], ["x", "--json", "--jsonl"]])
def test_what_cannot_be_served_is_refused(words: list[str]) -> None:
    refused = auralis("analyze", *words)
    assert refused.code == 2
    assert refused.err.count("\n") == 1


def test_names_that_are_not_utf8_come_back_as_they_went_in(folder: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.wav"))
    shutil.copy(folder / "tone.wav", path)
    done = auralis_process("analyze", path, "--json")
    assert done.code == 0
    assert os.fsencode(done.document["path"]) == os.fsencode(path)
    assert "\\xff\\n.wav" in auralis_process("analyze", path).out


def test_the_extension_does_not_decide(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "tone.wav", tmp_path / "tone.mp3")
    assert auralis("analyze", tmp_path / "tone.mp3", "--json").document["format"] == "wav"
