"""`auralis doctor`: it uses what it examines, says what is wrong, and goes on."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from command_line import REPOSITORY, auralis, auralis_process

from auralis_cli.audio.spool import spool_folder
from auralis_cli.services import doctor

CHECKS = [
    *("python", "packages", "extras", "cache", "temporary files", "kernels", "loudness", "decoders", "encoders"),
    *("sound", "ffmpeg", "settings", "library"),
]


def test_a_sound_installation_passes_everything() -> None:
    done = auralis("doctor", "--json")
    assert done.code == 0, done.out
    assert done.document["ok"] is True
    assert [check["name"] for check in done.document["checks"]] == CHECKS
    for check in done.document["checks"]:
        assert set(check) == {"name", "ok", "detail", "hint"}
        assert check["ok"] is True
        assert check["hint"] is None
    details = {check["name"]: check["detail"] for check in done.document["checks"]}
    assert details["loudness"] in ("1 kHz at -23 dBFS reads -22.99 LUFS", "1 kHz at -23 dBFS reads -23.00 LUFS")
    # Where long streams are really kept.
    assert details["temporary files"].startswith(f"{spool_folder()}, ")
    assert details["decoders"].startswith("16 formats read back by libsndfile ")


def test_every_package_it_stands_on_is_looked_for() -> None:
    needed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    if sys.version_info >= (3, 14):
        needed = [line for line in needed if "python_version" not in line]
    assert set(doctor._PACKAGES) == {re.split("[<>=;]", line)[0] for line in needed}


def test_people_get_a_line_for_each_check() -> None:
    done = auralis("doctor")
    assert [line.split("  ")[1].strip() for line in done.out.splitlines()] == CHECKS


def break_python(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor, "_OLDEST_PYTHON", (4, 0))


def break_packages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package"))


def break_kernels(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("auralis_cli.dsp.truepeak.TruePeakMeter.peak", lambda _: 0.25)


def break_decoders(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("auralis_cli.audio.trial.TONE_DBFS", -14.0)
    patch.setattr("auralis_cli.audio.trial.decoded_level_dbfs", lambda name, folder: -12.0)


def break_encoders(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    patch.setattr("auralis_cli.audio.writer.AtomicWriter.__init__", refuse)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("python", break_python),
        ("packages", break_packages),
        ("kernels", break_kernels),
        ("decoders", break_decoders),
        ("encoders", break_encoders),
    ],
)
def test_what_is_broken_is_named_with_a_hint_and_the_rest_is_still_examined(
    name: str, spoil: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(spoil)
    spoil(monkeypatch)
    done = auralis("doctor", "--json")
    assert done.code == 1
    assert done.document["ok"] is False
    assert [check["name"] for check in done.document["checks"]] == CHECKS
    failed = [check for check in done.document["checks"] if not check["ok"]]
    assert [check["name"] for check in failed] == [name]
    assert failed[0]["hint"]
    shown = auralis("doctor")
    assert shown.code == 1
    assert f"\nno  {name}" in "\n" + shown.out


def test_a_cache_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = auralis_process("doctor", "--json", AURALIS_HOME=str(tmp_path / "file"))
    assert done.code == 1
    failed = [check for check in done.document["checks"] if not check["ok"]]
    assert failed[0]["name"] == "cache"
    assert "AURALIS_HOME" in failed[0]["hint"]


@pytest.mark.parametrize("words", [["x"], ["--target", "x"]])
def test_what_cannot_be_served_is_refused(words: list[str]) -> None:
    assert auralis("doctor", *words).code == 2
