"""This player and others on terminals of a benchmark's own, each before a list of all its tracks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from documents import BUILD
from players import version
from small_files import make_tiny
from sound_sinks import waited_for
from terminals import BareTerminal, bare_terminal

# Reading a hundred thousand files takes either of the others minutes.
_READS_WITHIN_S = 1200.0
_CMUS = "set output_plugin=pulse\nset mpris=false\nset start_view=sorted\nset resume=false\n"
_MPD = """music_directory "{music}"
db_file "{home}/db"
bind_to_address "{home}/socket"
log_file "{home}/log"
max_playlist_length "1000000"
max_output_buffer_size "262144"
audio_output {{
type "null"
name "none"
}}
"""
_NCMPCPP = "ncmpcpp_directory = {home}\nmpd_host = {home}/socket\nstartup_screen = playlist\n"

Opened = Callable[[], Iterator[BareTerminal]]


@dataclass(frozen=True, slots=True)
class Screen:
    """A player that can be opened again and again."""

    name: str
    open: Opened
    # What is written when the first rows are there, and what is typed to come to a list of them.
    is_there: str
    to_list: bytes = b""
    # Processes that are part of it and none of its own.
    others: tuple[int, ...] = field(default=())


def tiny_music(files: int) -> Path:
    """So many tagged files of a few milliseconds, made once."""
    folder = BUILD / "bench-inputs" / f"tiny-{files}"
    make_tiny(folder, files)
    return folder / "music"


def auralis(home: Path, library: Path, environ: Mapping[str, str]) -> Screen:
    """The terminal player with the player that it starts; both end."""
    own = {**environ, "AURALIS_HOME": str(home), "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "auralis_cli", "--library", str(library), "play"]

    def opened() -> Iterator[BareTerminal]:
        with bare_terminal(command, own) as terminal:
            yield terminal
            subprocess.run([*command[:-1], "ctl", "quit"], env=own, capture_output=True, check=False, timeout=30)

    return Screen("auralis", opened, "q quit", b"2\t\t" if library.exists() else b"9")


@contextmanager
def cmus(home: Path, music: Path, environ: Mapping[str, str], files: int) -> Iterator[Screen]:
    """cmus with all tracks in its list of them, which it has read before."""
    home.mkdir(parents=True)
    own = {**environ, "CMUS_HOME": str(home), "CMUS_SOCKET": str(home / "socket")}
    # Not `autosave`, which would be all there is: without keys.
    (home / "rc").write_text(_CMUS)

    def opened() -> Iterator[BareTerminal]:
        with bare_terminal(["cmus"], own) as terminal:
            yield terminal
            subprocess.run(["cmus-remote", "-C", "quit"], env=own, capture_output=True, check=False, timeout=30)

    with contextmanager(opened)() as terminal:
        saved = home / "read.pl"

        def is_told(words: str) -> bool:
            # A terminal that nobody reads fills up.
            terminal.settle(0.05)
            done = subprocess.run(["cmus-remote", "-C", words], env=own, capture_output=True, check=False, timeout=60)
            return done.returncode == 0

        def has_read() -> bool:
            return is_told(f"save -l {saved}") and saved.exists() and saved.read_bytes().count(b"\n") >= files

        waited_for(lambda: is_told(f"add {music}"), "cmus")
        waited_for(has_read, "cmus to have read all", for_s=_READS_WITHIN_S)
    yield Screen(version("cmus"), opened, "T 2")


@contextmanager
def ncmpcpp(home: Path, music: Path, environ: Mapping[str, str]) -> Iterator[Screen]:
    """ncmpcpp before the playlist of an mpd that has all tracks in it."""
    home.mkdir(parents=True)
    (home / "mpd.conf").write_text(_MPD.format(music=music, home=home))
    (home / "config").write_text(_NCMPCPP.format(home=home))
    own = {**environ, "MPD_HOST": str(home / "socket"), "HOME": str(home)}
    server = subprocess.Popen(["mpd", "--no-daemon", str(home / "mpd.conf")], env=own, stderr=subprocess.DEVNULL)
    try:
        waited_for((home / "socket").exists, "mpd")
        subprocess.run(["mpc", "-w", "update"], env=own, check=True, timeout=_READS_WITHIN_S, capture_output=True)
        subprocess.run(["mpc", "add", "/"], env=own, check=True, timeout=60, capture_output=True)

        def opened() -> Iterator[BareTerminal]:
            with bare_terminal(["ncmpcpp", "-c", str(home / "config")], own) as terminal:
                yield terminal

        yield Screen(version("ncmpcpp") + " + mpd", opened, "T 2", others=(server.pid,))
    finally:
        server.terminate()
        server.wait(10)


def are_installed(*commands: str) -> bool:
    """Whether all of them are."""
    return all(shutil.which(command) for command in commands)
