"""Tags of some files as a form to fill in: one text for each field, and what a filled-in form would change.

Reading, trying and writing take their time and are made in whatever thread is free, where what they need is imported
as well; each opens the library for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken, SilentBatchProgress
from auralis_cli.model.tag_changes import TagOutcome, TagTarget, Wanted
from auralis_cli.model.tag_edits import TagEdit
from auralis_cli.model.tag_fields import TAG_FIELD_OF, TAG_FIELDS, TagField, TagKind
from auralis_cli.model.tagged_files import BETWEEN_VALUES, TaggedFile
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

# Of so many files a person still knows what one text for all of them would do.
MOST_FILES = 1_000
# What every form has, in this order; other fields where a file has them.
_ALWAYS = ("title", "artist", "album", "albumartist", "track", "disc", "date", "genre", "composer", "comment")


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of the form."""

    field: TagField
    # What all files say; where they do not say the same it is empty.
    text: str
    is_various: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it may have several lines, or has."""
        return self.field.kind is TagKind.LONG_TEXT or "\n" in self.text


@dataclass(frozen=True, slots=True)
class TagForm:
    """What the tags of some files say, and the files."""

    targets: tuple[TagTarget, ...]
    fields: tuple[FormField, ...]
    # Files whose tags cannot be read; nothing is done to them.
    failures: tuple[FileFailure, ...] = ()


def form_of(files: Sequence[TaggedFile], failures: Sequence[FileFailure] = ()) -> TagForm:
    """The form for these files."""
    used = {name for file in files for name in file.tags}
    fields = [TAG_FIELD_OF[name] for name in _ALWAYS]
    fields += [field for field in TAG_FIELDS if field.name in used and field.name not in _ALWAYS]
    found = []
    for field in fields:
        texts = {BETWEEN_VALUES.join(file.tags.get(field.name, ())) for file in files}
        found.append(FormField(field, texts.pop() if len(texts) == 1 else "", is_various=len(texts) > 1))
    return TagForm(tuple(TagTarget(file.path, file.id) for file in files), tuple(found), tuple(failures))


def edits_of(form: TagForm, texts: Mapping[str, str]) -> tuple[TagEdit, ...]:
    """What was filled in otherwise than it was; `texts` are those that were changed, by the names of fields.

    Several values of a field have semicolons between. Raises UsageError for a value that a field cannot have.
    """
    from auralis_cli.services.tag_words import set_to

    edits = []
    for one in form.fields:
        text = texts.get(one.field.name)
        if text is not None and (text != one.text or one.is_various):
            edits.append(set_to(one.field, text.split(";") if one.field.is_several else [text]))
    return tuple(edits)


class TagFormWork:
    """The library in whose journal stands what forms change."""

    def __init__(self, library: Path, now_s: Callable[[], float]) -> None:
        self._library = library
        self._now_s = now_s

    def read(self, paths: Sequence[str]) -> TagForm:
        """The form for files; UsageError for more than a form is for, InputError where none can be read."""
        from auralis_cli.services.file_tags import failure_at, read_tagged_file

        if len(paths) > MOST_FILES:
            raise UsageError("tags", f"no more than {MOST_FILES:,} files are edited at a time", "auralis tag set")
        ids = self._ids_at(paths)
        files: list[TaggedFile] = []
        failures: list[FileFailure] = []
        last: AuralisError | None = None
        for path in dict.fromkeys(map(os.path.abspath, paths)):
            try:
                files.append(read_tagged_file(TagTarget(path, ids.get(path))))
            except AuralisError as error:
                failures.append(failure_at(path, error))
                last = error
        if not files and last is not None:
            raise last
        return form_of(files, failures)

    def tried(self, form: TagForm, edits: Sequence[TagEdit]) -> list[TagOutcome]:
        """What the edits would do, file by file; nothing is changed."""
        if not self._library.exists():
            from auralis_cli.db.store import Store

            with Store.empty(program=VERSION, now=int(self._now_s())) as store:
                return self._done(store, form, edits, dry_run=True)
        with self._opened(read_only=True) as store:
            return self._done(store, form, edits, dry_run=True)

    def written(self, form: TagForm, edits: Sequence[TagEdit]) -> list[TagOutcome]:
        """Does them, as one change of the journal."""
        with self._opened() as store:
            return self._done(store, form, edits, dry_run=False)

    def _done(self, store: Store, form: TagForm, edits: Sequence[TagEdit], *, dry_run: bool) -> list[TagOutcome]:
        from auralis_cli.services.file_rewriting import RewriteOptions
        from auralis_cli.services.tag_editing import TagRequest, edit_tags

        wanted = Wanted(edits)
        request = TagRequest("tag set", form.targets, lambda _: wanted, RewriteOptions(), dry_run=dry_run)
        with closing(edit_tags(store, request, SilentBatchProgress(), CancelToken(), self._clock)) as outcomes:
            return list(outcomes)

    def _opened(self, *, read_only: bool = False) -> Store:
        from auralis_cli.db.store import Store

        return Store.open(self._library, program=VERSION, now=self._clock(), read_only=read_only)

    def _clock(self) -> int:
        return int(self._now_s())

    def _ids_at(self, paths: Sequence[str]) -> dict[str, int]:
        if not self._library.exists():
            return {}
        with self._opened(read_only=True) as store:
            found = store.tracks.ids_at({os.path.abspath(path) for path in paths})
        return {path: track_id for (path, cue_number), track_id in found.items() if not cue_number}
