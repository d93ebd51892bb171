"""Tracks that nobody recorded, as copies of each other."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from auralis_cli.model.library import FileStatus, Track
from auralis_cli.services.kept_copy import CopyFacts


def track(number: int, path: str, **known: Any) -> Track:
    """A FLAC file of four minutes, of which nothing else is known."""
    values: dict[str, Any] = dict.fromkeys(field.name for field in fields(Track))
    values |= {"id": number, "path": path, "title": "Song", "duration_s": 240.0, "format": "flac", "codec": "flac"}
    values |= {"sample_rate_hz": 44_100, "channels": 2, "bits": 16, "lossless": True, "status": FileStatus.PRESENT}
    values |= {"size_bytes": 1000, "play_count": 0, "cue_number": 0, "content_id": f"test:{number}"}
    return Track(**{**values, **known})


def copy_facts(number: int, path: str, *, key: str | None = None, heard_s: float = 240.0, **known: Any) -> CopyFacts:
    """What is known of such a copy; its content is its own unless `key` says another."""
    return CopyFacts(track(number, path, **known), key or f"test:{number}", heard_s)
