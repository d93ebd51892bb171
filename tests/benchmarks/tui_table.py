"""How soon the terminal player is there and how quickly it answers, at three sizes of library (`make bench`).

cmus and ncmpcpp do the same over real files, which is what they can read. Then letters of a filter, and the studio.

Every figure is taken on a terminal: from the start of the process, or from the key, to the last byte that it paints.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import big_library
from documents import BUILD, keep
from gates import Document, Gate, at_most, below
from playing_process import player_environ
from process_figures import family, figures
from rendering import chosen_tracks, markdown
from screens import Screen, are_installed, auralis, cmus, ncmpcpp, tiny_music
from small_files import SEED
from sound_sinks import pulse_sink
from terminals import BareTerminal, bare_terminal

_SIZES = (0, 100_000, 1_000_000)
_KEYS = 80
OURS = "auralis"
_IDLE_S = 5.0
_RATE_HZ = 44_100
_PARTS = ("screen", "meters", "player")
_NOTHING_HEARD = "pcm.nothing { type null }\npcm.!default { type plug slave.pcm nothing }\n"


@dataclass(frozen=True, slots=True)
class ScreenFigures:
    """What a player on a terminal takes."""

    name: str
    tracks: int
    # From the start of the process to its first rows, the median and the worst of the rounds.
    first_paint_s: float
    worst_first_paint_s: float
    # From a key that moves the cursor to its last byte.
    key_p50_ms: float
    key_p95_ms: float
    # Of the screen and of what plays for it, while nothing plays.
    idle_pct: float
    # Of the process that draws the screen; and with the player behind it, where that is another.
    pss_mib: float
    all_pss_mib: float


@dataclass(frozen=True, slots=True)
class StudioFigures:
    """What the studio takes of a core while it shows what plays, mastered; and while that is paused."""

    screen_pct: float
    # What measures the sound for the meters.
    meters_pct: float
    # With what solves the next tracks for it.
    player_pct: float
    paused_screen_pct: float
    paused_meters_pct: float
    paused_player_pct: float


def screen_figures(screen: Screen, tracks: int, rounds: int) -> ScreenFigures:
    """Starts it `rounds` times, and goes through its list in the last of them."""
    paints: list[float] = []
    for _ in range(rounds - 1):
        with contextmanager(screen.open)() as terminal:
            paints.append(terminal.seconds_until(screen.is_there))
            terminal.settle(1.0)
    with contextmanager(screen.open)() as terminal:
        paints.append(terminal.seconds_until(screen.is_there))
        terminal.settle(3.0)
        for key in (screen.to_list[at : at + 1] for at in range(len(screen.to_list))):
            terminal.send(key)
            terminal.settle(1.0)
        keys = [terminal.seconds_of_key(key) for key in (b"j", b"k") for _ in range(_KEYS // 2)]
        # Not until it is quiet: what counts seconds paints them.
        _percent((), 3.0, terminal)
        processes = (terminal.process.pid, *screen.others)
        idle_pct = _percent(processes, _IDLE_S, terminal)
        alone = figures(terminal.process.pid, is_alone=True).pss_mib
        everything = sum(figures(one).pss_mib for one in processes)
    return ScreenFigures(
        screen.name, tracks, statistics.median(paints), max(paints), 1000 * statistics.median(keys),
        1000 * _p95(keys), idle_pct, alone, everything,
    )  # fmt: skip


def _p95(taken: Sequence[float]) -> float:
    return sorted(taken)[int(0.95 * len(taken))]


def _percent(processes: Sequence[int], for_s: float, terminal: BareTerminal, *, is_alone: bool = False) -> float:
    """Which share of a core processes take, with what they started or alone."""

    def used_s() -> float:
        return sum(figures(one, is_alone=is_alone).processor_s for one in processes)

    before_s, begun_s = used_s(), time.monotonic()
    while time.monotonic() < begun_s + for_s:
        # A terminal that nobody reads fills up.
        terminal.read(0.2)
    return 100 * (used_s() - before_s) / (time.monotonic() - begun_s)


def studio_figures(home: Path, scratch: Path, for_s: float) -> StudioFigures:
    """Plays open music, mastered, into a sink that keeps real time, before the studio."""
    files = [one.path for one in chosen_tracks() if one.sample_rate_hz == _RATE_HZ and one.path.suffix == ".ogg"]
    with pulse_sink(scratch, rate_hz=_RATE_HZ, for_s=300.0 + 2 * for_s) as sink:
        environ = player_environ(home, sink.variables)
        command = [sys.executable, "-m", "auralis_cli", "play", "--enhance", *map(str, files)]
        with bare_terminal(command, environ, columns=120, lines=40) as terminal:
            terminal.seconds_until("q quit")
            terminal.settle(1.0)
            terminal.send(b"6")
            _percent((), 20.0, terminal)
            playing = _shares(terminal, for_s)
            terminal.send(b" ")
            # What is solved ahead is solved by then.
            _percent((), 10.0, terminal)
            paused = _shares(terminal, for_s)
            subprocess.run([*command[:3], "ctl", "quit"], env=environ, capture_output=True, check=False, timeout=30)
    return StudioFigures(*playing, *paused)


def _shares(terminal: BareTerminal, for_s: float) -> tuple[float, float, float]:
    """Which share of a core the screen, what measures for it, and the player with all it started take."""

    def used_s() -> Mapping[str, float]:
        used: defaultdict[str, float] = defaultdict(float)
        for one in family(terminal.process.pid):
            used[_part(one)] += figures(one, is_alone=True).processor_s
        return used

    before_s = used_s()
    _percent((), for_s, terminal)
    after_s = used_s()
    screen, meters, player = (100 * (after_s[part] - before_s[part]) / for_s for part in _PARTS)
    return screen, meters, player


def _part(process_id: int) -> str:
    words = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
    if b"auralis_cli.services.sound_watching" in words:
        return "meters"
    # Whatever else is started plays for it.
    return "screen" if b"play" in words and b"--headless" not in words else "player"


def filter_figures(library: Path, scratch: Path) -> Mapping[str, Sequence[float]]:
    """What letters of a filter take, measured in a process of its own."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, str(here / "filter_figures.py"), str(library), str(scratch)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), str(here.parent.parent)])}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True, timeout=1200)
    found: Mapping[str, Sequence[float]] = json.loads(done.stdout)
    return found


def library_of(tracks: int, scratch: Path, million: Path | None) -> Path:
    """A library of that size, made once."""
    if tracks == 0:
        return scratch / "none.db"
    if tracks == 1_000_000 and million is not None:
        return million
    made = BUILD / "bench-inputs" / f"library-{tracks}.db"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        big_library.build(made.with_suffix(".part"), tracks=tracks)
        made.with_suffix(".part").rename(made)
    return made


def table(found: Sequence[ScreenFigures]) -> str:
    """For people."""
    heads = [
        "player", "tracks", "first rows s", "worst", "key ms", "p95", "idle CPU %", "PSS MiB, screen",
        "with the player",
    ]  # fmt: skip
    rows = [
        [
            one.name, f"{one.tracks:,}", f"{one.first_paint_s:.2f}", f"{one.worst_first_paint_s:.2f}",
            f"{one.key_p50_ms:.0f}", f"{one.key_p95_ms:.0f}",
            f"{one.idle_pct:.1f}", f"{one.pss_mib:.0f}", f"{one.all_pss_mib:.0f}",
        ]
        for one in found
    ]  # fmt: skip
    return markdown(heads, rows)


def filter_table(found: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """For people."""
    heads = ["tracks", "letters", "first tracks ms", "p95", "all panes, p95", "totals, p95", "longest stall", "p95"]
    rows = [
        [
            f"{tracks:,}", str(len(one["tracks"])), f"{statistics.median(one['tracks']):.0f}",
            f"{_p95(one['tracks']):.0f}", f"{_p95(one['panes']):.0f}", f"{_p95(one['totals']):.0f}",
            f"{max(one['stalls']):.0f}", f"{_p95(one['stalls']):.0f}",
        ]
        for tracks, one in found.items()
    ]  # fmt: skip
    return markdown(heads, rows)


def studio_table(one: StudioFigures) -> str:
    """For people."""
    heads = ["% of a core", "screen", "what measures", "together", "player, mastering"]
    rows = [
        [name, f"{screen:.1f}", f"{meters:.1f}", f"{screen + meters:.1f}", f"{player:.1f}"]
        for name, screen, meters, player in (
            ("playing", one.screen_pct, one.meters_pct, one.player_pct),
            ("paused", one.paused_screen_pct, one.paused_meters_pct, one.paused_player_pct),
        )
    ]
    return markdown(heads, rows)


def gates_of(document: Document) -> list[Gate]:
    """At every size of library; what others take stands beside it."""
    ours = {one["tracks"]: one for one in document["found"] if one["name"] == OURS}
    judged = []
    for tracks in _SIZES:
        one, of = ours.get(tracks, {}), f"{tracks:,} tracks"
        judged += [
            at_most(f"{of}: first rows, s", one.get("first_paint_s"), 0.8),
            below(f"{of}: key to paint, p95, ms", one.get("key_p95_ms"), 50),
            below(f"{of}: idle, % of a core", one.get("idle_pct"), 1),
        ]
        if tracks:
            stalls = document["filters"].get(str(tracks), {}).get("stalls")
            judged.append(below(f"{of}: a letter holds the screen up, p95, ms", _p95(stalls) if stalls else None, 50))
    studio = document.get("studio", {})

    def shown(*figures: str) -> float | None:
        return sum(studio[figure] for figure in figures) if studio else None

    return [
        *judged,
        at_most("studio, playing: screen and what measures, % of a core", shown("screen_pct", "meters_pct"), 20),
        below("studio, paused: the same", shown("paused_screen_pct", "paused_meters_pct"), 1),
    ]


def _screens(sizes: Sequence[int], files: int, rounds: int, place: _Place) -> Iterator[ScreenFigures]:
    """Of this player at all sizes, and of the others before real files."""
    for tracks in sizes:
        home = place.scratch / f"home-{tracks}"
        (home / "cache").mkdir(parents=True)
        kernels = BUILD / "bench-home" / "cache" / "kernels"
        kernels.mkdir(parents=True, exist_ok=True)
        (home / "cache" / "kernels").symlink_to(kernels)
        screen = auralis(home, library_of(tracks, place.scratch, place.million), place.environ)
        yield screen_figures(screen, tracks, rounds)
    if files and are_installed("cmus"):
        with cmus(place.scratch / "cmus", tiny_music(files), place.environ, files) as screen:
            yield screen_figures(screen, files, rounds)
    if files and are_installed("mpd", "mpc", "ncmpcpp"):
        with ncmpcpp(place.scratch / "ncmpcpp", tiny_music(files), place.environ) as screen:
            yield screen_figures(screen, files, rounds)


@dataclass(frozen=True, slots=True)
class _Place:
    scratch: Path
    environ: Mapping[str, str]
    million: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is started")
    parser.add_argument("--million", type=Path, help="a library of a million tracks that is there already")
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES, help="tracks of the libraries")
    parser.add_argument("--files", type=int, default=20_000, help="that cmus and mpd read; 0 leaves them out")
    parser.add_argument("--studio", type=float, default=30.0, metavar="S", help="seconds of the studio; 0 for none")
    parser.add_argument("--json", type=Path, default=BUILD / "tui.json")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="auralis-tui-") as name:
        scratch = Path(name)
        (scratch / "asound.conf").write_text(_NOTHING_HEARD)
        (scratch / "run").mkdir(mode=0o700)
        environ = {**os.environ, "ALSA_CONFIG_PATH": str(scratch / "asound.conf"), "XDG_RUNTIME_DIR": f"{scratch}/run"}
        place = _Place(scratch, environ, chosen.million)
        found: list[ScreenFigures] = []
        for one in _screens(chosen.sizes, chosen.files, chosen.rounds, place):
            print(one, file=sys.stderr)
            found.append(one)
        filters = {
            tracks: filter_figures(library_of(tracks, scratch, chosen.million), scratch)
            for tracks in chosen.sizes
            if tracks
        }
        parts = [table(found), filter_table(filters)]
        document: dict[str, object] = {"found": [asdict(one) for one in found], "filters": filters}
        if chosen.studio:
            (scratch / "studio").mkdir()
            studio = studio_figures(scratch / "studio-home", scratch / "studio", chosen.studio)
            parts.append(studio_table(studio))
            document["studio"] = asdict(studio)
        tools, seeds = ("cmus", "ncmpcpp", "mpd", "pulseaudio"), {"library": big_library.SEED, "files": SEED}
        keep("\n\n".join(parts), document, chosen.json, gates_of, tools=tools, seeds=seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
