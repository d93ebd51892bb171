"""`auralis tag …` as commands: shown, changed, previewed, taken back; as tables, and from names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from command_line import Finished, auralis
from mutagen.flac import FLAC
from tagged_files import encoded

from auralis_cli.db.row_recorder import journalled_tables
from auralis_cli.db.store import Store

Run = Callable[..., Finished]
TRACKS = ("a", "b", "c")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Three files by one artist, the last of another album."""
    folder = tmp_path / "Music"
    folder.mkdir()
    encoded("FLAC", "PCM_16")(folder / "a.flac")
    for number, letter in enumerate(TRACKS, 1):
        path = folder / f"{letter}.flac"
        if letter != "a":
            shutil.copy(folder / "a.flac", path)
        file = FLAC(path)
        file["title"], file["artist"], file["tracknumber"] = letter.upper(), "Air", str(number)
        file["album"], file["genre"] = "Second" if letter == "c" else "First", ["Pop", "Rock"]
        file["my own"] = "kept"
        file.save()
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
def run(library: Path, tmp_path: Path) -> Run:
    places = {"AURALIS_HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "data")}
    return lambda *words, **how: auralis("--library", library, *words, variables=places, **how)


@pytest.fixture
def scanned(run: Run, music: Path) -> Path:
    assert run("scan", music).code == 0
    return music


def tags(path: Path) -> dict[str, list[str]]:
    """What mutagen reads."""
    file = FLAC(path)
    return {name.lower(): list(file[name]) for name in file}


def files_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, with its bytes and its time."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(library: Path) -> dict[str, list[object]]:
    """All that the library knows, less which inode a file is."""
    with Store.open(library, program="test", now=1) as store:
        store.database.run("UPDATE files SET inode = 0")
        tables = journalled_tables(store.database)
        return {table: sorted(store.database.all(f"SELECT * FROM {table}"), key=repr) for table in tables}


# Shown


def test_tags_are_shown_of_files_that_the_library_does_not_have(run: Run, music: Path, library: Path) -> None:
    (item,) = run("tag", "show", music / "a.flac", "--json").document["items"]
    assert item["tags"] == {"title": "A", "artist": ["Air"], "album": "First", "track": 1, "genre": ["Pop", "Rock"]}
    assert (item["path"], item["id"], item["format"], item["pictures"]) == (str(music / "a.flac"), None, "flac", 0)
    assert {name.lower(): values for name, values in item["other"].items()} == {"my own": ["kept"]}
    assert not library.exists()


def test_words_that_are_no_files_are_a_query_and_folders_keep_to_what_is_below(run: Run, scanned: Path) -> None:
    def found(*words: object) -> list[str]:
        return run("tag", "show", *words, "-f", "$title").out.split()

    assert found("album:first") == ["A", "B"]
    assert found(scanned) == ["A", "B", "C"]
    assert found(scanned, "album:second") == ["C"]
    assert found(scanned / "a.flac", "album:second") == []
    assert found(scanned / "a.flac", scanned / "c.flac", scanned / "a.flac") == ["A", "C"]
    assert run("tag", "show", "album:first", "--jsonl").lines[0]["id"] is not None


def test_a_file_that_the_library_has_is_told_with_its_id_however_it_is_named(run: Run, scanned: Path) -> None:
    (by_path,) = run("tag", "show", scanned / "b.flac", "--jsonl").lines
    (by_query,) = run("tag", "show", "title:b", "--json").document["items"]
    assert by_path == by_query
    assert by_path["id"] is not None


def test_a_flag_is_shown_as_it_is_written_on_the_command_line(run: Run, music: Path) -> None:
    song = music / "a.flac"
    assert "compilation       - → yes" in run("tag", "set", "compilation=yes", song).out
    assert "compilation       yes" in run("tag", "show", song, "--fields", "compilation").out
    assert run("tag", "show", song, "--json").document["items"][0]["tags"]["compilation"] is True
    assert "compilation       yes → -" in run("tag", "set", "compilation=no", song, "-n").out


def test_tags_are_shown_for_people_and_in_formats(run: Run, music: Path) -> None:
    shown = run("tag", "show", music / "a.flac").out.lower().splitlines()
    assert shown[0] == str(music / "a.flac").lower()
    assert [line.split() for line in shown[1:]] == [
        ["title", "a"],
        ["artist", "air"],
        ["album", "first"],
        ["track", "1"],
        ["genre", "pop"],
        ["rock"],
        ["my", "own", "kept"],
    ]
    line = run("tag", "show", music / "a.flac", "-f", "${track:02} $genre ${date|'no date'} $name").out
    assert line == "01 Pop; Rock no date a\n"
    assert run("tag", "show", music / "a.flac", "--fields", "title", "--json").document["items"][0]["tags"] == {
        "title": "A"
    }


def test_what_cannot_be_read_stands_in_its_place(run: Run, music: Path) -> None:
    (music / "text.flac").write_text("no music")
    done = run("tag", "show", music / "text.flac", music / "gone.flac", music / "a.flac", "--jsonl")
    assert done.code == 3
    assert [("error" in one, Path(one["path"]).name) for one in done.lines] == [
        (True, "text.flac"),
        (True, "gone.flac"),
        (False, "a.flac"),
    ]
    assert done.err.count("auralis: error: ") == 2
    assert run("tag", "show", music / "gone.flac").code == 4


def test_a_query_makes_no_library_and_a_change_of_files_does(run: Run, music: Path, library: Path) -> None:
    done = run("tag", "set", "genre=x", "title:a")
    assert (done.code, done.out) == (0, "")
    assert "the library holds no such tracks" in done.err
    assert not library.exists()
    assert run("tag", "set", "genre=x", music / "a.flac").code == 0
    assert run("undo", "-y").code == 0
    assert tags(music / "a.flac")["genre"] == ["Pop", "Rock"]


@pytest.mark.parametrize(
    "verb", [("show",), ("set", "genre=x"), ("remove", "genre"), ("export",), ("from-names", "$title")]
)
def test_nothing_named_is_not_everything(run: Run, verb: tuple[str, ...]) -> None:
    done = run("tag", *verb)
    assert done.code == 2
    assert "nothing is named" in done.err


# Set


def test_tags_are_set_added_and_taken_away(run: Run, scanned: Path) -> None:
    done = run(
        "tag", "set", "genre+=Live", "genre-=pop", "title=New", "year=1984", "album=", scanned / "a.flac", "--json"
    )
    assert done.code == 0
    (item,) = done.document["items"]
    assert item["changes"] == {
        "genre": {"before": ["Pop", "Rock"], "after": ["Rock", "Live"]},
        "title": {"before": "A", "after": "New"},
        "date": {"before": None, "after": "1984"},
        "album": {"before": "First", "after": None},
    }
    assert item["dry_run"] is False
    now = tags(scanned / "a.flac")
    assert (now["genre"], now["title"], now["date"]) == (["Rock", "Live"], ["New"], ["1984"])
    assert "album" not in now
    assert now["my own"] == ["kept"]
    assert run("list", "title:new", "-f", "$year $genre").out == "1984 Rock; Live\n"


def test_a_preview_says_what_comes_and_changes_nothing(run: Run, scanned: Path, library: Path) -> None:
    files, rows = files_in(scanned), rows_of(library)
    words = ("tag", "set", "genre=Jazz", "album:first")
    preview = run(*words, "-n", "--json").document["items"]
    assert (files_in(scanned), rows_of(library)) == (files, rows)
    assert run("history", "--json").document["items"][0]["verb"] == "scan"
    text = run(*words, "-n")
    assert text.out.splitlines()[:2] == [str(scanned / "a.flac"), "  genre             Pop; Rock → Jazz"]
    assert text.err == "dry run: 2 to be changed\n"
    done = run(*words, "--json").document["items"]
    assert done == [{**one, "dry_run": False} for one in preview]
    assert run(*words, "-n").err == "dry run: 2 as they are\n"


def test_a_change_is_one_entry_of_history_and_undo_brings_all_of_it_back(
    run: Run, scanned: Path, library: Path
) -> None:
    files, rows = files_in(scanned), rows_of(library)
    assert run("tag", "set", "genre=Jazz", "title=Same", "artist:air").err == "3 changed\n"
    latest = run("history", "--json").document["items"][0]
    assert (latest["verb"], latest["summary"], latest["files"]) == ("tag set", "genre, title of 3 files", 3)
    assert rows_of(library) != rows
    assert run("undo", "-y").code == 0
    assert (files_in(scanned), rows_of(library)) == (files, rows)


def test_what_says_it_already_is_not_touched(run: Run, scanned: Path) -> None:
    files = files_in(scanned)
    done = run("tag", "set", "artist=Air", "genre+=Pop", "mood-=calm", scanned)
    assert (done.code, done.out, done.err) == (0, "", "3 as they are\n")
    assert files_in(scanned) == files


def test_files_keep_their_time_where_that_is_wished(run: Run, scanned: Path) -> None:
    os.utime(scanned / "a.flac", ns=(1, 1_000_000_000))
    os.utime(scanned / "b.flac", ns=(1, 1_000_000_000))
    assert run("tag", "set", "mood=calm", scanned / "a.flac", "--keep-mtime").code == 0
    assert run("tag", "set", "mood=calm", scanned / "b.flac").code == 0
    assert (scanned / "a.flac").stat().st_mtime_ns == 1_000_000_000
    assert (scanned / "b.flac").stat().st_mtime_ns > 1_000_000_000


def test_one_file_that_fails_leaves_the_others_done_or_all_as_they_were(run: Run, scanned: Path) -> None:
    soundfile.write(scanned / "d.au", [0.0] * 100, 8000)
    files = files_in(scanned)
    refused = run("tag", "set", "mood=calm", scanned, "--all-or-nothing", "--json")
    assert refused.code == 4
    assert [one["error"]["code"] for one in refused.document["items"]] == ["refused"] * 3 + ["unsupported"]
    assert files_in(scanned) == files
    done = run("tag", "set", "mood=calm", scanned)
    assert done.code == 3
    assert done.err == (f"auralis: error: {scanned / 'd.au'}: AU has no place for tags\n3 changed, 1 failed\n")


def test_tracks_of_a_cue_sheet_have_no_tags_of_their_own(run: Run, music: Path) -> None:
    sheet = 'FILE "a.flac" WAVE\n  TRACK 01 AUDIO\n    TITLE "One"\n    INDEX 01 00:00:00\n'
    sheet += '  TRACK 02 AUDIO\n    TITLE "Two"\n    INDEX 01 00:00:30\n'
    (music / "a.cue").write_text(sheet)
    assert run("scan", music).code == 0
    for words in (["title:two"], [music / "a.cue"]):
        done = run("tag", "set", "genre=x", *words)
        assert done.code == 4
        assert "a track of a cue sheet, which has no tags of its own" in done.err
    assert run("tag", "set", "genre=x", music / "a.flac").code == 0


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize("name", ["id", "_meta", "__class__", "save"])
def test_only_fields_of_the_table_are_reached_by_name(run: Run, scanned: Path, name: str) -> None:
    files = files_in(scanned)
    for words in (("set", f"{name}=1"), ("remove", name), ("copy", scanned / "b.flac", "--fields", name)):
        done = run("tag", *words, scanned / "a.flac")
        assert done.code == 2
        assert "is no tag that can be edited" in done.err
    assert files_in(scanned) == files


def test_many_files_are_asked_about(run: Run, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auralis_cli.commands.tag_change.ASKED_FILES", 2)
    done = run("tag", "set", "mood=calm", music)
    assert done.code == 2
    assert "Change the tags of 3 files?" in done.err
    assert "mood" not in tags(music / "a.flac")
    assert run("tag", "set", "mood=calm", music, "-n").code == 0
    assert run("tag", "set", "mood=calm", music, "-y").code == 0
    assert tags(music / "c.flac")["mood"] == ["calm"]


def test_names_come_from_a_list_whatever_their_bytes(run: Run, music: Path, tmp_path: Path) -> None:
    odd = music / os.fsdecode(b"\xe9 \n.flac")
    (music / "b.flac").rename(odd)
    (tmp_path / "names").write_bytes(os.fsencode(odd) + b"\0")
    done = run("tag", "set", "genre=x", "--files-from", tmp_path / "names", "-0", "--json")
    assert done.code == 0
    assert done.document["items"][0]["path"] == str(odd)
    assert tags(odd)["genre"] == ["x"]


# Removed, copied, from names


def test_fields_are_taken_away_and_what_is_no_field_stays(run: Run, scanned: Path) -> None:
    assert run("tag", "remove", "genre,track", "title:a").code == 0
    assert set(tags(scanned / "a.flac")) == {"title", "artist", "album", "my own"}
    assert run("tag", "remove", "all", "title:a").code == 0
    assert set(tags(scanned / "a.flac")) == {"my own"}


def test_tags_are_copied_between_files_and_folders(run: Run, music: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("a.wav", "x.wav"):
        encoded("WAV", "PCM_16")(other / name)
    assert run("tag", "copy", music / "a.flac", other / "x.wav", "--fields", "title,genre").code == 0
    shown = run("tag", "show", other / "x.wav", "--json").document["items"][0]["tags"]
    assert shown == {"title": "A", "genre": ["Pop", "Rock"]}
    done = run("tag", "copy", music, other, "--jsonl")
    assert done.code == 3
    assert [(Path(one["path"]).name, "error" in one) for one in done.lines] == [("a.wav", False), ("x.wav", True)]
    assert run("tag", "show", other / "a.wav", "-f", "$artist $album $track").out == "Air First 1\n"
    assert run("tag", "copy", music / "a.flac", music / "a.flac").code == 2
    assert run("tag", "copy", music, other / "a.wav").code == 4


def test_tags_are_taken_from_names(run: Run, music: Path) -> None:
    folder = music / "Miles_Davis" / "1959 - Kind of Blue"
    folder.mkdir(parents=True)
    for name in ("01 So What", "2 Freddie", "no number"):
        shutil.copy(music / "a.flac", folder / f"{name}.flac")
    done = run("tag", "from-names", "$artist/$year - $album/$track $title", folder)
    assert done.code == 3
    assert "no number.flac: its name is not of this form" in done.err
    shown = run("tag", "show", folder / "01 So What.flac", "-f", "$artist|$date|$album|$track|$title").out
    assert shown == "Miles Davis|1959|Kind of Blue|1|So What\n"
    assert run("tag", "from-names", "$_ $title", folder / "2 Freddie.flac", "--only-missing").err == "1 as they are\n"


# Names


def test_files_are_named_after_their_tags_and_the_library_follows(run: Run, scanned: Path, library: Path) -> None:
    (scanned / "a.lrc").write_text("[00:00]la")
    files, rows = files_in(scanned), rows_of(library)
    words = ("tag", "rename-files", "${albumartist|artist}/$album/${track:02} $title", "artist:air")
    preview = run(*words, "-n", "--json")
    assert files_in(scanned) == files
    done = run(*words, "--json")
    assert (done.code, done.err) == (0, "3 renamed\n")
    new = {"Air/First/01 A.flac", "Air/First/01 A.lrc", "Air/First/02 B.flac", "Air/Second/03 C.flac"}
    assert set(files_in(scanned)) == new
    planned = [Path(one["new_path"]) for one in preview.document["items"]]
    assert planned == [Path(one["new_path"]) for one in done.document["items"]]
    assert run("list", "-f", "$path").out.split("\n")[0] == str(scanned / "Air/First/01 A.flac")
    assert run(*words).err == "3 as they are\n"
    assert run("history", "--json").document["items"][0]["summary"] == "3 files renamed"
    assert run("undo", "-y").code == 0
    assert (files_in(scanned), rows_of(library)) == (files, rows)


def test_names_may_be_swapped_and_are_never_taken_from_others(run: Run, scanned: Path) -> None:
    assert run("tag", "set", "title=b", scanned / "a.flac").code == 0
    assert run("tag", "set", "title=a", scanned / "b.flac").code == 0
    assert run("tag", "rename-files", "$title", scanned / "a.flac", scanned / "b.flac").code == 0
    assert tags(scanned / "a.flac")["title"] == ["a"]
    assert tags(scanned / "a.flac")["tracknumber"] == ["2"]
    files = files_in(scanned)
    taken = run("tag", "rename-files", "${genre|'x'}c", scanned / "a.flac", "--jsonl")
    assert taken.code == 0
    taken = run("tag", "rename-files", "${mood|'c'}", scanned / "b.flac")
    assert (taken.code, files_in(scanned)["b.flac"]) == (2, files["b.flac"])
    assert "c.flac" in taken.err


def test_names_that_case_alone_tells_apart_are_refused_where_that_may_be_one(run: Run, music: Path) -> None:
    assert run("tag", "set", "title=Same", music / "a.flac").code == 0
    assert run("tag", "set", "title=same", music / "b.flac").code == 0
    done = run("tag", "rename-files", "$title", music / "a.flac", music / "b.flac", "-n")
    assert done.code == 3
    assert "b.flac: would be told from Same.flac by its case alone" in done.err
    assert run("tag", "rename-files", "$title", music / "a.flac", music / "b.flac", "--names", "posix").code == 0
    assert {"Same.flac", "same.flac", "c.flac"} == set(files_in(music))


def test_a_folder_that_is_named_takes_files_of_any_template_and_what_lies_beside_them(run: Run, music: Path) -> None:
    (music / "a.lrc").write_text("[00:01.00]x")
    done = run("tag", "rename-files", "$title", music / "a.flac", "--to", music / "in", "-v")
    assert (done.code, sorted(path.name for path in (music / "in").iterdir())) == (0, ["A.flac", "A.lrc"])
    assert f"goes along: {music}/in/A.lrc\n" in done.err


def test_a_field_that_no_tag_has_is_answered_with_where_all_stand(run: Run, music: Path) -> None:
    for words in (("rename-files", "$titel"), ("from-names", "$titel"), ("show", "-f", "$titel")):
        done = run("tag", *words, music)
        assert done.code == 2
        assert "(did you mean title, subtitle? auralis tag fields lists all)" in done.err


def test_no_tag_leads_a_file_out_of_its_folder(run: Run, music: Path, tmp_path: Path) -> None:
    assert run("tag", "set", "title=../../up", "album=..", "artist=/etc", music / "a.flac").code == 0
    assert run("tag", "rename-files", "$artist/$album/$title", music / "a.flac").code == 4
    assert run("tag", "rename-files", "$artist/$album/$title", music / "a.flac", "--to", music / "in").code == 0
    assert set(files_in(tmp_path / "Music")) == {"b.flac", "c.flac", "in/_etc/_/_._.._up.flac"}
    for template in ("/tmp/$title", "../$title", "x"):
        assert run("tag", "rename-files", template, music).code == 2


def test_a_file_without_the_field_keeps_its_name(run: Run, music: Path) -> None:
    done = run("tag", "rename-files", "$composer - $title", music / "a.flac")
    assert done.code == 4
    assert "has no composer to be named by" in done.err
    assert (music / "a.flac").exists()


# Tables


def test_a_table_goes_out_and_comes_back_changed(run: Run, scanned: Path, tmp_path: Path) -> None:
    out = run("tag", "export", "artist:air", "--fields", "title,genre,comment").out
    assert out.splitlines()[:2] == ["path\ttitle\tgenre\tcomment", f"{scanned / 'a.flac'}\tA\tPop; Rock\t"]
    table = tmp_path / "tags.tsv"
    table.write_text(out)
    assert run("tag", "import", table).err == "3 as they are\n"
    table.write_text(out.replace("\tA\tPop; Rock\t", "\t\tPop; Live\ttwo\\nlines"))
    preview = run("tag", "import", table, "-n").out
    assert "A → -" in preview
    assert r"- → two\nlines" in preview
    assert run("tag", "import", table).err == "1 changed, 2 as they are\n"
    now = tags(scanned / "a.flac")
    assert "title" not in now
    assert (now["genre"], now["comment"]) == (["Pop", "Live"], ["two\nlines"])


def test_a_table_may_name_tracks_by_id(run: Run, scanned: Path, tmp_path: Path) -> None:
    number = run("list", "title:b", "--json").document["items"][0]["id"]
    (tmp_path / "t.tsv").write_text(f"id\tmood\n{number}\tcalm\n999\tcalm\n")
    done = run("tag", "import", tmp_path / "t.tsv")
    assert done.code == 3
    assert "id 999: the library has no such track (line 3)" in done.err
    assert tags(scanned / "b.flac")["mood"] == ["calm"]


def test_a_value_that_a_field_cannot_have_fails_its_line_and_one_that_was_there_does_not(
    run: Run, scanned: Path, tmp_path: Path
) -> None:
    file = FLAC(scanned / "a.flac")
    file["date"] = "spring of 1984"
    file.save()
    out = run("tag", "export", scanned, "--fields", "date,mood").out.replace("1984\t", "1984\tcalm")
    assert "spring of 1984\tcalm" in out
    (tmp_path / "t.tsv").write_text(out.replace("b.flac\t", "b.flac\tnever"))
    done = run("tag", "import", tmp_path / "t.tsv")
    assert done.code == 3
    assert "b.flac: date: date is a date: 1984" in done.err
    assert tags(scanned / "a.flac")["mood"] == ["calm"]
    assert tags(scanned / "a.flac")["date"] == ["spring of 1984"]


def test_a_table_that_cannot_be_understood_changes_nothing(run: Run, scanned: Path, tmp_path: Path) -> None:
    files = files_in(scanned)
    (tmp_path / "t.tsv").write_text(f"path\tmood\n{scanned / 'a.flac'}\tcalm\nb.flac\n")
    done = run("tag", "import", tmp_path / "t.tsv")
    assert done.code == 4
    assert "line 3 has 1 cells, and the first line 2" in done.err
    assert files_in(scanned) == files


# What nobody is to obey


HOSTILE = "[red]\x1b]0;x\x07\u202e/etc/passwd"


@pytest.mark.invariant("S0-L06")
def test_hostile_tags_are_shown_not_obeyed(run: Run, music: Path, library: Path) -> None:
    odd = music / "\x1b[2J\u202e.flac"
    (music / "c.flac").rename(odd)
    file = FLAC(odd)
    file["title"], file["genre"], file["\x1b]0;y"[2:]] = HOSTILE, [HOSTILE, "x\ny"], HOSTILE
    file.save()
    assert run("scan", music).code == 0
    seen = [
        run("tag", "show", odd),
        run("tag", "show", odd, "-f", "$path $title $genre", terminal=True),
        run("tag", "set", "title=x", odd, "-n"),
        run("tag", "export", odd, terminal=True),
        run("tag", "rename-files", "$title", odd, "-n"),
        run("tag", "set", "title=x", odd),
        run("history"),
        run("history", "2"),
        run("undo", "-y"),
    ]
    for done in seen:
        text = done.out + done.err
        assert done.code == 0
        assert "2J" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    (item,) = run("tag", "show", odd, "--json").document["items"]
    assert item["tags"]["title"] == HOSTILE.replace("\x1b", " ").replace("\x07", " ")


def test_the_fields_are_listed(run: Run) -> None:
    assert "albumartist" in run("tag", "fields").out
    items = run("tag", "fields", "--json").document["items"]
    assert {"name": "genre", "several": True}.items() <= next(one for one in items if one["name"] == "genre").items()
