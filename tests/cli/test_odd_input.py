"""Odd input through whole commands: for every kind the exit codes and the line that analyze, master and verify give.

`KINDS` is the table. What can be mastered holds its ceiling and keeps its length; what cannot says why.
"""

from __future__ import annotations

import json
import os
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import odd_kinds as odd
import pytest
import soundfile
from command_line import Finished, auralis, auralis_process
from encoders import RECIPES, Recipe, piece
from wav_bytes import wav

_FOLDER = os.environ.get("AURALIS_ODD_FILES")
_CEILING_DBTP = -1.0
# Kernels may have to be compiled first, on a machine that runs other tests beside.
_MOST_SECONDS = 45.0
_ROOT = os.geteuid() == 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of input, and what is expected of it."""

    make: odd.Make
    # Exit codes of analyze, master and verify.
    codes: tuple[int, int, int]
    # In the line that each says; empty where nothing is to be said.
    says: str = ""
    # What only master says, where that is another thing.
    master_says: str | None = None
    # Frames a master holds; None where there is none.
    frames: int | None = odd.RATE_HZ


UNREADABLE, SOUND = (4, 4, 4), (0, 0, 1)


def refused(make: odd.Make, says: str, codes: tuple[int, int, int] = UNREADABLE) -> Kind:
    return Kind(make, codes, says, frames=None)


NO_AUDIO = "is not audio of a kind read here"
NO_SOUND = "the figures mean nothing"

KINDS: dict[str, Kind] = {
    # Too little, or something else.
    "0 bytes": refused(odd.of_bytes(b""), "is empty"),
    "1 byte": refused(odd.of_bytes(b"R"), NO_AUDIO),
    "4 bytes": refused(odd.of_bytes(b"RIFF"), NO_AUDIO),
    "4 bytes of flac": refused(odd.of_bytes(b"fLaC", "song.flac"), "is damaged flac"),
    "text named mp3": refused(odd.of_bytes(b"once upon a time\n" * 99, "song.mp3"), NO_AUDIO),
    "zeros named mp3": refused(odd.of_bytes(b"\0" * 5000, "song.mp3"), NO_AUDIO),
    "noise": refused(odd.of_bytes(np.random.default_rng(1).bytes(50_000)), NO_AUDIO),
    "picture named flac": refused(odd.of_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "song.flac"), "it is a picture"),
    # No file.
    "missing": refused(lambda folder: folder / "gone.wav", "does not exist"),
    "below a file": refused(lambda folder: odd.of_samples(odd.sound)(folder) / "a.wav", "does not exist"),
    "name too long": refused(lambda folder: folder / ("n" * 300), "is no possible file name (too long)"),
    "named pipe": refused(odd.fifo, "is a named pipe"),
    "socket": refused(odd.bound_socket, "is a socket"),
    "device": refused(lambda _: Path("/dev/zero"), "is a device"),
    "folder named mp3": Kind(
        odd.folder_named_like_a_file, (4, 2, 4), "holds no audio files", "is a folder (--out-dir", None
    ),
    "loop of links": refused(odd.link_loop, "is a symbolic link that leads in a circle"),
    "dangling link": refused(odd.dangling_link, "is a symbolic link that leads nowhere"),
    "mode 000": refused(odd.locked, "may not be read (permission denied)"),
    "sparse terabyte": refused(odd.sparse, "is larger than 32 GiB (--max-size"),
    # Headers.
    "no data chunk": refused(odd.of_bytes(wav(b"")[:36]), "is damaged wav"),
    "no frames": refused(odd.of_bytes(wav(b"")), "holds no audio"),
    "0 channels": refused(odd.headed(0, 44_100), "channel count is zero"),
    "33 channels": refused(odd.headed(33, 44_100), "has 33 channels (1 to 32 are supported)"),
    "rate 0": refused(odd.headed(2, 0), "its header says what cannot be"),
    "rate 1 kHz": refused(odd.headed(2, 1000), "has a rate of 1000 Hz (8000 to 384000 Hz are supported)"),
    "rate 768 kHz": refused(odd.headed(2, 768_000), "has a rate of 768000 Hz"),
    "RIFF size 0": Kind(odd.lying_wav(riff_size=0), SOUND),
    "RIFF size 2^32-1": Kind(odd.lying_wav(riff_size=0xFFFFFFFF), SOUND),
    "RIFF size odd": Kind(odd.lying_wav(riff_size=0x1001), SOUND),
    "data size 0": Kind(odd.lying_wav(data_size=0), SOUND),
    "data size 2^32-1": Kind(odd.lying_wav(data_size=0xFFFFFFFF), SOUND),
    "data size too large": Kind(
        odd.lying_wav(data_size=0x7000_0001), SOUND, "truncated: less than 0.1 % of the announced length is there"
    ),
    "odd number of bytes": Kind(odd.of_bytes(wav(odd.pcm() + b"x")), SOUND),
    "flac of 2^36 frames": Kind(odd.flac_claiming((1 << 36) - 1), SOUND, "truncated: less than 0.1 %"),
    "flac of unknown length": Kind(odd.flac_claiming(0), SOUND),
    "half a wav": Kind(odd.cut(odd.of_samples(odd.sound), 0.5), SOUND, "truncated: 50 %", frames=22_044),
    # Samples.
    "NaN": refused(odd.of_samples(odd.with_sample(np.nan)), "holds NaN or Inf at frame 1000", (0, 4, 1)),
    "Inf": refused(odd.of_samples(odd.with_sample(-np.inf)), "holds NaN or Inf at frame 1000", (0, 4, 1)),
    "only NaN": refused(odd.of_samples(odd.constant(np.nan)), "holds NaN or Inf at frame 0", (0, 4, 1)),
    "1e30": refused(odd.of_samples(odd.with_sample(1e30)), "holds values of up to +600 dBFS", (0, 4, 1)),
    "only 1e37": refused(odd.of_samples(odd.constant(1e37)), "holds values of up to +740 dBFS", (0, 4, 1)),
    "whole numbers as floats": Kind(odd.of_samples(odd.times(2.0**31)), SOUND),
    "nothing but zeros": Kind(odd.of_samples(odd.constant(0.0)), SOUND, frames=2 * odd.RATE_HZ),
    "denormal": Kind(odd.of_samples(odd.constant(1e-40)), SOUND, frames=2 * odd.RATE_HZ),
    "1 frame": Kind(odd.of_samples(lambda: odd.sound(1)), SOUND, "shorter than 0.4 s", "", 1),
    "2 frames": Kind(odd.of_samples(lambda: odd.sound(2)), SOUND, "shorter than 0.4 s", "", 2),
    "8 kHz": Kind(odd.of_samples(lambda: odd.sound(8000, 8000), 8000), SOUND, frames=8000),
    "384 kHz": Kind(odd.of_samples(lambda: odd.sound(384_000, 384_000), 384_000), SOUND, frames=384_000),
    "constant": Kind(odd.of_samples(odd.constant(0.5)), SOUND, frames=2 * odd.RATE_HZ),
    "constant full scale": Kind(odd.of_samples(odd.constant(1.0)), SOUND, frames=2 * odd.RATE_HZ),
    "square of full scale": Kind(odd.of_samples(odd.square), SOUND, frames=2 * odd.RATE_HZ),
    **{f"{n} channels": Kind(odd.of_samples(odd.wide(n)), SOUND) for n in (1, 4, 5, 6, 7, 8)},
    **{
        f"{n} channels": Kind(odd.of_samples(odd.wide(n)), (0, 2, 1), "", f"8 channels, not {n} (use wav)", None)
        for n in (9, 32)
    },
    # Names.
    **{f"name with {what}": Kind(odd.named(name), SOUND) for what, name in odd.NAMES.items()},
}  # fmt: skip


def words(verb: str, path: Path, out: Path) -> Sequence[str | Path]:
    if verb == "master":
        return (verb, "--jsonl", "--target", "streaming", path, out)
    return (verb, "--jsonl", *(("--target", "streaming") if verb == "verify" else ()), path)


def said(done: Finished) -> list[str]:
    """The lines on standard error, none of which may be a traceback or a stray remark."""
    lines = [line for line in done.err.splitlines() if not line.startswith(("0 of ", "compiling kernels"))]
    assert all(line.startswith(("auralis: error: ", "auralis: warning: ")) for line in lines), done.err
    assert "unforeseen" not in done.err
    assert done.err.isprintable() or done.err.replace("\n", "").isprintable()
    return lines


def check_master(out: Path, done: Finished, frames: int | None) -> None:
    """A master is as long as its source, and its ceiling holds in the file; without one nothing is left behind."""
    if done.code:
        assert not out.exists()
        assert not [name for name in os.listdir(out.parent) if name.startswith(".")]
        return
    document = done.lines[0]
    with soundfile.SoundFile(out) as file:
        assert file.frames == (frames if frames is not None else document["source_info"]["frames"])
        assert file.channels == document["source_info"]["channels"]
        assert np.abs(file.read()).max(initial=0.0) <= 10 ** (_CEILING_DBTP / 20)
    measured = auralis("analyze", "--jsonl", out).lines[0]
    assert (measured["true_peak_dbtp"] or -np.inf) <= _CEILING_DBTP


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled, which on a busy machine takes longer than any file may."""
    fine = tmp_path_factory.mktemp("fine") / "fine.wav"
    soundfile.write(fine, np.zeros((44_100, 2)), 44_100)
    assert auralis("master", fine, fine.with_suffix(".flac")).code == 0


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["analyze", "master", "verify"])
def test_every_kind_has_its_code_and_its_line(kind: str, verb: str, tmp_path: Path) -> None:
    if kind == "mode 000" and _ROOT:
        pytest.skip("root may read everything")
    expected = KINDS[kind]
    path, out = expected.make(tmp_path), tmp_path / "out.flac"
    began = time.monotonic()
    done = auralis(*words(verb, path, out))
    assert time.monotonic() - began < _MOST_SECONDS
    assert done.code == expected.codes[("analyze", "master", "verify").index(verb)], done
    says = expected.says if verb != "master" or expected.master_says is None else expected.master_says
    lines = said(done)
    assert len(lines) == (1 if says else 0), lines
    assert all(says in line for line in lines), lines
    assert len(done.lines) == 1
    if done.code in (2, 4):
        assert set(done.lines[0]) == {"path", "error"}
        assert done.lines[0]["error"]["message"] in lines[0]
    if verb == "master":
        check_master(out, done, expected.frames)
    if verb == "verify" and done.code == 1 and (says and "shorter" not in says):
        assert [check["ok"] for check in done.lines[0]["checks"] if check["name"] == "faults"] == [False]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_file_cut_anywhere_is_worked_on_as_far_as_it_goes_or_refused(
    recipe: Recipe, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if recipe.missing:
        pytest.skip(recipe.missing)
    if recipe.key in ("dsf", "dff"):
        pytest.skip("takes long to make; read in tests/unit/audio/test_odd_files.py")
    path, out = tmp_path / f"a{recipe.extension}", tmp_path / "out.flac"
    recipe.encode(path, 0.2 * piece(30_000, recipe.rate_hz), recipe.rate_hz)
    whole = path.read_bytes()
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        codes = []
        for verb in ("analyze", "master", "verify")[: 3 if share == 0.5 else 2]:
            done = auralis(*words(verb, path, out))
            codes.append(done.code)
            assert len(said(done)) <= 3
            if verb == "master":
                check_master(out, done, None if done.code else done.lines[0]["output"]["frames"])
        out.unlink(missing_ok=True)
        assert tuple(codes) in (UNREADABLE[: len(codes)], SOUND[: len(codes)]), share
    # Libraries of others keep their remarks to themselves.
    assert capfd.readouterr() == ("", "")


def test_names_that_differ_in_their_accents_only_are_two_files(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        odd.of_samples(odd.sound, name=unicodedata.normalize(form, "café.wav"))(tmp_path)
    done = auralis("master", "--jsonl", tmp_path, "--out-dir", tmp_path / "out")
    assert done.code == 0
    assert len(os.listdir(tmp_path / "out")) == 2
    assert len({line["destination"] for line in done.lines}) == 2


def test_a_name_beginning_with_a_dash_is_one_after_two_dashes(tmp_path: Path) -> None:
    odd.named(b"--help.wav")(tmp_path)
    done = auralis_process("analyze", "--jsonl", "--", "--help.wav", cwd=tmp_path)
    assert done.code == 0
    assert done.lines[0]["path"] == "--help.wav"


def test_an_output_whose_name_is_too_long_is_one_line(tmp_path: Path) -> None:
    path = odd.of_samples(odd.sound)(tmp_path)
    for target in (("n" * 300 + ".flac",), ("--out-dir", "n" * 300)):
        done = auralis("master", path, *target[:-1], tmp_path / target[-1])
        assert done.code == 1
        assert len(said(done)) == 1
        assert "is no possible file name (too long)" in done.err


def test_an_output_in_a_folder_that_may_not_be_looked_into_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, stat = odd.of_samples(odd.sound)(tmp_path), os.stat
    closed = tmp_path / "closed"  # to anyone but root

    def guarded(name: object, *more: object, **other: object) -> object:
        if isinstance(name, str | os.PathLike) and Path(name).is_relative_to(closed):
            raise PermissionError(13, "Permission denied", os.fspath(name))
        return stat(name, *more, **other)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", guarded)
    for target in ((closed / "out.flac",), ("--out-dir", closed / "x")):
        done = auralis("master", path, *target)
        assert done.code == 1
        assert len(said(done)) == 1
        assert f"{target[-1]}: may not be reached (permission denied)" in done.err


@pytest.mark.skipif(not _FOLDER, reason="needs a folder of odd audio files: set AURALIS_ODD_FILES")
@pytest.mark.timeout(600)
def test_a_whole_folder_of_odd_files_costs_no_more_than_its_bad_ones(tmp_path: Path) -> None:
    names = tmp_path / "names"
    files = sorted(path for path in Path(_FOLDER or "").rglob("*") if path.is_file())
    names.write_bytes(b"\0".join(os.fsencode(path) for path in files))
    bad = set()
    for verb, codes in (("analyze", (3,)), ("master", (3,)), ("verify", (4,))):
        more = {"master": ("--out-dir", tmp_path / "out"), "verify": ("--target", "streaming")}.get(verb, ())
        done = auralis(verb, "--jsonl", "--files-from", names, "-0", "--stall-timeout", "20s", *more)
        assert done.code in codes
        assert "Traceback" not in done.err
        assert len(done.lines) == len(files)
        failed = [line for line in done.lines if "error" in line]
        assert all(line["error"]["code"] in ("unreadable", "unsupported") for line in failed)
        bad.add(json.dumps([line["path"] for line in failed]))
        for line in done.lines:
            if verb == "master" and "error" not in line:
                assert (line["output"]["true_peak_dbtp"] or -np.inf) <= _CEILING_DBTP + 0.05
                assert line["output"]["duration_s"] == pytest.approx(line["input"]["duration_s"], abs=1e-9)
    assert len(bad) == 1
