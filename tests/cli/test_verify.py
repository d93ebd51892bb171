"""`auralis verify`: verdicts, their values and the order of exit codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import auralis

from auralis_cli.model.targets import TARGETS


def write_tone(path: Path, level_dbfs: float) -> None:
    tone = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 4) / 48_000)
    soundfile.write(path, np.stack([tone, tone], axis=1), 48_000, subtype="FLOAT")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 1 kHz tone in both channels reads as many LUFS as it has dBFS."""
    folder = tmp_path_factory.mktemp("delivery")
    for level_dbfs in (-12.9, -14.0, -23.0, -0.5):
        write_tone(folder / f"{level_dbfs}.wav", level_dbfs)
    soundfile.write(folder / "silence.wav", np.zeros((48_000 * 4, 2)), 48_000)
    (folder / "text.wav").write_text("not audio\n" * 100)
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_at_the_target_passes_and_one_beside_it_fails(target: str, tmp_path: Path) -> None:
    wanted = TARGETS[target]
    edge = wanted.loudness_lufs - wanted.tolerance_lu
    for level_dbfs, ok in ((wanted.loudness_lufs, True), (edge + 0.1, True), (edge - 0.2, False)):
        write_tone(tmp_path / "tone.wav", level_dbfs)
        done = auralis("verify", "--target", target, tmp_path / "tone.wav", "--json")
        assert done.code == (0 if ok else 1)
        assert done.document["ok"] is ok
        loudness = done.document["checks"][0]
        assert loudness["name"] == "integrated_lufs"
        assert loudness["ok"] is ok
        assert loudness["value"] == pytest.approx(level_dbfs, abs=0.1)
        assert loudness["limit"] == {"min": edge, "max": wanted.loudness_lufs + wanted.tolerance_lu}


def test_every_check_has_name_value_limit_and_verdict(folder: Path) -> None:
    document = auralis("verify", "--target", "broadcast", folder / "-0.5.wav", "--json").document
    assert document["target"] == "broadcast"
    assert [check["name"] for check in document["checks"]] == ["integrated_lufs", "true_peak_dbtp", "lra_lu", "faults"]
    for check in document["checks"]:
        assert set(check) == {"name", "value", "limit", "ok"}
    assert [check["ok"] for check in document["checks"]] == [False, False, True, True]


def test_silence_does_not_pass(folder: Path) -> None:
    done = auralis("verify", "--target", "streaming", folder / "silence.wav", "--json")
    assert done.code == 1
    assert done.document["checks"][0] == {
        "name": "integrated_lufs",
        "value": None,
        "limit": {"min": -15.0, "max": -13.0},
        "ok": False,
    }


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("-14.0.wav",), 0),
        (("-14.0.wav", "-23.0.wav"), 1),
        (("text.wav",), 4),
        (("text.wav", "missing.wav"), 4),
        (("-14.0.wav", "text.wav"), 3),
        (("-14.0.wav", "-23.0.wav", "text.wav"), 4),
    ],
)
def test_the_worst_decides_the_exit_code(names: tuple[str, ...], code: int, folder: Path) -> None:
    assert auralis("verify", "--target", "streaming", *(folder / name for name in names)).code == code


def test_people_see_the_verdict_and_the_values(folder: Path) -> None:
    done = auralis("verify", "--target", "streaming", folder / "-23.0.wav")
    assert f"{folder / '-23.0.wav'} fails streaming" in done.out
    assert "  no  loudness          -23.0  LUFS  -15.0 to -13.0\n" in done.out
    assert "  ok  true peak         -23.0  dBTP  at most -1.0\n" in done.out


def test_a_file_that_ends_early_or_holds_nan_does_not_pass(folder: Path, tmp_path: Path) -> None:
    whole = folder / "-14.0.wav"
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole.read_bytes()[: -48_000 * 8])
    done = auralis("verify", "--target", "streaming", cut, "--json")
    assert done.code == 1
    assert [check["name"] for check in done.document["checks"] if not check["ok"]] == ["faults"]
    assert done.document["warnings"]
    samples, rate_hz = soundfile.read(whole)
    samples[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, rate_hz, subtype="FLOAT")
    assert auralis("verify", "--target", "streaming", tmp_path / "nan.wav").code == 1


@pytest.mark.parametrize(
    "words", [["x.wav"], ["--target", "spotify", "x.wav"], ["--target", "loud"], ["--target", "loud", "-", "-"]]
)
def test_what_cannot_be_served_is_refused(words: list[str]) -> None:
    refused = auralis("verify", *words)
    assert refused.code == 2
    assert refused.err.count("\n") == 1
