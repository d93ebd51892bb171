"""TAB in the real shells, in a terminal: what is then on the line is what the program is given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import library_of
import pytest
from libraries import opened
from shells import SHELLS, Shell, shell

from auralis_cli.db.store import Store


@pytest.fixture(scope="module", params=SHELLS)
def sitting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One of the shells, in a folder with some files, over a library with some names."""
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}")
    folder = tmp_path_factory.mktemp("shell")
    (folder / "a song.flac").touch()
    (folder / "home" / "config").mkdir(parents=True)
    (folder / "home" / "config" / "config.toml").write_text("[presets.evening]\nbase = 'warm'\n")
    library = folder / "library.db"
    with opened(library) as store:
        put_names(store)
    with shell(request.param, folder, {"AURALIS_HOME": str(folder / "home"), "AURALIS_LIBRARY": str(library)}) as one:
        yield one


def put_names(store: Store) -> None:
    title, artists, album, genres = "It's 5 o'clock", ("Edith Piaf $HOME",), "Rain & Snow", ("Hard Bop",)
    library_of.put(store, [library_of.record("/m/1.flac", title=title, artists=artists, album=album, genres=genres)])
    store.playlists.create("late evening", now=1)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("auralis mast", ["master"]),
        ("auralis playlist sho", ["playlist", "show"]),
        ("auralis master --pres", ["master", "--preset"]),
        ("auralis master --preset wa", ["master", "--preset", "warm"]),
        ("auralis master --preset eve", ["master", "--preset", "evening"]),
        ("auralis config get master.prese", ["config", "get", "master.preset"]),
        ("auralis list compos", ["list", "composer:"]),
        ("auralis list genre:=h", ["list", "genre:=Hard Bop"]),
        ("auralis list artist:edi", ["list", "artist:Edith Piaf $HOME"]),
        ("auralis list ^album:RAIN", ["list", "^album:Rain & Snow"]),
        ("auralis playlist show lat", ["playlist", "show", "late evening"]),
        ("auralis tag set albumartist_s", ["tag", "set", "albumartist_sort="]),
        ("auralis analyze a", ["analyze", "a song.flac"]),
    ],
)
def test_what_tab_puts_on_the_line_reaches_the_program_whole(sitting: Shell, line: str, given: list[str]) -> None:
    assert sitting.given(line) == given
