"""Receipts: what an earlier run made is known again by all that shaped it, and by nothing less."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from sound_profiles import sound_profile

from auralis_cli.errors import InputError
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.preferences import KindTaste, LearntFigure, Taste
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.sound_profile import Reference
from auralis_cli.model.sound_wishes import MasteringMode, SoundWishes
from auralis_cli.model.source import AudioSource, CueTrack, DecodeLimits, Destination, RawEncoding, RawPcm
from auralis_cli.model.targets import TARGETS
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.services import receipts
from auralis_cli.services.receipts import Receipts

# Another value for every wish, those of the sound apart; a new one without a row here fails.
OTHER_SOUND: dict[str, Any] = {
    "preset": PRESETS["warm"],
    "intensity": 0.5,
    "repairs": False,
    "tilt_db": 0.5,
    "width_db": -0.5,
    "taste": Taste((KindTaste(TrackKind.SPEECH, tilt_db=LearntFigure(0.5, 0.6, 9)),)),
    "mode": MasteringMode.HYBRID,
    "reference": Reference("a track", 1, sound_profile()),
}
OTHER: dict[str, Any] = {
    "loudness_lufs": -20.0,
    "level_off": True,
    "target": TARGETS["loud"],
    "ceiling_dbtp": -2.0,
    "format": "wav",
    "bitrate_bps": 128_000,
    "subtype": Subtype.PCM_24,
    "dither": Dither.NONE,
    "rate_hz": 48_000,
    "preview_s": 30.0,
    "keep_mtime": True,
}
SHAPES_NOTHING = {"source", "destination", "make_folders", "with_curves", "force"}


@pytest.fixture
def request_of(tmp_path: Path) -> MasterRequest:
    (tmp_path / "in.wav").write_bytes(b"what it holds")
    return MasterRequest(AudioSource(tmp_path / "in.wav"), Destination(tmp_path / "out.flac"))


@pytest.fixture
def book(tmp_path: Path) -> Receipts:
    return Receipts(tmp_path / "state" / "receipts")


def finish(book: Receipts, request: MasterRequest) -> Path:
    """The output, made and noted as the writer does."""
    output = request.destination.path
    assert output is not None
    part = output.with_name(".part")
    part.write_bytes(b"a master")
    book.put(book.key(request), output, part)
    part.rename(output)
    return output


def is_done(book: Receipts, request: MasterRequest) -> bool:
    assert request.destination.path is not None
    return book.holds(book.key(request), request.destination.path)


@pytest.mark.invariant("S1-M-12")
def test_the_same_wishes_on_the_same_content_are_known_again(book: Receipts, request_of: MasterRequest) -> None:
    assert not is_done(book, request_of)
    finish(book, request_of)
    assert is_done(book, request_of)
    assert is_done(book, replace(request_of, force=True))


@pytest.mark.invariant("S1-M-12")
@pytest.mark.parametrize("name", sorted(set(OTHER)))
def test_every_wish_that_differs_asks_for_another_master(name: str, book: Receipts, request_of: MasterRequest) -> None:
    finish(book, request_of)
    assert not is_done(book, replace(request_of, **{name: OTHER[name]}))


@pytest.mark.invariant("S1-M-12")
@pytest.mark.parametrize("name", sorted(set(OTHER_SOUND)))
def test_every_other_sound_asks_for_another_master(name: str, book: Receipts, request_of: MasterRequest) -> None:
    finish(book, request_of)
    sound = replace(request_of.sound, **{name: OTHER_SOUND[name]})
    assert not is_done(book, replace(request_of, sound=sound))


def test_every_wish_is_either_tried_here_or_shapes_nothing() -> None:
    assert {field.name for field in fields(MasterRequest)} == {"sound"} | set(OTHER) | SHAPES_NOTHING
    assert {field.name for field in fields(SoundWishes)} == set(OTHER_SOUND)


@pytest.mark.invariant("S1-M-12")
def test_other_content_of_the_same_size_and_time_asks_for_another_master(
    book: Receipts, request_of: MasterRequest
) -> None:
    finish(book, request_of)
    source = request_of.source.path
    assert source is not None
    status = source.stat()
    source.write_bytes(b"what it hides")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert source.stat().st_size == status.st_size
    assert not is_done(book, request_of)


@pytest.mark.invariant("S1-M-12")
def test_another_engine_asks_for_another_master(
    book: Receipts, request_of: MasterRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(book, request_of)
    monkeypatch.setattr(receipts, "engine", lambda: "the next one")
    assert not is_done(book, request_of)


def test_another_track_of_the_same_file_is_another_master(book: Receipts, request_of: MasterRequest) -> None:
    finish(book, request_of)
    path = request_of.source.path
    assert path is not None
    for source in (
        AudioSource(path, cue=CueTrack(path.with_suffix(".cue"), 1, 0, 75)),
        AudioSource(path, raw=RawPcm(RawEncoding.S16LE, 44_100, 2)),
    ):
        assert not is_done(book, replace(request_of, source=source))


def test_an_output_that_was_touched_or_is_gone_is_not_done(book: Receipts, request_of: MasterRequest) -> None:
    output = finish(book, request_of)
    os.utime(output, ns=(0, 0))
    assert not is_done(book, request_of)
    output.unlink()
    assert not is_done(book, request_of)


def test_a_receipt_that_is_damaged_is_none(book: Receipts, request_of: MasterRequest, tmp_path: Path) -> None:
    finish(book, request_of)
    (receipt,) = (tmp_path / "state" / "receipts").iterdir()
    for text in ("", "{", "[]", "null", "\xff"):
        receipt.write_text(text, encoding="latin-1")
        assert not is_done(book, request_of)


def test_a_source_that_is_gone_is_named(book: Receipts, request_of: MasterRequest) -> None:
    assert request_of.source.path is not None
    request_of.source.path.unlink()
    with pytest.raises(InputError, match=r"in\.wav"):
        book.key(request_of)


def test_what_is_no_file_or_beyond_the_limit_is_refused_before_it_is_read(
    book: Receipts, request_of: MasterRequest, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(InputError, match="is a named pipe"):
        book.key(replace(request_of, source=AudioSource(tmp_path / "pipe.wav")))
    limited = replace(request_of.source, limits=DecodeLimits(max_bytes=3))
    with pytest.raises(InputError, match="is larger than"):
        book.key(replace(request_of, source=limited))
