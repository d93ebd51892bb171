"""Files get other names in any order that there is one for, never one that is taken, and their old ones again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from file_edits import LATER, Titled, state_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_changes import dump
from scanned_folders import Scans, SilentBatchProgress, music, scans, song

from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.model.file_moves import FileMove, MovedFile
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import renaming
from auralis_cli.services.changes import changes
from auralis_cli.services.copy_beside import dress_as
from auralis_cli.services.file_moving import check_moves, move_files
from auralis_cli.services.move_order import aside, moves_in_order
from auralis_cli.services.undo import preview_undo, undo
from auralis_cli.whole_file import give_name

__all__ = ["music", "scans"]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURALIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))


@pytest.fixture
def songs(music: Path, scans: Scans) -> list[Path]:
    """Four songs that the library knows, a to d."""
    paths = [song(music / f"{name}.wav", number) for number, name in enumerate("abcd", 1)]
    scans(music)
    return paths


def move(scans: Scans, *pairs: tuple[Path, Path]) -> tuple[int, list[MovedFile]]:
    """One change: its id, and what came of it."""
    with changes(scans.store, "tag rename-files", "a test", lambda: LATER) as change:
        moves = [FileMove(str(old), str(new)) for old, new in pairs]
        done = list(move_files(scans.store, change, moves, SilentBatchProgress(), CancelToken()))
    return change.entry_id, done


def why(done: list[MovedFile]) -> list[str | None]:
    return [None if one.failure is None else one.failure.message for one in done]


def sounds(folder: Path) -> dict[str, bytes]:
    """What is in each file, by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_files_and_rows_get_their_names_and_have_them_back(scans: Scans, songs: list[Path], music: Path) -> None:
    files, rows, ids = state_of(music), dump(scans.store.database), scans.ids()
    entry, done = move(scans, (songs[0], music / "x" / "y" / os.fsdecode(b"\xfc.wav")), (songs[1], music / "e.wav"))
    assert why(done) == [None, None]
    assert not songs[0].exists()
    assert scans.ids() == {os.fsdecode(b"\xfc.wav"): ids["a.wav"], "e.wav": ids["b.wav"], "c.wav": 3, "d.wav": 4}
    assert scans.counts(music) == {"unchanged": 4}
    titles = scans.store.database.all("SELECT title FROM tracks ORDER BY id")
    assert titles[1] == ("e",)
    assert [new for new, _ in preview_undo(scans.store, entry).renamed] == [done[1].new_path, done[0].new_path]
    undo(scans.store, entry, now=9)
    assert state_of(music) == files
    now = dump(scans.store.database)
    assert {name: now[name] for name in now if name != "roots"} == {
        name: rows[name] for name in rows if name != "roots"
    }


def test_two_files_swap_their_names(scans: Scans, songs: list[Path], music: Path) -> None:
    before, ids = sounds(music), scans.ids()
    entry, done = move(scans, (songs[0], songs[1]), (songs[1], songs[0]))
    assert why(done) == [None, None]
    after = sounds(music)
    assert (after["a.wav"], after["b.wav"]) == (before["b.wav"], before["a.wav"])
    assert (scans.ids()["a.wav"], scans.ids()["b.wav"]) == (ids["b.wav"], ids["a.wav"])
    undo(scans.store, entry, now=9)
    assert sounds(music) == before
    assert scans.ids() == ids


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations("abcdef"), asked=st.permutations("abcd"), chosen=st.sets(st.sampled_from("abcd"), min_size=1)
)
def test_any_renaming_among_names_comes_out_and_back(
    scans: Scans, songs: list[Path], music: Path, order: list[str], asked: list[str], chosen: set[str]
) -> None:
    """Chains and circles, whatever the order they are asked for in."""
    before, ids = sounds(music), scans.ids()
    names = dict(zip("abcd", order[:4], strict=True))
    staying = set("abcd") - chosen
    wanted = [(old, names[old]) for old in asked if old in chosen and names[old] not in staying]
    entry, done = move(scans, *((music / f"{old}.wav", music / f"{new}.wav") for old, new in wanted))
    possible = dict(wanted)
    # What is in the way of one that stays, stays too.
    while stuck := [old for old, new in possible.items() if new in set("abcd") - possible.keys()]:
        for old in stuck:
            del possible[old]
    assert {Path(one.path).stem for one in done if one.failure is None} == set(possible)
    expected = {f"{possible.get(name, name)}.wav": before[f"{name}.wav"] for name in "abcd"}
    assert sounds(music) == expected
    assert scans.ids() == {f"{possible.get(name, name)}.wav": ids[f"{name}.wav"] for name in "abcd"}
    if scans.store.journal.entry(entry) is not None:
        undo(scans.store, entry, now=9)
    assert (sounds(music), scans.ids()) == (before, ids)


def test_a_name_that_is_taken_is_refused_and_nothing_is_lost(scans: Scans, songs: list[Path], music: Path) -> None:
    before = sounds(music)
    taken = music / "taken.txt"
    taken.write_text("somebody's")
    _, done = move(
        scans,
        (songs[0], taken),
        (songs[1], songs[2]),
        (songs[3], music / "new.wav"),
        (music / "gone.wav", music / "x.wav"),
        (songs[3], music / "other.wav"),
        (music, music / "folder"),
    )
    assert why(done) == [
        f"would have a name that is taken: {taken}",
        f"would have a name that is taken: {songs[2]}",
        None,
        "does not exist",
        "is named twice",
        "is not a file",
    ]
    assert sounds(music) == {
        **{name: before[name] for name in ("a.wav", "b.wav", "c.wav")},
        "new.wav": before["d.wav"],
        "taken.txt": b"somebody's",
    }


def test_a_dry_run_says_what_cannot_be(scans: Scans, songs: list[Path], music: Path) -> None:
    moves = [FileMove(str(songs[0]), str(songs[1])), FileMove(str(songs[2]), str(music / "e.wav"))]
    assert why(check_moves(scans.store, moves))[0] is not None
    assert why(check_moves(scans.store, moves))[1] is None
    assert why(check_moves(scans.store, [FileMove(str(path), str(music / "e.wav")) for path in songs[:2]]))[1] == (
        f"would have the same name as {songs[0]}"
    )


def test_a_dry_run_says_who_waits_for_a_name_that_is_not_given_up(scans: Scans, songs: list[Path], music: Path) -> None:
    (music / "taken.txt").write_text("somebody's")
    before = sounds(music)
    pairs = [(songs[0], songs[1]), (songs[1], songs[2]), (songs[2], music / "taken.txt"), (songs[3], songs[3])]
    told = check_moves(scans.store, [FileMove(str(old), str(new)) for old, new in pairs])
    assert why(told) == [
        f"would have a name that is taken: {songs[1]}",
        f"would have a name that is taken: {songs[2]}",
        f"would have a name that is taken: {music / 'taken.txt'}",
        None,
    ]
    _, done = move(scans, *pairs)
    assert why(done) == why(told)
    assert sounds(music) == before
    twice = [(songs[0], music / "e.wav"), (songs[0], music / "f.wav"), (songs[1], songs[0])]
    assert why(move(scans, *twice)[1]) == [None, "is named twice", None]


@pytest.mark.invariant("S4-D2.2")
def test_a_name_that_was_taken_just_now_is_not_taken_away(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def too_late(old: Path, new: Path) -> None:
        new.write_text("somebody's")
        give_name(old, new)

    monkeypatch.setattr(renaming, "give_name", too_late)
    before = songs[0].read_bytes()
    entry, done = move(scans, (songs[0], music / "e.wav"))
    assert why(done) == ["exists already"]
    assert (songs[0].read_bytes(), (music / "e.wav").read_text()) == (before, "somebody's")
    assert scans.store.journal.entry(entry) is None


def test_what_lies_beside_a_file_under_its_name_goes_along(scans: Scans, songs: list[Path], music: Path) -> None:
    for name in ("a.lrc", "a.jpg", "b.lrc", "b.flac", "c.txt", "e.txt", "a2.lrc"):
        (music / name).write_text(name)
    before = sounds(music)
    entry, done = move(
        scans, (songs[0], music / "n" / "z.wav"), (songs[1], music / "y.wav"), (songs[2], music / "e.wav")
    )
    assert [sorted(map(os.path.basename, one.companions)) for one in done] == [["z.jpg", "z.lrc"], [], []]
    assert done[2].notes == ("c.txt stays where it is: its new name exists already",)
    assert (music / "n" / "z.lrc").read_text() == "a.lrc"
    # Whose words these are, of the WAV's or the FLAC's, nobody knows.
    assert (music / "b.lrc").exists()
    undo(scans.store, entry, now=9)
    assert sounds(music) == before


def test_the_cover_of_a_folder_goes_along_where_all_its_music_goes_to_one_other(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    (music / "cover.jpg").write_text("front")
    (music / "scan.jpg").write_text("no cover")
    before, new = sounds(music), music / "Album"
    for some, along in ((songs[:3], []), (songs, [str(new / "cover.jpg")])):
        entry, done = move(scans, *((one, new / one.name) for one in some))
        assert [path for one in done for path in one.companions] == along
        assert (music / "scan.jpg").exists()
        undo(scans.store, entry, now=9)
        assert sounds(music) == before


def test_no_cover_goes_where_other_music_is_nor_takes_the_place_of_another(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    (music / "cover.jpg").write_text("front")
    for name in ("Mixed", "Covered"):
        (music / name).mkdir()
    song(music / "Mixed" / "x.wav", 7)
    (music / "Covered" / "cover.jpg").write_text("its own")
    for name in ("Mixed", "Covered"):
        entry, done = move(scans, *((one, music / name / one.name) for one in songs))
        assert [(one.companions, one.notes) for one in done] == [((), ())] * 4
        assert (music / "cover.jpg").read_text() == "front"
        undo(scans.store, entry, now=9)
    apart = [(one, music / one.stem / one.name) for one in songs]
    assert not any(one.companions for one in move(scans, *apart)[1])


def test_the_cover_above_discs_goes_where_all_of_them_go(scans: Scans, music: Path) -> None:
    old, new = music / "Old", music / "New"
    songs = [song(old / disc / "1.wav", number) for number, disc in enumerate(("CD1", "CD2"), 1)]
    (old / "folder.png").write_text("front")
    (old / "CD2" / "scan.png").write_text("of the disc")
    scans(music)
    before = sounds(music)
    entry, _ = move(scans, *((one, new / f"{one.parent.name} {one.name}") for one in songs))
    assert sorted(sounds(new)) == ["CD1 1.wav", "CD2 1.wav", "folder.png"]
    assert sorted(sounds(old)) == ["CD2/scan.png"]
    undo(scans.store, entry, now=9)
    assert sounds(music) == before
    move(scans, *((one, new / one.parent.name.replace("CD", "Disc ") / "1.wav") for one in songs))
    assert sorted(sounds(new)) == ["Disc 1/1.wav", "Disc 2/1.wav", "Disc 2/scan.png", "folder.png"]


def test_companions_swap_along(scans: Scans, songs: list[Path], music: Path) -> None:
    for name in ("a.lrc", "b.lrc"):
        (music / name).write_text(name)
    _, done = move(scans, (songs[0], songs[1]), (songs[1], songs[0]))
    assert [one.notes for one in done] == [(), ()]
    assert ((music / "a.lrc").read_text(), (music / "b.lrc").read_text()) == ("b.lrc", "a.lrc")


def test_a_file_that_a_cue_sheet_names_keeps_its_name(scans: Scans, songs: list[Path], music: Path) -> None:
    (music / "a.cue").write_text('FILE "a.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n')
    _, done = move(scans, (songs[0], music / "e.wav"))
    assert why(done) == ["is named by a cue sheet, a.cue, which would not find it any more"]


def test_the_name_of_a_file_that_the_library_misses_is_not_taken(scans: Scans, songs: list[Path], music: Path) -> None:
    songs[1].unlink()
    _, done = move(scans, (songs[0], songs[1]))
    assert "knows and misses" in (why(done)[0] or "")


def test_a_name_that_no_file_can_have_is_refused(scans: Scans, songs: list[Path], music: Path) -> None:
    before = sounds(music)
    names = [music / "no\0name", music / "\ud800", music / ("x" * 300), music / "b.wav" / "x.wav"]
    _, done = move(scans, *zip(songs, names, strict=True))
    assert why(done) == [
        "would have a name that no file can have",
        "would have a name that no file can have",
        "is no possible file name (too long)",
        "cannot be: in the place of its folder is a file",
    ]
    assert sounds(music) == before


def afar(old: Path, new: Path) -> None:
    """Gives a name as if every folder were a volume of its own."""
    if old.parent != new.parent:
        raise OSError(errno.EXDEV, "Invalid cross-device link")
    give_name(old, new)


def test_on_another_volume_a_file_is_whole_before_it_goes(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "give_name", afar)
    files = state_of(music)
    entry, done = move(scans, (songs[0], music / "far" / "e.wav"))
    assert why(done) == [None]
    assert state_of(music)[str(music / "far" / "e.wav")] == files[str(songs[0])]
    assert not songs[0].exists()
    assert scans.counts(music) == {"unchanged": 4}
    undo(scans.store, entry, now=9)
    assert state_of(music) == files
    assert scans.counts(music) == {"unchanged": 4}


@pytest.mark.invariant("S3-ENG-14")
def test_what_comes_into_a_file_while_it_is_copied_to_another_volume_is_not_lost(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited_meanwhile(path: str, copy: str, *, mtime_ns: int | None) -> None:
        with open(path, "ab") as song:
            song.write(b"an edit")
        dress_as(path, copy, mtime_ns=mtime_ns)

    monkeypatch.setattr(renaming, "give_name", afar)
    monkeypatch.setattr(renaming, "dress_as", edited_meanwhile)
    edited = songs[0].read_bytes() + b"an edit"
    _, done = move(scans, (songs[0], music / "far" / "e.wav"))
    assert why(done) == ["was changed while it was copied to another volume"]
    assert songs[0].read_bytes() == edited
    assert not (music / "far").exists()


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("linked", [False, True])
def test_a_renaming_that_was_only_intended_when_the_process_ended_is_undone(
    scans: Scans, songs: list[Path], music: Path, renamed: bool, linked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)

    class Ended(BaseException):
        pass

    def ends(old: Path, new: Path) -> None:
        if renamed and linked:
            os.link(old, new)
        elif renamed:
            os.rename(old, new)
        raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(renaming, "give_name", ends)
        with pytest.raises(Ended):
            move(scans, (songs[0], music / "e.wav"))
    (entry,) = scans.store.journal.entries(1)
    undo(scans.store, entry.id, now=9)
    assert state_of(music) == files


def test_an_undo_of_a_swap_that_was_cut_short_goes_on(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sounds(music)
    for stop_at in (1, 2, 3):
        entry, _ = move(scans, (songs[0], songs[1]), (songs[1], songs[0]))
        calls: list[Path] = []

        def fails(old: Path, new: Path, calls: list[Path] = calls, stop_at: int = stop_at) -> None:
            calls.append(new)
            if len(calls) == stop_at:
                raise OSError(5, "Input/output error")
            give_name(old, new)

        with monkeypatch.context() as patched:
            patched.setattr(renaming, "give_name", fails)
            with pytest.raises(Exception, match="Input/output error"):
                undo(scans.store, entry, now=9)
        undo(scans.store, entry, now=9)
        assert sounds(music) == before


@pytest.mark.invariant("S1-M-21")
def test_an_undo_of_a_circle_that_was_cut_short_before_its_rows_changes_no_name(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ids = sounds(music), scans.ids()
    entry, _ = move(scans, (songs[0], songs[1]), (songs[1], songs[2]), (songs[2], songs[0]))
    with monkeypatch.context() as patched:
        # All files have their old names; the rows do not go back.
        patched.setattr(type(scans.store.files), "found_at", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            undo(scans.store, entry, now=9)
    assert sounds(music) == before
    undo(scans.store, entry, now=9)
    assert (sounds(music), scans.ids()) == (before, ids)


def test_a_file_that_was_changed_since_it_was_renamed_keeps_its_name(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    entry, _ = move(scans, (songs[0], music / "e.wav"))
    (music / "e.wav").write_text("somebody's")
    with pytest.raises(RefusedError, match="was changed since it was renamed"):
        undo(scans.store, entry, now=9)
    (music / "e.wav").unlink()
    with pytest.raises(RefusedError, match="is not there any more"):
        undo(scans.store, entry, now=9)


@pytest.mark.invariant("S1-M-21")
def test_a_name_that_is_taken_since_is_not_given_back(scans: Scans, songs: list[Path], music: Path) -> None:
    entry, _ = move(scans, (songs[0], music / "e.wav"), (songs[1], music / "f.wav"))
    songs[0].write_text("somebody's")
    before = sounds(music)
    with pytest.raises(RefusedError, match="is in the place of"):
        undo(scans.store, entry, now=9)
    assert sounds(music) == before


@pytest.mark.invariant("S3-ENG-14")
def test_an_empty_file_does_not_go_for_one_that_is_in_its_old_place(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    (music / "a.txt").touch()
    entry, _ = move(scans, (songs[0], music / "e.wav"))
    (music / "a.txt").write_text("new words")
    before = sounds(music)
    with pytest.raises(RefusedError, match="in the place of the file"):
        undo(scans.store, entry, now=9)
    assert sounds(music) == before
    assert (music / "e.txt").exists()


def test_files_that_were_rewritten_and_then_renamed_in_one_change_are_undone(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    from auralis_cli.model.file_rewrites import RewriteTask
    from auralis_cli.services.file_rewriting import RewriteOptions, rewrite_files

    files, rows = state_of(music), scans.ids()
    with changes(scans.store, "tag", "both", lambda: LATER) as change:
        tasks = [RewriteTask(str(path), Titled("New")) for path in songs[:2]]
        list(rewrite_files(scans.store, change, tasks, RewriteOptions(), SilentBatchProgress(), CancelToken()))
        moves = [FileMove(str(songs[0]), str(songs[1])), FileMove(str(songs[1]), str(songs[0]))]
        list(move_files(scans.store, change, moves, SilentBatchProgress(), CancelToken()))
    undo(scans.store, change.entry_id, now=9)
    assert (state_of(music), scans.ids()) == (files, rows)
    assert scans.counts(music) == {"unchanged": 4}


def test_names_that_are_not_in_each_others_way_are_groups_of_their_own() -> None:
    groups = list(moves_in_order([("a", "b"), ("x", "y"), ("b", "c"), ("p", "q"), ("q", "p")], lambda path: path + "~"))
    assert [[(step.path, step.new_path) for step in group] for group in groups] == [
        [("b", "c"), ("a", "b")],
        [("x", "y")],
        [("p", "p~"), ("q", "p"), ("p~", "q")],
    ]


def test_a_place_aside_is_nobodys(tmp_path: Path) -> None:
    first = aside(str(tmp_path / "a.wav"))
    Path(first).touch()
    assert aside(str(tmp_path / "a.wav")) != first


@pytest.mark.parametrize("place", ["elsewhere/a.wav", "music/.hidden.wav", "music/.hidden/a.wav"])
def test_a_file_of_the_library_goes_nowhere_where_no_scan_comes_by(
    scans: Scans, songs: list[Path], music: Path, tmp_path: Path, place: str
) -> None:
    files, rows = state_of(music), dump(scans.store.database)
    new = tmp_path / place if place.startswith("elsewhere") else music / place.removeprefix("music/")
    pair = FileMove(str(songs[0]), str(new))
    [checked] = check_moves(scans.store, [pair])
    assert checked.failure is not None

    _, done = move(scans, (songs[0], new))

    assert why(done) == [f"would lie where no scan of the library comes by: {new}"]
    assert (state_of(music), dump(scans.store.database)) == (files, rows)
    assert not new.parent.exists() or new.parent == music


def test_a_file_that_no_library_knows_goes_anywhere(scans: Scans, songs: list[Path], tmp_path: Path) -> None:
    strange = song(tmp_path / "strange.wav", 9)
    entry, done = move(scans, (strange, tmp_path / "elsewhere" / ".strange.wav"))
    assert why(done) == [None]
    undo(scans.store, entry, LATER)
    assert strange.exists()

    _, done = move(scans, (songs[0], strange), (strange, songs[0]))
    assert why(done)[0] == f"would lie where no scan of the library comes by: {strange}"


def test_folders_that_were_made_for_names_are_gone_once_these_are_taken_back(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    (music / "kept").mkdir()
    (music / "kept" / "notes.txt").write_text("mine")
    places = ("x/y", "x/y", "x/z", "kept")
    pairs = [(path, music / where / path.name) for path, where in zip(songs, places, strict=True)]
    entry, done = move(scans, *pairs)
    assert why(done) == [None] * 4

    undo(scans.store, entry, LATER)

    assert sorted(path.name for path in music.iterdir()) == ["a.wav", "b.wav", "c.wav", "d.wav", "kept"]


def test_the_folder_that_somebody_works_in_stays_though_it_is_empty_again(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (music / "here").mkdir()
    monkeypatch.chdir(music / "here")
    entry, _ = move(scans, (songs[0], music / "here" / "a.wav"))
    undo(scans.store, entry, LATER)
    assert (music / "here").is_dir()


def test_the_folder_of_a_library_stays_though_it_is_empty_again(
    scans: Scans, songs: list[Path], music: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    song(other / "e.wav", 5)
    scans(other)
    (other / "e.wav").unlink()
    entry, _ = move(scans, (songs[0], other / "a.wav"))

    undo(scans.store, entry, LATER)

    assert other.is_dir()
    assert songs[0].exists()


def test_a_failure_names_the_file_as_it_was_asked_for(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(music)
    pair = (Path("a.wav"), Path("b.wav"))
    _, done = move(scans, pair)
    [checked] = check_moves(scans.store, [FileMove("a.wav", "b.wav")])
    assert [one.failure and one.failure.path for one in (*done, checked)] == ["a.wav", "a.wav"]


def test_a_name_that_cannot_be_given_leaves_no_folder_behind(
    songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_old: Path, _new: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(renaming, "give_name", refuse)
    with pytest.raises(OutputError):
        renaming.rename(str(songs[0]), str(music / "x" / "y" / "a.wav"))
    assert not (music / "x").exists()
    assert songs[0].exists()


def test_a_folder_that_cannot_be_made_leaves_none_of_those_above_it(songs: list[Path], music: Path) -> None:
    with pytest.raises(OutputError, match="too long"):
        renaming.rename(str(songs[0]), str(music / "x" / "y" / ("z" * 300) / "a.wav"))
    assert not (music / "x").exists()
    assert songs[0].exists()


def test_a_link_is_not_moved_to_where_it_would_lead_elsewhere(scans: Scans, songs: list[Path], music: Path) -> None:
    (music / "near.wav").symlink_to("a.wav")
    (music / "whole.wav").symlink_to(songs[0])
    _, done = move(
        scans,
        (music / "near.wav", music / "far" / "near.wav"),
        (music / "whole.wav", music / "far" / "whole.wav"),
    )
    assert why(done)[0] == f"is a link, {songs[0].name}, that would lead elsewhere from {music / 'far'}"
    assert (music / "near.wav").read_bytes() == songs[0].read_bytes()
    assert (music / "far" / "whole.wav").read_bytes() == songs[0].read_bytes()
    _, done = move(scans, (music / "near.wav", music / "beside.wav"))
    assert why(done) == [None]
    assert (music / "beside.wav").read_bytes() == songs[0].read_bytes()
