"""Edits of the queue: `auralis queue add`, `next`, `set`, `move`, `remove`, `shuffle`, `undo`, and so on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import DryRun, FilesFrom, NamesEndInNul, PlaylistWord
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.queue_place import Json, PlayerName, edit
from auralis_cli.commands.verb import Session, session_of
from auralis_cli.errors import UsageError
from auralis_cli.kinds import Choice, Whole
from auralis_cli.model.player_choices import RepeatMode
from auralis_cli.model.queue import QueueTrack, ShuffleMode

if TYPE_CHECKING:
    from auralis_cli.services.queue_editing import QueueWish

_MOST = 999_999_999
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY",
        help="Files, folders, cue sheets, playlist files, or a query as in auralis list.",
        show_default=False,
    ),
]


def add(
    context: typer.Context,
    words: Words = None,
    playlist: PlaylistWord = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    at: Annotated[
        int | None,
        typer.Option("--at", metavar="N", parser=Parser("--at", Whole(1, _MOST)), help="Where the first goes."),
    ] = None,
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Put tracks at the end of the queue.

    A track may stand in it more than once.
    """
    from auralis_cli.services import queue_editing

    tracks = _tracks(context, words, files_from, playlist, null=null)
    wish = queue_editing.adding(tracks) if at is None else queue_editing.inserting(at - 1, tracks)
    return edit(context, lambda *_: wish, player, dry_run=dry_run, as_json=json, nothing="nothing to add", create=True)


def next_(
    context: typer.Context,
    words: Words = None,
    playlist: PlaylistWord = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Put tracks right behind the one that plays.

    What was to play next comes after them.
    """
    from auralis_cli.services.queue_editing import playing_next

    wish = playing_next(_tracks(context, words, files_from, playlist, null=null))
    return edit(context, lambda *_: wish, player, dry_run=dry_run, as_json=json, nothing="nothing to add", create=True)


def set_(
    context: typer.Context,
    words: Words = None,
    playlist: PlaylistWord = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Put other tracks in place of all there are.

    A player that plays goes on with the first of them.
    """
    from auralis_cli.services.queue_editing import setting

    wish = setting(_tracks(context, words, files_from, playlist, null=null))
    return edit(context, lambda *_: wish, player, dry_run=dry_run, as_json=json, nothing="nothing to add", create=True)


def remove(
    context: typer.Context,
    words: Annotated[
        list[str], typer.Argument(metavar="POSITION", help="Positions such as 3 or 5-7; or paths; or a query.")
    ],
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Take tracks out of the queue.

    The first one has the position 1, as queue show tells. Where the one that plays is taken out, the next one plays.
    """
    from auralis_cli.services.queue_editing import positions_named, removing

    return edit(
        context,
        lambda _, store: removing(positions_named(store, words, int(time.time()))),
        player,
        dry_run=dry_run,
        as_json=json,
        nothing="nothing was found to remove",
    )


def move(
    context: typer.Context,
    origin: Annotated[
        int, typer.Argument(metavar="FROM", parser=Parser("FROM", Whole(1, _MOST)), help="The position it has.")
    ],
    target: Annotated[
        int, typer.Argument(metavar="TO", parser=Parser("TO", Whole(1, _MOST)), help="The position it is to have.")
    ],
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Move a track of the queue.

    What stands between the two positions moves up or down by one.
    """
    from auralis_cli.services.queue_editing import moving

    wish = moving(origin - 1, target - 1)
    return edit(context, lambda *_: wish, player, dry_run=dry_run, as_json=json, nothing="nothing to move")


def jump(
    context: typer.Context,
    position: Annotated[
        int, typer.Argument(metavar="N", parser=Parser("N", Whole(1, _MOST)), help="The position to go to.")
    ],
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Make another track the current one.

    A running player plays it; the stored queue begins with it.
    """
    from auralis_cli.services.queue_editing import jumping

    wish = jumping(position - 1)
    return edit(context, lambda *_: wish, player, dry_run=dry_run, as_json=json, nothing="nothing to go to")


def clear(context: typer.Context, player: PlayerName = None, dry_run: DryRun = False, json: Json = False) -> int:
    """Empty the queue.

    queue undo brings it back.
    """
    from auralis_cli.services.queue_editing import clearing

    return edit(context, lambda *_: clearing(), player, dry_run=dry_run, as_json=json, nothing="the queue is empty")


def shuffle(
    context: typer.Context,
    albums: Annotated[bool, typer.Option("--albums", help="Keep albums whole, each in its order.")] = False,
    smart: Annotated[bool, typer.Option("--smart", help="No artist twice in a row where that can be.")] = False,
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Put the queue in an order of chance.

    The track that plays comes first, or with --albums its album. queue unshuffle goes back to the order before.
    """
    check_one({"--albums": albums, "--smart": smart})
    mode = ShuffleMode.ALBUMS if albums else ShuffleMode.SMART if smart else ShuffleMode.TRACKS

    def wish(session: Session, _store: object) -> QueueWish:
        from auralis_cli.services.queue_editing import shuffling
        from auralis_cli.services.shuffling import QueueShuffler

        return shuffling(mode, QueueShuffler(session.library_path))

    return edit(context, wish, player, dry_run=dry_run, as_json=json, nothing="the queue is empty")


def unshuffle(context: typer.Context, player: PlayerName = None, dry_run: DryRun = False, json: Json = False) -> int:
    """Go back to the order before it was shuffled.

    What was added since stays, and what was removed stays away.
    """
    from auralis_cli.services.queue_editing import unshuffling

    return edit(
        context, lambda *_: unshuffling(), player, dry_run=dry_run, as_json=json, nothing="the queue is not shuffled"
    )


def repeat(
    context: typer.Context,
    mode: Annotated[
        RepeatMode,
        typer.Argument(metavar="MODE", parser=Parser("MODE", Choice(RepeatMode, RepeatMode)), help="off, all or one."),
    ],
    player: PlayerName = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Say what happens at the end.

    Nothing more is played, all of it again, or the one track over and over.
    """
    from auralis_cli.services.queue_editing import repeating

    return edit(context, lambda *_: repeating(mode), player, dry_run=dry_run, as_json=json, nothing="nothing to do")


def undo(context: typer.Context, player: PlayerName = None, dry_run: DryRun = False, json: Json = False) -> int:
    """Take the last edit back.

    What plays goes on where it is in the queue then, too.
    """
    from auralis_cli.services.queue_editing import undoing

    return edit(
        context, lambda _, store: undoing(store), player, dry_run=dry_run, as_json=json, nothing="nothing to take back"
    )


def redo(context: typer.Context, player: PlayerName = None, dry_run: DryRun = False, json: Json = False) -> int:
    """Make again what was taken back last.

    The next edit forgets what could have been made again.
    """
    from auralis_cli.services.queue_editing import redoing

    return edit(
        context, lambda _, store: redoing(store), player, dry_run=dry_run, as_json=json, nothing="nothing to make again"
    )


def _tracks(
    context: typer.Context, words: list[str] | None, files_from: str | None, playlist: str | None, *, null: bool
) -> tuple[QueueTrack, ...]:
    from auralis_cli.commands.play_tracks import tracks_named

    if not words and files_from is None and playlist is None:
        raise UsageError("QUERY", "what is to be queued?", "name files, a query, --playlist or --files-from")
    return tracks_named(session_of(context), words or (), files_from, names_end_in_nul=null, playlist=playlist)
