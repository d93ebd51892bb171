"""What the manual says of queries: in short beside every verb that takes one, in full on a page of their own."""

from __future__ import annotations

from auralis_cli.model.fields import Field, FieldTable

QUERY_DETAILS = (
    "QUERY is words that all have to be found, and conditions such as artist:air, year:1998..2004, lufs:-9.. or "
    "^genre:metal, files and folders; auralis-query(7) tells all of it.",
)

# Titles, and what stands below them.
QUERY_SECTIONS = (
    (
        "WORDS AND PLACES",
        "A query is a list of words, all of which have to hold. A word alone is looked for at the beginnings of the "
        "words in title, artist, album, album artist, composer and genre; capitals and accents do not matter. What the "
        "shell passes on as one word is one: 'pink floyd' are two words that follow each other. A file or folder that "
        "exists means what is below it; of several, any will do. path: takes a place as well, where it begins with /, "
        "~, ./ or ../, and else a part of the path.",
    ),
    (
        "TEXT",
        "field:text holds where the field holds the text, capitals and accents aside; field:=text where it is that "
        "text to the letter, field:=~text but for capitals and accents; field::pattern where the regular expression "
        "(Python's) is found in it. Of several artists or genres one is enough. field: alone holds where there is any. "
        "Patterns whose search may take forever are refused, such as (a+)+.",
    ),
    (
        "NUMBERS",
        "Numbers, durations, sizes and dates: field:value, or a range, an end of which may be left out, as in "
        "year:1990..1999, duration:..4:30, bitrate:256k.. and lufs:-9.. (both ends belong to it). lufs:.. holds where "
        "there is any value. A value alone stands for all that round to it as it is written: lufs:-9 is -9.5 up to "
        "-8.5; field:=value is the very number. k, M and G count in thousands, in sizes in 1024s.",
    ),
    (
        "DATES",
        "Dates are local and as long as they are written: added:2024, added:2024-05, added:2024-05-17, also with a "
        "time, 2024-05-17T18:30. -3w is three weeks before now, as in added:-3w.. for all since then; d, w, m and y "
        "are days, weeks, 30 days and 365 days.",
    ),
    (
        "NOT, OR, AND THE ORDER",
        "^ before a word, or - where -- stands before, means its opposite: ^genre:metal. A comma, alone or at the end "
        "of a word, begins an alternative, as in artist:air , artist:phoenix year:2000.. for either. A field with + or "
        "- at its end sorts: year- title+; what has no value comes last. A colon that is none of the query's is "
        "written \\:.",
    ),
    (
        "SOUNDS LIKE",
        "like:42 ranks what the rest of the query finds by how near it sounds to the track with that id, nearest "
        "first, and leaves out what has no fingerprint (auralis fingerprint); like:song.flac names the track by its "
        "path. like:42~0.2 finds only what is no farther than that (auralis similar shows distances), as a smart "
        "playlist wants it. Several of them rank by what lies in their middle.",
    ),
    (
        "FORMATS",
        "In --format, $name or ${name} is the value of a field and $$ a dollar sign. The name of a field gives the "
        "value as in JSON ($duration_s: 281.3), its other names the value as people read it ($duration: 4:41).",
    ),
)

QUERY_EXAMPLES = (
    ("auralis list blue in green", "All three words, in whatever names they stand."),
    ("auralis list 'artist:=~air' year:1998..2004", "One artist and none that holds its name, over some years."),
    ("auralis list lufs:-9.. ^genre:metal added-", "Loud, no metal, the latest first."),
    ("auralis list genre:jazz rating:4.. , favourite:yes", "Well rated jazz, or any favourite."),
    ("auralis list 'title::^(the )?end$'", "By a regular expression."),
    ("auralis list like:so-what.flac duration:..6:00 --limit 20", "What sounds most like it and is not too long."),
    ("auralis playlist create evening --smart lufs:..-16 tempo:..90 plays:0", "A playlist that stays up to date."),
)


def label_of_field(field: Field) -> str:
    """`integrated_lufs (lufs, loudness)`."""
    return f"{field.name} ({', '.join(field.aliases)})" if field.aliases else field.name


def field_lines(table: FieldTable) -> tuple[tuple[str, str], ...]:
    """Each field with its other names, and what it is."""
    return tuple((label_of_field(field), f"{field.help[:-1]} ({field.kind}).") for field in table.fields)
