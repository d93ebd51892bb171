"""Tags of several files as one form: what they share, what differs, and only what was filled in is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutagen.flac import FLAC
from small_music import flac_file

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError, UsageError
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.services.tag_form import TagFormWork, edits_of, form_of
from auralis_cli.services.undo import last_change, undo


def _file(path: str = "/a.flac", **tags: tuple[str, ...]) -> TaggedFile:
    return TaggedFile(path, "flac", tags)


def test_what_all_files_say_stands_in_the_form_and_what_differs_does_not() -> None:
    form = form_of([_file(album=("One",), title=("A",)), _file("/b.flac", album=("One",), title=("B",))])
    lines = {one.field.name: (one.text, one.is_various) for one in form.fields}
    assert lines["album"] == ("One", False)
    assert lines["title"] == ("", True)
    assert lines["genre"] == ("", False)


def test_fields_that_a_file_has_are_there_and_those_of_several_lines_are_told() -> None:
    form = form_of([_file(isrc=("X",), comment=("a\nb",), lyrics=("la\nla",))])
    fields = {one.field.name: one for one in form.fields}
    assert not fields["isrc"].is_long
    assert fields["lyrics"].is_long
    assert fields["comment"].text == "a\nb"
    (edit,) = edits_of(form, {"comment": "a\nc"})
    assert edit.values == ("a\nc",)


def test_only_what_was_filled_in_otherwise_is_an_edit() -> None:
    form = form_of([_file(album=("One",), genre=("Rock", "Live"))])
    assert edits_of(form, {"album": "One", "genre": "Rock; Live"}) == ()
    (edit,) = edits_of(form, {"album": "One", "genre": "Rock; Jazz ;"})
    assert (edit.field, edit.values) == ("genre", ("Rock", "Jazz"))
    (emptied,) = edits_of(form, {"album": ""})
    assert emptied.values == ()
    with pytest.raises(UsageError, match="track"):
        edits_of(form, {"track": "seven"})


def test_what_differs_can_be_emptied_in_all() -> None:
    form = form_of([_file(title=("A",)), _file("/b.flac", title=("B",))])
    (edit,) = edits_of(form, {"title": ""})
    assert (edit.field, edit.values) == ("title", ())


def test_a_form_is_tried_without_effect_then_written_and_taken_back(tmp_path: Path) -> None:
    paths = [flac_file(tmp_path / f"{name}.flac", title=name, album="Old") for name in "ab"]
    before = [path.read_bytes() for path in paths]
    work = TagFormWork(tmp_path / "library.db", lambda: 100.0)
    form = work.read([str(path) for path in paths])
    edits = edits_of(form, {"album": "New"})
    tried = work.tried(form, edits)
    assert [one.changes["album"] for one in tried] == [(("Old",), ("New",))] * 2
    assert [path.read_bytes() for path in paths] == before
    assert not (tmp_path / "library.db").exists()
    assert all(one.failure is None for one in work.written(form, edits))
    assert [FLAC(path)["album"] for path in paths] == [["New"]] * 2
    with Store.open(tmp_path / "library.db", program="test", now=200) as store:
        entry = last_change(store)
        assert entry is not None
        undo(store, entry.id, 200)
    assert [path.read_bytes() for path in paths] == before


def test_files_that_cannot_be_read_are_said_and_too_many_are_refused(tmp_path: Path) -> None:
    good = flac_file(tmp_path / "good.flac", title="A")
    (tmp_path / "bad.flac").write_bytes(b"not at all")
    work = TagFormWork(tmp_path / "library.db", lambda: 100.0)
    form = work.read([str(good), str(tmp_path / "bad.flac")])
    assert [one.path for one in form.failures] == [str(tmp_path / "bad.flac")]
    with pytest.raises(InputError):
        work.read([str(tmp_path / "bad.flac")])
    with pytest.raises(UsageError, match="no more than"):
        work.read([f"/{number}.flac" for number in range(1_001)])
