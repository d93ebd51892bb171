"""What is one album, and when two names are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.model.album_grouping import (
    VARIOUS_ARTISTS,
    AlbumCredit,
    album_credit,
    album_folder,
    album_key,
    disc_of_folder,
    fold,
    is_various,
    sort_key,
)
from auralis_cli.model.library import TrackTags


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "beyonce"),
        ("Beyonce\u0301", "Beyonc\u00e9"),
        ("  Sigur   Rós ", "sigur ros"),
        ("Don’t Stop", "Don't Stop"),
        ("Ｆｕｌｌ", "full"),
        ("STRASSE", "Straße"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("Ёлка", "елка"),
    ],
)
def test_names_that_differ_in_case_accents_or_typography_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("AC/DC", "ACDC"), ("ガ", "カ"), ("각", "간"), ("Ø", "O"), ("A B", "AB")])
def test_names_that_are_other_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=50))
def test_a_folded_text_folds_to_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text) == fold(f"  {text} ")


def test_listings_sort_by_the_name_for_it_and_without_the_article() -> None:
    assert sort_key("The Beatles") == "beatles"
    assert sort_key("The The") == "the"
    assert sort_key("David Bowie", "Bowie, David") == "bowie, david"
    assert sort_key("The ") == "the"
    assert sort_key(None) == ""


@pytest.mark.parametrize(
    ("name", "disc"),
    [
        ("CD1", 1),
        ("cd 02", 2),
        ("Disc 3", 3),
        ("Disk-4", 4),
        ("Disc Two", 2),
        ("Disc 1 - Live in Rome", 1),
        ("CD2 (Bonus)", 2),
        ("LP1", 1),
        ("Side B", 2),
        ("Discovery", None),
        ("CD", None),
        ("Vol. 4", 4),
        ("1984", None),
        ("CD 100 hits", None),
        ("Volume 3: The Best", 3),
        ("Disc 0", None),
    ],
)
def test_the_folder_of_a_disc_is_known_by_its_name(name: str, disc: int | None) -> None:
    assert disc_of_folder(name) == disc


def test_a_disc_lies_in_the_folder_of_its_album() -> None:
    assert album_folder("/m/A/B/CD1/01.flac") == "/m/A/B"
    assert album_folder("/m/A/B/01.flac") == "/m/A/B"
    assert album_folder("01.flac") == ""
    assert album_folder("/m/Hits (CD 1)/1.mp3") == album_folder("/m/Hits (CD 2)/1.mp3") == "/m/Hits"
    assert album_folder("/m/Hits - Disc 2/1.mp3") == "/m/Hits"
    assert album_folder("/m/Hits [disc two]/1.mp3") == "/m/Hits"
    assert album_folder("/m/ABCD 1/1.mp3") == "/m/ABCD 1"


def tags(**values: object) -> TrackTags:
    return TrackTags(**{"album": "Hits", **values})  # type: ignore[arg-type]


def test_a_compilation_without_album_artist_is_one_album() -> None:
    tracks = [tags(artist=name, artists=(name,), year=year) for name, year in (("A", 1980), ("B", 1985), ("C", None))]
    assert len({album_key(track, f"/m/hits/{number}.mp3") for number, track in enumerate(tracks)}) == 1
    assert album_credit(tracks) == AlbumCredit(VARIOUS_ARTISTS, True)


def test_the_discs_of_a_set_are_one_album_in_one_folder_and_in_many() -> None:
    one = [album_key(tags(artist="A"), f"/m/set/CD{disc}/1.mp3") for disc in (1, 2)]
    two = [album_key(tags(albumartist="A", disc=disc), f"/m/set (Disc {disc})/1.mp3") for disc in (1, 2)]
    assert len(set(one)) == len(set(two)) == 1


def test_albums_of_one_title_are_told_apart() -> None:
    keys = [
        album_key(tags(albumartist="Queen"), "/m/1.mp3"),
        album_key(tags(albumartist="ABBA"), "/m/1.mp3"),
        album_key(tags(albumartist="Weezer", year=1994), "/m/blue/1.mp3"),
        album_key(tags(albumartist="Weezer", year=2001), "/m/green/1.mp3"),
        album_key(tags(albumartist="Various Artists"), "/m/a/1.mp3"),
        album_key(tags(albumartist="Various Artists"), "/m/b/1.mp3"),
        album_key(tags(mb_album_id="1"), "/m/1.mp3"),
        album_key(tags(mb_album_id="2"), "/m/1.mp3"),
    ]
    assert len(set(keys)) == len(keys)


def test_the_years_of_its_tracks_do_not_split_an_album() -> None:
    soundtrack = {album_key(tags(albumartist="Project", year=year), "/m/ost/1.ogg") for year in (2004, 2008, None)}
    assert len(soundtrack) == 1
    keys = {album_key(tags(albumartist="Various Artists", year=year), "/m/a/1.mp3") for year in (1970, 1980, None)}
    keys |= {album_key(tags(albumartist="DJ", compilation=True, year=year), "/m/a/1.mp3") for year in (1970, 1980)}
    assert len(keys) == 1


def test_an_album_without_any_artist_is_an_album() -> None:
    assert album_key(tags(), "/m/x/1.mp3") is not None
    assert album_credit([tags()]) == AlbumCredit(None, False)
    assert album_key(TrackTags(title="alone"), "/m/x/1.mp3") is None


def test_names_that_are_no_unicode_have_keys_that_are() -> None:
    key = album_key(tags(), "/m/\udcff/1.mp3")
    assert key is not None
    assert key.isascii()
    assert key != album_key(tags(), "/m/\udcfe/1.mp3")


def test_an_album_is_by_whom_it_names_else_by_whom_all_tracks_are() -> None:
    assert album_credit(
        [tags(artist="A feat. B", artists=("A", "B")), tags(artist="a", artists=("a",))]
    ) == AlbumCredit("A", False)
    assert album_credit([tags(artist="A"), tags(albumartist="Both")]) == AlbumCredit("Both", False)
    assert album_credit([tags(albumartist="VA")]) == AlbumCredit("VA", True)
    assert is_various("various artists")
    assert not is_various("Variety")
    assert not is_various(None)
