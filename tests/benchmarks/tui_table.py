"""How soon the terminal player is there and how quickly it answers, at three sizes of library (`make bench`).

Every figure is taken on a terminal: from the start of the process, or from the key, to the last byte that it paints.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Event

import big_library
from peers import BUILD, machine
from process_figures import figures
from rendering import keep, markdown
from terminals import BareTerminal, bare_terminal

_SIZES = (0, 100_000, 1_000_000)
_KEYS = 80
_IDLE_S = 5.0
_FOOTER = "q quit"
_NOTHING_HEARD = "pcm.nothing { type null }\npcm.!default { type plug slave.pcm nothing }\n"


@dataclass(frozen=True, slots=True)
class ScreenFigures:
    """What a player on a terminal takes."""

    name: str
    tracks: int
    # From the start of the process to the last line of its screen, the median and the worst of the rounds.
    first_paint_s: float
    worst_first_paint_s: float
    # From a key that moves the cursor to its last byte.
    key_p50_ms: float
    key_p95_ms: float
    # From a letter of a filter to its last byte; None where there is none as one types.
    filter_p95_ms: float | None
    # Of the screen's process alone, while nothing plays.
    idle_pct: float
    pss_mib: float


def screen_figures(
    name: str,
    tracks: int,
    opened: Callable[[], Iterator[BareTerminal]],
    footer: str,
    to_list: bytes,
    filter_key: bytes | None,
    rounds: int,
) -> ScreenFigures:
    """Starts it `rounds` times, and goes through its list in the last of them."""
    paints: list[float] = []
    for _ in range(rounds - 1):
        with contextmanager(opened)() as terminal:
            paints.append(terminal.seconds_until(footer))
            terminal.settle(1.0)
    with contextmanager(opened)() as terminal:
        paints.append(terminal.seconds_until(footer))
        terminal.settle(3.0)
        for key in (to_list[at : at + 1] for at in range(len(to_list))):
            terminal.send(key)
            terminal.settle(1.0)
        keys = sorted(terminal.seconds_of_key(key) for key in (b"j", b"k") for _ in range(_KEYS // 2))
        letters = None if filter_key is None else _letters(terminal, filter_key)
        before, begun_s = figures(terminal.process.pid), time.monotonic()
        terminal.settle(0.05)
        Event().wait(_IDLE_S)
        after = figures(terminal.process.pid)
        idle_pct = 100 * (after.processor_s - before.processor_s) / (time.monotonic() - begun_s)
        terminal.settle(0.1)
    return ScreenFigures(
        name, tracks, statistics.median(paints), max(paints), 1000 * statistics.median(keys),
        1000 * keys[int(0.95 * len(keys))], letters, idle_pct, after.pss_mib,
    )  # fmt: skip


def _letters(terminal: BareTerminal, key: bytes) -> float:
    """The 95th percentile of what letters take until their rows are there."""
    taken: list[float] = []
    for word in (b"blue", b"tra", b"ste"):
        terminal.send(key)
        terminal.settle(0.3)
        taken += [terminal.seconds_of_key(word[at : at + 1], for_s=20.0) for at in range(len(word))]
        terminal.send(b"\x1b")
        terminal.settle(0.5)
    return 1000 * sorted(taken)[int(0.95 * len(taken))]


def auralis(home: Path, library: Path, environ: Mapping[str, str]) -> Iterator[BareTerminal]:
    """The terminal player with the player that it starts; both end."""
    own = {**environ, "AURALIS_HOME": str(home), "PYTHONPYCACHEPREFIX": str(BUILD / "bench-home" / "bytecode")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "auralis_cli", "--library", str(library), "play"]
    with bare_terminal(command, own) as terminal:
        yield terminal
        subprocess.run([*command[:-1], "ctl", "quit"], env=own, capture_output=True, check=False, timeout=30)


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
    heads = ["player", "tracks", "first paint s", "worst", "key ms", "p95", "filter p95", "idle CPU %", "PSS MiB"]
    rows = [
        [
            one.name, f"{one.tracks:,}", f"{one.first_paint_s:.2f}", f"{one.worst_first_paint_s:.2f}",
            f"{one.key_p50_ms:.0f}", f"{one.key_p95_ms:.0f}",
            "–" if one.filter_p95_ms is None else f"{one.filter_p95_ms:.0f}",
            f"{one.idle_pct:.1f}", f"{one.pss_mib:.0f}",
        ]
        for one in found
    ]  # fmt: skip
    return markdown(heads, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is started")
    parser.add_argument("--million", type=Path, help="a library of a million tracks that is there already")
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES, help="tracks of the libraries")
    parser.add_argument("--json", type=Path, default=BUILD / "tui.json")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="auralis-tui-") as name:
        scratch = Path(name)
        (scratch / "asound.conf").write_text(_NOTHING_HEARD)
        (scratch / "run").mkdir(mode=0o700)
        environ = {**os.environ, "ALSA_CONFIG_PATH": str(scratch / "asound.conf"), "XDG_RUNTIME_DIR": f"{scratch}/run"}
        found: list[ScreenFigures] = []
        for tracks in chosen.sizes:
            library = library_of(tracks, scratch, chosen.million)
            opened = partial(auralis, scratch / f"home-{tracks}", library, environ)
            (scratch / f"home-{tracks}" / "cache").mkdir(parents=True)
            kernels = BUILD / "bench-home" / "cache" / "kernels"
            kernels.mkdir(parents=True, exist_ok=True)
            (scratch / f"home-{tracks}" / "cache" / "kernels").symlink_to(kernels)
            is_empty = tracks == 0
            to_list, letters = (b"9", None) if is_empty else (b"2\t\t", b"/")
            found.append(screen_figures("auralis", tracks, opened, _FOOTER, to_list, letters, chosen.rounds))
    keep(
        table(found) + f"\n{machine()}\n", {"machine": machine(), "found": [asdict(one) for one in found]}, chosen.json
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
