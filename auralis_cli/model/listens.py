"""What a server that counts plays is told of one, in the words of ListenBrainz."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.model.library import Track
    from auralis_cli.model.playback import PlayableTrack

# Shorter tracks are not told of, as is the custom of such servers.
SHORTEST_S = 30.0
# So many wait at most; beyond, the oldest go.
MOST_QUEUED = 20_000
# Servers take ten thousand bytes of a listen.
_LONGEST_TEXT = 500
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listen:
    """A play that a server is still to hear of."""

    id: int
    listened_at: int
    # The `track_metadata` of ListenBrainz.
    metadata: Mapping[str, object]
    # What the server said of it last.
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class ListenCounts:
    """What waits to be told."""

    waiting: int
    refused: int
    oldest_at: int | None
    last_error: str | None


def is_mbid(word: str) -> bool:
    """Whether a word from a tag is an id as MusicBrainz gives them, in small letters."""
    return _MBID.fullmatch(word) is not None


def metadata_of(track: PlayableTrack, known: Track | None = None) -> dict[str, object] | None:
    """What is told of a track, with what the library knows of it; None where it has no artist, or is too short."""
    artist = known.artist if known is not None and known.artist else track.artist
    title = known.title if known is not None else track.title
    if not artist or not title or (track.duration_s is not None and track.duration_s < SHORTEST_S):
        return None
    told: dict[str, object] = {"artist_name": _text(artist), "track_name": _text(title)}
    if album := known.album if known is not None and known.album else track.album:
        told["release_name"] = _text(album)
    told["additional_info"] = {
        "media_player": "Auralis",
        "submission_client": "auralis-cli",
        "submission_client_version": VERSION,
        **({} if track.duration_s is None else {"duration_ms": round(1000.0 * track.duration_s)}),
        **({} if track.track is None else {"tracknumber": track.track}),
        **({} if known is None else _ids_of(known)),
    }
    return told


def listen_text(metadata: Mapping[str, object]) -> str:
    """As it is kept: equal for what is equal."""
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _ids_of(known: Track) -> dict[str, object]:
    """Tags are anybody's: what is no id is not told."""
    words = {"recording_mbid": known.mb_recording_id, "release_mbid": known.mb_album_id}
    ids: dict[str, object] = {name: word.lower() for name, word in words.items() if word and is_mbid(word.lower())}
    if known.isrc and _ISRC.fullmatch(isrc := known.isrc.replace("-", "").upper()):
        ids["isrc"] = isrc
    return ids


def _text(text: str) -> str:
    """Text that can be sent: a title that is a file's name may hold bytes that are no UTF-8."""
    return text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
