"""Testing the installation by using it: every part does a small piece of its real work."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from auralis_cli.audio.spool import spool_folder
from auralis_cli.config import chosen_file, load_config, user_file
from auralis_cli.db.filesystem import on_network
from auralis_cli.errors import AuralisError, DeviceError, LibraryError, UsageError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.reports import DoctorReport, InstallationCheck
from auralis_cli.paths import cache_dir
from auralis_cli.services.library import library_state
from auralis_cli.services.remedies import EXTRAS, how_to_get, how_to_get_extra, missing_extras, this_system
from auralis_cli.units import gain_to_db

if TYPE_CHECKING:
    from auralis_cli.audio.formats import AudioFormat

Check = Callable[[], InstallationCheck]

_OLDEST_PYTHON = (3, 11)
_PACKAGES = (
    "numpy",
    "numba",
    "soundfile",
    "av",
    "soxr",
    "sounddevice",
    "mutagen",
    "peewee",
    "watchfiles",
    "matplotlib",
    "typer",
    "rich",
    "textual",
    "tomlkit",
    "pathspec",
    "pillow",
    # A part of Python itself from then on.
    *(() if sys.version_info >= (3, 14) else ("backports.zstd",)),
)
# A format decodes when a tone comes back within this.
_LEVEL_TOLERANCE_DB = 0.5
_FAILURES = (AuralisError, ArithmeticError, ImportError, OSError, RuntimeError, ValueError)


def examine_installation(
    progress: ProgressSink,
    cancel: CancelToken,
    variables: Mapping[str, str],
    config_file: Path | None,
    library: Callable[[], Path],
) -> DoctorReport:
    """Runs every check; a failing one says what to do and does not keep the others from running."""
    own = (("settings", lambda: _check_settings(variables, config_file)), ("library", lambda: _check_library(library)))
    checks = [*_checks(), *own]
    results = []
    for index, (name, check) in enumerate(checks):
        cancel.raise_if_cancelled()
        progress.step("examining", index / len(checks))
        results.append(_tried(name, check))
    return DoctorReport(tuple(results))


def _checks() -> Iterator[tuple[str, Check]]:
    yield "python", _check_python
    yield "packages", _check_packages
    yield "extras", _check_extras
    yield (
        "cache",
        lambda: _check_folder("cache", cache_dir(), "set AURALIS_HOME or XDG_CACHE_HOME to a folder of yours"),
    )
    yield (
        "temporary files",
        lambda: _check_folder("temporary files", spool_folder(), "set TMPDIR to a folder you may write"),
    )
    yield "kernels", _check_kernels
    yield "loudness", _check_loudness
    yield "decoders", _check_decoders
    yield "encoders", _check_encoders
    yield "sound", _check_sound
    yield "ffmpeg", _check_ffmpeg


def _tried(name: str, check: Check) -> InstallationCheck:
    try:
        return check()
    except _FAILURES as error:
        why = next(iter(str(error).splitlines()), "")
        return InstallationCheck(name, ok=False, detail=f"{type(error).__name__}: {why}", hint="reinstall auralis-cli")


def _check_python() -> InstallationCheck:
    found = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    new_enough = sys.version_info >= _OLDEST_PYTHON
    return InstallationCheck("python", new_enough, found, None if new_enough else f"Python {wanted} or newer is needed")


def _check_packages() -> InstallationCheck:
    versions: list[str] = []
    missing: list[str] = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return InstallationCheck(
            "packages", ok=False, detail=f"missing: {', '.join(missing)}", hint="reinstall auralis-cli"
        )
    return InstallationCheck("packages", ok=True, detail=", ".join(versions))


def _check_extras() -> InstallationCheck:
    """Parts that are only there when they were asked for."""
    missing = missing_extras()
    there = ", ".join(extra.name for extra in EXTRAS if extra not in missing) or "none"
    if not missing:
        return InstallationCheck("extras", ok=True, detail=there)
    without = ", ".join(f"{extra.name} ({extra.serves})" for extra in missing)
    hint = how_to_get_extra(*(extra.name for extra in missing))
    return InstallationCheck("extras", ok=True, detail=f"{there}; optional, not installed: {without}", hint=hint)


def _check_settings(variables: Mapping[str, str], config_file: Path | None) -> InstallationCheck:
    path = chosen_file(variables, config_file) or user_file(variables)
    try:
        config = load_config(variables, config_file)
    except UsageError as error:
        return InstallationCheck("settings", ok=False, detail=str(error), hint="auralis config edit")
    number = sum(value.is_set for value in config.values.values())
    found = f"{path}, {number} of {len(config.values)} set" if path.exists() else f"{path} does not exist (optional)"
    return InstallationCheck("settings", ok=True, detail=found)


def _check_library(library: Callable[[], Path]) -> InstallationCheck:
    """Whether it can be opened, and where it lies; `auralis db check` reads the whole of it."""
    try:
        path = library()
        state = library_state(path)
    except (LibraryError, UsageError) as error:
        hint = error.hint or "auralis db check tells more"
        return InstallationCheck("library", ok=False, detail=f"{error.what}: {error.why}", hint=hint)
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    if state.network_filesystem is not None:
        detail = f"{path} {on_network(state.network_filesystem)}"
        return InstallationCheck("library", ok=False, detail=detail, hint="auralis config set library.file FILE")
    if state.size_bytes is None:
        return InstallationCheck("library", ok=True, detail=f"{path} does not exist yet (optional), {sqlite}")
    detail = f"{path}, {state.size_bytes / 2**20:.1f} MiB, version {state.version}, {sqlite}"
    return InstallationCheck("library", ok=True, detail=detail)


def _check_folder(name: str, folder: Path, hint: str) -> InstallationCheck:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"auralis")
    except OSError as error:
        return InstallationCheck(name, ok=False, detail=f"{folder}: {error.strerror}", hint=hint)
    free_gib = shutil.disk_usage(folder).free / 2**30
    return InstallationCheck(name, ok=True, detail=f"{folder}, {free_gib:.0f} GiB free")


def _check_kernels() -> InstallationCheck:
    from auralis_cli.dsp._jit import KERNEL_CACHE, kernels_are_compiled
    from auralis_cli.dsp.truepeak import TruePeakMeter

    state = "compiled before" if kernels_are_compiled() else "compiled now, for the first time"
    if not os.access(KERNEL_CACHE.parent if not KERNEL_CACHE.exists() else KERNEL_CACHE, os.W_OK):
        return InstallationCheck(
            "kernels",
            ok=False,
            detail=f"{KERNEL_CACHE} cannot be written",
            hint="set AURALIS_HOME to a folder of yours",
        )
    # A sine of a quarter of the rate, sampled beside its crests: the samples read -9.0, the truth is -6.0.
    frames = np.arange(4800)
    envelope = np.minimum(1.0, np.minimum(frames, frames[::-1]) / 480.0)
    sine = (0.5 * envelope * np.sin(np.pi / 2 * frames + np.pi / 4)).astype(np.float32)[:, np.newaxis]
    meter = TruePeakMeter(1)
    meter.process(np.ascontiguousarray(sine))
    peak_dbtp = gain_to_db(meter.peak())
    right = abs(peak_dbtp + 6.02) <= 0.2
    detail = (
        f"{state}, in {KERNEL_CACHE}" if right else f"true peak of a test tone reads {peak_dbtp:.2f}, not -6.02 dBTP"
    )
    return InstallationCheck("kernels", right, detail, None if right else f"delete {KERNEL_CACHE} and try again")


def _check_loudness() -> InstallationCheck:
    from auralis_cli.analysis.measure import LoudnessMeter

    time_s = np.arange(48_000 * 5) / 48_000
    tone = (10.0 ** (-23.0 / 20.0) * np.sin(2.0 * np.pi * 1000.0 * time_s)).astype(np.float32)
    meter = LoudnessMeter(48_000, 2)
    meter.add(np.ascontiguousarray(np.stack([tone, tone], axis=1)))
    measured = meter.result().integrated_lufs
    right = abs(measured + 23.0) <= 0.1
    detail = f"1 kHz at -23 dBFS reads {measured:.2f} LUFS"
    return InstallationCheck("loudness", right, detail, None if right else "reinstall auralis-cli")


def _check_decoders() -> InstallationCheck:
    from auralis_cli.audio import trial

    versions = ", ".join(f"{name} {version}" for name, version in trial.decoder_versions().items())
    working: list[str] = []
    broken = list(trial.decoders_not_built_in())
    with tempfile.TemporaryDirectory(prefix="auralis-") as folder:
        for name in trial.trial_formats():
            try:
                level_dbfs = trial.decoded_level_dbfs(name, Path(folder))
            except _FAILURES as error:
                broken.append(f"{name} ({next(iter(str(error).splitlines()), type(error).__name__)})")
                continue
            (working if abs(level_dbfs - trial.TONE_DBFS) <= _LEVEL_TOLERANCE_DB else broken).append(name)
    if broken:
        return InstallationCheck(
            "decoders", ok=False, detail=f"{versions}: {', '.join(broken)} fail", hint="update soundfile and av"
        )
    for missing, lost in trial.missing_decoders().items():
        detail = f"degraded: {missing} cannot be loaded, so {', '.join(lost)} are not read"
        return InstallationCheck("decoders", ok=False, detail=detail, hint="install av")
    return InstallationCheck("decoders", ok=True, detail=f"{len(working)} formats read back by {versions}")


def _check_encoders() -> InstallationCheck:
    from auralis_cli.audio.formats import FORMATS

    written = [row for row in FORMATS if row.subtypes]
    with tempfile.TemporaryDirectory(prefix="auralis-") as folder:
        lost = [row.key for row in written if not _comes_back(row, Path(folder) / f"trial.{row.key}")]
    if lost:
        return InstallationCheck(
            "encoders",
            ok=False,
            detail=f"{', '.join(lost)}: what was written reads otherwise",
            hint="update soundfile and av",
        )
    exact = ", ".join(row.key for row in written if row.lossy is None)
    close = ", ".join(row.key for row in written if row.lossy is not None)
    return InstallationCheck("encoders", ok=True, detail=f"{exact}: 24 bit come back bit for bit; {close}: as loud")


def _comes_back(row: AudioFormat, path: Path) -> bool:
    """Whether a tone in noise, written, reads as it was: to the bit, or as long and as loud."""
    from auralis_cli.audio.reader import open_reader
    from auralis_cli.audio.writer import AtomicWriter

    tone = 0.25 * np.sin(2.0 * np.pi * 1000.0 * np.arange(24_000) / 48_000)[:, np.newaxis]
    sound = (tone + np.random.default_rng(1).uniform(-0.01, 0.01, (len(tone), 2))).astype(np.float32)
    subtype, bitrate_bps = Subtype.PCM_24, None
    if row.lossy is not None:
        subtype, bitrate_bps = Subtype.LOSSY, row.lossy.default_bps(48_000, 2)
    wanted = OutputFormat(row.key, 48_000, 2, subtype, Dither.NONE, bitrate_bps)
    with AtomicWriter(path, wanted, expected_frames=len(sound)) as writer:
        writer.write(sound)
        writer.commit(expected_frames=len(sound))
    with open_reader(path) as reader:
        back = np.concatenate(list(reader.blocks(1024)))
    if back.shape != sound.shape:
        return False
    if row.lossy is None:
        return float(np.abs(back - sound).max()) <= 2.0**-23
    return abs(gain_to_db(float(np.std(back) / np.std(sound)))) <= _LEVEL_TOLERANCE_DB


def _check_sound() -> InstallationCheck:
    """What there is to play on; a machine without is no broken one."""
    from auralis_cli.player.devices import output_devices

    try:
        devices = output_devices()
    except DeviceError as error:
        detail = f"{error.what}: {error.why} (optional: play needs it, play --output does not)"
        return InstallationCheck("sound", ok=True, detail=detail, hint=how_to_get("portaudio", this_system()))
    if not devices:
        return InstallationCheck("sound", ok=True, detail="no device to play on (optional: play --output needs none)")
    names = ", ".join(f"{device.name}{' (default)' if device.is_default else ''}" for device in devices)
    return InstallationCheck("sound", ok=True, detail=names)


def _check_ffmpeg() -> InstallationCheck:
    """Optional: the program does not use it, its tests do."""
    program = shutil.which("ffmpeg")
    if program is None:
        detail = "not installed (optional: a second opinion in the tests)"
        return InstallationCheck("ffmpeg", ok=True, detail=detail, hint=how_to_get("ffmpeg", this_system()))
    asked = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=10, check=False)
    words = asked.stdout.split()
    return InstallationCheck("ffmpeg", ok=True, detail=f"{words[2] if len(words) > 2 else 'found'} (optional)")
