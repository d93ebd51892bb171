"""The folders that a first screen offers."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.services.music_places import music_places


def music(folder: Path, count: int = 2) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number}.flac").touch()
    return folder


def test_the_desktops_folder_the_usual_one_and_where_one_is_are_offered_each_once(tmp_path: Path) -> None:
    desktop, usual, here = (
        music(tmp_path / "Musique"),
        music(tmp_path / "Music", 1),
        music(tmp_path / "Music" / "Air", 3),
    )
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "user-dirs.dirs").write_text('# mine\nXDG_MUSIC_DIR="$HOME/Musique"\n')
    variables = {"HOME": str(tmp_path), "XDG_MUSIC_DIR": str(desktop)}
    found = [(place.path, place.files) for place in music_places(variables, str(here))]
    assert found == [(str(desktop), 2), (str(usual), 4), (str(here), 3)]


def test_a_home_a_whole_disk_and_folders_without_music_are_not_offered(tmp_path: Path) -> None:
    music(tmp_path)
    (tmp_path / "Music").mkdir()
    assert list(music_places({"HOME": str(tmp_path)}, str(tmp_path))) == []
    assert list(music_places({"HOME": "relative"}, "/")) == []


def test_many_files_are_counted_as_far_as_is_enough(tmp_path: Path) -> None:
    music(tmp_path / "Music", 1_050)
    (place,) = music_places({"HOME": str(tmp_path)}, str(tmp_path))
    assert place.in_words == "more than 1,000 audio files"
