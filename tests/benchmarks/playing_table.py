"""What playing takes beside cmus and mpv: the same files into the same sink, in real time (`make bench`).

Processor time and memory are those of the player and of all processes it started, from ten seconds after its start.
`--burners 2` has both cores of a small machine busy with something else; `--minutes 30` makes it the proof.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from documents import BUILD, keep
from gates import Document, Gate, none_of
from players import auralis, cmus, mpv, version
from playing_figures import PlayingFigures, Start, cores, measured
from playing_process import own_underruns
from rendering import chosen_tracks, markdown

# Formats that all of them play, at the rate of the sink.
_RATE_HZ = 44_100


def contestants(others: bool) -> dict[str, Start]:
    """Every player that is installed, by its name."""

    found: dict[str, Start] = {
        "auralis": partial(auralis, options=("--no-enhance",)),
        "auralis, mastering": partial(auralis, options=("--enhance",)),
    }
    for name, start in (("cmus", cmus), ("mpv", mpv)):
        if others and (said := version(name)):
            found[said] = start
    return found


def table(found: Sequence[PlayingFigures]) -> str:
    """For people."""
    heads = ["player", "s", "CPU s", "% of a core", "PSS MiB, median", "most", "underruns: ours", "the server's"]
    rows = [
        [
            one.name,
            f"{one.seconds:.0f}",
            f"{one.processor_s:.1f}",
            f"{one.processor_pct:.1f}",
            f"{one.median_pss_mib:.0f}",
            f"{one.most_pss_mib:.0f}",
            "–" if one.own_underruns is None else str(one.own_underruns),
            str(one.server_underruns),
        ]
        for one in found
    ]
    return markdown(heads, rows)


def gates_of(document: Document) -> list[Gate]:
    """What others take stands beside it; what may not be is that it runs dry."""
    return [
        none_of(f"{one['name']}: underruns of its own", one["own_underruns"])
        for one in document["players"]
        if one["own_underruns"] is not None
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays with each; 1 where this player ran dry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3.0, help="of each player")
    parser.add_argument("--burners", type=int, default=cores(), help="processes that load the machine beside it")
    parser.add_argument("--alone", action="store_true", help="this player only")
    parser.add_argument("--json", type=Path, default=BUILD / "playing.json")
    given = parser.parse_args(arguments)
    files = [one.path for one in chosen_tracks() if one.sample_rate_hz == _RATE_HZ and one.path.suffix == ".ogg"]
    found: list[PlayingFigures] = []
    with tempfile.TemporaryDirectory(prefix="playing-") as place:
        run = partial(
            measured,
            files=files,
            home=Path(place, "home"),
            for_s=60.0 * given.minutes,
            rate_hz=_RATE_HZ,
            burners=given.burners,
        )
        for number, (name, start) in enumerate(contestants(not given.alone).items()):
            counts = own_underruns if name.startswith("auralis") else None
            found.append(
                run(
                    name=name, start=start, folder=Path(place, str(number)), burners=given.burners, own_underruns=counts
                )
            )
            print(found[-1], file=sys.stderr)
    head = f"{given.minutes:g} minutes each, {given.burners} processes computing beside."
    players = [{**asdict(one), "processor_pct": one.processor_pct} for one in found]
    document = {"minutes": given.minutes, "burners": given.burners, "players": players}
    tools = ("cmus", "mpv", "pulseaudio")
    return 0 if keep(f"{head}\n\n{table(found)}", document, given.json, gates_of, tools=tools) else 1


if __name__ == "__main__":
    sys.exit(main())
