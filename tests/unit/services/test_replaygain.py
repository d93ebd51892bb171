"""How files are gone through for gains: in which order, what stops it, and what is kept then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralis_cli.audio.gain_tags import GainTags, read_gain_tags
from auralis_cli.audio.track_file import full_hash
from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, InputError, RefusedError
from auralis_cli.model.block_levels import BlockLevels
from auralis_cli.model.file_rewrites import RewriteTask, Rewritten
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken, SilentBatchProgress
from auralis_cli.model.replaygain import GainMeasurement
from auralis_cli.model.source import AudioSource
from auralis_cli.services import gain_measuring, replaygain
from auralis_cli.services.replaygain import GainReport, GainRequest, GainState

MEASURED = GainMeasurement(-12.0, 0.9, BlockLevels.of({-1200: 30}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as opened:
        yield opened


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The names of the files that were decoded, by a decoder that does not look at them."""
    names: list[str] = []

    def measure(source: AudioSource, *_: object) -> GainMeasurement:
        names.append(source.path.name if source.path is not None else "")
        if source.path is not None and source.path.name.startswith("bad"):
            raise InputError(source.name, "is damaged")
        return replace(MEASURED, audio_hash=full_hash(str(source.path)))

    monkeypatch.setattr(gain_measuring, "measure_for_gain", measure)
    monkeypatch.setattr(replaygain, "gains_folder", lambda: tmp_path / "gains")
    return names


def file(path: Path, seed: int) -> AudioSource:
    """A short file unlike any other."""
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).uniform(-0.5, 0.5, 4000), 8000)
    return AudioSource(path)


def reports(
    store: Store, sources: list[AudioSource], request: GainRequest | None = None, cancel: CancelToken | None = None
) -> Iterator[GainReport]:
    return replaygain.replaygain(
        store, sources, request or GainRequest(), SilentBatchProgress(), cancel or CancelToken(), lambda: 1
    )


@pytest.mark.usefixtures("decoded")
def test_files_of_an_album_are_told_together_and_once(store: Store, tmp_path: Path) -> None:
    one, two, three = (file(tmp_path / folder / f"{seed}.wav", seed) for seed, folder in ((1, "a"), (2, "b"), (3, "a")))
    for source in (one, two, three):
        assert [report.state for report in reports(store, [source])] == [GainState.WRITTEN]
    told = list(reports(store, [one, two, three, one], GainRequest(dry_run=True)))
    assert [report.path for report in told] == [one.name, three.name, two.name]


def test_a_track_that_cannot_be_decoded_is_left_out_of_its_album(
    store: Store, tmp_path: Path, decoded: list[str]
) -> None:
    good, bad = file(tmp_path / "a" / "1.wav", 1), file(tmp_path / "a" / "bad.wav", 2)
    assert [report.error is None for report in reports(store, [good])] == [True]
    told = {report.path: report for report in reports(store, [good, bad])}
    assert isinstance(told[bad.name].error, InputError)
    assert told[good.name].gains.album == told[good.name].gains.track
    assert decoded == ["1.wav", "bad.wav"]


def test_a_run_that_is_stopped_has_kept_what_it_measured(store: Store, tmp_path: Path, decoded: list[str]) -> None:
    one, two = (file(tmp_path / name / "1.wav", seed) for seed, name in enumerate(("a", "b")))
    cancel = CancelToken()
    running = reports(store, [one], GainRequest(dry_run=True), cancel)
    next(running)
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(reports(store, [two], cancel=cancel))
    assert [report.state for report in reports(store, [one])] == [GainState.WRITTEN]
    assert decoded == ["1.wav"]


@pytest.mark.usefixtures("decoded")
def test_a_file_that_cannot_be_written_is_said_by_the_name_it_was_given(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path / "a" / "1.wav", 1)
    monkeypatch.chdir(tmp_path)

    def refuse(_store: Store, _change: object, tasks: list[RewriteTask], *_: object) -> Iterator[Rewritten]:
        for task in tasks:
            yield Rewritten(task.path, False, (), FileFailure(None, task.path, "refused", "was changed meanwhile"))

    monkeypatch.setattr(replaygain, "rewrite_files", refuse)
    (report,) = reports(store, [AudioSource(Path("a/1.wav"))])
    assert report.state is None
    assert isinstance(report.error, RefusedError)
    assert str(report.error) == "a/1.wav: was changed meanwhile"


@pytest.mark.usefixtures("decoded")
def test_files_that_need_nothing_are_told_one_by_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [file(tmp_path / str(seed) / "a.wav", seed) for seed in range(3)]
    for source in sources:
        list(reports(store, [source]))
    looked_at: list[Path] = []

    def read(path: Path) -> GainTags:
        looked_at.append(path)
        return read_gain_tags(path)

    monkeypatch.setattr(replaygain, "read_gain_tags", read)
    told = reports(store, sources)
    for count in (1, 2, 3):
        assert next(told).state is GainState.UNCHANGED
        assert len(looked_at) == count
