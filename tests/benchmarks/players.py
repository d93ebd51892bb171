"""This player and others, each playing the same files to the same PulseAudio sink."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from playing_process import playing
from sound_sinks import waited_for


def version(command: str) -> str:
    """Its name and version; empty where it is not installed."""
    if shutil.which(command) is None:
        return ""
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return " ".join(done.stdout.split()[:2]) or command


@contextmanager
def auralis(
    files: Sequence[Path], environ: Mapping[str, str], folder: Path, options: Sequence[str] = ()
) -> Iterator[int]:
    """This player, without a user interface."""
    folder.mkdir(exist_ok=True)
    with playing(environ, folder, *options, "--latency", "100", *files) as player:
        yield player.pid


@contextmanager
def mpv(files: Sequence[Path], environ: Mapping[str, str], folder: Path) -> Iterator[int]:
    """mpv without video, gapless."""
    options = ("--no-config", "--no-video", "--no-terminal", "--ao=pulse", "--gapless-audio=yes")
    with _ended(subprocess.Popen(["mpv", *options, *map(str, files)], env=dict(environ))) as pid:
        yield pid


@contextmanager
def cmus(files: Sequence[Path], environ: Mapping[str, str], folder: Path) -> Iterator[int]:
    """cmus on a terminal of its own, driven by cmus-remote."""
    places = {**environ, "CMUS_HOME": str(folder / "cmus"), "CMUS_SOCKET": str(folder / "cmus.sock"), "TERM": "xterm"}
    (folder / "cmus").mkdir(exist_ok=True)
    (folder / "cmus" / "autosave").write_text("set output_plugin=pulse\nset replaygain=disabled\nset mpris=false\n")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(["cmus"], env=places, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    # A terminal that nobody looks at fills up, and who writes to it waits.
    looking = Thread(target=_looked_at, args=(ours,))
    looking.start()
    try:
        with _ended(process) as pid:
            waited_for((folder / "cmus.sock").exists, "cmus")
            for words in (("-q", *map(str, files)), ("-C", "set continue=true", "view queue"), ("-n",), ("-p",)):
                subprocess.run(["cmus-remote", *words], env=places, check=True, timeout=10)
            yield pid
    finally:
        looking.join(5)
        os.close(ours)


def _looked_at(terminal: int) -> None:
    # Linux has it that a terminal whose other side is closed is an error.
    with suppress(OSError):
        while os.read(terminal, 65_536):
            pass


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[int]:
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
