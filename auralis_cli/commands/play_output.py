"""`auralis play --output`: what would be heard, into a file or a pipe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.commands.master_requests import check_folder
from auralis_cli.commands.standard_streams import check_standard_output
from auralis_cli.commands.verb import Session
from auralis_cli.errors import EXIT_PARTIAL, RefusedError, UsageError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.play_request import PlayRequest, PlayWishes
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.model.queue import Queue, QueueTrack
from auralis_cli.model.sound_wishes import MasteringMode
from auralis_cli.model.source import Destination
from auralis_cli.units import seconds_to_clock

if TYPE_CHECKING:
    from auralis_cli.services.playback_rendering import RenderedPlayback

_CHANNELS = 2
_FORMATS = ("wav", "flac")


def write_output(
    session: Session, request: PlayRequest, destination: Destination, bits: Subtype | None, *, force: bool
) -> int:
    """Writes what is asked for; the exit code. Raises InputError where nothing of it can be played."""
    key = _checked_destination(session, request, destination, bits, force=force)
    dither = Dither.TPDF if bits is Subtype.PCM_16 else Dither.NONE
    queue = replace(_queue(session, request), repeat=request.wishes.repeat or RepeatMode.OFF)

    from auralis_cli.services.playback_output import PlaybackOutputRequest, write_playback

    wanted = PlaybackOutputRequest(
        queue,
        settings_of(request.wishes),
        OutputFormat(key, 0, _CHANNELS, bits or Subtype.PCM_24, dither),
        destination,
        request.device.rate_hz,
        request.wishes.shuffle,
        force,
    )
    library = session.library_path if session.library_path.exists() else None
    with session.output.progress() as progress:
        written = write_playback(wanted, library, session.config.presets, session.streams, progress, session.cancel)
    if destination.path is not None and written.published is not None:
        from auralis_cli.commands.written_journal import note_in_journal

        note_in_journal(session, "play", [(destination.path, written.published)])
    return _said(session, written.rendered, written.rate_hz, destination)


def settings_of(wishes: PlayWishes) -> PlayerSettings:
    """How it sounds: as asked for, else as it is."""
    defaults = PlayerSettings()
    wish = MasteringWish()
    return PlayerSettings(
        volume=defaults.volume if wishes.volume is None else wishes.volume,
        is_enhanced=bool(wishes.is_enhanced),
        wish=MasteringWish(
            wish.preset if wishes.preset is None else wishes.preset,
            wish.intensity if wishes.intensity is None else wishes.intensity,
            wish.mode if wishes.reference is None else MasteringMode.REFERENCE,
            wishes.reference,
            wishes.tilt_db or 0.0,
            wishes.width_db or 0.0,
        ),
        normalize=wishes.normalize or NormalizeMode.OFF,
        crossfade_s=wishes.crossfade_s or 0.0,
    )


def _checked_destination(
    session: Session, request: PlayRequest, destination: Destination, bits: Subtype | None, *, force: bool
) -> str:
    """The key of the format. Raises UsageError, RefusedError or OutputError before any work."""
    path = destination.path
    if path is None:
        check_standard_output(session, as_json=False)
        return "wav"
    if path.is_dir():
        raise RefusedError(str(path), "is a folder", "name a file in it")
    key = path.suffix.lower().removeprefix(".")
    if key not in _FORMATS:
        raise UsageError(str(path), "is written as wav or flac", "name it .wav or .flac")
    if key == "flac" and bits is Subtype.FLOAT:
        raise UsageError("--bits", "flac cannot hold 32f", "use 16 or 24, or name the file .wav")
    if request.wishes.repeat not in (None, RepeatMode.OFF):
        raise UsageError("--repeat", "a file comes to an end", "leave it out; --output - may go on for ever")
    check_folder(path)
    if _is_played(path, request.tracks):
        raise RefusedError(str(path), "is what is played", "name another file")
    if os.path.lexists(path) and not force:
        raise RefusedError(str(path), "exists already", "--force replaces it; the old file goes to the trash")
    return key


def _is_played(path: Path, tracks: Sequence[QueueTrack]) -> bool:
    real = os.path.realpath(path)
    return os.path.lexists(path) and any(os.path.realpath(track.path) == real for track in tracks)


def _queue(session: Session, request: PlayRequest) -> Queue:
    """The tracks asked for, else those of the player's queue, from its beginning."""
    if request.tracks:
        return Queue().set(request.tracks)
    import time

    from auralis_cli.services.player_memory import remembered

    kept = remembered(session.library_path, int(time.time())).queue
    if not kept.items:
        raise UsageError("QUERY/PATH", "nothing is named, and the queue is empty", "name files, folders, or a query")
    return kept.jump(0)


def _said(session: Session, rendered: RenderedPlayback, rate_hz: int, destination: Destination) -> int:
    for report in rendered.failures:
        session.output.warning(str(report.error))
    for report in rendered.warnings:
        session.output.warning(str(report.error))
    lasts = seconds_to_clock(rendered.frames / rate_hz)
    session.output.note(f"{destination.name}: {lasts}, {rendered.frames} frames at {rate_hz} Hz")
    return EXIT_PARTIAL if rendered.failures else 0
