"""`auralis ctl ACTION`: drives the running player, asks it what it does, watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auralis_cli.commands.ctl_text import QUEUE_FIELDS, STATUS_FIELDS, QueuedRow, StatusForm
from auralis_cli.commands.listing_forms import Format, check_one
from auralis_cli.commands.options import AsJson, AsJsonLines
from auralis_cli.commands.parsers import Suggestion
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import UsageError
from auralis_cli.model.actions import ACTIONS, Action, ActionArea, action_named
from auralis_cli.model.source import DecodeLimits
from auralis_cli.player.control_protocol import QUERIES

if TYPE_CHECKING:
    from auralis_cli.model.player_status import PlayerStatus
    from auralis_cli.services.remote_player import RemotePlayer

_STATUS, _WATCH, _QUEUE = "status", "watch", "queue"
_ASKED = {
    "status": "Show what the player does.",
    "watch": "Show what it does now, and then whenever that changes, until it ends.",
    "queue [ACTION ...]": "Show what is queued; with an action of the queue, do that.",
}
# What nobody hears while nothing is mastered.
_HEARD_WHILE_MASTERED = ("preset", "intensity", "tilt", "width", "reference")
# Arguments that are words of a query, or files.
_TRACKS = "tracks"
_CODES = (
    (0, "Done."),
    (2, "Usage: no such action, or a value that it does not take; nothing was changed."),
    (4, "None of the files to be queued is there."),
    (5, "The library cannot be used."),
    (6, "No player runs, or it does not answer."),
    (130, "Interrupted."),
)


def _args(action: Action) -> tuple[str, str]:
    """`add` with `{"tracks": TRACK..., "play": on|off (off)}`."""
    named = [
        f'"{one.name}": {one.metavar}' + (f" ({one.default})" if one.default is not None else "")
        for one in action.arguments
    ]
    return action.id, f"{{{', '.join(named)}}}"


PAGE = Page(
    examples=(
        ("auralis ctl toggle", "Pause, or play on."),
        ("auralis ctl seek -10", "Ten seconds back."),
        ("auralis ctl volume +5", "A little louder."),
        ("auralis ctl preset warm", "Another character for what is mastered live."),
        ("auralis ctl reference hit.flac", "Master what plays towards another recording; off is without one."),
        ("auralis ctl play-next artist:monk", "Queue what a query finds behind the track that plays."),
        ("auralis ctl status --json | jq .position_s", "How far the track has played."),
        ("auralis ctl watch --reconnect -f '$state $artist - $title'", "For a status bar."),
    ),
    exit_status=_CODES,
    details=(
        "--json shows, after an action, the status that came of it; a track that is being opened is told as loading. "
        "queue_index counts from 0, positions that are given count from 1.",
        "watch prints a line when what it shows has changed; with --json or --jsonl an object for each change, and one "
        "a second while something plays. It ends when the player does.",
        "The volume is that of most players: 100 leaves every sample as it is, 50 is 18 dB below, 25 is 36 dB below, "
        "and 0 is silence (the gain is the cube of it).",
        "The player listens on the socket player.sock in $XDG_RUNTIME_DIR/auralis (without that variable, in the "
        'state folder), one JSON object a line: {"id": 1, "action": "seek", "args": {"to": "+10"}} is answered with '
        '{"id": 1, "ok": null} or {"id": 1, "error": {"code", "message", "hint"}}. A line holds 256 KiB at most. '
        "Only the user who started the player may connect. A track is a path there, or an object with path, cue_number "
        "and track_id; paths are absolute. More tracks than go into a line are sent ahead, with stage.",
        'After {"action": "watch"} come events, {"seq": 41, "event": "snapshot", "snapshot": {...}}, each with all '
        "that status tells. Numbers count what happened: one that is skipped was not waited for, and the next tells "
        'all. The last is {"seq": 57, "event": "quit"}.',
    ),
    tables=(
        ("Actions", tuple((action.usage, action.help) for action in ACTIONS.values())),
        ("Questions", tuple(_ASKED.items())),
        ("Fields of status and watch", tuple((one.name, one.help) for one in STATUS_FIELDS.fields)),
        ("Fields of queue", tuple((one.name, one.help) for one in QUEUE_FIELDS.fields)),
        ("Args over the socket", tuple(_args(one) for one in (*ACTIONS.values(), *QUERIES.values()) if one.arguments)),
    ),
    usage="ACTION [ARG...]",
    takes_numbers=True,
)


def ctl(
    context: typer.Context,
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            parser=Suggestion((*ACTIONS, _STATUS, _WATCH, _QUEUE)),
            help=f"One of {', '.join((*ACTIONS, _STATUS, _WATCH, _QUEUE))}.",
            show_default=False,
        ),
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARG", help="What the action takes: a number, on or off, files.", show_default=False),
    ] = None,
    player: Annotated[
        str | None,
        typer.Option("--player", metavar="NAME", help="Drive the player of that name, or process number."),
    ] = None,
    reconnect: Annotated[
        bool, typer.Option("--reconnect", help="With watch: wait for a player, and for the next when it ends.")
    ] = False,
    template: Format = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Drive the running player.

    Tells it what to do, asks what it does, or watches it.
    """
    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl, "--format": template is not None})
    if reconnect and action != _WATCH:
        raise UsageError("--reconnect", "is for watch")
    given = tuple(words or ())
    form = StatusForm(session.output, template, as_json=json, as_json_lines=jsonl)
    if action == _WATCH:
        _refuse_more(action, given)
        return _watch(session, player, form, reconnect=reconnect)
    if action == _QUEUE and not given[:1]:
        return _show_queue(session, player, form)
    if action == _QUEUE:
        action, given = _queue_action(given[0]), given[1:]
    if action == _STATUS:
        _refuse_more(action, given)
    else:
        _check_form(template)
    asks = action == _STATUS
    arguments = {} if asks else _arguments(session, action_named(action, (_STATUS, _WATCH, _QUEUE)), given)
    with _connected(session, player) as remote:
        if not asks:
            _do(remote, action, arguments)
            if action in _HEARD_WHILE_MASTERED and not _hears_master(remote.status()):
                session.output.note("mastering is off: auralis ctl enhance on lets it be heard")
        if action != "quit" and (asks or json or jsonl):
            form.show(remote.status())
    return 0


def _queue_action(word: str) -> str:
    """`add` of `ctl queue add`."""
    known = [one.id for one in ACTIONS.values() if one.area is ActionArea.QUEUE]
    if word not in known:
        raise UsageError(word, "is nothing that is done to a queue", f"one of {', '.join(known)}")
    return word


def _refuse_more(action: str, words: Sequence[str]) -> None:
    if words:
        raise UsageError(words[0], "more than is wanted", f"auralis ctl {action}")


def _check_form(template: str | None) -> None:
    if template is not None:
        raise UsageError("--format", "is for status, watch and queue")


def _arguments(session: Session, action: Action, words: Sequence[str]) -> Mapping[str, Any]:
    """The arguments, checked before any player is asked; files and queries become tracks."""
    names = [one.name for one in action.arguments]
    if action.id == "reference" and words and words[0] != "off":
        from auralis_cli.commands.master_sound import reference_named

        mode = dict(list(action.named(words).items())[1:])
        arguments: Mapping[str, Any] = {**mode, names[0]: reference_named(session, words[0], DecodeLimits())}
    elif _TRACKS not in names:
        arguments = action.named(words)
    else:
        from auralis_cli.commands.play_tracks import tracks_named

        before = names.index(_TRACKS)
        tracks = tracks_named(session, words[before:], None, names_end_in_nul=False)
        if not tracks:
            raise UsageError("TRACK", "is missing", f"auralis ctl {action.usage}")
        arguments = {**dict(zip(names, words[:before], strict=False)), _TRACKS: tracks}
    action.read(arguments)
    return arguments


def _connected(session: Session, player: str | None) -> RemotePlayer:
    from auralis_cli.services.hand_over import reach
    from auralis_cli.services.remote_player import find_player

    variables = session.output.variables
    return reach(find_player(player, variables), variables, session.cancel.raise_if_cancelled)


def _do(remote: RemotePlayer, action: str, arguments: Mapping[str, Any]) -> None:
    if action == "quit":
        remote.quit()
    elif _TRACKS in arguments:
        others = {name: value for name, value in arguments.items() if name != _TRACKS}
        remote.edit(action, arguments[_TRACKS], **others)
    else:
        remote.do(action, **arguments)


def _hears_master(status: PlayerStatus) -> bool:
    return status.enhance or status.compare is not None


def _watch(session: Session, player: str | None, form: StatusForm, *, reconnect: bool) -> int:
    from auralis_cli.player.control_place import DEFAULT_NAME
    from auralis_cli.services.remote_player import find_player, watch

    def look_around() -> None:
        session.cancel.raise_if_cancelled()
        session.output.raise_if_unread()

    variables = session.output.variables
    name = (player or DEFAULT_NAME) if reconnect else find_player(player, variables)
    for status in watch(name, variables, look_around=look_around, reconnect=reconnect):
        look_around()
        form.show_change(status)
        session.output.flush()
    return 0


def _show_queue(session: Session, player: str | None, form: StatusForm) -> int:
    with _connected(session, player) as remote:
        queue = remote.queue()
    items = enumerate(queue.items)
    form.show_queue([QueuedRow.of(place, item.track, current=place == queue.index) for place, item in items])
    return 0
