"""`auralis list`: tables for people, lines and bytes for pipes, JSON for programs, refusals in one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import library_of
import pytest
from command_line import REPOSITORY, Run, auralis_process
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.model.display_text import as_read
from auralis_cli.model.fields import ALBUM_FIELDS, TRACK_FIELDS
from auralis_cli.model.library import Album, Artist, Genre, MeasuredLoudness, Track
from auralis_cli.model.templates import parse_template
from auralis_cli.services.listing import ListRequest, listed

LOUD = MeasuredLoudness(-8.94, -6.0, -7.0, 5.0, 0.31, -0.8, 9.0, 12.0, 0.0)
LATIN = b"/m/caf\xe9 au lait.flac".decode("utf-8", "surrogateescape")


@pytest.fixture
def filled(library: Path) -> Path:
    """Five tracks: two of an album, one loud, one of no UTF-8, one that would be obeyed."""
    loud = library_of.record("/m/air/2.flac", title="Kelly", artist="Air", album="Moon", year=1998, track=2)
    records = [
        library_of.record(
            "/m/air/1.flac", title="La femme", duration_s=281.3, artist="Air", album="Moon", year=1998, track=1,
            genres=("Pop",),
        ),
        replace(loud, tracks=(replace(loud.tracks[0], loudness=LOUD),)),
        library_of.record("/m/b.flac", title="Jóga", artist="Björk", album="Homo", year=1997, genres=("Pop", "Art")),
        library_of.record(LATIN, title="Milk"),
        library_of.record("/m/x\n/etc/passwd", title="evil\x1b[31m\n[bold]x", artist="A\u202eB"),
    ]  # fmt: skip
    with Store.open(library, program="test", now=library_of.NOW) as store:
        library_of.put(store, records)
    return library


# Lines, tables, bytes


def test_into_a_pipe_goes_a_line_a_track(run: Run, filled: Path) -> None:
    done = run("list", "year:1990..")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ["Air - Moon - La femme", "Air - Moon - Kelly", "Björk - Homo - Jóga"]
    assert run("ls", "year:1990..") == done


def test_a_line_leaves_out_what_is_not_known(run: Run, library: Path) -> None:
    records = [
        library_of.record("/m/a.flac", title="alone"),
        library_of.record("/m/b.flac", title="song", album="Album"),
        library_of.record("/m/c.flac", title="tune", artist="Air"),
    ]
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, records)
    assert set(run("list").out.splitlines()) == {"alone", "Album - song", "Air - tune"}
    assert run("list", "--albums").out == "Album\n"
    assert run("list", "--albums", "--print0").out == "Album\0"
    assert run("list", "-f", "$artist - $title", "alone").out == " - alone\n"


def test_on_a_terminal_it_is_a_table(run: Run, filled: Path) -> None:
    done = run("list", "moon", terminal=True, variables={"NO_COLOR": "1"})
    head, *rows = done.out.splitlines()
    assert head.split() == ["artist", "album", "title", "length"]
    assert rows[0].split() == ["Air", "Moon", "La", "femme", "4:41"]
    assert len(rows) == 2
    assert all(len(row) <= 96 for row in rows)
    assert [row.index("Moon") for row in rows] == [head.index("album")] * 2
    assert "nothing found" in run("list", "nothinglikeit", terminal=True).err
    for option in ("--albums", "--artists", "--genres"):
        assert len(run("list", option, "air", terminal=True).out.splitlines()) in (1, 2)


@pytest.mark.invariant("S0-L06")
def test_what_tags_and_names_hold_is_shown_and_never_obeyed(run: Run, filled: Path) -> None:
    for words, terminal in ((("list",), False), (("list",), True), (("list", "-f", "$path $title $artist"), True)):
        shown = run(*words, terminal=terminal, variables={"NO_COLOR": "1"}).out
        assert "evil\\x1b[31m\\n[bold]x" in shown or "evil [31m [bold]x" in shown
        assert not set(shown) & {"\x1b", "\u202e"}
        assert all(not line.startswith("/etc") for line in shown.splitlines())


def test_a_missing_file_is_listed_and_says_so(run: Run, filled: Path) -> None:
    with Store.open(filled, program="test", now=2) as store:
        (file,) = [one for one in store.files.stream_below("/m") if one.path == "/m/b.flac"]
        store.files.mark_missing([file.id], now=2)
    head, row = run("list", "status:missing", terminal=True, variables={"NO_COLOR": "1"}).out.splitlines()
    assert row.split()[-2] == "missing"
    assert len(row) == len(head)
    assert run("list", "status:missing").out == "Björk - Homo - Jóga\n"


def listed_bytes(library: Path, *words: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "auralis_cli", "--library", library, "list", *words],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        check=True,
    )
    return done.stdout


def test_paths_come_out_byte_for_byte(filled: Path) -> None:
    assert listed_bytes(filled, "--print0", "milk") == b"/m/caf\xe9 au lait.flac\0"
    assert listed_bytes(filled, "-f", "$path", "milk") == b"/m/caf\xe9 au lait.flac\n"
    assert listed_bytes(filled, "-f", "$title:$path", "--print0", "milk") == b"Milk:/m/caf\xe9 au lait.flac\0"
    whole = listed_bytes(filled, "--print0")
    assert sorted(whole.split(b"\0")[:-1])[-1] == b"/m/x\n/etc/passwd"
    assert whole.count(b"\0") == 5
    (track,) = json.loads(listed_bytes(filled, "--json", "milk"))["items"]
    assert os.fsencode(track["path"]) == b"/m/caf\xe9 au lait.flac"


def test_no_name_passes_for_two_lines(filled: Path) -> None:
    assert listed_bytes(filled, "-f", "$path").splitlines().count(b"/etc/passwd") == 0
    assert b"/m/x\\n/etc/passwd" in listed_bytes(filled, "-f", "$path").splitlines()


def test_what_is_listed_can_be_handed_back(run: Run, filled: Path, tmp_path: Path) -> None:
    for path in listed_bytes(filled, "--print0").split(b"\0")[:-1]:
        name = os.fsdecode(path)
        assert len(run("list", f"path:{name}", "--json").document["items"]) == 1


# JSON


def test_json_has_all_keys_of_a_track_in_order(run: Run, filled: Path) -> None:
    document = run("list", "kelly", "--json").document
    assert document["auralis"] == 1
    (track,) = document["items"]
    assert list(track) == [field.name for field in fields(Track)] == [field.name for field in TRACK_FIELDS.fields]
    promised = (
        "id path title artist album albumartist track disc year genre duration_s sample_rate_hz channels format "
        "bitrate_bps integrated_lufs true_peak_dbtp added_at"
    )
    assert set(promised.split()) <= set(track)
    assert (track["integrated_lufs"], track["true_peak_dbtp"], track["disc"]) == (-8.94, 0.31, None)
    assert (track["status"], track["compilation"], track["added_at"]) == ("present", False, library_of.NOW)


@pytest.mark.parametrize(("option", "kind"), [("--albums", Album), ("--artists", Artist), ("--genres", Genre)])
def test_json_of_albums_artists_and_genres(run: Run, filled: Path, option: str, kind: Any) -> None:
    items = run("list", option, "pop", "--json").document["items"]
    assert items
    assert all(list(item) == [field.name for field in fields(kind)] for item in items)
    assert run("list", option, "pop", "--jsonl").lines == items
    assert run("list", option, "pop", "--count").out == f"{len(items)}\n"


def test_json_is_the_same_document_by_lines_and_whole(run: Run, filled: Path) -> None:
    whole = run("list", "--json")
    assert whole.out == json.dumps(whole.document, indent=2) + "\n"
    assert run("list", "--jsonl").lines == whole.document["items"]
    empty = run("list", "--json", "nothinglikeit")
    assert (empty.code, empty.document) == (0, {"auralis": 1, "items": []})
    assert empty.out == json.dumps(empty.document, indent=2) + "\n"


@pytest.mark.invariant("S1-M-16")
def test_the_command_shows_what_the_query_layer_finds(run: Run, filled: Path) -> None:
    with Store.open(filled, program="test", now=1) as store:
        expected = [track.id for track in listed(store, ListRequest()) if isinstance(track, Track)]
    assert [track["id"] for track in run("list", "--json").document["items"]] == expected


# Queries, order, pages


def test_queries_follow_the_grammar(run: Run, filled: Path) -> None:
    def titles(*words: str) -> list[str]:
        return run("list", "-f", "$title", *words).out.splitlines()

    assert titles("bjork") == ["Jóga"]
    assert titles("la femme") == ["La femme"]
    assert titles("artist:AIR", "^kelly") == ["La femme"]
    assert titles("lufs:-9..") == ["Kelly"]
    assert titles("lufs:-9") == ["Kelly"]
    assert titles("genre:art", ",", "title::^La") == ["La femme", "Jóga"]
    assert titles("--", "-artist:air", "year:..") == ["Jóga"]
    assert titles("duration:4:41") == ["La femme"]
    assert titles("year:1990..", "year+", "title-") == ["Jóga", "La femme", "Kelly"]
    assert titles("--sort", "title-", "album:moon") == ["La femme", "Kelly"]
    assert titles("added:2023-11", "--limit", "1", "--offset", "1", "air") == ["Kelly"]


def test_a_path_means_what_is_below_it(run: Run, library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "artist:air"
    folder.mkdir()
    with Store.open(library, program="test", now=1) as store:
        records = [library_of.record(f"{folder}/one.flac"), library_of.record(f"{tmp_path}/artist:airy.flac")]
        library_of.put(store, records, root=str(tmp_path))
    assert run("list", "-f", "$title", folder).out == "one\n"
    assert run("list", "-f", "$title", "path:ARTIST:AIRY").out == "artist:airy\n"


def test_of_several_paths_any_will_do(run: Run, library: Path, tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("a", "b", "c")]
    with Store.open(library, program="test", now=1) as store:
        records = [library_of.record(f"{place}/{place.name}.flac", genres=("Pop",)) for place in places]
        library_of.put(store, records, root=str(tmp_path))
    for place in places:
        place.mkdir()
    assert run("list", "-f", "$title", *places[:2], "genre:pop", "title+").out == "a\nb\n"
    assert run("list", "--count", *places[:2], "genre:rock").out == "0\n"


def test_no_library_is_an_empty_one(run: Run, library: Path) -> None:
    done = run("list")
    assert (done.code, done.out) == (0, "")
    assert "auralis scan" in done.err
    assert not library.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["foo:bar"], "no field 'foo'"),
        (["artits:air"], "did you mean artist"),
        (["title::("], "is no regular expression"),
        (["title::(a+)+"], "may take forever"),
        (["playlist:evening"], "(auralis playlist show NAME lists one, auralis play --playlist NAME plays it"),
        (["--sort", "lenght"], "nothing is sorted by 'lenght' (did you mean length"),
        (["--sort", "zzz"], "nothing is sorted by 'zzz' (one of id, path, title, "),
        (["like:3"], "like:3: has no fingerprint yet"),
        (["--albums", "like:3"], "ranks tracks, not albums"),
        (["year:soon"], "year is a number"),
        (["--json", "--jsonl"], "excludes --jsonl"),
        (["--json", "-f", "$title"], "excludes --format"),
        (["--albums", "--genres"], "excludes --genres"),
        (["-f", "$nothing"], "no field 'nothing'"),
        (["--albums", "-f", "$path"], "albums have no field 'path'"),
    ],
)
def test_what_cannot_be_served_is_one_line_and_two(run: Run, filled: Path, words: list[str], why: str) -> None:
    done = run("list", *words)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert why in done.err


@pytest.mark.invariant("S2-NEW-1")
@pytest.mark.parametrize("key", ["foo", "title;drop table tracks", "__class__", "content_key", "", "title,,year", "1"])
def test_only_listed_keys_sort_and_the_error_lists_them(run: Run, filled: Path, key: str) -> None:
    done = run("list", "--sort", key)
    assert (done.code, done.out) == (2, "")
    assert all(field.name in done.err for field in TRACK_FIELDS.fields)
    album = run("list", "--albums", "--sort", "bitrate")
    assert album.code == 2
    assert all(field.name in album.err for field in ALBUM_FIELDS.fields)


@pytest.mark.invariant("S2-NEW-2")
@pytest.mark.parametrize("option", ["--limit", "--offset"])
@pytest.mark.parametrize("value", ["-1", "1e12", "nan", "NaN", "1.5", "", "9999999999999", "0x10", "١"])
def test_impossible_pages_are_refused(run: Run, filled: Path, option: str, value: str) -> None:
    done = run("list", option, value)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"auralis: error: {option}")


@pytest.mark.invariant("S2-NEW-2")
def test_pages_may_be_empty(run: Run, filled: Path) -> None:
    assert run("list", "--limit", "0").out == ""
    assert run("list", "--offset", "999999999").out == ""
    assert len(run("list", "--limit", "2").out.splitlines()) == 2


def test_a_damaged_library_gives_five(run: Run, filled: Path) -> None:
    filled.write_bytes(b"no library" * 1000)
    done = run("list")
    assert (done.code, len(done.err.splitlines())) == (5, 1)


def test_the_fields_are_shown(run: Run) -> None:
    done = run("list", "--fields")
    assert len(done.out.splitlines()) == len(TRACK_FIELDS.fields)
    assert "integrated_lufs (lufs, loudness)" in done.out
    assert [one["name"] for one in run("list", "--albums", "--fields", "--json").document["items"]] == [
        field.name for field in ALBUM_FIELDS.fields
    ]


# Formats


def test_names_give_values_as_in_json_and_aliases_as_people_read_them(run: Run, filled: Path) -> None:
    line = "$duration_s|$duration|$integrated_lufs|${lufs}|$bitrate_bps|$bitrate|$added_at|$added|$comp|$compilation|$$"
    (first, second) = run("list", "-f", line, "moon").out.splitlines()
    assert first == "281.3|4:41|||900000|900k|1700000000|2023-11-14 22:13|no|false|$"
    assert second.split("|")[2:4] == ["-8.94", "-8.9"]
    assert run("list", "-f", "$5 a$ ${}", "milk").code == 2
    assert run("list", "-f", "$5 100$", "milk").out == "$5 100$\n"


@given(st.text())
def test_any_format_is_a_template_or_refused(text: str) -> None:
    try:
        template = parse_template(text, TRACK_FIELDS)
    except UsageError:
        return
    if "$" not in text:
        assert template.fill(None, lambda value, _: value) == text


@given(st.sampled_from(TRACK_FIELDS.fields), st.none() | st.floats() | st.integers() | st.booleans() | st.text())
def test_any_value_can_be_read(field: Any, value: Any) -> None:
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return
    assert isinstance(as_read(field, value), str)


# As a process


def fill(library: Path, count: int) -> None:
    with Store.open(library, program="test", now=library_of.NOW) as store:
        for start in range(0, count, 1000):
            some = (library_of.record(f"/m/{number:06}.flac", artist="A") for number in range(start, start + 1000))
            library_of.put(store, some)


@pytest.fixture(scope="module")
def thousands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("list") / "library.db"
    fill(library, 5000)
    return library


def test_a_reader_that_leaves_ends_the_listing_quietly(thousands: Path) -> None:
    command = [sys.executable, "-m", "auralis_cli", "--library", str(thousands), "list", "--jsonl"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["path"] == "/m/000000.flac"
        process.stdout.close()
        assert process.wait(30) == -signal.SIGPIPE
        assert process.stderr.read() == b""


@pytest.mark.invariant("S2-NEW-2")
def test_a_longer_listing_takes_no_more_memory(thousands: Path) -> None:
    probe = """
import os, resource, sys
from auralis_cli import __main__
os._exit = sys.exit
sys.argv[1:] = {words!r}
try:
    __main__.main()
except SystemExit:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""

    def peak_kib(*words: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", probe.format(words=["--library", str(thousands), "list", *words])],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "AURALIS_DEBUG": "1"},
            timeout=60,
            check=True,
        )
        return int(done.stderr.split()[-1])

    few, all_of_them = peak_kib("--json", "--limit", "600"), peak_kib("--json")
    # 4,400 more tracks as values are some 10 MB.
    assert all_of_them < few + 4000


def test_the_whole_way_is_short(thousands: Path) -> None:
    done = auralis_process("--library", thousands, "list", "--limit", "2", "year:..", ",", "artist:a")
    assert (done.code, done.err) == (0, "")
    assert done.out == "A - 000000\nA - 000001\n"
