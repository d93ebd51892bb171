"""Requests to master, said in one row of words, whichever part of the request holds them."""

from __future__ import annotations

from dataclasses import fields, replace

from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.sound_wishes import SoundWishes
from auralis_cli.model.source import AudioSource, Destination

_OF_SOUND = frozenset(field.name for field in fields(SoundWishes))


def master_request(source: AudioSource, destination: Destination, **wishes: object) -> MasterRequest:
    """`intensity=0.5, rate_hz=48_000` as a request."""
    sound = {name: wishes.pop(name) for name in _OF_SOUND & wishes.keys()}
    request = MasterRequest(source, destination, SoundWishes(**sound))  # type: ignore[arg-type]
    return replace(request, **wishes)  # type: ignore[arg-type]
