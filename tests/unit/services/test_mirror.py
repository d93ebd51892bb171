"""Where the results of a batch go: below one folder, none in another's place."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.source import AudioSource, CueTrack
from auralis_cli.services.mirror import mirrored

OUT = Path("/out")


def names(*paths: str) -> list[str]:
    return [str(path) for path in mirrored([AudioSource(Path(path)) for path in paths], OUT, ".flac")]


def test_folders_below_the_common_parent_are_built_again() -> None:
    assert names("/m/a/1.wav", "/m/b/c/2.mp3", "/m/3.flac") == ["/out/a/1.flac", "/out/b/c/2.flac", "/out/3.flac"]


def test_a_folder_that_was_named_is_where_its_mirror_begins() -> None:
    def below(*folders: str) -> list[str]:
        named = [Path(folder) for folder in folders]
        return [str(path) for path in mirrored([AudioSource(Path("/m/a/b/1.wav"))], OUT, ".flac", named)]

    assert below("/m/a") == ["/out/b/1.flac"]
    assert below("/m/a/b") == below("/m/a/../a/b") == ["/out/1.flac"]
    assert below("/m/a", "/m/c") == ["/out/a/b/1.flac"]


def test_one_file_goes_straight_into_the_folder() -> None:
    assert names("/m/a/b/1.wav") == ["/out/1.flac"]


def test_dots_in_a_path_lead_nowhere_else() -> None:
    assert names("/m/x/../a/1.wav", "/m/2.wav") == ["/out/a/1.flac", "/out/2.flac"]


def test_names_that_would_be_the_same_keep_where_they_came_from_whatever_their_order() -> None:
    assert names("/m/s.wav", "/m/s.mp3", "/m/t.wav") == ["/out/s (wav).flac", "/out/s (mp3).flac", "/out/t.flac"]
    assert names("/m/t.wav", "/m/s.mp3", "/m/s.wav") == ["/out/t.flac", "/out/s (mp3).flac", "/out/s (wav).flac"]


def test_names_that_only_some_file_systems_tell_apart_are_told_apart() -> None:
    composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    found = names("/m/A.wav", "/m/a.wav", f"/m/{composed}.wav", f"/m/{decomposed}.wav")
    assert len({unicodedata.normalize("NFC", name).casefold() for name in found}) == 4


def test_tracks_of_a_sheet_are_named_by_number_and_title() -> None:
    def track(sheet: str, number: int, title: str) -> AudioSource:
        return AudioSource(Path("/m/x.wav"), cue=CueTrack(Path(sheet), number, 0, None, (("title", title),)))

    found = mirrored(
        [track("/m/a/x.cue", 1, "One"), track("/m/a/x.cue", 2, "../Two"), track("/m/b/x.cue", 1, "One")], OUT, ".flac"
    )
    assert [str(path.relative_to(OUT)) for path in found] == [
        "a/01 - One.flac",
        "a/02 - .._Two.flac",
        "b/01 - One.flac",
    ]


@given(st.lists(st.text("aAéb(1).", min_size=1, max_size=4).filter(lambda name: name.strip(".") != ""), max_size=12))
def test_no_two_inputs_ever_share_an_output(stems: list[str]) -> None:
    sources = [AudioSource(Path("/m") / f"{stem}.wav") for stem in stems]
    if not sources:
        return
    found = mirrored(sources, OUT, ".flac")
    assert len({unicodedata.normalize("NFC", str(path)).casefold() for path in found}) == len(sources)
    assert all(path.is_relative_to(OUT) and ".." not in path.parts for path in found)
