"""The player for half an hour on a busy machine, and over hundreds of tracks (`make soak`).

`python -m pytest --soak --soak-minutes 5 tests/real/test_playing_for_long.py` is the same, sooner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event

import numpy as np
import pytest
import soundfile
from open_music import open_tracks
from playing_figures import cores, measured
from playing_process import asked, own_underruns, player_environ, playing
from process_figures import figures, resident_mib
from sound_sinks import PULSE_MISSING, has_pulseaudio, pulse_sink

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not has_pulseaudio(), reason=PULSE_MISSING),
]

RATE_HZ = 44_100
SHORT_TRACKS, SHORT_S = 200, 0.5
# What 180 tracks more may leave in memory: their plans, and holes in the heap. The sound of each is 88 KB as decoded,
# 0.4 MB as it stands in a ring: a player that kept the one or the other would hold 15 or 80 MiB more.
GROWTH_MIB = 12.0


@pytest.mark.corpus
def test_a_busy_machine_leaves_no_gap(
    corpus: Path, tmp_path: Path, auralis_home: Path, request: pytest.FixtureRequest
) -> None:
    minutes = request.config.getoption("--soak-minutes")
    files = [one.path for one in open_tracks(corpus) if one.sample_rate_hz == RATE_HZ]
    found = measured(
        "auralis",
        _mastering,
        files,
        tmp_path / "figures",
        home=auralis_home,
        for_s=60.0 * minutes,
        rate_hz=RATE_HZ,
        burners=cores(),
        own_underruns=own_underruns,
    )
    print(found)
    assert found.own_underruns == 0, found


def test_memory_and_handles_stay_where_they_are_over_hundreds_of_tracks(tmp_path: Path, auralis_home: Path) -> None:
    (tmp_path / "sink").mkdir()
    with pulse_sink(tmp_path / "sink", rate_hz=RATE_HZ, for_s=900) as sink:
        environ = player_environ(auralis_home, sink.variables)
        tracks = _short_tracks(tmp_path)
        # What is compiled the first time stays in memory, and is no growth.
        warm = asked(environ, "play", "--enhance", "--output", str(tmp_path / "warm.wav"), str(tracks[0]))
        assert warm.returncode == 0, warm.stderr
        with playing(environ, tmp_path, "--enhance", *tracks) as player:
            seen: dict[int, tuple[float, int, int]] = {}
            while (at := player.status().queue_index or 0) < SHORT_TRACKS - 1:
                now = figures(player.pid)
                seen[at] = (resident_mib(player.pid), now.handles, now.threads)
                Event().wait(0.5)
            early = median(held for at, (held, _, _) in seen.items() if 15 <= at <= 25)
            late = median(held for at, (held, _, _) in seen.items() if at >= SHORT_TRACKS - 10)
            told = ", ".join(f"{at}: {held:.1f}" for at, (held, _, _) in seen.items() if at % 10 == 0)
            print(f"{early:.1f} MiB after 20 tracks, {late:.1f} MiB after {SHORT_TRACKS} ({told})")
            assert late - early < GROWTH_MIB, seen
            handles = [handles for at, (_, handles, _) in seen.items() if at >= 15]
            assert max(handles) - min(handles) <= 6, handles


@contextmanager
def _mastering(files: Sequence[Path], environ: Mapping[str, str], folder: Path) -> Iterator[int]:
    options = ("--enhance", "--repeat", "all", "--latency", "100")
    with playing(environ, folder, *options, *files) as player:
        yield player.pid


def _short_tracks(folder: Path) -> list[Path]:
    """Different ones, so that each is analysed and mastered anew."""
    made = []
    for number in range(SHORT_TRACKS):
        drawn = np.random.default_rng(number).normal(0.0, 0.1, (int(SHORT_S * RATE_HZ) | 1, 2))
        path = folder / f"{number:03}.flac"
        soundfile.write(path, np.clip(drawn, -1.0, 1.0), RATE_HZ, subtype="PCM_16")
        made.append(path)
    return made
