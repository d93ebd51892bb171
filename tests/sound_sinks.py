"""Sound devices without a sound card: ALSA's `file` over `null`, and PulseAudio with a null sink.

The first takes what it is given at once, without a clock, and keeps it: some 150 times as fast as real time. The
second plays in real time as a sound card does, and what it plays is recorded from its monitor.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from patience import PATIENCE_S

Frames = NDArray[np.float32]

CHANNELS = 2
PULSE_MISSING = "needs pulseaudio, pulseaudio-utils and libasound2-plugins"
_SINK = "auralis_test"
_PULSE_TOOLS = ("pulseaudio", "pactl", "parec")
# Nothing of a test outlives this, whatever becomes of the test.
_WATCHDOG_S = 300

_FILE_OVER_NULL = """
pcm.filenull {{
  type file
  slave.pcm "nothing"
  file "{recording}"
  format "raw"
  truncate false
}}
pcm.nothing {{ type null }}
pcm.!default {{ type plug slave.pcm "filenull" }}
"""

# With a rate of the sink's own no client can change, so that a stream at another rate is resampled by PulseAudio.
_PULSE = """
pcm.pulse {{ type pulse server "{server}" device "{sink}" }}
pcm.!default {{ type pulse server "{server}" device "{sink}" }}
ctl.!default {{ type pulse server "{server}" }}
"""


@dataclass(frozen=True, slots=True)
class FileSink:
    """A device that keeps what it is given in files, one for each time it was opened, and never makes anyone wait."""

    folder: Path
    # What a process needs in its environment to see this device and no other.
    variables: Mapping[str, str]
    device: str = "filenull"

    def recordings(self) -> list[Frames]:
        """What was given, float32, for each opening that was given anything; a stream of float32 is assumed.

        What a device was given when it was closed is padded with zeros to its period.
        """
        files = sorted(self.folder.glob("heard.f32*"))
        return [_frames(file.read_bytes()) for file in files if file.stat().st_size]

    @property
    def recorded(self) -> Frames:
        """All that was given, one opening after the other."""
        return np.concatenate([np.zeros((0, CHANNELS), np.float32), *self.recordings()])


@dataclass(frozen=True, slots=True)
class PulseSink:
    """A null sink of a PulseAudio server of the test's own: plays float32 in real time at `rate_hz`, exactly."""

    folder: Path
    rate_hz: int
    process_id: int
    variables: Mapping[str, str]
    device: str = "pulse"

    @contextmanager
    def recording(self) -> Iterator[Callable[[], Frames]]:
        """Records what is heard; gives what says what was heard so far."""
        kept = self.folder / f"monitor-{time.monotonic_ns()}.f32"
        form = ("--format=float32le", f"--rate={self.rate_hz}", f"--channels={CHANNELS}", "--raw", "--latency-msec=50")
        with kept.open("wb") as sink:
            recorder = subprocess.Popen(
                _watched("parec", "-d", f"{_SINK}.monitor", *form),
                stdout=sink,
                env={**os.environ, **self.variables},
            )
            try:
                waited_for(lambda: kept.stat().st_size > 0, "PulseAudio's monitor")
                yield lambda: _frames(kept.read_bytes())
            finally:
                _ended(recorder)

    def control(self, *words: str) -> str:
        """What `pactl` answers."""
        return _pactl(self.variables, *words)

    def server_underruns(self) -> int:
        """How often the server had nothing to play for a client that played, by its log."""
        log = (self.folder / "pulse.log").read_text(errors="replace")
        return sum("nderrun" in line for line in log.splitlines())


@contextmanager
def file_sink(folder: Path) -> Iterator[FileSink]:
    """ALSA's `file` over `null`; this process's PortAudio sees it too, until the end."""
    places = _private_places(folder)
    with _portaudio_sees(_configured(folder, places, _FILE_OVER_NULL.format(recording=folder / "heard.f32"))):
        yield FileSink(folder, places)


@contextmanager
def pulse_sink(folder: Path, *, rate_hz: int = 44_100, for_s: float = _WATCHDOG_S) -> Iterator[PulseSink]:
    """A PulseAudio server with one null sink; this process's PortAudio sees it too, until the end.

    `norewinds` and no shared memory, because with them the first 200 ms are lost and the server dies under load.
    """
    places = _private_places(folder)
    server = f"unix:{folder}/run/native"
    places.update(PULSE_SERVER=server, PULSE_SINK=_SINK, PULSE_RUNTIME_PATH=f"{folder}/run")
    variables = _configured(folder, places, _PULSE.format(server=server, sink=_SINK))
    form = f"rate={rate_hz} channels={CHANNELS} format=float32le norewinds=1"
    words = (
        *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disallow-exit"),
        *("--disable-shm=yes", "--realtime=no", "--high-priority=no", f"--log-target=file:{folder}/pulse.log", "-vvvv"),
        *("-L", f"module-native-protocol-unix socket={folder}/run/native auth-anonymous=1"),
        *("-L", f"module-null-sink sink_name={_SINK} {form}"),
    )
    process = subprocess.Popen(
        _watched(*words, for_s=for_s),
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waited_for(lambda: _SINK in _pactl(variables, "list", "short", "sinks"), "PulseAudio")
        with _portaudio_sees(variables):
            yield PulseSink(folder, rate_hz, process.pid, variables)
    finally:
        _ended(process)


def has_pulseaudio() -> bool:
    """Whether the tools and ALSA's way to PulseAudio are installed."""
    plugins = (Path("/usr/lib").glob(pattern) for pattern in ("*/alsa-lib/*pulse*", "alsa-lib/*pulse*"))
    return all(shutil.which(tool) for tool in _PULSE_TOOLS) and any(next(found, None) for found in plugins)


def without_silence(heard: Frames) -> Frames:
    """What was recorded, without the zeros before its first and after its last sample that is not zero."""
    sounding = np.flatnonzero(heard.any(axis=1))
    return heard[sounding[0] : sounding[-1] + 1] if len(sounding) else heard[:0]


def waited_for(holds: Callable[[], Any], what: str, *, for_s: float = PATIENCE_S) -> None:
    """Returns once `holds()` is true; fails when it is not for so long."""
    until = time.monotonic() + for_s
    pause = Event()
    while not holds():
        assert time.monotonic() < until, f"{what} is not there after {for_s:g} s"
        pause.wait(0.01)


def _private_places(folder: Path) -> dict[str, str]:
    places = {"HOME": folder / "home", "XDG_RUNTIME_DIR": folder / "run"}
    for place in places.values():
        place.mkdir(mode=0o700, exist_ok=True)
    return {name: str(place) for name, place in places.items()}


def _configured(folder: Path, variables: dict[str, str], configuration: str) -> dict[str, str]:
    file = folder / "asound.conf"
    file.write_text(configuration)
    variables["ALSA_CONFIG_PATH"] = str(file)
    return variables


@contextmanager
def _portaudio_sees(variables: Mapping[str, str]) -> Iterator[None]:
    """PortAudio lists devices once, when it starts: it is started anew on both ways."""
    import sounddevice

    def restart() -> None:
        sounddevice._terminate()
        sounddevice._initialize()

    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        restart()
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
        restart()


def _watched(*words: str, for_s: float = _WATCHDOG_S) -> list[str]:
    return ["timeout", "-k", "1", f"{for_s:g}", *words]


def _pactl(variables: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        _watched("pactl", *words, for_s=PATIENCE_S),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(PATIENCE_S)


def _frames(raw: bytes) -> Frames:
    whole = len(raw) // (4 * CHANNELS) * CHANNELS
    return np.frombuffer(raw, "<f4", whole).reshape(-1, CHANNELS)
