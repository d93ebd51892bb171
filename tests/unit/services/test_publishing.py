"""How finished documents get their names: nothing that had one is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from auralis_cli import whole_file
from auralis_cli.errors import OutputError
from auralis_cli.services.publishing import publish_document, take_back


def test_a_new_document_is_an_ordinary_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    published = publish_document(path, b"new")
    assert (path.read_bytes(), published.replaced, published.size_bytes) == (b"new", None, 3)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]
    assert path.stat().st_mode & 0o600 == 0o600


def test_what_had_the_name_is_in_the_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "report.json"
    path.write_text("old")
    published = publish_document(path, b"new")
    assert path.read_bytes() == b"new"
    assert published.replaced is not None
    assert Path(published.replaced).read_text() == "old"


def test_what_had_the_name_comes_back_where_the_new_one_cannot_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(whole_file, "give_name", full)
        with pytest.raises(OutputError, match="No space left"):
            publish_document(path, b"new")
    assert path.read_text() == "old"


def test_a_document_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"missing/report.json: No such file"):
        publish_document(tmp_path / "missing" / "report.json", b"")


@pytest.mark.invariant("S3-ENG-14")
def test_what_somebody_else_put_in_the_place_is_not_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "report.json"
    path.write_text("old")
    published = publish_document(path, b"new")
    path.write_text("somebody else's")
    take_back(path, published)
    assert path.read_text() == "somebody else's"
    assert published.replaced is not None
    assert Path(published.replaced).read_text() == "old"
    path.unlink()
    take_back(path, published)
    assert path.read_text() == "old"
