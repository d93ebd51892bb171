"""What becomes of a request to master: what is shown before, what is told after."""

from __future__ import annotations

from auralis_cli.model.audio import OutputFormat, StreamInfo
from auralis_cli.model.mastering import MasteringPlan, SolvedPlan
from auralis_cli.model.measurements import Measurements, TrackAnalysis
from auralis_cli.model.passages import PreviewFiles
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.report_curves import AlbumCurves, ReportCurves
from auralis_cli.model.source import AudioSource, Destination
from auralis_cli.quick_dataclasses import dataclass

# A track of an album that is farther from where it was to the others is not where it belongs.
MOST_ASTRAY_LU = 0.3


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a lossy result came about: encoded, decoded, measured, and again until the ceiling held."""

    # Nominal, all channels together.
    bitrate_bps: int
    # How often it was encoded.
    rounds: int
    # The limiter's ceiling in the last round, below the one asked for by what the codec adds; None without limiter.
    ceiling_dbtp: float | None


@dataclass(frozen=True, slots=True)
class AlbumShare:
    """The album that a track was mastered with, as one stream."""

    title: str
    # From 1, of so many.
    number: int
    tracks: int
    # Gated over all tracks as one programme, before and after; after is predicted by a dry run.
    input_lufs: float
    integrated_lufs: float
    # The same for every track; in a dry run what is predicted.
    gain_db: float
    # How much louder the track has become than the album has, as written; 0 where it is silent, None in a dry run.
    astray_lu: float | None = None

    @property
    def is_astray(self) -> bool:
        """Whether the track is not as loud to the others as it was."""
        return self.astray_lu is not None and abs(self.astray_lu) > MOST_ASTRAY_LU


@dataclass(frozen=True, slots=True)
class MasterPreview:
    """What `--dry-run` shows: the plan, its gain only predicted."""

    source: AudioSource
    destination: Destination
    source_info: StreamInfo
    output_format: OutputFormat
    input: Measurements
    plan: MasteringPlan
    warnings: tuple[str, ...]
    # Whether the library had the analysis.
    is_stored: bool = False
    # None where it is mastered for itself.
    album: AlbumShare | None = None


@dataclass(frozen=True, slots=True)
class MasterReport:
    """What was asked, found, decided and written."""

    source: AudioSource
    destination: Destination
    source_info: StreamInfo
    analysis: TrackAnalysis
    # Measured on what was written; where that is lossy, on what it decodes to.
    output: Measurements
    output_format: OutputFormat
    # As rendered in the last round.
    solved: SolvedPlan
    seconds: float
    warnings: tuple[str, ...]
    # None where samples are stored.
    encoding: Encoding | None = None
    # None where it went to standard output.
    published: PublishedFile | None = None
    # Whether the library had the analysis.
    is_stored: bool = False
    # None where it was mastered for itself; else the analysis is the album's, but for the track's own measurements.
    album: AlbumShare | None = None
    # None where the whole was written; `output` is measured on the whole master in any case.
    preview: PreviewFiles | None = None
    # None unless the request asked for them.
    curves: ReportCurves | None = None
    # The same of the album that begins with this track.
    album_curves: AlbumCurves | None = None

    @property
    def realtime_factor(self) -> float:
        """Seconds of audio per second of work."""
        return self.analysis.measurements.duration_s / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class MasterSkipped:
    """What was done already and is unchanged since."""

    source: AudioSource
    destination: Destination
    # Whether nothing would have been written anyway.
    dry_run: bool = False
    warnings: tuple[str, ...] = ()
