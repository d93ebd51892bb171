"""`auralis art …` as commands: covers shown, found, embedded, removed, extracted, and taken back."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import library_of
import pytest
from command_line import REPOSITORY, Finished, auralis
from images import image, png_bomb
from PIL import Image
from tagged_files import encoded

from auralis_cli.audio.cover_reading import embedded_pictures
from auralis_cli.db.store import Store

Run = Callable[..., Finished]
FRONT, BACK = image(90, 60), image(30, 30, "PNG")
_TREE = {"1.flac": ("FLAC", "PCM_16"), "2.mp3": ("MP3", "MPEG_LAYER_III"), "3.ogg": ("OGG", "VORBIS")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """An album of three formats, made once."""
    folder = tmp_path_factory.mktemp("album")
    for name, how in _TREE.items():
        encoded(*how)(folder / name)
    return {name: (folder / name).read_bytes() for name in _TREE}


@pytest.fixture
def album(tmp_path: Path, made: dict[str, bytes]) -> Path:
    folder = tmp_path / "Music" / "Album"
    folder.mkdir(parents=True)
    for name, data in made.items():
        (folder / name).write_bytes(data)
    (tmp_path / "front.jpg").write_bytes(FRONT)
    (tmp_path / "back.png").write_bytes(BACK)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    places = {"AURALIS_HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "data"), "TERM": "xterm"}
    return lambda *words, terminal=False, **variables: auralis(
        *words, terminal=terminal, variables={**places, **variables}
    )


def pictures(path: Path) -> list[tuple[int, bytes]]:
    return [(one.kind, one.data) for one in embedded_pictures(path)]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_picture_is_embedded_into_a_folder_and_taken_back(run: Run, album: Path, tmp_path: Path) -> None:
    before = bytes_of(album)
    planned = run("art", "embed", "--image", tmp_path / "front.jpg", album, "-n", "--json")
    assert planned.code == 0
    assert bytes_of(album) == before
    done = run("art", "embed", "--image", tmp_path / "front.jpg", album, "--json")
    assert [{**one, "dry_run": True} for one in done.document["items"]] == planned.document["items"]
    assert [(one["action"], one["gone"], one["new"]["width_px"]) for one in done.document["items"]] == [
        ("embedded", [], 90)
    ] * 3
    assert all(pictures(path) == [(3, FRONT)] for path in album.iterdir())
    again = run("art", "embed", "--image", tmp_path / "front.jpg", album)
    assert (again.code, again.out) == (0, "")
    assert "3 as they are" in again.err
    assert "covers put into 3 files" in run("history").out
    assert run("undo", "-y").code == 0
    assert bytes_of(album) == before


def test_kinds_are_told_apart(run: Run, album: Path, tmp_path: Path) -> None:
    song = album / "1.flac"
    run("art", "embed", "--image", tmp_path / "front.jpg", song)
    done = run("art", "embed", "--image", tmp_path / "back.png", "--kind", "back", "--description", "Rück", song)
    assert done.out == f"{song}\n  + back, png 30 × 30, {len(BACK)} bytes, Rück\n"
    assert pictures(song) == [(3, FRONT), (4, BACK)]
    shown = run("art", "show", song, "--json").document["items"][0]
    assert [(one["kind"], one["description"], one["format"]) for one in shown["covers"]] == [
        ("front", "", "jpeg"),
        ("back", "Rück", "png"),
    ]
    assert run("art", "remove", "--kind", "front", song).code == 0
    assert pictures(song) == [(4, BACK)]
    assert run("art", "remove", song).out == f"{song}\n  - back, png 30 × 30, {len(BACK)} bytes, Rück\n"
    assert pictures(song) == []


def test_each_folders_own_image_goes_into_its_files(run: Run, album: Path) -> None:
    other = album.parent / "Other"
    other.mkdir()
    (other / "4.flac").write_bytes((album / "1.flac").read_bytes())
    (album / "Folder.jpg").write_bytes(FRONT)
    done = run("art", "embed", "--from-folder", album, other)
    assert done.code == 3
    assert "has no image of a cover beside it" in done.err
    assert pictures(album / "2.mp3") == [(3, FRONT)]
    assert pictures(other / "4.flac") == []


def test_what_cannot_be_a_cover_is_refused_before_any_file_is_touched(run: Run, album: Path, tmp_path: Path) -> None:
    before = bytes_of(album)
    for name, data, why in (
        ("bomb.png", png_bomb(), "50000 × 50000 pixels: more than is decoded"),
        ("cut.jpg", FRONT[:-200], "cannot be decoded"),
        ("notes.jpg", b"no image", "is no JPEG, PNG, GIF, WebP or BMP"),
        ("new.webp", image(kind="WEBP"), "is a webp, which few players show (--max-px makes a JPEG or PNG of it)"),
        ("empty.jpg", b"", "is empty"),
    ):
        (tmp_path / name).write_bytes(data)
        done = run("art", "embed", "--image", tmp_path / name, album)
        assert done.code == 4, name
        assert why in done.err
        assert done.err.count("\n") == 1
    assert bytes_of(album) == before
    assert run("history").out == ""
    assert run("art", "embed", "--image", tmp_path / "new.webp", "--max-px", "16", album).code == 0
    with Image.open(io.BytesIO(pictures(album / "3.ogg")[0][1])) as small:
        assert (small.format, small.size) == ("JPEG", (16, 12))


def test_formats_without_a_place_fail_alone_or_hold_everything_back(run: Run, album: Path, tmp_path: Path) -> None:
    encoded("CAF", "PCM_16")(album / "4.caf")
    whole = run("art", "embed", "--image", tmp_path / "front.jpg", "--all-or-nothing", album)
    assert whole.code == 4
    assert pictures(album / "1.flac") == []
    done = run("art", "embed", "--image", tmp_path / "front.jpg", album)
    assert done.code == 3
    assert "CAF has no place for tags" in done.err
    assert pictures(album / "1.flac") == [(3, FRONT)]


def test_covers_are_found_in_the_file_then_beside_it(run: Run, album: Path, tmp_path: Path) -> None:
    song = album / "1.flac"
    run("art", "embed", "--image", tmp_path / "front.jpg", song)
    assert run("art", "find", "--missing", album).out == "".join(
        f"-         {album / name}\n" for name in ("2.mp3", "3.ogg")
    )
    (album / "cover.png").write_bytes(BACK)
    found = run("art", "find", album, "--json").document["items"]
    assert [(one["cover"]["place"], one["cover"]["path"]) for one in found] == [
        ("embedded", str(song)),
        ("folder", str(album / "cover.png")),
        ("folder", str(album / "cover.png")),
    ]
    (folder,) = run("art", "find", "--folders", album, "--jsonl").lines
    assert folder["cover"]["place"] == "embedded"
    missing = run("art", "find", album / "5.flac", "--jsonl")
    assert (missing.code, missing.lines[0]["error"]["code"]) == (4, "unreadable")


@pytest.mark.invariant("S1-H-13")
def test_no_verb_shows_what_a_link_in_the_folder_leads_to(run: Run, album: Path, tmp_path: Path) -> None:
    (album / "cover.png").symlink_to(tmp_path / "back.png")
    assert [one["cover"] for one in run("art", "find", album, "--jsonl").lines] == [None] * 3
    assert run("art", "show", album / "1.flac", "--json").document["items"][0]["covers"] == []
    assert run("art", "embed", "--from-folder", album).code == 4


def test_a_picture_that_tracks_share_is_written_once_and_taken_back(run: Run, album: Path, tmp_path: Path) -> None:
    run("art", "embed", "--image", tmp_path / "front.jpg", album)
    planned = run("art", "extract", album, "-n", "--json").document["items"]
    assert not (album / "cover.jpg").exists()
    assert [one["action"] for one in planned] == ["extracted", "unchanged", "unchanged"]
    done = run("art", "extract", album, "--json").document["items"]
    assert [one["file"] for one in done] == [str(album / "cover.jpg")] * 3 == [one["file"] for one in planned]
    assert [one["action"] for one in done] == ["extracted", "unchanged", "unchanged"]
    assert (album / "cover.jpg").read_bytes() == FRONT
    assert run("undo", "-y").code == 0
    assert not (album / "cover.jpg").exists()


def test_an_image_that_is_there_already_stays_unless_it_is_to_go_to_the_trash(
    run: Run, album: Path, tmp_path: Path
) -> None:
    song = album / "1.flac"
    run("art", "embed", "--image", tmp_path / "front.jpg", song)
    (album / "cover.jpg").write_bytes(b"mine")
    refused = run("art", "extract", song)
    assert (refused.code, (album / "cover.jpg").read_bytes()) == (2, b"mine")
    assert "exists already" in refused.err
    assert run("art", "extract", "--force", song).code == 0
    assert (album / "cover.jpg").read_bytes() == FRONT
    assert run("undo", "-y").code == 0
    assert (album / "cover.jpg").read_bytes() == b"mine"
    assert run("art", "extract", "--name", "../x", song).code == 2
    assert run("art", "extract", "--name", "mine", song).code == 0
    assert (album / "mine.jpg").read_bytes() == FRONT


def test_all_pictures_go_into_a_folder_by_the_names_of_their_tracks(run: Run, album: Path, tmp_path: Path) -> None:
    song, out = album / "2.mp3", tmp_path / "out"
    for kind, name in (("front", "front.jpg"), ("artist", "back.png")):
        run("art", "embed", "--image", tmp_path / name, "--kind", kind, song)
    assert run("art", "extract", "--to", out, song).code == 2
    out.mkdir()
    done = run("art", "extract", "--all", "--to", out, album)
    assert done.code == 3
    assert done.err.count("has no embedded picture") == 2
    assert bytes_of(out) == {"2.jpg": FRONT, "2 artist.png": BACK}


def test_a_picture_goes_through_pipes_byte_for_byte(album: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "auralis_cli", "art"]
    environ = {**os.environ, "AURALIS_HOME": str(tmp_path / "home"), "PYTHONPATH": str(REPOSITORY)}
    embed = [*command, "embed", "--image", "-", str(album / "1.flac")]
    subprocess.run(embed, input=FRONT, env=environ, check=True, capture_output=True)
    extract = [*command, "extract", "--to", "-", str(album / "1.flac")]
    assert subprocess.run(extract, env=environ, check=True, capture_output=True).stdout == FRONT


def test_covers_are_drawn_once_each_on_a_terminal(run: Run, album: Path, tmp_path: Path) -> None:
    for kind, name in (("front", "front.jpg"), ("back", "back.png")):
        run("art", "embed", "--image", tmp_path / name, "--kind", kind, album)
    shown = run("art", "show", album, terminal=True, COLORTERM="truecolor")
    assert shown.code == 0
    assert shown.out.count("front, jpeg 90 × 60") == 1
    assert "\x1b[38;2;" in shown.out
    assert max(line.count("▀") for line in shown.out.splitlines()) == 63
    small = run("art", "show", "--columns", "12", "--kind", "back", album, terminal=True)
    assert "\x1b[38;5;" in small.out
    assert max(line.count("▀") for line in small.out.splitlines()) == 12
    assert "\x1b_Ga=T" in run("art", "show", album, terminal=True, TERM="xterm-kitty").out
    assert '\x1bPq"1;1' in run("art", "show", "--as", "sixel", album).out


def test_a_cover_that_cannot_be_drawn_is_no_cover_that_was_shown(run: Run, album: Path) -> None:
    (album / "cover.jpg").write_bytes(FRONT[: len(FRONT) // 2])
    done = run("art", "show", "--as", "blocks", album / "1.flac", album / "3.ogg")
    assert (done.code, done.out) == (4, "")
    assert done.err.count("cannot be decoded") == 2


def test_where_nothing_can_be_drawn_that_is_said_before_any_file_is_read(run: Run, album: Path) -> None:
    piped = run("art", "show", album / "none.flac")
    assert (piped.code, piped.out) == (2, "")
    assert "is no terminal (--as blocks draws all the same, --json tells)" in piped.err
    assert run("art", "show", album, terminal=True, TERM="dumb").code == 2
    none = run("art", "show", "--as", "blocks", album)
    assert (none.code, none.err.count("has no cover")) == (4, 3)


def test_what_pictures_and_names_say_is_shown_not_obeyed(run: Run, album: Path, tmp_path: Path) -> None:
    odd = album / "a\x1b[31m\udcff.flac"
    odd.write_bytes((album / "1.flac").read_bytes())
    embed = ("art", "embed", "--image", tmp_path / "front.jpg", "--description", "x\x1b]0;y\x07", odd)
    done = run(*embed)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "\\x1b]0;y\\x07" in done.out
    shown = run("art", "show", odd, terminal=True)
    assert "a\\x1b[31m\\xff.flac" in shown.out
    assert "\x1b]0" not in shown.out
    listed = json.loads(json.dumps(run("art", "find", odd, "--jsonl").lines[0]))
    assert listed["path"] == str(odd)


def test_tracks_of_the_library_are_meant_by_a_query(run: Run, album: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.db"
    with Store.open(library, program="test", now=1) as store:
        records = [library_of.record(str(album / name), artist="Air", album="Moon") for name in _TREE]
        library_of.put(store, records, root=str(album.parent))
    done = run("--library", library, "art", "embed", "--image", tmp_path / "front.jpg", "artist:air", "--jsonl")
    assert [(one["action"], one["id"] is not None) for one in done.lines] == [("embedded", True)] * 3
    assert run("--library", library, "art", "find", "--missing", "album:moon").out == ""


def test_a_track_of_a_cue_sheet_shows_the_cover_of_its_file(run: Run, album: Path, tmp_path: Path) -> None:
    tracks = "".join(f"  TRACK 0{n} AUDIO\n    TITLE Part{n}\n    INDEX 01 00:00:{n}0\n" for n in (1, 2))
    (album / "1.cue").write_text(f'FILE "1.flac" WAVE\n{tracks}')
    run("art", "embed", "--image", tmp_path / "front.jpg", album / "1.flac")
    assert run("scan", album).code == 0
    for words in ((album / "1.cue",), ("title:part",)):
        (found,) = run("art", "find", *words, "--jsonl").lines
        assert (found["path"], found["cover"]["place"]) == (str(album / "1.flac"), "embedded")
    assert run("art", "show", "title:part", "--json").document["items"][0]["covers"] != []
    assert run("art", "embed", "--image", tmp_path / "front.jpg", "title:part").code == 4


def test_words_that_cannot_be_served_are_refused(run: Run, album: Path, tmp_path: Path) -> None:
    for words in (
        ("embed", album),
        ("embed", "--image", tmp_path / "front.jpg", "--from-folder", album),
        ("embed", "--from-folder", "--kind", "back", album),
        ("embed", "--image", tmp_path / "front.jpg", "--kind", "sideways", album),
        ("embed", "--image", tmp_path / "front.jpg", "--max-px", "0", album),
        ("extract", "--all", "--kind", "back", album),
        ("extract", "--to", "-", album),
        ("show", "--json", "--jsonl", album),
        ("find",),
    ):
        done = run("art", *words)
        assert done.code == 2, words
        assert done.err.count("auralis: error: ") == 1


def test_finding_covers_needs_neither_arrays_nor_decoders(album: Path) -> None:
    (album / "cover.jpg").write_bytes(FRONT)
    probe = (
        "import sys, json; from auralis_cli import __main__; import os; os._exit = sys.exit\n"
        f"sys.argv[1:] = ['art', 'find', {str(album)!r}]\n"
        "try: __main__.main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=True,
    )
    assert set(json.loads(done.stderr.splitlines()[-1])).isdisjoint({"numpy", "numba", "soundfile", "av", "PIL"})
