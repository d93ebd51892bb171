"""`auralis tag …`: tags shown and changed, by path or query."""

from __future__ import annotations

from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.tag_edits import copy, from_names, remove, set_
from auralis_cli.commands.tag_names import rename_files
from auralis_cli.commands.tag_show import fields, show
from auralis_cli.commands.tag_tables import export, import_
from auralis_cli.commands.verb import Page

ABOUT = """Show and change tags.

Words that are all files and folders mean these, in the library or not. Other words are a query, as in auralis list, and
files among them keep to what is there. What is changed can be undone."""

_CHANGED = (
    (0, "Done, or there was nothing to do."),
    (1, "Nothing can be kept for undoing."),
    (2, "Usage: no field of that name, or a value it cannot have; or nobody could be asked about many files (see -y)."),
    (3, "Some files could not be changed; the rest is done."),
    (4, "No file could be changed."),
    (5, "The library, in whose journal changes stand, cannot be used."),
    (130, "Interrupted; what was changed until then stays, and can be undone."),
)
_SHOWN = (
    (0, "Done, or nothing was found."),
    (2, "Usage: no field of that name."),
    (3, "Some files could not be read."),
    (4, "No file could be read."),
    (5, "The library, which a query asks, cannot be used."),
)
_EDITS = (
    (
        "EDITS",
        (
            ("FIELD=VALUE", "Sets the field. Several of one field set several values: genre=Rock genre=Live."),
            ("FIELD=", "Takes the field away."),
            ("FIELD+=VALUE", "Adds a value to a field that may have several, unless it has it."),
            ("FIELD-=VALUE", "Takes one value away, whatever its case."),
        ),
    ),
)
PAGE = Page(
    examples=(
        ("auralis tag show song.flac", "All that its tags say."),
        ("auralis tag set genre=Jazz genre+=Bebop 'album:Kind of Blue' -n", "What would be changed."),
        ("auralis tag set albumartist='Miles Davis' ~/Music/Miles", "All files below a folder."),
        ("auralis tag remove comment,lyrics artist:davis", "Two fields of what a query finds."),
        ("auralis tag export genre:jazz > jazz.tsv", "A table for a spreadsheet."),
        ("auralis tag import jazz.tsv -n", "What it would change when it comes back."),
        ("auralis undo", "Take the last change back, with the files."),
    ),
    exit_status=_CHANGED,
    details=(
        "Each file is changed in a copy beside it that takes its place at the end, so that whatever happens it is the "
        "old one or the new one. Only the fields that are named change; everything else in the tags stays as it is, "
        "and the audio is compared before and after. A file that says already what it is to say is not touched.",
        "What the library knows of a file changes together with it: plays, ratings, playlists and fingerprints stay.",
        "A field that a format cannot hold fails the file, which stays as it is; the others go on, unless "
        "--all-or-nothing is given.",
        "More than 100 files are asked about, unless -y is given. Every change is one entry of auralis history, and "
        "auralis undo brings the files back byte for byte.",
    ),
    tables=_EDITS,
)
_TABLE_DETAILS = (
    "The table is UTF-8; UTF-16 with a mark at its beginning is read as well. The first line names the columns, in any "
    "order: fields, and path or id for the file. Cells are parted by tabs and never quoted.",
    r"In a cell \t, \n, \r and \\ are a tab, line ends and a backslash. Several values of a field have a semicolon and "
    r"a blank between them; \; is a semicolon within one.",
)
_PATTERN_DETAILS = (
    "$field or ${field} stands for what is in that place of the name, a part of the name of one file or folder; "
    "numbers are digits, dates begin with a year. A blank in the template is a blank or an underscore in the name, and "
    "a name that has underscores for blanks gives values with blanks. A field named twice has to be the same twice.",
)


_NAME_DETAILS = (
    "$field or ${field} is the value of a field, ${track:02} a number with zeros up to two digits, and "
    "${albumartist|artist|'Unknown'} the first of these that has a value, words in quotes standing for themselves. A "
    "file that lacks a field fails and keeps its name. Fields are those of auralis tag fields, and name and folder as "
    "they are now, format, year and original_year.",
    "Slashes and what else names do not hold become _ in values; names are cut after 200 bytes, never begin with a "
    "dot, and lead nowhere out of the folder. A name that is taken is refused; files may swap theirs, or take that of "
    "one that gets another.",
    "Lyrics, notes and pictures of the same name beside a file go along, and the cover of a folder once all its music "
    "goes to one other, where no other music is. The library follows; empty folders stay.",
)
VERBS = {
    "show": SubVerb(
        "Show what the tags of files say.",
        show,
        Page(
            (
                ("auralis tag show song.flac", "All of it."),
                ("auralis tag show --json year:1959 | jq '.items[].tags.title'", "For programs."),
                ("auralis tag show ~/Music/new -f '${track:02} $title by $artist'", "In a form of your own."),
            ),
            _SHOWN,
            usage="QUERY...",
        ),
    ),
    "set": SubVerb(
        "Change tags.",
        set_,
        Page(
            (
                ("auralis tag set genre=Jazz genre=Bebop artist:monk", "Two genres for what a query finds."),
                ("auralis tag set mood+=calm mood-=sad ~/Music/live/*.ogg", "One more, one less."),
                ("auralis tag set comment= compilation=no ~/Music/new", "Takes away what is in a folder's files."),
                ("auralis tag set year=1959 'album:Kind of Blue' -n", "Shows what would be changed."),
            ),
            _CHANGED,
            details=(
                "A word with =, += or -= behind the name of a field is an edit; a file of such a name is ./a=b, and in "
                "a query title:a=b finds the letters. Whatever follows the sign is the value, blanks and all.",
            ),
            usage="EDIT... QUERY...",
        ),
    ),
    "remove": SubVerb(
        "Take tags away.",
        remove,
        Page(
            (
                ("auralis tag remove comment,lyrics artist:davis", "Two fields."),
                ("auralis tag remove all ~/Music/new", "Whatever auralis tag fields names."),
            ),
            _CHANGED,
            usage="FIELDS QUERY...",
        ),
    ),
    "copy": SubVerb(
        "Copy tags from file to file.",
        copy,
        Page(
            (
                ("auralis tag copy song.flac song.mp3", "From one file."),
                ("auralis tag copy ~/Music/album ~/Phone/album --fields title,artist", "From folder to folder."),
            ),
            _CHANGED,
            details=("What the format of TO cannot hold is left out, and said.",),
        ),
    ),
    "from-names": SubVerb(
        "Set tags to what names of files say.",
        from_names,
        Page(
            (
                (
                    "auralis tag from-names '$artist/$year - $album/$track $title' ~/Music/new -n",
                    "Shows what it finds.",
                ),
                ("auralis tag from-names '$_ - $title' *.mp3 --only-missing", "Titles for those that have none."),
            ),
            _CHANGED,
            details=_PATTERN_DETAILS,
            usage="TEMPLATE QUERY...",
        ),
    ),
    "rename-files": SubVerb(
        "Name files after their tags.",
        rename_files,
        Page(
            (
                ("auralis tag rename-files '${track:02} - $title' ~/Music/new -n", "Shows what files would be called."),
                (
                    "auralis tag rename-files '$albumartist/$album/${track:02} $title' album:blue",
                    "Into folders below the root of the library.",
                ),
                ("auralis tag rename-files '$artist - $title' new/*.ogg --to ~/Music", "Below another folder."),
            ),
            _CHANGED,
            details=_NAME_DETAILS,
            usage="TEMPLATE QUERY...",
        ),
    ),
    "export": SubVerb(
        "Print tags as a table.",
        export,
        Page(
            (
                ("auralis tag export genre:jazz > jazz.tsv", "The usual columns."),
                ("auralis tag export --fields title,mood ~/Music/new > new.tsv", "Some."),
            ),
            _SHOWN,
            details=_TABLE_DETAILS,
            usage="QUERY...",
        ),
    ),
    "import": SubVerb(
        "Set tags to what a table says.",
        import_,
        Page(
            (
                ("auralis tag import jazz.tsv -n", "Shows what would be changed."),
                ("sed s/Jazz/jazz/ jazz.tsv | auralis tag import - --all-or-nothing", "All of it, or nothing."),
            ),
            _CHANGED,
            details=(*_TABLE_DETAILS, "A table with a line that cannot be understood changes nothing."),
        ),
    ),
    "fields": SubVerb(
        "List the tags that can be edited.",
        fields,
        Page((("auralis tag fields --json", "With their other names."),), ((0, "Done."),)),
    ),
}
