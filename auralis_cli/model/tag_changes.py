"""What is asked of tags of many files, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from auralis_cli.model.library import FileFailure
from auralis_cli.model.tag_edits import TagEdit
from auralis_cli.model.tagged_files import TaggedFile
from auralis_cli.quick_dataclasses import dataclass


class TagTarget(NamedTuple):
    """A file that is asked for; a tuple, since a query may find a million."""

    path: str
    # Of the one track that the library has of it.
    id: int | None = None


class FieldChange(NamedTuple):
    """What a field holds before and after."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagOutcome:
    """What came of one file, or would."""

    target: TagTarget
    # By field; empty where the file says already what it is to say.
    changes: Mapping[str, FieldChange] = field(default_factory=dict)
    # One line for each thing that is to be known of it.
    notes: tuple[str, ...] = ()
    # Of a file that stays as it is.
    failure: FileFailure | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done to a file."""

    edits: Sequence[TagEdit]
    # One line for each thing that is left out.
    notes: tuple[str, ...] = ()


# By what a file says now; raises AuralisError where nothing can be done to it.
WantedOf = Callable[[TaggedFile], Wanted]
