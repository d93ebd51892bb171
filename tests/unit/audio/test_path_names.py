"""What is known of a track whose tags say nothing."""

from __future__ import annotations

import pytest

from auralis_cli.audio.path_names import PathNames, completed, names_in
from auralis_cli.model.library import TrackTags


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Artist/Album/01 - Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 1)),
        ("Artist/Album (1999)/01. Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 1, None, 1999)),
        ("Artist/1999 - Album/01 Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 1, None, 1999)),
        ("Artist - Album (1999)/1-03 Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 3, 1, 1999)),
        ("Artist - 1999 - Album/03 Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 3, None, 1999)),
        ("Artist/Album/CD2/05 - Title.mp3", PathNames("Title", "Artist", "Album", "Artist", 5, 2)),
        ("VA/Hits/07 - Someone - Song.mp3", PathNames("Song", "Someone", "Hits", "VA", 7)),
        ("Downloads/Someone - Song.mp3", PathNames("Song", "Someone")),
        ("Someone - 03 - Song.mp3", PathNames("Song", "Someone", track=3)),
        ("Song.mp3", PathNames("Song")),
        ("some_song_name.mp3", PathNames("some song name")),
        ("Artist/1984/Song.mp3", PathNames("Song", "Artist", "1984", "Artist")),
        ("Album/99 Luftballons.mp3", PathNames("Luftballons", None, "Album", None, 99)),
        ("Album/1999.mp3", PathNames("1999", None, "Album")),
        ("Album/7.mp3", PathNames("7", None, "Album", track=7)),
        ("Album/.mp3", PathNames(".mp3", None, "Album")),
    ],
)
def test_names_of_files_and_folders_say_what_they_are(path: str, names: PathNames) -> None:
    assert names_in(f"/music/{path}", "/music") == names


def test_folders_above_the_root_say_nothing() -> None:
    assert names_in("/home/me/Music/Song.mp3", "/home/me/Music") == PathNames("Song")
    assert names_in("/home/me/Music/Song.mp3", "/home/me/Music/") == PathNames("Song")


def test_bytes_that_are_no_text_become_text() -> None:
    names = names_in("/m/\udcff \x1b[1m/\udcfe.mp3", "/m")
    assert names.title == "\ufffd"
    assert names.album == "\ufffd  [1m"


def test_tags_are_completed_never_contradicted() -> None:
    names = names_in("/m/Artist/Album/01 - Title.mp3", "/m")
    assert completed(TrackTags(), names) == TrackTags(
        title="Title",
        artist="Artist",
        artists=("Artist",),
        album="Album",
        albumartist="Artist",
        albumartists=("Artist",),
        track=1,
    )
    own = TrackTags(title="T", artist="A")
    assert completed(own, names) == own
    assert completed(TrackTags(album="B"), names) == TrackTags(title="Title", album="B")
    assert completed(TrackTags(title="T"), names).album == "Album"
