"""`auralis scrobble …`: plays that a server is still to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.online_settings import Online, check_allowed, scrobble_settings
from auralis_cli.commands.options import AsJson
from auralis_cli.commands.questions import Yes, confirmed
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, OnlineError, UsageError
from auralis_cli.model.listens import Listen, ListenCounts
from auralis_cli.model.online import ScrobbleSettings
from auralis_cli.settings import TOKEN_VARIABLE
from auralis_cli.terminal_text import align, printable
from auralis_cli.units import count_in_words, moment_in_words

ABOUT = """Tell a server of what was played.

Plays are told to ListenBrainz, or a server that speaks as it does. Until it has taken them they wait in the library."""

_SENDING = (
    (0, "Done, or nothing waits."),
    (1, "The server cannot be reached, or does not want any now; what it was not told waits."),
    (2, "Usage; or asking servers is off; or there is no token, or the server does not know it."),
    (3, "The server refused some; the rest is told."),
    (5, "The library cannot be used."),
)
PAGE = Page(
    examples=(
        ("auralis config set scrobble.enabled true", "Queue plays from now on."),
        ("auralis config set scrobble.token_file ~/.config/auralis/listenbrainz.token", "Say where the token is."),
        ("auralis config set online.enabled true", "Let the player tell them by itself."),
        ("auralis scrobble status", "What waits, and why."),
        ("auralis scrobble send --online", "Tell it now."),
    ),
    exit_status=_SENDING,
    details=(
        "A play counts once half of the track was heard, or four minutes of it; tracks under 30 seconds, and those "
        "without an artist, are not told. With scrobble.enabled plays are queued as they come to their end; with "
        "online.enabled as well the player tells them on the spot, and what plays now. Where the server cannot be "
        "reached it tries again, at longer and longer intervals up to an hour, or when the server says so; what is "
        "left is told by the next player. The 20,000 latest plays wait at most. Nothing is told twice but where the "
        "program was killed between the server's answer and its note of it; servers know such a listen again.",
        "The token is read from the file that scrobble.token_file names, which only you should be able to read, else "
        f"from the variable {TOKEN_VARIABLE}. It goes into one header of what is sent to that server, and is "
        "shown nowhere.",
        "A play that the server refused as such is not told again by itself: auralis scrobble send --refused tries "
        "those once more, auralis scrobble clear --refused drops them.",
    ),
    alone="status",
)


def status(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Ask the server whether it knows the token.")] = False,
    online: Online = False,
    json: AsJson = False,
) -> int:
    """Show what waits to be told.

    Says how many plays wait, how many were refused, and what the server said last.
    """
    session = session_of(context)
    settings = scrobble_settings(session.config, asked=online)
    if check:
        check_allowed(is_allowed=settings.is_online)
    with opened_library(session, read_only=True) as store:
        counts = store.listens.counts()
    user = _user(session, settings) if check else None
    if json:
        session.output.document(_status_document(session, settings, counts, user))
        return 0
    told = "are queued" if settings.is_enabled else "are not queued (scrobble.enabled is false)"
    if settings.is_enabled:
        told += " and told by the player" if settings.is_online else ", not told (online.enabled is false)"
    rows = [
        ("server", settings.server if user is None else f"{settings.server} (as {user})"),
        ("token", _token_place(session, settings) or "none"),
        ("plays", told),
        (
            "waiting",
            f"{counts.waiting:,}" + (f", since {moment_in_words(counts.oldest_at)}" if counts.oldest_at else ""),
        ),
    ]
    rows += [("refused", f"{counts.refused:,}")] if counts.refused else []
    rows += [("last said", counts.last_error)] if counts.last_error else []
    for name, value in rows:
        session.output.result(align((name, printable(value)), (9, 0)))
    return 0


def send(
    context: typer.Context,
    online: Online = False,
    refused: Annotated[bool, typer.Option("--refused", help="Try those that were refused once more, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be told, and tell nothing.")] = False,
    json: AsJson = False,
) -> int:
    """Tell the server of the plays that wait.

    Goes on until all are told, or the server does not want any now.
    """
    from auralis_cli.services.listen_queue import ListenQueue
    from auralis_cli.services.listenbrainz import Verdict
    from auralis_cli.services.scrobbler_opening import open_listen_server
    from auralis_cli.services.scrobbling import send_listens

    session = session_of(context)
    if dry_run:
        return _preview(session, refused=refused, as_json=json)
    settings = scrobble_settings(session.config, asked=online)
    check_allowed(is_allowed=settings.is_online)
    queue, output = ListenQueue(session.library_path), session.output
    if not queue.waiting(1, refused_too=refused):
        _show_sent(session, 0, 0, as_json=json)
        return 0
    server = open_listen_server(settings, output.variables, output.warning, output.parameter, session.cancel)
    with output.progress() as progress:
        report = send_listens(
            queue, server, refused_too=refused, told=lambda sent: progress.step(f"{sent:,} told", None)
        )
    if report.is_elsewhere:
        output.note("another process tells them now")
    # Where it was stopped, its failure is the one document.
    if report.stopped is None if json else not report.is_elsewhere:
        _show_sent(session, report.sent, report.refused, as_json=json)
    if report.stopped is not None:
        if report.stopped.verdict is Verdict.DENIED:
            raise UsageError("", report.stopped.why, "scrobble.token_file names the token")
        raise OnlineError("", report.stopped.why, "what was not told waits")
    return EXIT_PARTIAL if report.refused else 0


def clear(
    context: typer.Context,
    refused: Annotated[bool, typer.Option("--refused", help="Only those that were refused.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be dropped, and change nothing.")
    ] = False,
    yes: Yes = False,
    json: AsJson = False,
) -> int:
    """Drop the plays that wait, after a question.

    The server never hears of them. What was played stays in auralis history --played.
    """
    session = session_of(context)
    with opened_library(session, read_only=dry_run or not session.library_path.exists()) as store:
        counts = store.listens.counts()
        dropped = counts.refused if refused else counts.waiting + counts.refused
        if dropped and not dry_run:
            question = f"Drop {count_in_words(dropped, 'play')}? That cannot be undone."
            if not confirmed(session, "scrobble clear", question, yes=yes):
                session.output.note("nothing is changed")
                return 0
            dropped = store.listens.clear(refused_only=refused)
    if json:
        session.output.document({"dropped": dropped, "dry_run": dry_run})
    else:
        said = f"{count_in_words(dropped, 'play')} dropped" if dropped else "nothing waits"
        session.output.result(f"dry run: {said}" if dry_run else said)
    return 0


def _user(session: Session, settings: ScrobbleSettings) -> str:
    """Who the server says that the token is of. Raises UsageError where it knows no such token."""
    from auralis_cli.services.listenbrainz import Verdict
    from auralis_cli.services.scrobbler_opening import open_listen_server

    output = session.output
    server = open_listen_server(settings, output.variables, output.warning, output.parameter, session.cancel)
    found = server.check()
    if found.verdict is Verdict.DENIED:
        raise UsageError("", found.why, "scrobble.token_file names the token")
    if found.verdict is not Verdict.TAKEN:
        raise OnlineError("", found.why)
    return found.why


def _token_place(session: Session, settings: ScrobbleSettings) -> str | None:
    """Where the token is; never what it is."""
    if settings.token_file is not None:
        return str(settings.token_file)
    return f"the variable {TOKEN_VARIABLE}" if session.output.variables.get(TOKEN_VARIABLE) else None


def _status_document(
    session: Session, settings: ScrobbleSettings, counts: ListenCounts, user: str | None
) -> Mapping[str, object]:
    return {
        "enabled": settings.is_enabled,
        "online": settings.is_online,
        "server": settings.server,
        "token_from": _token_place(session, settings),
        "user": user,
        "waiting": counts.waiting,
        "refused": counts.refused,
        "oldest_at": counts.oldest_at,
        "last_error": counts.last_error,
    }


def _preview(session: Session, *, refused: bool, as_json: bool) -> int:
    with opened_library(session, read_only=True) as store:
        counts = store.listens.counts()
        listens = store.listens.waiting(counts.waiting + counts.refused, refused_too=refused)
    if as_json:
        items = [{"listened_at": one.listened_at, **one.metadata} for one in listens]
        session.output.document({"sent": len(listens), "refused": 0, "dry_run": True, "items": items})
        return 0
    for one in listens:
        session.output.result(_line_of(one))
    session.output.note(f"dry run: {count_in_words(len(listens), 'play')} would be told")
    return 0


def _line_of(listen: Listen) -> str:
    said = listen.metadata
    words = f"{said.get('artist_name')} - {said.get('track_name')}"
    return align((moment_in_words(listen.listened_at), printable(words)), (16, 0))


def _show_sent(session: Session, sent: int, refused: int, *, as_json: bool) -> None:
    if as_json:
        session.output.document({"sent": sent, "refused": refused, "dry_run": False})
        return
    said = f"{count_in_words(sent, 'play')} told" if sent or refused else "nothing waits"
    session.output.result(said + (f", {refused:,} refused" if refused else ""))


VERBS = {
    "status": SubVerb(
        "Show what waits to be told.",
        status,
        Page(
            (
                ("auralis scrobble status", "How many plays wait."),
                ("auralis scrobble status --check --online", "And whether the server knows the token."),
            ),
            _SENDING,
        ),
    ),
    "send": SubVerb(
        "Tell the server of the plays that wait.",
        send,
        Page(
            (
                ("auralis scrobble send", "Tell all of them."),
                ("auralis scrobble send -n", "List them, and tell nothing."),
            ),
            _SENDING,
        ),
    ),
    "clear": SubVerb(
        "Drop the plays that wait.",
        clear,
        Page(
            (("auralis scrobble clear --refused -y", "Those that the server refused, without a question."),),
            ((0, "Done."), (2, "Usage; or nobody can be asked."), (5, "The library cannot be used.")),
        ),
    ),
}
