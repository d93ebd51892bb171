"""Names of an export: within the folder, each for one file, and the same the next time."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import PurePath

import library_of
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.library import Track
from auralis_cli.services.export_names import NamedTrack, folded, names_for


def a_track() -> Track:
    with Store.empty(program="test", now=1) as store:
        library_of.put(store, [library_of.record("/m/a.flac")])
        (track,) = store.tracks.select()
        return track


TRACK = a_track()
HOSTILE = st.text(alphabet=st.sampled_from('aAbéÉ./\\:*?"<>|\0\n\x1b\u202e\ud800 -()2ſß'), max_size=12)


def wanted(*titles: str, **values: object) -> list[NamedTrack]:
    return [
        NamedTrack(replace(TRACK, title=title, **values), f"id{number}", ".flac")  # type: ignore[arg-type]
        for number, title in enumerate(titles)
    ]


def test_names_of_one_kind_are_numbered_also_where_only_case_or_accents_differ() -> None:
    names = names_for(wanted("Song", "song", "SONG", "Caf\u00e9", "Cafe\u0301"), "$title", portable=True)
    assert names == ["Song.flac", "song (2).flac", "SONG (3).flac", "Caf\u00e9.flac", "Cafe\u0301 (2).flac"]


def test_a_name_is_kept_whatever_else_is_exported() -> None:
    tracks = wanted("Song", "Song", "Song")
    first = names_for(tracks, "$title", portable=True)
    known = [(str(name), one.key) for name, one in zip(first, tracks, strict=True)]
    assert names_for(tracks[2:], "$title", portable=True, known=known) == ["Song (3).flac"]
    newer = [NamedTrack(TRACK, "new", ".flac"), *reversed(tracks)]
    newer[0] = replace(newer[0], track=replace(TRACK, title="Song"))
    assert names_for(newer, "$title", portable=True, known=known) == [
        "Song (4).flac", "Song (3).flac", "Song (2).flac", "Song.flac",
    ]  # fmt: skip


def test_twelve_copies_of_one_recording_keep_their_numbers() -> None:
    tracks = [NamedTrack(replace(TRACK, title="Song"), "same", ".flac")] * 12
    first = names_for(tracks, "$title", portable=True)
    assert names_for(tracks, "$title", portable=True, known=[(str(name), "same") for name in first]) == first


def test_folders_that_differ_by_case_are_one_called_as_it_was_first() -> None:
    tracks = [*wanted("One", albumartist="ABBA"), *wanted("Two", albumartist="Abba")]
    assert names_for(tracks, "$albumartist/$title", portable=True) == ["ABBA/One.flac", "ABBA/Two.flac"]
    known = [("abba/Old.flac", "x")]
    assert names_for(tracks, "$albumartist/$title", portable=True, known=known)[1] == "abba/Two.flac"


def test_numbers_of_discs_and_tracks_stand_in_front_where_there_are_any() -> None:
    of_disc = wanted("A", albumartist="B", album="C", track=3, disc=2, disc_total=2)
    assert names_for(of_disc, None, portable=True) == ["B/C/2-03 - A.flac"]
    assert names_for(wanted("A", albumartist="B", album="C", track=3), None, portable=True) == ["B/C/03 - A.flac"]
    assert names_for(wanted("A", artist="B"), None, portable=True) == ["B/Unknown album/A.flac"]


def test_many_without_a_title_are_numbered_in_no_time() -> None:
    names = names_for(wanted(*["x"] * 5000), "$title", portable=True)
    assert len(set(names)) == 5000
    assert names[-1] == "x (5000).flac"


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=6), st.booleans())
def test_whatever_tags_say_names_lie_within_and_none_is_taken_twice(
    said: list[tuple[str, str, str]], portable: bool
) -> None:
    tracks = [
        NamedTrack(replace(TRACK, title=title or "t", artist=artist or None, album=album or None), f"{n}", ".mp3")
        for n, (title, artist, album) in enumerate(said)
    ]
    names = [str(name) for name in names_for(tracks, None, portable=portable)]
    assert len({folded(name) for name in names}) == len(names)
    for name in names:
        parts = PurePath(name).parts
        assert len(parts) == 3
        assert not PurePath(name).is_absolute()
        assert not any(part in ("", ".", "..") or part.startswith(".") or "\0" in part for part in parts)
        assert all(len(os.fsencode(part)) <= 255 for part in parts)
        if portable:
            assert not any(set(part) & set('\\:*?"<>|') or part[-1] in ". " for part in parts)


def test_long_names_leave_room_for_a_number() -> None:
    names = names_for(wanted("é" * 300, "é" * 300), "$title", portable=True)
    assert all(len(os.fsencode(str(name))) <= 200 for name in names)
    assert str(names[1]).endswith(" (2).flac")


@pytest.mark.parametrize("template", ["$album/$title", "${track:02}"])
def test_what_has_no_name_says_why(template: str) -> None:
    (failed,) = names_for(wanted("x"), template, portable=True)
    assert isinstance(failed, InputError)
    assert failed.what == TRACK.path
