"""`auralis art embed`, `remove` and `extract`: pictures into files, out of them, and as files of their own."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.art_find import Kind
from auralis_cli.commands.art_text import show_extracted, show_outcomes
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, Jobs, NamesEndInNul, parse_path
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.questions import Yes
from auralis_cli.commands.tag_change import (
    AllOrNothing,
    DryRun,
    KeepMtime,
    TagManner,
    agreed,
    library_to_change,
    rewriting_of,
)
from auralis_cli.commands.tag_targets import TagWords, tag_targets
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import InputError, OutputError, RefusedError, UsageError
from auralis_cli.kinds import Whole
from auralis_cli.model.covers import PictureKind
from auralis_cli.model.library import FileFailure
from auralis_cli.model.source import STANDARD_STREAM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auralis_cli.commands.tag_targets import Target
    from auralis_cli.db.store import Store
    from auralis_cli.services.cover_embedding import CoverEdit

_SMALLEST_PX, _LARGEST_PX = 16, 8192


def embed(
    context: typer.Context,
    words: TagWords = None,
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="FILE", parser=parse_path, help="The picture, a JPEG or PNG; - is stdin."),
    ] = None,
    from_folder: Annotated[
        bool, typer.Option("--from-folder", help="Into each file the image that lies beside it, cover.jpg or alike.")
    ] = False,
    kind: Kind = PictureKind.FRONT,
    description: Annotated[
        str, typer.Option("--description", metavar="TEXT", help="What is said of it.", show_default=False)
    ] = "",
    max_px: Annotated[
        int | None,
        typer.Option(
            "--max-px",
            metavar="N",
            parser=Parser("--max-px", Whole(_SMALLEST_PX, _LARGEST_PX)),
            help="Scale a picture down whose sides are longer, and make a JPEG or PNG of one of another format.",
        ),
    ] = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Put a picture into files.

    It takes the place of the one of its kind; other pictures and all tags stay as they are.
    """
    from auralis_cli.services.cover_embedding import FolderCovers

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    if (image is None) is not from_folder:
        raise UsageError("--image", "which picture?", "give --image FILE, or --from-folder")
    if from_folder and (kind is not PictureKind.FRONT or description):
        raise UsageError("--from-folder", "embeds front covers as they are", "--image takes --kind and --description")
    edit_of = FolderCovers(max_px=max_px) if image is None else _edit_with(session, image, kind, description, max_px)
    with library_to_change(session, dry_run=dry_run) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        return _change(session, store, "art embed", targets, edit_of, manner)


def remove(
    context: typer.Context,
    words: TagWords = None,
    kind: Annotated[
        PictureKind | None,
        typer.Option(
            "--kind", metavar="KIND", help="Only pictures of this kind, as for embed.", show_default="all of them"
        ),
    ] = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    dry_run: DryRun = False,
    keep_mtime: KeepMtime = False,
    all_or_nothing: AllOrNothing = False,
    jobs: Jobs = None,
    yes: Yes = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Take pictures out of files.

    Images that lie beside the music stay.
    """
    from auralis_cli.audio.cover_editing import RemoveCovers

    session = session_of(context)
    manner = TagManner(dry_run, yes, keep_mtime, all_or_nothing, jobs, json, jsonl)
    edit = RemoveCovers(() if kind is None else (kind.number,))
    with library_to_change(session, dry_run=dry_run) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null)
        return _change(session, store, "art remove", targets, lambda _: edit, manner)


def extract(
    context: typer.Context,
    words: TagWords = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="DIR",
            parser=parse_path,
            help="Into this folder, named as the tracks; - writes the picture of one track to stdout.",
            show_default="beside each file",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Beside a file: what it is called, without its ending.")
    ] = "cover",
    kind: Kind = PictureKind.FRONT,
    every: Annotated[bool, typer.Option("--all", help="All pictures of a file, not one.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files of other content; they go to the trash.")
    ] = False,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    dry_run: DryRun = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Write embedded pictures as image files.

    As they are, bit for bit. A picture that several tracks of a folder have is written once.
    """
    from auralis_cli.services.cover_extraction import ExtractionRequest, extract_covers

    session = session_of(context)
    # Says what is wrong with the options.
    TagManner(dry_run, True, False, False, None, json, jsonl)
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise UsageError("--name", f"{name!r} is no name of a file", "as in cover or folder")
    if every and kind is not PictureKind.FRONT:
        raise UsageError("--all", "excludes --kind", "choose one")
    to_stdout = to is not None and str(to) == STANDARD_STREAM
    with library_to_change(session, dry_run=dry_run or to_stdout) as store:
        targets = tag_targets(session, store, words or (), files_from, nul=null, of_sheets=True)
        if to_stdout:
            return _to_standard_output(session, targets, kind, as_json=json or jsonl)
        if to is not None and not to.is_dir():
            raise UsageError(str(to), "is no folder", "make it first, or leave --to out")
        request = ExtractionRequest(targets, None if every else kind, to, name, force, dry_run)
        with closing(extract_covers(store, request, session.cancel, lambda: int(time.time()))) as found:
            return show_extracted(session, found, as_json=json, as_json_lines=jsonl, dry_run=dry_run)


def _edit_with(
    session: Session, image: Path, kind: PictureKind, description: str, max_px: int | None
) -> Callable[[Path], CoverEdit]:
    """The same for every file."""
    from auralis_cli.audio.cover_editing import EmbedCover
    from auralis_cli.services.covers import picture_to_embed

    picture, facts = picture_to_embed(
        _image_bytes(session, image), str(image), kind, description=description, max_px=max_px
    )
    session.output.detail(f"{image}: {facts.format} {facts.width_px} × {facts.height_px}, {len(picture.data)} bytes")
    edit = EmbedCover(picture)
    return lambda _: edit


def _image_bytes(session: Session, image: Path) -> bytes:
    """No more of it than is looked at; who looks says that it is too large."""
    from auralis_cli.services.cover_files import MAX_IMAGE_FILE_BYTES, read_in_folder

    if str(image) != STANDARD_STREAM:
        # A link that the user names may lead anywhere.
        return read_in_folder(image.resolve().parent, image.resolve().name)
    if session.streams.stdin is None:
        raise InputError(STANDARD_STREAM, "standard input is closed", "pipe the picture into it")
    return session.streams.stdin.read(MAX_IMAGE_FILE_BYTES + 1)


def _change(
    session: Session,
    store: Store,
    verb: str,
    targets: Sequence[Target],
    edit_of: Callable[[Path], CoverEdit],
    manner: TagManner,
) -> int:
    from auralis_cli.services.cover_embedding import CoverRequest, edit_covers

    if not agreed(session, len(targets), f"Change the covers of {len(targets):,} files?", manner):
        session.output.note("nothing is changed")
        return 0
    request = CoverRequest(verb, targets, edit_of, rewriting_of(manner, len(targets)), manner.dry_run)
    with (
        session.output.batch_progress() as progress,
        closing(edit_covers(store, request, progress, session.cancel, lambda: int(time.time()))) as outcomes,
    ):
        return show_outcomes(
            session,
            outcomes,
            as_json=manner.as_json,
            as_json_lines=manner.as_json_lines,
            dry_run=manner.dry_run,
            done="changed",
        )


def _to_standard_output(session: Session, targets: Sequence[Target], kind: PictureKind, *, as_json: bool) -> int:
    from auralis_cli.commands.file_failures import error_of
    from auralis_cli.model.covers import shown_first
    from auralis_cli.services.covers import covers_in

    if as_json:
        raise UsageError("--json", "standard output carries the picture", "leave it out")
    if len(targets) != 1:
        raise UsageError("--to -", f"writes the picture of one track, not of {len(targets)}", "name one")
    (target,) = targets
    if isinstance(target, FileFailure):
        raise error_of(target)
    stdout = session.streams.stdout
    if stdout is None:
        raise OutputError("standard output", "is closed", "pipe it on, or leave --to out")
    if stdout.isatty():
        raise RefusedError(STANDARD_STREAM, "a picture is not written to a terminal", "auralis art show draws it")
    found = shown_first(covers_in(Path(target.path)), kind)
    if found is None:
        raise InputError(target.path, "has no embedded picture")
    stdout.write(found.data)
    stdout.flush()
    return 0
