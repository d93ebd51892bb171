"""Which folders a scan walks, each place once; and which folders a watch scans again."""

from __future__ import annotations

from pathlib import Path

import pytest

from auralis_cli.model.library import Root
from auralis_cli.services.scan_roots import ScanPlace, innermost, places_of, reaches
from auralis_cli.services.watch import folders_of


def roots(*paths: Path) -> list[Root]:
    return [Root(number, str(path), 1, None, None) for number, path in enumerate(paths)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("m/a/b", "m/.hidden/c", "n"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_without_a_name_every_root_is_walked_once(tree: Path) -> None:
    known = roots(tree / "m", tree / "m" / "a", tree / "m" / ".hidden", tree / "n")
    places = [place.folder for place in places_of((), known)[0]]
    assert places == [str(tree / name) for name in ("m", "m/.hidden", "n")]


def test_a_folder_is_walked_by_the_rules_of_the_root_around_it(tree: Path) -> None:
    known = roots(tree / "m")
    part = str(tree / "m" / "a" / "b")
    assert places_of((Path(part),), known) == ((ScanPlace(part, str(tree / "m")),), ())
    hidden = str(tree / "m" / ".hidden")
    assert places_of((Path(hidden),), known) == ((ScanPlace(hidden, hidden),), ())
    assert len(places_of((tree / "m", tree / "m" / "a", tree / "n"), known)[0]) == 2


@pytest.mark.parametrize(
    ("folder", "path", "comes_by"),
    [
        ("/m", "/m", True),
        ("/m", "/m/a", True),
        ("/", "/m/a", True),
        ("/m", "/mm", False),
        ("/m/a", "/m", False),
        ("/m", "/m/.a/b", False),
        ("/.m", "/.m/b", True),
        ("/m", "/m/$RECYCLE.BIN/b", False),
    ],
)
def test_a_walk_comes_by_what_is_neither_hidden_nor_elsewhere(folder: str, path: str, comes_by: bool) -> None:
    assert reaches(folder, path) is comes_by
    assert innermost(path, [folder]) == (folder if comes_by else None)


def test_what_happened_is_looked_for_in_the_nearest_folder_that_is_there(tree: Path) -> None:
    root = str(tree / "m")
    assert folders_of([f"{root}/a/b/new.flac"], [root]) == [f"{root}/a/b"]
    assert folders_of([f"{root}/a/gone/deep/new.flac"], [root]) == [f"{root}/a"]
    assert folders_of([f"{root}/a/x.flac", f"{root}/a/b/y.flac"], [root]) == [f"{root}/a"]
    assert folders_of([root], [root]) == [root]
    assert folders_of([f"{root}/.hidden/c/x.flac", str(tree / "n" / "x.flac")], [root]) == []


@pytest.mark.invariant("S0-M04")
def test_of_very_many_folders_the_root_is_scanned(tree: Path) -> None:
    root = tree / "m"
    names = [root / f"{number}" for number in range(60)]
    for name in names:
        name.mkdir()
    assert folders_of([f"{name}/x.flac" for name in names], [str(root)]) == [str(root)]
