"""Fingerprints into files and back: to the last bit, and of a file with a bad line nothing."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import music_records
import pytest
from fingerprints import fingerprinted, landmarks

from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, RefusedError
from auralis_cli.model.fingerprint import DIMENSIONS, FINGERPRINT_VERSION, FingerprintFlag
from auralis_cli.model.landmarks import LANDMARKS_VERSION, Landmarks
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.query import EVERYTHING
from auralis_cli.services import fingerprint_exchange
from auralis_cli.services.fingerprint_exchange import (
    Importing,
    ImportReport,
    export_to_file,
    exported_lines,
    import_lines,
)
from auralis_cli.services.fingerprint_records import FingerprintRecord, line_of, record_of

RECORD = FingerprintRecord("flac:0", fingerprinted(7, flags=(FingerprintFlag.NO_TEMPO,), confidence=0.1), landmarks(9))


def library(count: int) -> Store:
    store = Store.empty(program="test", now=1)
    root = store.roots.add("/music", now=1)
    files = [
        music_records.record(f"/music/{number}\udcff.flac", number=number, content=f"flac:{number}")
        for number in range(count)
    ]
    store.files.apply(files, root_id=root.id, now=2)
    return store


@pytest.fixture
def store() -> Iterator[Store]:
    with library(6) as store:
        store.fingerprints.put(
            [(f"flac:{number}", fingerprinted(number), landmarks(40 + number, number)) for number in range(5)], now=3
        )
        store.fingerprints.put([("flac:5", fingerprinted(5), Landmarks(b"", b""))], now=3)
        yield store


def imported(store: Store, data: bytes, *, again: bool = False, dry_run: bool = False) -> ImportReport:
    how = Importing(again, dry_run, now=9)
    return import_lines(store, io.BytesIO(data), "x.jsonl", how, SilentProgress(), CancelToken())


def exported(store: Store) -> bytes:
    return b"".join(exported_lines(store, EVERYTHING, CancelToken()))


def changed(**changes: Any) -> bytes:
    """A line with other values of some keys; None leaves a key out."""
    document = json.loads(line_of(RECORD, {})) | changes
    return json.dumps({key: value for key, value in document.items() if value != "left out"}).encode() + b"\n"


def dims(**changes: Any) -> dict[str, Any]:
    values = dict(zip((one.name for one in DIMENSIONS), RECORD.track.fingerprint.values(), strict=True))
    return {key: value for key, value in (values | changes).items() if value != "left out"}


def test_a_line_holds_all_of_a_record_to_the_last_bit() -> None:
    assert record_of(line_of(RECORD, {"id": 1, "path": "x"})) == RECORD
    silent = FingerprintRecord("wav:1#2", fingerprinted(8, flags=tuple(FingerprintFlag)), None)
    assert record_of(line_of(silent, {})) == silent


def test_what_is_exported_is_imported_elsewhere_and_exported_the_same(store: Store) -> None:
    lines = exported(store)
    assert len(lines.splitlines()) == 6
    with library(6) as other:
        assert imported(other, lines) == ImportReport(imported=6)
        assert exported(other) == lines
        assert other.fingerprints.places() == []
        assert imported(other, lines) == ImportReport(known=6)


def test_a_content_is_exported_once_however_many_files_have_it(store: Store) -> None:
    store.files.apply([music_records.record("/music/z.flac", number=77, content="flac:1")], root_id=1, now=3)
    contents = [json.loads(line)["content"] for line in exported(store).splitlines()]
    assert sorted(contents) == [f"flac:{number}" for number in range(6)]


def test_what_is_known_stays_unless_it_is_to_be_replaced(store: Store) -> None:
    other = line_of(FingerprintRecord("flac:0", fingerprinted(99), None), {})
    assert imported(store, other) == ImportReport(known=1)
    assert store.fingerprints.get("flac:0") == fingerprinted(0)
    assert imported(store, other, again=True) == ImportReport(imported=1)
    assert store.fingerprints.get("flac:0") == fingerprinted(99)
    # Those that are known are kept.
    assert store.landmarks.get(["flac:0"]) == {"flac:0": landmarks(40, 0)}


def test_what_no_track_is_is_left_out() -> None:
    with library(1) as store:
        lines = line_of(RECORD, {}) + changed(content="flac:nowhere")
        assert imported(store, lines) == ImportReport(imported=1, unmatched=1)
        assert store.fingerprints.get("flac:nowhere") is None


def test_a_dry_run_imports_nothing() -> None:
    with library(1) as store:
        assert imported(store, line_of(RECORD, {}), dry_run=True) == ImportReport(imported=1)
        assert store.fingerprints.get("flac:0") is None
        assert store.journal.entries() == []


BAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{\n", "is no JSON object"),
    "no object": (b"[1]\n", "is no JSON object"),
    "nested": (b"[" * 100_000 + b"\n", "is no JSON object"),
    "not ours": (changed(auralis="left out"), "is no fingerprint of this program (auralis: 1 is missing)"),
    "older": (
        changed(version=FINGERPRINT_VERSION - 1),
        f"is of version {FINGERPRINT_VERSION - 1}; this program computes version {FINGERPRINT_VERSION}",
    ),
    "version as text": (changed(version="1"), f"is of version ?; this program computes version {FINGERPRINT_VERSION}"),
    "version as truth": (changed(version=True), f"version True; this program computes version {FINGERPRINT_VERSION}"),
    "no content": (changed(content="left out"), "content: says of no audio"),
    "control characters": (changed(content="flac:\x1b[2J"), "content: says of no audio"),
    "no dims": (changed(dims=[1.0]), "dims: is missing"),
    "one less": (changed(dims=dims(lufs="left out")), "dims: lufs missing"),
    "one more": (changed(dims=dims(loudness=1.0)), "dims: holds 26 dimensions, and there are 25"),
    "NaN": (changed(dims=dims(lufs=math.nan)), "lufs: is no finite number"),
    "infinite": (changed(dims=dims(air_pct=-math.inf)), "air_pct: is no finite number"),
    "overflow": (changed(dims=dims(lufs=1.5)).replace(b"1.5", b"1e999"), "lufs: is no finite number"),
    "huge": (changed(dims=dims(lufs=10**400)), "lufs: is no finite number"),
    "text": (changed(dims=dims(lufs="-9")), "lufs: is no finite number"),
    "truth": (changed(dims=dims(lufs=True)), "lufs: is no finite number"),
    "null": (changed(dims=dims(lufs=None)), "lufs: is no finite number"),
    "impossible": (changed(dims=dims(lufs=1e7)), "lufs: 1e+07 cannot be"),
    "beyond its range": (changed(dims=dims(stereo_width=1.5)), "stereo_width: 1.5 cannot be"),
    "before its range": (changed(dims=dims(tempo_bpm=-1)), "tempo_bpm: -1 cannot be"),
    "no UTF-8": (line_of(RECORD, {}).replace(b"flac:0", b"flac:\xff"), "is no JSON object"),
    "half a character": (changed(content="flac:\ud800"), "content: says of no audio"),
    "confidence": (changed(tempo_confidence=1.5), "tempo_confidence: 1.5 cannot be"),
    "flags": (changed(flags=["loud"]), "flags: are silent, short, no_tempo, antiphase, damaged, or none of them"),
    "landmarks": (changed(landmarks=[]), "landmarks: are none"),
    "base64": (
        changed(landmarks={"version": LANDMARKS_VERSION, "words": "*", "valid": ""}),
        "landmarks: are no base64",
    ),
    "mask": (
        changed(landmarks={"version": LANDMARKS_VERSION, "words": "AAAAAA==", "valid": ""}),
        "landmarks: words and the mask of valid ones do not fit",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named_and_nothing_is_imported(name: str) -> None:
    line, why = BAD[name]
    with library(3) as store:
        good = line_of(RECORD, {})
        report = imported(store, good + b"\n" + line + changed(content="flac:1") + line)
        assert (report.imported, report.known) == (0, 0)
        told = [str(error) for _, error in report.failures]
        assert [text.partition(": ")[0] for text in told] == ["x.jsonl:3", "x.jsonl:5", "x.jsonl"]
        assert all(why in text for text in told[:2]), told
        assert told[-1] == "x.jsonl: nothing is imported"
        assert list(store.fingerprints.vectors()) == []
        assert store.landmarks.get(["flac:0"]) == {}
        assert store.journal.entries() == []


def test_nothing_is_imported_of_a_long_file_whose_last_line_is_bad() -> None:
    count = 1200
    with library(count) as store:
        lines = b"".join(changed(content=f"flac:{number}") for number in range(count))
        report = imported(store, lines + b"{}\n")
        assert len(report.failures) == 2
        assert store.fingerprints.revision() == 0
        assert imported(store, lines) == ImportReport(imported=count)


def test_a_line_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_exchange, "_LONGEST_LINE_BYTES", 4096)
    with library(1) as store:
        report = imported(store, line_of(RECORD, {}) + b"x" * 100_000 + b"\n" + line_of(RECORD, {}))
        assert [str(error).partition(": ")[0] for _, error in report.failures] == ["x.jsonl:2", "x.jsonl"]


def test_who_waits_for_the_end_of_a_line_can_stop_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_exchange, "_LONGEST_LINE_BYTES", 4096)
    cancel = CancelToken()

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            cancel.cancel()
            return b"x" * (size or 0)

    with library(1) as store, pytest.raises(CancelledError):
        how = Importing(False, False, now=9)
        import_lines(store, Endless(), "x.jsonl", how, SilentProgress(), cancel)


@pytest.mark.parametrize("waiting_bytes", [1, 32 << 20])
def test_of_several_lines_of_one_content_the_first_counts_unless_they_replace(
    monkeypatch: pytest.MonkeyPatch, waiting_bytes: int
) -> None:
    monkeypatch.setattr(fingerprint_exchange, "_WAITING_BYTES", waiting_bytes)
    lines = b"".join(line_of(FingerprintRecord("flac:0", fingerprinted(n), landmarks(9, n)), {}) for n in (1, 2))
    for again, counts in ((False, 1), (True, 2)):
        with library(1) as store:
            imported(store, lines, again=again)
            assert store.fingerprints.get("flac:0") == fingerprinted(counts)
            assert store.landmarks.get(["flac:0"]) == {"flac:0": landmarks(9, counts)}


def test_landmarks_of_another_version_are_looked_for_again() -> None:
    with library(1) as store:
        line = changed(landmarks={"version": LANDMARKS_VERSION + 1, "words": "AAAAAA==", "valid": "AQ=="})
        assert imported(store, line) == ImportReport(imported=1)
        assert store.landmarks.get(["flac:0"]) == {}
        assert [place.content_key for place in store.fingerprints.places()] == ["flac:0"]


def test_an_import_can_be_taken_back(store: Store) -> None:
    with library(6) as other:
        imported(other, exported(store))
        (entry,) = other.journal.entries()
        assert entry.summary == "6 fingerprints imported from x.jsonl"
        other.journal.undo(entry.id, now=10)
        assert list(other.fingerprints.vectors()) == []


def test_an_export_is_written_whole_and_replaces_only_when_asked(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"

    def export(**options: Any) -> int:
        how = {"replace": False, "dry_run": False} | options
        return export_to_file(store, EVERYTHING, target, CancelToken(), now=9, **how)

    assert export(dry_run=True) == 6
    assert not target.exists()
    assert export() == 6
    assert target.read_bytes() == exported(store)
    with pytest.raises(RefusedError, match="exists"):
        export()
    target.write_bytes(b"of the user")
    assert export(replace=True) == 6
    assert target.read_bytes() == exported(store)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
