"""Whether albums are played without a gap, through a sound device that keeps what it plays (`make bench`).

Each album is cut from one recording at odd places, encoded track by track, and played by `auralis play --headless`
into a null sink of PulseAudio in real time. What is heard has to be the tracks as FFmpeg or opusdec decode each by
itself, one after the other, sample for sample; for FLAC that is the recording. What is heard before and behind each
join is also aligned with the recording by cross-correlation: the two have to lie equally. What the codec does to the
sound is given at the joins and elsewhere: the encoder begins each track anew, which no player can mend. Where the
sound server itself has put in silence, because the machine was too busy for it, an album is played again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

from documents import BUILD, keep
from gapless_albums import FORMATS, Album, AlbumFormat, Verdict, cut_album, decoded, judged, odd_lengths
from gates import Document, Gate, at_least, none_of
from playing_process import player_environ, playing
from rendering import chosen_tracks, markdown
from sound_sinks import pulse_sink

# One that is never silent, one with drums, one that is quiet.
RECORDINGS = (
    "wesnoth-1.16-music/frantic.ogg",
    "fretsonfire-songs-sectoid/Metal madness/song.ogg",
    "wesnoth-1.16-music/elvish-theme.ogg",
)
_START_S = 12.0
# Below this nothing is left.
_NOTHING_DBFS = -150.0


def played(form: AlbumFormat, recording: Path, tracks: int, mean_s: float, folder: Path, home: Path) -> Verdict:
    """Plays one album, and judges what was heard; again where the server ran dry, up to three times."""
    lengths = odd_lengths(tracks, int(mean_s * form.rate_hz))
    whole = decoded(recording, form.rate_hz, _START_S, sum(lengths) / form.rate_hz + 1.0)
    album = cut_album(folder / "album", form, whole, lengths)
    for attempt in range(3):
        verdict, underruns = _heard(album, folder / f"sink{attempt}", home)
        if verdict.is_gapless or not underruns:
            break
        print(f"the sound server ran dry {underruns} times: again", file=sys.stderr)
    return verdict


def _heard(album: Album, folder: Path, home: Path) -> tuple[Verdict, int]:
    """What was heard of an album, and how often the server ran dry meanwhile."""
    folder.mkdir()
    for_s = 3 * len(album.whole) / album.format.rate_hz + 120
    with pulse_sink(folder, rate_hz=album.format.rate_hz, for_s=for_s) as sink, sink.recording() as heard:
        environ = player_environ(home, sink.variables)
        options = ("--quit-at-end", "--latency", "500")
        with playing(environ, folder, *options, *album.tracks, ready=False) as player:
            code = player.wait(for_s)
            assert code == 0, f"exit {code}: {player.said()}"
        # It has nothing to play before the first track and behind the last.
        return judged(heard(), album), max(0, sink.server_underruns() - 2)


def row(name: str, verdict: Verdict) -> list[str]:
    """As a line of the table."""
    shifts = [join.shift_frames for join in verdict.joins]
    elsewhere = (verdict.median_residual_dbfs, verdict.p99_residual_dbfs, verdict.worst_residual_dbfs)
    worst = max(join.residual_dbfs for join in verdict.joins)
    lossless = worst < _NOTHING_DBFS
    return [
        f"{name}, {verdict.format}",
        str(verdict.tracks),
        f"{verdict.frames:,}",
        f"{verdict.wrong_samples:,}",
        str(verdict.extra_frames),
        f"{min(shifts)}…{max(shifts)}",
        "–" if lossless else f"{worst:.1f}",
        "–" if lossless else " / ".join(f"{level:.1f}" for level in elsewhere),
        "yes" if verdict.is_gapless else "**no**",
    ]


def gates_of(document: Document) -> list[Gate]:
    albums = document["albums"]
    shifts = [join["shift_frames"] for album in albums for join in album["joins"]]
    return [
        at_least("albums: recordings by formats", len(albums), len(RECORDINGS) * len(FORMATS)),
        at_least("tracks of each album", min((album["tracks"] for album in albums), default=None), 6),
        none_of(
            "samples that are not those of the tracks", sum(one["wrong_samples"] for one in albums), "ffmpeg, opusdec"
        ),
        none_of("frames too many", sum(one["extra_frames"] for one in albums)),
        none_of("joins that lie elsewhere than in the recording", sum(shift != 0 for shift in shifts)),
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
    tools = ("ffmpeg", "opusdec", "pulseaudio")
    is_gapless = keep(markdown(heads, [row(*one) for one in found]), document, given.json, gates_of, tools=tools)
    return 0 if is_gapless else 1


if __name__ == "__main__":
    sys.exit(main())
