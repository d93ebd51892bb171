"""The real player tells a real server of what it played, also when that was down at the time."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from listens import TOKEN, counts
from mutagen.flac import FLAC
from playing_process import player_environ, playing
from sound_sinks import FileSink, waited_for
from web_server import Told, WebServer, web_server

RATE_HZ, LENGTH_S = 8000, 40.0


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{title}.flac" for title in "abc"]
    for path in made:
        soundfile.write(path, np.full(int(LENGTH_S * RATE_HZ), 0.1, np.float32), RATE_HZ)
        tags = FLAC(path)
        tags.update({"title": path.stem, "artist": "Ann", "album": "All"})
        tags.save()
    return made


def environ(sink: FileSink, home: Path, web: WebServer) -> Mapping[str, str]:
    told = {
        "AURALIS_SCROBBLE_ENABLED": "true",
        "AURALIS_ONLINE_ENABLED": "true",
        "AURALIS_SCROBBLE_SERVER": web.address,
        "AURALIS_SCROBBLE_TOKEN": TOKEN,
    }
    return player_environ(home, sink.variables, told)


def kept_of(web: WebServer) -> list[str]:
    """What was told to be kept, not what played at the moment."""
    told = [asked.document for asked in web.requests]
    listens = [one for document in told if document["listen_type"] != "playing_now" for one in document["payload"]]
    return sorted(one["track_metadata"]["track_name"] for one in listens)


@pytest.mark.soak
def test_what_a_player_could_not_tell_the_next_one_tells_once(
    file_sink: FileSink, auralis_home: Path, songs: list[Path], tmp_path: Path
) -> None:
    library = auralis_home / "data" / "library.db"
    with web_server(Told(503)) as web, playing(environ(file_sink, auralis_home, web), tmp_path, *songs[:2]) as player:
        waited_for(lambda: library.exists() and counts(library).waiting == 2, "two plays", for_s=30.0)
        player.kill()
        assert "not told" not in player.said()
    with web_server() as web, playing(environ(file_sink, auralis_home, web), tmp_path, songs[2]) as player:
        waited_for(lambda: kept_of(web) == ["a", "b", "c"], "all of them told", for_s=30.0)
        waited_for(lambda: counts(library).waiting == 0, "an empty queue")
        player.process.send_signal(signal.SIGTERM)
        player.wait()
        assert kept_of(web) == ["a", "b", "c"]
        assert "playing_now" in {asked.document["listen_type"] for asked in web.requests}
    assert TOKEN not in player.said()
