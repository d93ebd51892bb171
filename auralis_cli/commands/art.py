"""`auralis art …`: the covers of tracks, shown, found, put into files and taken out."""

from __future__ import annotations

from auralis_cli.commands.art_edits import embed, extract, remove
from auralis_cli.commands.art_fetch import FETCHES, fetch
from auralis_cli.commands.art_find import find
from auralis_cli.commands.art_show import show
from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.verb import Page

ABOUT = """Show, find, embed and extract covers.

A track shows the picture that is embedded in its file, else an image that lies beside it."""

_READS = (
    (0, "Done, also where nothing was found."),
    (2, "Usage; or refused: standard output is no terminal that pictures could be drawn in."),
    (3, "Some files could not be read, or have no cover to show; the rest is done."),
    (4, "None of the files could be read, or none has a cover to show."),
    (5, "The library cannot be used."),
)
_CHANGES = (
    (0, "Done, also where there was nothing to do."),
    (1, "A file cannot be written."),
    (2, "Usage; or refused: an existing file without --force."),
    (3, "Some files stay as they are, with the reason; the rest is done."),
    (4, "The picture cannot be used, or no file could be changed."),
    (5, "The library cannot be used."),
    (130, "Interrupted; what was done until then stays, and stands in auralis history."),
)
PAGE = Page(
    examples=(
        ("auralis art show 'album:Kind of Blue'", "Draw the cover in the terminal."),
        ("auralis art find --missing --folders ~/Music", "Which albums have none?"),
        ("auralis art embed --image front.jpg --max-px 1000 ~/Music/Album", "Put one into every file of a folder."),
        ("auralis art embed --from-folder albumartist:monk", "Put each folder's own image into its files."),
        ("auralis art extract --kind back ~/Music/Album", "Write back.jpg beside the music."),
        ("auralis art remove --kind artist -n id:1..", "Show what would go."),
    ),
    exit_status=_CHANGES,
    details=(
        "Images beside music are those called cover, folder, front, album or AlbumArt, with the endings .jpg, .png, "
        ".webp, .gif or .bmp, else the only image of the folder; where that is the folder of a disc, as Album/CD1, and "
        "has none, those called so in Album. A link that leads out of the folder is not followed.",
        "Pictures are data from anywhere: only JPEG, PNG, GIF, WebP and BMP are decoded, up to 32 MiB and 40 million "
        "pixels, which is asked of the head of an image before any of it is decoded.",
        "What changes files changes nothing of their audio, and is one entry of auralis history; auralis undo takes it "
        "back, bit for bit.",
    ),
)

VERBS = {
    "show": SubVerb(
        "Show covers in the terminal.",
        show,
        Page(
            (
                ("auralis art show song.flac", "The cover of one file."),
                ("auralis art show --as blocks --columns 20 song.flac", "Small, and into a pipe as well."),
                ("auralis art show --json song.flac", "All its pictures, and those beside it."),
            ),
            _READS,
            details=(
                "Terminals that are known to show images by their name are given one: kitty, ghostty, WezTerm and "
                "Konsole by kitty's protocol, foot and mlterm by sixels; all others, and tmux and screen, blocks. "
                "COLORTERM says whether there are 16 million colours or 256.",
            ),
            usage="QUERY...",
        ),
    ),
    "find": SubVerb(
        "Say which cover each track shows.",
        find,
        Page(
            (
                ("auralis art find --missing id:1..", "All tracks of the library without a cover."),
                ("auralis art find --folders --json ~/Music", "One for each folder."),
            ),
            _READS,
            usage="QUERY...",
        ),
    ),
    "fetch": SubVerb("Look covers up on the network.", fetch, FETCHES),
    "extract": SubVerb(
        "Write embedded pictures as image files.",
        extract,
        Page(
            (
                ("auralis art extract ~/Music/Album", "Write cover.jpg beside the music."),
                ("auralis art extract --to - song.flac | chafa", "Through a pipe."),
                ("auralis art extract --all --to covers artist:air", "All of them, named as their tracks."),
            ),
            _CHANGES,
            usage="QUERY...",
        ),
    ),
    "embed": SubVerb(
        "Put a picture into files.",
        embed,
        Page(
            (
                ("auralis art embed --image front.jpg ~/Music/Album", "The front cover of an album."),
                ("auralis art embed --image band.png --kind band artist:air", "A picture of another kind."),
                ("auralis art embed --from-folder --max-px 800 -n ~/Music", "Show what would be embedded."),
            ),
            _CHANGES,
            details=(
                "M4A files do not keep what a picture shows, and take front covers only. W64, CAF, AU, AC-3 and E-AC-3 "
                "have no place for pictures.",
            ),
            usage="QUERY...",
        ),
    ),
    "remove": SubVerb(
        "Take pictures out of files.",
        remove,
        Page(
            (
                ("auralis art remove song.mp3", "All of them."),
                ("auralis art remove --kind artist --keep-mtime ~/Music", "Of one kind, all else as it was."),
            ),
            _CHANGES,
            usage="QUERY...",
        ),
    ),
}
