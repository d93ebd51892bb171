"""Whether albums are played without a gap, through a sound device that keeps what it plays (`make bench`).

Each album is cut from one recording at odd places, encoded track by track, and played by `auralis play --headless`
into a null sink of PulseAudio in real time. FLAC has to come out as the recording, sample for sample. In a lossy
format what is heard before and behind each join is aligned with the recording by cross-correlation: the two have to
lie equally, and what the codec does to the sound must not be worse at a join than elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

from gapless_albums import FORMATS, AlbumFormat, Verdict, cut_album, decoded, judged, odd_lengths
from playing_process import player_environ, playing
from rendering import BUILD, chosen_tracks, keep, markdown
from sound_sinks import pulse_sink

# One that is never silent, one with drums, one that is quiet.
RECORDINGS = (
    "wesnoth-1.16-music/frantic.ogg",
    "fretsonfire-songs-sectoid/Metal madness/song.ogg",
    "wesnoth-1.16-music/elvish-theme.ogg",
)
_START_S = 12.0


def played(form: AlbumFormat, recording: Path, tracks: int, mean_s: float, folder: Path, home: Path) -> Verdict:
    """Plays one album, and judges what was heard."""
    lengths = odd_lengths(tracks, int(mean_s * form.rate_hz))
    whole = decoded(recording, form.rate_hz, _START_S, sum(lengths) / form.rate_hz + 1.0)
    album = cut_album(folder / "album", form, whole, lengths)
    (folder / "sink").mkdir()
    for_s = 3 * sum(lengths) / form.rate_hz + 120
    with pulse_sink(folder / "sink", rate_hz=form.rate_hz, for_s=for_s) as sink, sink.recording() as heard:
        environ = player_environ(home, sink.variables)
        with playing(environ, folder, "--quit-at-end", *album.tracks, ready=False) as player:
            code = player.wait(for_s)
            assert code == 0, f"exit {code}: {player.said()}"
        return judged(heard(), album)


def row(name: str, verdict: Verdict) -> list[str]:
    """As a line of the table."""
    shifts = [join.shift_frames for join in verdict.joins]
    lossless = verdict.wrong_samples is not None
    elsewhere = (verdict.median_residual_dbfs, verdict.p99_residual_dbfs, verdict.worst_residual_dbfs)
    worst = max(join.residual_dbfs for join in verdict.joins)
    return [
        f"{name}, {verdict.format}",
        str(verdict.tracks),
        f"{verdict.frames:,}",
        f"{verdict.wrong_samples:,}" if lossless else "–",
        str(verdict.extra_frames),
        f"{min(shifts)}…{max(shifts)}",
        "–" if lossless else f"{worst:.1f}",
        "–" if lossless else " / ".join(f"{level:.1f}" for level in elsewhere),
        "yes" if verdict.is_gapless else "**no**",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays all of them; 1 where a join is to be heard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=8, help="of each album")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each track")
    parser.add_argument("--recordings", type=int, default=len(RECORDINGS), help="so many of them")
    parser.add_argument("--json", type=Path, default=BUILD / "gapless.json")
    given = parser.parse_args(arguments)
    known = {one.name: one.path for one in chosen_tracks()}
    found: list[tuple[str, Verdict]] = []
    with tempfile.TemporaryDirectory(prefix="gapless-") as place:
        for number, (name, form) in enumerate(product(RECORDINGS[: given.recordings], FORMATS)):
            folder = Path(place, str(number))
            verdict = played(form, known[name], given.tracks, given.seconds, folder, Path(place, "home"))
            found.append((name, verdict))
            print(*row(*found[-1]), sep="  ", file=sys.stderr)
    heads = ["album", "tracks", "frames", "wrong samples", "extra frames", "shift at joins (frames)"]
    heads += ["residual at the worst join (dBFS)", "elsewhere: median / 99th / worst (dBFS)", "gapless"]
    document = {"albums": [{"recording": name, **asdict(verdict)} for name, verdict in found]}
    keep(markdown(heads, [row(*one) for one in found]), document, given.json)
    return 0 if all(verdict.is_gapless for _, verdict in found) else 1


if __name__ == "__main__":
    sys.exit(main())
