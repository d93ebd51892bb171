"""`auralis lyrics [PATH...]`: the words of songs, plain or in time with what plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.listing_forms import check_one
from auralis_cli.commands.options import AsJson, AsJsonLines, FilesFrom, NamesEndInNul
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import EXIT_PARTIAL, InputError, UsageError
from auralis_cli.json_form import FORMAT_VERSION, failure
from auralis_cli.kinds import Choice
from auralis_cli.model.lyrics import clock_of, lrc_of
from auralis_cli.terminal_text import printable

if TYPE_CHECKING:
    from auralis_cli.model.queue import QueueTrack
    from auralis_cli.services.lyrics import FoundLyrics, LyricsPlace

_PLACES = ("file", "tags")
PAGE = Page(
    examples=(
        ("auralis lyrics", "The words of what plays."),
        ("auralis lyrics --follow", "The same, in time with the player."),
        ("auralis lyrics song.flac", "The words of a file."),
        ("auralis lyrics --lrc title:yesterday > yesterday.lrc", "As an LRC file."),
        ("auralis lyrics album:help --json | jq '.items[] | select(.lines == null) | .path'", "What has none."),
    ),
    exit_status=(
        (0, "Done, also where there are no words."),
        (2, "Usage."),
        (3, "Some files are missing or cannot be read; the words of the rest are shown."),
        (4, "None of the files can be read."),
        (5, "The library cannot be used."),
        (6, "No file is named, and no player runs that plays one."),
        (130, "Interrupted."),
    ),
    details=(
        "Words are looked for beside the music, in song.lrc and song.txt of song.flac, and in its tags (USLT and SYLT "
        "of ID3, LYRICS and SYNCEDLYRICS elsewhere). What says when lines are sung goes before what does not, and a "
        "file before tags; -v says which won. Files are read in UTF-8, UTF-16, or what Windows wrote; those of more "
        "than 2 MiB, and links that lead out of the folder, are not read.",
        "LRC is understood with several moments a line, [offset:], and moments of single words. A track of a cue sheet "
        "has no words of its own.",
    ),
    usage="[QUERY|PATH...]",
)


def lyrics(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Audio files, folders of them, or words of a query; without any, what plays.",
            show_default=False,
        ),
    ] = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    synced: Annotated[
        bool, typer.Option("--synced", help="Only words with the moments at which they are sung, which are shown.")
    ] = False,
    lrc: Annotated[bool, typer.Option("--lrc", help="Print LRC.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Show what the player plays, each line when it is sung, until it ends.")
    ] = False,
    place: Annotated[
        str | None,
        typer.Option("--from", metavar="PLACE", parser=Parser("--from", Choice(_PLACES, str)), help="file or tags."),
    ] = None,
    player: Annotated[
        str | None, typer.Option("--player", metavar="NAME", help="Of the player of that name, or process number.")
    ] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Show the words of songs.

    Of files, of what a query finds, or of the track that plays.
    """
    from auralis_cli.services.lyrics import LyricsPlace

    session = session_of(context)
    check_one({"--json": json, "--jsonl": jsonl, "--lrc": lrc})
    for option, is_given in (("--lrc", lrc), ("--synced", synced)):
        check_one({"--follow": follow, option: is_given})
    places = tuple(LyricsPlace) if place is None else (LyricsPlace(place),)
    names_any = bool(words) or files_from is not None
    if names_any and (follow or player is not None):
        raise UsageError("--follow" if follow else "--player", "is about what plays", "name no files")
    if follow:
        from auralis_cli.commands.lyrics_follow import follow_player

        return follow_player(session, player, places, as_json=json or jsonl)
    if names_any:
        from auralis_cli.commands.play_tracks import tracks_named

        tracks = tracks_named(session, tuple(words or ()), files_from, names_end_in_nul=null)
    else:
        tracks = (_playing(session, player),)
    results = ((track, _words_of(session, track, places, synced=synced)) for track in tracks)
    form = _Form(session, synced=synced, lrc=lrc, heads=len(tracks) > 1)
    if json or jsonl:
        return form.as_json(results, lines=jsonl)
    return form.as_text(results)


def _playing(session: Session, player: str | None) -> QueueTrack:
    from auralis_cli.commands.playing_track import playing_track
    from auralis_cli.model.queue import QueueTrack

    playing = playing_track(session, player)
    return QueueTrack(playing.path, playing.cue_number, playing.track_id)


def _words_of(
    session: Session, track: QueueTrack, places: tuple[LyricsPlace, ...], *, synced: bool
) -> FoundLyrics | InputError | None:
    """What wins; None where there is nothing, an error where the file cannot be read."""
    from auralis_cli.services.lyrics import find_lyrics

    session.cancel.raise_if_cancelled()
    if track.cue_number:
        return None
    try:
        search = find_lyrics(track.path, places)
    except InputError as error:
        return error
    if not search.found and search.unreadable is not None:
        return search.unreadable
    found = [one for one in search.found if one.lyrics.is_timed or not synced]
    for problem in search.problems:
        # What could have won is worth a word.
        (session.output.detail if found else session.output.warning)(str(problem))
    if not found:
        return None
    kind = "timed" if found[0].lyrics.is_timed else "plain"
    session.output.detail(f"{track.path}: {kind} words from {found[0].place} ({found[0].source})")
    return found[0]


_Results = Iterator[tuple["QueueTrack", "FoundLyrics | InputError | None"]]


class _Form:
    """The words in the form that is asked for."""

    def __init__(self, session: Session, *, synced: bool, lrc: bool, heads: bool) -> None:
        self._session, self._output = session, session.output
        self._synced, self._lrc, self._heads = synced, lrc, heads

    def as_json(self, results: _Results, *, lines: bool) -> int:
        """One document, or an object a line."""
        items: list[Mapping[str, object]] = []
        failed = shown = 0
        for track, found in results:
            if isinstance(found, InputError):
                failed += 1
                self._output.error(found)
                item: Mapping[str, object] = failure(track.path, found)
            else:
                shown += 1
                item = _document(track, found)
            if lines:
                self._output.json_line(item)
            else:
                items.append(item)
        if not lines:
            self._output.document({"auralis": FORMAT_VERSION, "items": items})
        return _code(failed, failed + shown)

    def as_text(self, results: _Results) -> int:
        """Lines for people, or of LRC."""
        failed = shown = 0
        for track, found in results:
            if isinstance(found, InputError):
                failed += 1
                self._output.error(found)
                continue
            shown += 1
            if found is None:
                at = f"{track.path}, track {track.cue_number}" if track.cue_number else track.path
                self._output.note(f"{at}: no {'timed ' if self._synced else ''}words")
                continue
            if self._heads and not self._lrc:
                self._output.result(self._output.styled(printable(track.path), "bold"))
            for line in self._lines(found):
                self._output.result(printable(line))
            if self._heads:
                self._output.result()
        return _code(failed, failed + shown)

    def _lines(self, found: FoundLyrics) -> Sequence[str]:
        if self._lrc:
            return lrc_of(found.lyrics).splitlines()
        if self._synced:
            return [f"{clock_of(line.at_s)}  {line.text}".rstrip() for line in found.lyrics.timed]
        return found.lyrics.lines


def _code(failed: int, items: int) -> int:
    return 0 if not failed else InputError.exit_code if failed == items else EXIT_PARTIAL


def _document(track: QueueTrack, found: FoundLyrics | None) -> Mapping[str, object]:
    return {
        "path": track.path,
        "cue_number": track.cue_number,
        "place": None if found is None else found.place,
        "source": None if found is None else found.source,
        "synced": found is not None and found.lyrics.is_timed,
        "lines": None if found is None else found.lyrics.lines,
        "timed": None if found is None or not found.lyrics.is_timed else found.lyrics.timed,
        "stated": {} if found is None else found.lyrics.stated,
    }
