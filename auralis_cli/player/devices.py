"""Which sound devices there are, by name, as PortAudio sees them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from auralis_cli.errors import DeviceError
from auralis_cli.quick_dataclasses import dataclass

CHANNELS = 2
_NO_SOUND = "play --output FILE renders without a device"


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """A device that plays two channels."""

    # PortAudio's number for it, good until `look_again`.
    number: int
    name: str
    # What it plays when nothing else is asked of it.
    rate_hz: int
    is_default: bool


def portaudio() -> Any:
    """The module that speaks to PortAudio, imported when it is first needed; raises DeviceError where it is missing."""
    try:
        import sounddevice
    except OSError as error:
        hint = "install it: libportaudio2 (Debian, Ubuntu), portaudio (Fedora, Arch, macOS); auralis doctor tells how"
        raise DeviceError("PortAudio", f"cannot be loaded: {error}", hint) from error
    return sounddevice


def output_devices() -> tuple[OutputDevice, ...]:
    """All there were when PortAudio last looked, in its order; raises DeviceError where it is missing, or has ended."""
    sound = portaudio()
    default = sound.default.device[1]
    try:
        there = sound.query_devices()
    except sound.PortAudioError as error:
        # It could not be begun anew, which may succeed next time.
        raise DeviceError("PortAudio", f"cannot be asked: {error}") from error
    return tuple(
        OutputDevice(number, str(info["name"]), int(info["default_samplerate"]), number == default)
        for number, info in enumerate(there)
        if info["max_output_channels"] >= CHANNELS
    )


def look_again() -> None:
    """Finds devices that came or went since. Only while no stream is open: PortAudio is begun anew."""
    sound = portaudio()
    # Where it could not be begun the last time, there is nothing to end.
    with suppress(sound.PortAudioError):
        sound._terminate()
    try:
        sound._initialize()
    except sound.PortAudioError as error:
        raise DeviceError("PortAudio", f"cannot be started: {error}") from error


def chosen_device(name: str | None) -> OutputDevice:
    """The device of that name, else the only one whose name has it in it; the system's own choice for None.

    Raises DeviceError where there is none, or more than one.
    """
    devices = output_devices()
    if not devices:
        raise DeviceError("sound", "there is no device to play on", _NO_SOUND)
    if name is None:
        chosen = next((device for device in devices if device.is_default), None)
        return chosen or devices[0]
    wanted = name.casefold()
    found = [device for device in devices if device.name.casefold() == wanted]
    found = found[:1] or [device for device in devices if wanted in device.name.casefold()]
    if len(found) != 1:
        there = ", ".join(device.name for device in found or devices)
        why = "is the name of more than one device" if found else "is no device here"
        raise DeviceError(name, why, f"there are: {there}")
    return found[0]
