"""Lossy masters: the ceiling and the loudness hold for what they decode to, by a foreign decoder and meter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import demo_piece
import numpy as np
import pytest
import soundfile
from encoders import Audio, decoded_by_ffmpeg
from master_requests import master_request
from second_opinion import FFMPEG_MISSING, by_ffmpeg, has_ffmpeg

from auralis_cli.commands.mastering_text import encoding_in_words, report_document
from auralis_cli.errors import OutputError, UsageError
from auralis_cli.json_form import json_text
from auralis_cli.model.audio import Dither, Subtype
from auralis_cli.model.master_reports import Encoding, MasterReport
from auralis_cli.model.mastering import LimitedBy
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.services import encoding
from auralis_cli.services.master import master_file
from auralis_cli.services.passes import Rendering

RATE_HZ = 44_100
CEILING_DBTP = -1.0
needs_ffmpeg = pytest.mark.skipif(not has_ffmpeg(), reason=FFMPEG_MISSING)


def band() -> Audio:
    """Drums, bass, chords and lead, with overs."""
    return np.ascontiguousarray(demo_piece.compose()[6 * RATE_HZ : 11 * RATE_HZ])


def buzz() -> Audio:
    """Squares with edges at the band's limit: codecs take what makes the edges, and peaks rise by decibels."""
    time_s = np.arange(4 * RATE_HZ)[:, None] / RATE_HZ
    waves = [np.sign(np.sin(2 * np.pi * hz * time_s * np.array([1.0, 1.003]))) for hz in (110.0, 138.6, 277.2)]
    audio = 0.2 * sum(waves) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * time_s))
    return np.ascontiguousarray(audio, np.float32)


def hiss_and_clicks() -> Audio:
    """Noise in swells, and single samples of full scale."""
    generator = np.random.default_rng(7)
    frames = 4 * RATE_HZ
    swell = 0.05 + 0.2 * np.sin(np.pi * np.arange(frames) / RATE_HZ)[:, None] ** 2
    audio = generator.normal(0.0, 1.0, (frames, 2)) * swell
    audio[:: RATE_HZ // 3] = 0.9
    return np.ascontiguousarray(np.clip(audio, -1, 1), np.float32)


PIECES: dict[str, Callable[[], Audio]] = {"band": band, "buzz": buzz, "hiss and clicks": hiss_and_clicks}
# At these the limiter has work to do.
LOUDNESS_LUFS = {"band": -12.0, "buzz": -5.0, "hiss and clicks": -13.0}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pieces")
    for name, make in PIECES.items():
        soundfile.write(folder / f"{name}.wav", make(), RATE_HZ, subtype="FLOAT")
    return {name: folder / f"{name}.wav" for name in PIECES}


def master(source: Path, destination: Path, **wishes: object) -> MasterReport:
    request = master_request(AudioSource(source), Destination(destination), **wishes)
    return master_file(request, SilentProgress(), CancelToken())


@pytest.mark.ffmpeg
@needs_ffmpeg
@pytest.mark.parametrize(
    ("key", "bitrate_bps"), [("mp3", 128_000), ("mp3", 320_000), ("opus", 96_000), ("m4a", 192_000), ("ogg", 128_000)]
)
@pytest.mark.parametrize("piece", PIECES)
def test_what_a_lossy_master_decodes_to_holds_the_ceiling_and_the_loudness(
    piece: str, key: str, bitrate_bps: int, sources: dict[str, Path], tmp_path: Path
) -> None:
    report = master(sources[piece], tmp_path / f"a.{key}", bitrate_bps=bitrate_bps, loudness_lufs=LOUDNESS_LUFS[piece])
    rate_hz = 48_000 if key == "opus" else RATE_HZ
    audio = decoded_by_ffmpeg(tmp_path / f"a.{key}", 2)
    assert len(audio) == round(soundfile.info(sources[piece]).frames * rate_hz / RATE_HZ)
    heard = by_ffmpeg(audio, rate_hz)
    assert heard.true_peak_dbtp <= CEILING_DBTP + 0.1
    assert report.output.true_peak_dbtp <= CEILING_DBTP
    # The report is about what is heard, not about what went into the encoder.
    assert heard.true_peak_dbtp == pytest.approx(report.output.true_peak_dbtp, abs=0.2)
    assert heard.integrated_lufs == pytest.approx(report.output.integrated_lufs, abs=0.05)
    if report.solved.limited_by is LimitedBy.NONE:
        assert heard.integrated_lufs == pytest.approx(LOUDNESS_LUFS[piece], abs=0.1)
    assert report.encoding is not None
    assert report.encoding.bitrate_bps == bitrate_bps
    assert 1 <= report.encoding.rounds <= 9
    assert report.encoding.ceiling_dbtp is not None
    assert report.encoding.ceiling_dbtp <= CEILING_DBTP
    assert report.solved.plan.delivery.ceiling_dbtp == CEILING_DBTP
    assert not report.warnings
    assert list(tmp_path.iterdir()) == [tmp_path / f"a.{key}"]


def test_a_codec_that_raises_peaks_is_met_with_a_lower_ceiling(sources: dict[str, Path], tmp_path: Path) -> None:
    report = master(sources["buzz"], tmp_path / "a.mp3", bitrate_bps=64_000, loudness_lufs=-5.0)
    assert report.encoding is not None
    assert report.encoding.rounds >= 2
    assert report.encoding.ceiling_dbtp is not None
    assert report.encoding.ceiling_dbtp < CEILING_DBTP - 0.05
    assert report.output.true_peak_dbtp <= CEILING_DBTP


def test_a_ceiling_that_no_lower_one_brings_is_reached_by_less_gain(
    sources: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_ROUNDS", 1)
    report = master(sources["buzz"], tmp_path / "a.mp3", bitrate_bps=64_000, loudness_lufs=-5.0)
    assert report.output.true_peak_dbtp <= CEILING_DBTP
    assert report.solved.limited_by is LimitedBy.ENCODING
    assert report.solved.expected_lufs < -5.05
    # At this bit rate the treble goes, and with it half a LU.
    assert report.output.integrated_lufs == pytest.approx(report.solved.expected_lufs, abs=0.6)


def test_the_result_says_how_it_was_encoded(sources: dict[str, Path], tmp_path: Path) -> None:
    lossy = master(sources["hiss and clicks"], tmp_path / "a.mp3", bitrate_bps=128_000, loudness_lufs=-13.0)
    document = json.loads(json_text(report_document(lossy)))
    assert set(document["encoding"]) == {"bitrate_bps", "rounds", "ceiling_dbtp"}
    assert document["encoding"]["bitrate_bps"] == document["output_format"]["bitrate_bps"] == 128_000
    assert document["plan"]["limiter"]["ceiling_dbtp"] == document["encoding"]["ceiling_dbtp"]
    assert encoding_in_words("mp3", Encoding(256_000, 2, -1.4)) == "mp3 256 kbit/s, 2 encodes, rendered to -1.4 dBTP"
    assert encoding_in_words("opus", Encoding(96_500, 1, None)) == "opus 96.5 kbit/s, 1 encode"
    stored = master(sources["hiss and clicks"], tmp_path / "a.flac")
    assert json.loads(json_text(report_document(stored)))["encoding"] is None


def test_quiet_music_is_encoded_once(sources: dict[str, Path], tmp_path: Path) -> None:
    report = master(sources["band"], tmp_path / "a.opus", loudness_lufs=-30.0)
    assert report.encoding is not None
    assert report.encoding.rounds == 1
    assert report.output.integrated_lufs == pytest.approx(-30.0, abs=0.06)


def test_a_further_round_renders_the_same_music(sources: dict[str, Path], tmp_path: Path) -> None:
    """With stages that colour, in memory and not: the first rendering leaves the signal as it was."""
    heard = []
    for budget in (None, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(encoding, "_MARGIN_DB", 0.3)
            if budget is not None:
                patch.setattr("auralis_cli.audio.replay.MEMORY_BYTES", budget)
            path = tmp_path / f"{budget}.mp3"
            report = master(sources["buzz"], path, bitrate_bps=128_000, loudness_lufs=-5.0)
        assert report.encoding is not None
        assert report.encoding.rounds >= 2
        heard.append(path.read_bytes())
    assert heard[0] == heard[1]
    original, _ = soundfile.read(sources["buzz"], dtype="float32")
    audio, _ = soundfile.read(tmp_path / "None.mp3", dtype="float32")
    likeness = np.corrcoef(original[:, 0], audio[: len(original), 0])[0, 1]
    assert likeness > 0.9


@pytest.mark.parametrize(("rate_hz", "key", "written_hz"), [
    (96_000, "mp3", 48_000), (96_000, "opus", 48_000), (44_100, "opus", 48_000), (22_050, "opus", 48_000),
    (88_200, "ogg", 48_000), (96_000, "m4a", 48_000), (32_000, "m4a", 32_000), (96_000, "aiff", 96_000),
])  # fmt: skip
def test_a_rate_that_the_format_does_not_hold_is_converted_before_anything_else(
    rate_hz: int, key: str, written_hz: int, tmp_path: Path
) -> None:
    frames = 2 * rate_hz + 17
    noise = np.random.default_rng(8).normal(0, 0.1, (frames, 2)).astype(np.float32)
    soundfile.write(tmp_path / "in.wav", noise, rate_hz, subtype="FLOAT")
    report = master(tmp_path / "in.wav", tmp_path / f"a.{key}")
    assert report.source_info.sample_rate_hz == written_hz
    assert report.output_format.sample_rate_hz == written_hz
    assert report.output.duration_s * written_hz == pytest.approx(
        (2 * frames * written_hz // rate_hz + 1) // 2, abs=0.01
    )
    assert report.output.true_peak_dbtp <= CEILING_DBTP


def test_the_result_takes_the_sources_time_where_that_is_asked_for(sources: dict[str, Path], tmp_path: Path) -> None:
    for key in ("flac", "mp3"):
        master(sources["band"], tmp_path / f"a.{key}", keep_mtime=True)
        assert (tmp_path / f"a.{key}").stat().st_mtime_ns == sources["band"].stat().st_mtime_ns


@pytest.mark.parametrize(
    ("name", "wishes", "line"),
    [
        ("a.mp3", {"subtype": Subtype.PCM_24}, "--bits: mp3 stores no samples"),
        ("a.mp3", {"dither": Dither.NONE}, "--dither: mp3 stores no samples"),
        ("a.opus", {"rate_hz": 44_100}, "--rate: opus holds no 44100 Hz .*48000"),
        ("a.flac", {"bitrate_bps": 128_000}, "--bitrate: flac stores samples"),
        ("a.mp3", {"bitrate_bps": 200_000}, "band.wav: mp3 is not made with 200 kbit/s"),
        ("a.flac", {"subtype": Subtype.FLOAT}, "--bits: flac cannot hold 32f .*use 16 or 24"),
        ("a", {"format": "wma"}, "--to: 'wma' is not written"),
        ("a.flac", {"format": "mp3"}, r"is named \.flac but would hold mp3"),
    ],
)
def test_wishes_that_contradict_the_format_are_refused_before_any_work(
    name: str, wishes: dict[str, object], line: str, sources: dict[str, Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delattr("auralis_cli.services.master.analysis_of")
    with pytest.raises(UsageError, match=line):
        master(sources["band"], tmp_path / name, **wishes)
    assert not list(tmp_path.iterdir())


def test_a_format_can_be_asked_for_whatever_the_name_says(sources: dict[str, Path], tmp_path: Path) -> None:
    report = master(sources["band"], tmp_path / "master.2024-05-01", format="m4a")
    assert report.output_format.format == "m4a"
    assert (tmp_path / "master.2024-05-01").read_bytes()[4:8] == b"ftyp"


def test_a_file_that_decodes_to_another_length_is_never_published(
    sources: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses_frames(self: Rendering, solved: object, writer: object) -> object:
        return written(self, solved, _Lossy(writer))

    class _Lossy:
        def __init__(self, writer: object) -> None:
            self._writer = writer

        def write(self, block: Audio) -> None:
            self._writer.write(block[:-7])  # type: ignore[attr-defined]

    written: Callable[..., object] = Rendering.write
    monkeypatch.setattr(Rendering, "write", loses_frames)
    with pytest.raises(OutputError, match="frames"):
        master(sources["band"], tmp_path / "a.opus")
    assert not list(tmp_path.iterdir())
