"""`auralis plays …`: what is known of plays and ratings, taken over from elsewhere and handed on."""

from __future__ import annotations

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.plays_exchange import export, import_
from auralis_cli.commands.verb import Page

ABOUT = """Take over ratings and counts of plays, and hand them on.

From the tags that other programs write, from the library of beets, from MPD's stickers, and from exports of this
program. auralis rate gives ratings, auralis history --played lists plays."""

_EXIT_STATUS = (
    (0, "Done, or there is nothing to do."),
    (1, "The file cannot be written."),
    (2, "Usage; or refused: an existing file without --force."),
    (3, "Some of it could not be read; the rest is done."),
    (4, "The file to import cannot be read, or none of it."),
    (5, "The library cannot be used."),
)
PAGE = Page(
    examples=(
        ("auralis plays import tags", "What other programs left in the tags of all files."),
        ("auralis plays import mpd ~/.mpd/sticker.sql --root ~/Music", "From MPD."),
        ("auralis plays export plays.jsonl", "All that is known."),
    ),
    exit_status=_EXIT_STATUS,
)
_DETAILS = (
    "tags: POPM of ID3 in the ways of Windows, MusicBee, foobar2000 and Quod Libet; FMPS_RATING, RATING and PLAYCOUNT "
    "elsewhere, and what WMA has. QUERY says of which tracks; without any, of all.",
    "beets: its library, with what its plugin mpdstats keeps: rating (0 to 1), play_count, skip_count, last_played.",
    "mpd: its sticker database, with the stickers of its clients: rating (0 to 10), like (2 makes a favourite), "
    "playCount, skipCount, lastPlayed. --root is MPD's music directory.",
    "jsonl: what auralis plays export wrote, - is standard input: with the history of plays, of which none is taken "
    "twice.",
    "A file is the library's where their paths are the same to the byte. Of an export it is also the one track that "
    "has the same audio, whatever it is called now. What is not in the library is named with -v, and in the JSON. A "
    "rating of 0 is none in tags, beets and MPD.",
    "A rating that is there stays, a count becomes the higher of the two; with --replace what is imported wins. The "
    "whole import is one change: auralis undo takes it back.",
)

VERBS = {
    "import": SubVerb(
        "Take over ratings and counts of plays.",
        import_,
        Page(
            (
                ("auralis plays import tags genre:jazz -n", "What tags say of some tracks, only shown."),
                ("auralis plays import beets ~/.config/beets/library.db", "From beets."),
                ("auralis plays import mpd ~/.mpd/sticker.sql --root ~/Music --only ratings", "Ratings from MPD."),
                ("auralis plays import jsonl plays.jsonl", "From another library."),
            ),
            _EXIT_STATUS,
            details=_DETAILS,
            usage="tags|beets|mpd|jsonl [FILE | QUERY...]",
        ),
    ),
    "export": SubVerb(
        "Write what is known of plays and ratings.",
        export,
        Page(
            (
                ("auralis plays export plays.jsonl", "Of all tracks."),
                ("auralis plays export - rating:4.. | jq .path", "Of some, into a pipe."),
            ),
            _EXIT_STATUS,
            details=(
                "A line of JSON for each track of which something is known: path, cue_number, content_id, rating, "
                "favourite, play_count, skip_count, last_played_at, and plays with started_at, played_s and outcome.",
            ),
            usage="FILE [QUERY...]",
        ),
    ),
}
