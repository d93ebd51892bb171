"""`auralis duplicates [QUERY…]`: what the library has more than once, and which copy is worth keeping."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.duplicates_text import Form, show_groups
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, QueryWords
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import UsageError
from auralis_cli.model.duplicates import DuplicateGroup, DuplicateReport
from auralis_cli.model.library import Track
from auralis_cli.terminal_text import printable
from auralis_cli.units import bytes_in_words, count_in_words

if TYPE_CHECKING:
    from auralis_cli.db.store import Store

PAGE = Page(
    examples=(
        ("auralis duplicates", "All that is there more than once, with the copy to keep and why."),
        ("auralis duplicates ~/Downloads", "What of a folder the library has as well."),
        ("auralis duplicates --apply", "Move the other copies to the trash, after a question."),
        ("auralis duplicates --ignore live.flac studio.flac", "Remember that two tracks are no duplicates."),
        ("auralis duplicates --jsonl | jq -r '.tracks[] | select(.action == \"trash\") | .path'", "What would go."),
        ("auralis undo", "Take the last change back, with the files."),
    ),
    exit_status=(
        (0, "Done, or there are no duplicates."),
        (1, "No file that should go to the trash could be moved there."),
        (2, "Usage; or --apply without -y where nobody can be asked."),
        (3, "Some files could not be moved to the trash; the rest is done."),
        (5, "The library cannot be used."),
        (130, "Interrupted; what was moved until then stays in the trash, and can be undone."),
    ),
    details=(
        "What is compared is what is heard, never tags. The same audio, sample for sample, is found whatever it is "
        "tagged and contained in. The same recording is found by its landmarks, however it was encoded, at whatever "
        "level and rate, and where one copy is cut: those are what auralis fingerprint computes, and tracks without "
        "them are only compared by their contents. Less than 6 seconds are compared by their contents as well. "
        "Silence is the same as nothing. Links to a file, and hard links, are that file.",
        "Of each recording one copy is worth keeping: the complete one, then one in stereo where others are mono, then "
        "a lossless one that has no lossy source, then what is not clipped, has sound up to higher frequencies, a "
        "higher rate, more bits, more tags, what you rated and played more, and last what is not named as a copy, like "
        "'song (1)' and 'song - Copy'. What decides is said. Less than a fifth of the landmarks may differ; up to "
        "three tenths it is perhaps the same recording, which is only shown.",
        "With --apply the other copies go to the trash, after each file and the one to keep were read once more; "
        "places in playlists, plays and ratings go to the one that is kept. What stays in any case: a lossless copy "
        "where the complete one is lossy, one in stereo where that is mono, a mix of more than two channels, files "
        "that hold other tracks, files with several names, and parts of something much longer, which may be a mix. "
        "With a QUERY only tracks that it finds go.",
        "What --ignore says is remembered by what is heard, so that it holds wherever the files are. Like all else it "
        "is a change of auralis history, and auralis undo takes it back.",
    ),
    usage="[QUERY...]",
)


def duplicates(
    context: typer.Context,
    query: QueryWords = None,
    ignore: Annotated[
        tuple[str, str] | None,
        typer.Option("--ignore", metavar="A B", help="Remember that tracks A and B are no duplicates, and do no more."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Move the other copies to the trash, after a question.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only show what would be done.")] = False,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Find tracks that are one recording, and the copy worth keeping.

    Finds the same audio under other tags or in another container, the same recording encoded otherwise or at another
    level, and copies that are cut. QUERY keeps to tracks that it finds, and their copies elsewhere.
    """
    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl})
    check_one({"--ignore": ignore is not None, "--apply": apply})
    check_one({"--ignore": ignore is not None, "QUERY": bool(query)})
    if ignore is not None:
        return _ignore(session, *ignore, dry_run=dry_run, as_json=json or jsonl)
    mends = apply and not dry_run and session.library_path.exists()
    with opened_library(session, read_only=not mends) as store:
        found = _found(session, store, query)
        going = [copy.track for group in found.groups for copy in group.going]
        mends = mends and bool(going)
        if mends and not _agreed(session, going, yes=yes):
            session.output.note("nothing is changed")
            return 0
        form = Form(as_json=json, as_json_lines=jsonl, dry_run=not (apply and not dry_run))
        with ExitStack() as stack:
            groups = stack.enter_context(_removed(session, store, found.groups)) if mends else found.groups
            tally = show_groups(session.output, groups, found, form)
    session.output.note(tally.in_words(found, mended=mends))
    return tally.exit_code


def _found(session: Session, store: Store, query: Sequence[str] | None) -> DuplicateReport:
    from auralis_cli.services.duplicates import find_duplicates
    from auralis_cli.services.found_tracks import found_ids

    chosen: frozenset[int] | None = None
    if query:
        chosen = frozenset(found_ids(store, asked_query(query)))
    with session.output.progress() as progress:
        return find_duplicates(store, progress, session.cancel, chosen=chosen)


def _agreed(session: Session, going: Sequence[Track], *, yes: bool) -> bool:
    size = bytes_in_words(sum(track.size_bytes for track in going))
    return confirmed(session, "--apply", f"Move {count_in_words(len(going), 'file')} ({size}) to the trash?", yes=yes)


@contextmanager
def _removed(session: Session, store: Store, groups: Sequence[DuplicateGroup]) -> Iterator[Iterable[DuplicateGroup]]:
    """The groups, each as it is when its copies are in the trash."""
    from auralis_cli.services.duplicate_removal import remove_copies

    with (
        session.output.progress() as progress,
        closing(remove_copies(store, groups, progress, session.cancel, lambda: int(time.time()))) as removed,
    ):
        yield removed


def _ignore(session: Session, first: str, second: str, *, dry_run: bool, as_json: bool) -> int:
    from auralis_cli.services.duplicates import ignore as remember

    with opened_library(session, read_only=dry_run or not session.library_path.exists()) as store:
        one, other = _track_named(store, first), _track_named(store, second)
        if not dry_run:
            remember(store, one, other, lambda: int(time.time()))
    if as_json:
        named = [{"id": track.id, "path": track.path} for track in (one, other)]
        session.output.document({"ignored": named, "dry_run": dry_run})
    paths = " and ".join(printable(track.path) for track in (one, other))
    session.output.note(f"no duplicates{' (not remembered)' if dry_run else ''}: {paths}")
    return 0


def _track_named(store: Store, word: str) -> Track:
    """The one track that a path, an id or a query names; UsageError where that is none, or several."""
    from auralis_cli.services.found_tracks import found_tracks

    if word.isascii() and word.isdigit() and not os.path.lexists(word):
        word = f"id:{word}"
    tracks = list(found_tracks(store, asked_query([word]), limit=2))
    if not tracks:
        raise UsageError(word, "the library has no such track", "auralis list shows them")
    if len(tracks) > 1:
        raise UsageError(word, "is more than one track", "give a path, or an id")
    return tracks[0]
