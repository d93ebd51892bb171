"""What the verbs that only look report: analyze, verify, doctor."""

from __future__ import annotations

from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.defects import Defect
from auralis_cli.model.measurements import TrackAnalysis
from auralis_cli.model.source import AudioSource
from auralis_cli.model.targets import Target
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """One file, measured."""

    source: AudioSource
    info: StreamInfo
    analysis: TrackAnalysis
    seconds: float
    # What is wrong with the audio itself, e.g. that the file ends early.
    faults: tuple[str, ...]
    # Faults, and what else is worth knowing.
    warnings: tuple[str, ...]
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """One measured value against what a delivery target allows."""

    # The value's key, e.g. "integrated_lufs".
    name: str
    value: float
    minimum: float | None
    maximum: float | None
    ok: bool


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """One file against one target."""

    source: AudioSource
    target: Target
    checks: tuple[LimitCheck, ...]
    warnings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the file may be delivered."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class InstallationCheck:
    """One part of the installation, tried out."""

    name: str
    ok: bool
    # What was found, or what went wrong.
    detail: str
    # What to do about it, None when all is well.
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All checks of the installation."""

    checks: tuple[InstallationCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)
