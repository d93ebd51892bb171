"""Which picture a track shows: its own first, then its folder's; never one that cannot be shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from images import image, png_bomb
from mutagen.flac import FLAC, Picture
from tagged_files import encoded

from auralis_cli.errors import InputError
from auralis_cli.model.covers import CoverPlace, PictureKind, shown_first
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.services.covers import (
    CoverFinding,
    cover_of,
    covers_in,
    find_covers,
    one_per_folder,
    picture_to_embed,
)


def song(path: Path, *pictures: tuple[int, bytes]) -> Path:
    """A FLAC file with pictures as other programs put them there."""
    encoded("FLAC", "PCM_16")(path)
    audio = FLAC(path)
    for kind, data in pictures:
        block = Picture()
        block.type, block.mime, block.data = kind, "image/whatever", data
        audio.add_picture(block)
    audio.save()
    return path


def test_the_numbers_of_kinds_are_those_of_id3() -> None:
    assert [PictureKind.FRONT.number, PictureKind.BACK.number, PictureKind.PUBLISHER_LOGO.number] == [3, 4, 20]
    assert [PictureKind.of_number(number) for number in (3, 21, -1)] == ["front", "other", "other"]


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [((4, 3), "front"), ((4, 0), "other"), ((4, 8), "back"), ((1, 4), "back"), ((1, 2), None), ((), None)],
)
def test_the_front_stands_for_the_track_else_one_without_a_kind_else_any_but_icons(
    kinds: tuple[int, ...], shown: str | None, tmp_path: Path
) -> None:
    path = song(tmp_path / "1.flac", *((kind, image(20 + kind, 20)) for kind in kinds))
    found = cover_of(path)
    assert (found and found.kind) == shown


def test_another_kind_is_shown_only_where_it_is(tmp_path: Path) -> None:
    path = song(tmp_path / "1.flac", (3, image()), (8, image(9, 9)))
    (tmp_path / "cover.jpg").write_bytes(image())
    artist = cover_of(path, PictureKind.ARTIST)
    assert artist is not None
    assert artist.facts is not None
    assert artist.facts.width_px == 9
    assert cover_of(path, PictureKind.BACK) is None


@pytest.mark.parametrize("broken", [b"", b"no picture", png_bomb()[:200], png_bomb()])
def test_a_picture_that_is_never_decoded_gives_way_to_the_folders(broken: bytes, tmp_path: Path) -> None:
    path = song(tmp_path / "1.flac", (3, broken or b"\0"))
    assert cover_of(path) is None
    assert shown_first(covers_in(path)) is None
    assert covers_in(path)[0].described().problem
    (tmp_path / "folder.png").write_bytes(image(8, 8, "PNG"))
    found = cover_of(path)
    assert found is not None
    assert found.place is CoverPlace.FOLDER


def test_an_image_of_the_folder_that_cannot_be_shown_gives_way_to_the_next(tmp_path: Path) -> None:
    path = song(tmp_path / "1.flac")
    (tmp_path / "cover.jpg").write_bytes(b"")
    (tmp_path / "front.jpg").write_bytes(image())
    found = cover_of(path)
    assert found is not None
    assert found.path == str(tmp_path / "front.jpg")


def test_a_picture_is_embedded_as_it_is_unless_it_is_to_be_smaller() -> None:
    data = image(300, 200)
    kept, facts = picture_to_embed(data, "x", PictureKind.BACK, description="d")
    assert (kept.kind, kept.mime, kept.data, kept.width_px) == (4, "image/jpeg", data, 300)
    assert picture_to_embed(data, "x", PictureKind.FRONT, max_px=300)[0].data == data
    small, facts = picture_to_embed(data, "x", PictureKind.FRONT, max_px=30)
    assert (facts.width_px, facts.height_px, small.mime) == (30, 20, "image/jpeg")
    made, _ = picture_to_embed(image(10, 10, "BMP"), "x", PictureKind.FRONT, max_px=500)
    assert made.mime == "image/jpeg"
    with pytest.raises(InputError, match=r"^x: is a gif"):
        picture_to_embed(image(10, 10, "GIF"), "x", PictureKind.FRONT)


def test_what_could_not_be_named_or_read_stands_in_its_place(tmp_path: Path) -> None:
    path = song(tmp_path / "1.flac", (3, image()))
    unnamed = FileFailure(None, "2.flac", "unreadable", "does not exist", None)
    found = list(find_covers([unnamed, TagTarget(str(path), 7)], PictureKind.FRONT, CancelToken()))
    assert found[0].failure == unnamed
    assert (found[1].target.id, found[1].cover and found[1].cover.place) == (7, "embedded")


def test_of_a_folder_the_first_track_with_a_cover_tells(tmp_path: Path) -> None:
    bare, covered = song(tmp_path / "1.flac"), song(tmp_path / "2.flac", (3, image()))
    targets = [TagTarget(str(bare)), TagTarget(str(covered))]
    (one,) = one_per_folder(find_covers(targets, PictureKind.FRONT, CancelToken()))
    assert one.target.path == str(covered)
    failed = CoverFinding(TagTarget("x"), failure=FileFailure(None, "x", "unreadable", "is empty", None))
    assert list(one_per_folder([failed, failed])) == [failed, failed]


def test_the_discs_of_an_album_show_the_cover_that_lies_above_them_unless_they_have_their_own(tmp_path: Path) -> None:
    above = image(40, 40)
    for name in ("CD1", "Disc 2", "Bonus"):
        (tmp_path / name).mkdir()
        song(tmp_path / name / "1.flac")
    (tmp_path / "cover.jpg").write_bytes(above)
    (tmp_path / "Disc 2" / "scan.jpg").write_bytes(image(9, 9))
    found = {name: cover_of(tmp_path / name / "1.flac") for name in ("CD1", "Disc 2", "Bonus")}
    assert {name: one and one.path for name, one in found.items()} == {
        "CD1": str(tmp_path / "cover.jpg"),
        "Disc 2": str(tmp_path / "Disc 2" / "scan.jpg"),
        "Bonus": None,
    }


def test_above_a_disc_only_what_is_called_a_cover_is_one_and_no_link_out_of_the_album(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private.jpg").write_bytes(image())
    disc = tmp_path / "Album" / "CD1"
    disc.mkdir(parents=True)
    song(disc / "1.flac")
    (disc.parent / "holiday.jpg").write_bytes(image())
    (disc.parent / "cover.jpg").symlink_to("../private.jpg")
    assert cover_of(disc / "1.flac") is None
    (disc.parent / "folder.jpg").write_bytes(image(12, 12))
    monkeypatch.chdir(disc)
    found = cover_of(Path("1.flac"))
    assert found is not None
    assert found.facts is not None
    assert found.facts.width_px == 12
