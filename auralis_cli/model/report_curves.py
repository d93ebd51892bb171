"""What the pictures of a report show: how a track went before and after, and what the limiter did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auralis_cli.model.measurements import Measurements
from auralis_cli.model.picture import TrackPicture
from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StereoLine:
    """Width (0…1) and correlation (−1…1) over time; NaN where there is silence."""

    times_s: NDArray[np.float64]
    width: NDArray[np.float64]
    correlation: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundCurves:
    """One state of a track."""

    picture: TrackPicture
    # None unless there are two channels.
    stereo: StereoLine | None


@dataclass(frozen=True, slots=True)
class ReductionLine:
    """The limiter's work, dB: the most in each of columns as long as each other."""

    column_s: float
    reduction_db: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReportCurves:
    """Both states, and what lies between them."""

    before: SoundCurves
    after: SoundCurves
    # None where no limiter ran.
    reduction: ReductionLine | None
    # Power density of what it is to be like, dB at PROFILE_FREQUENCIES_HZ; None where it follows no reference.
    reference_db: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class AlbumCurves:
    """All tracks of an album as the one stream that they were mastered as."""

    before: Measurements
    after: Measurements
    curves: ReportCurves
    # Where a track ends and the next one begins.
    joins_s: tuple[float, ...]
