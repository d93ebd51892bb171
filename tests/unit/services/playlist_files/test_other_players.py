"""Playlists of other players come in, go out in every format, and come in again as the same lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from players_lists import LISTS, PlayersList

from auralis_cli.model.playlists import ListedFile, PlaylistFormat
from auralis_cli.services.playlist_files.files import playlist_file, read_playlist_bytes, read_playlist_file

BY_NAME = pytest.mark.parametrize("players", LISTS, ids=[f"{one.program}-{one.name}" for one in LISTS])


@BY_NAME
def test_a_list_of_another_player_names_the_files_that_are_meant(tmp_path: Path, players: PlayersList) -> None:
    listed = read_playlist_file(players.put(tmp_path))
    assert [os.path.relpath(one.path, tmp_path) for one in listed.entries] == list(players.files)
    if players.titles:
        assert tuple(one.title for one in listed.entries) == players.titles
    if players.durations_s:
        assert tuple(one.duration_s for one in listed.entries) == players.durations_s
    assert listed.title == players.title
    assert len(listed.warnings) == bool(players.left_out)
    assert all(name in listed.warnings[0] for name in players.left_out)


@BY_NAME
@pytest.mark.parametrize("kind", PlaylistFormat)
@pytest.mark.parametrize("relative", [False, True])
def test_it_goes_out_and_comes_in_again_as_it_was(
    tmp_path: Path, players: PlayersList, kind: PlaylistFormat, relative: bool
) -> None:
    listed = read_playlist_file(players.put(tmp_path))
    written = playlist_file(kind, listed.title, listed.entries, str(tmp_path) if relative else None)
    assert written.left_out == ()
    again = read_playlist_bytes(written.data, "again", str(tmp_path) if relative else "/elsewhere", kind)
    assert again.title == listed.title
    assert [comparable(one, kind) for one in again.entries] == [comparable(one, kind) for one in listed.entries]
    assert again.warnings == ()


def comparable(entry: ListedFile, kind: PlaylistFormat) -> tuple[object, ...]:
    """All that the format can hold: what is plain text has whole seconds, and one name of artist and title."""
    seconds = entry.duration_s
    if kind is PlaylistFormat.XSPF or seconds is None:
        return (entry.path, entry.title, entry.artist, seconds)
    return (entry.path, entry.title, entry.artist, float(round(seconds)))


@pytest.mark.skipif("AURALIS_ODD_FILES" not in os.environ, reason="needs a folder of odd files: set AURALIS_ODD_FILES")
def test_every_playlist_among_the_odd_files_goes_out_and_comes_in_again() -> None:
    found = [path for path in Path(os.environ["AURALIS_ODD_FILES"]).rglob("*.m3u") if path.is_file()]
    assert found
    for path in found:
        listed = read_playlist_file(path)
        for kind in PlaylistFormat:
            data = playlist_file(kind, listed.title, listed.entries, str(path.parent)).data
            again = read_playlist_bytes(data, "again", str(path.parent), kind)
            assert [one.path for one in again.entries] == [one.path for one in listed.entries], path
