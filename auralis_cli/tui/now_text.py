"""What is said of the track that plays, in a few lines. Pure: words from what the player told."""

from __future__ import annotations

from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.terminal_text import number

_STAGES = {
    None: "as it is, until it is analysed",
    "level": "its level set, the rest is being worked out",
    "predicted": "as predicted, the exact plan is being worked out",
    "solved": "as auralis master would",
}
_CHANNELS = {1: "mono", 2: "stereo"}


def title_lines(status: PlayerStatus | None) -> list[str]:
    """Title, artist, album."""
    track = None if status is None else status.track
    if track is None:
        return ["Nothing plays", "enter plays what is selected; 2 shows the library, 5 the folders"]
    place = f" · {track.track}" if track.track else ""
    album = [f"{track.album}{place}"] if track.album else []
    artist = [track.artist] if track.artist else []
    return [track.title or track.path.rpartition("/")[2], *artist, *album]


def heading(status: PlayerStatus | None) -> str:
    """Artist and title in one line."""
    by = None if status is None or status.track is None else status.track.artist
    title = title_lines(status)[0]
    return f"{by} – {title}" if by else title


def figure_lines(status: PlayerStatus | None) -> list[str]:
    """What it is made of, how loud it is, and what is done to it."""
    track = None if status is None else status.track
    if status is None or track is None:
        return []
    made_of = []
    if track.sample_rate_hz is not None:
        made_of.append(f"{track.sample_rate_hz / 1000:g} kHz")
    made_of.append(track.codec or track.format or "")
    if track.channels is not None:
        made_of.append(_CHANNELS.get(track.channels, f"{track.channels} channels"))
    lines = [" · ".join(one for one in made_of if one), loudness_line(status)]
    if status.enhance:
        stage = f" ({_STAGES.get(status.plan_stage, status.plan_stage)})"
        lines.append(f"enhanced: {status.preset} {status.intensity:g}{stage}")
        lines += [] if status.taste is None else [status.taste.words]
    elif status.normalize != "off":
        lines.append(f"normalized: {status.normalize} {number(status.normalize_db)} dB")
    return [line for line in lines if line]


def loudness_line(status: PlayerStatus) -> str:
    """`-9.3 → -14.0 LUFS · TP -0.3 → -1.0 dBTP`, as far as it is known."""
    track = status.track
    if track is None:
        return ""
    loudness = _from_to(track.integrated_lufs, status.mastered_lufs)
    peak = _from_to(track.true_peak_dbtp, status.mastered_true_peak_dbtp)
    said = [f"{loudness} LUFS"] if loudness else []
    return " · ".join([*said, f"TP {peak} dBTP"] if peak else said)


def _from_to(before: float | None, after: float | None) -> str:
    if before is None:
        return "" if after is None else f"→ {number(after)}"
    return number(before) if after is None else f"{number(before)} → {number(after)}"
