"""auralis-tour(7): the program in ten minutes. Each of its commands is run by a test, which compares the answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from auralis_cli.roff import PROGRAM, Section, page, paragraphs, see_also, verbatim

_INDENT = "    "
# The title of the part that needs ears; all else can be tried anywhere.
PLAYED = "PLAYING"

TOUR_INTRO = """\
Ten minutes with auralis(1), in the order in which one comes to know it: a library, how it sounds, a master, playing,
order, and how all of it is taken back. The music is yours, below ~/Music. Files of yours are changed once, under
ORDER, and that is taken back under TAKEN BACK; what is made is put into the folder you are in.

The answers shown are those for two small albums; for yours, put an artist, a genre or a word of a title of your own
where jazz, lake and heron stand. … is what differs from time to time, or is left out here.
"""

# Titles, and what stands below them: paragraphs, and, moved in, what is typed behind $ and what is answered.
TOUR = (
    (
        "A LIBRARY",
        """\
A library is made by looking at a folder. Files are read and not touched; looking again takes a glance at each.

    $ auralis scan ~/Music
    10 added in … s
    $ auralis list --albums
    artist                 year  album                             tracks    length
    Ada Lindqvist Trio     1961  Slow Lake                              4      2:27
    The Tape Machines      1978  Groove Along the Wall                  1      0:47
    The Tape Machines      1978  Groove Along the Wall                  5      3:40

What is listed can be asked for by words, fields and ranges, all of which have to hold, and put in any order.
auralis-query(7) tells the whole of it; wherever QUERY stands, it is understood.

    $ auralis list heron
    artist              album                 title                          length
    Ada Lindqvist Trio  Slow Lake             Blue Heron                       0:38
    $ auralis list genre:jazz year:..1965 title+
    artist              album                 title                          length
    Ada Lindqvist Trio  Slow Lake             After the Rain Came              0:36
    Ada Lindqvist Trio  Slow Lake             Blue Heron                       0:38
    …
    $ auralis list lake --format '$title ($duration)'
    Slow Lake (0:39)
    Blue Heron (0:38)
    …
    $ auralis stats
    10 tracks, 3 albums, 2 artists, 2 genres, 0 playlists
    6:54 in 10 files, … MiB, 100 % lossless
    …
""",
    ),
    (
        "HOW IT SOUNDS",
        """\
Loudness, peaks, defects and 25 dimensions of sound are measured in one go, some hundred times as fast as the music
plays, on all processors. What was interrupted goes on where it stopped. The first time, what computes is compiled for
this machine, and that is said: it takes up to a minute, once.

    $ auralis fingerprint
    10 fingerprinted in … s

From then on tracks can be found by how loud they are, by what they sound like, and as copies of each other.

    $ auralis list lufs- --limit 3 -f '$lufs LUFS  $title'
    -23.3 LUFS  Where You Are
    -23.4 LUFS  Humming in the Hall
    -23.4 LUFS  After the Rain Came
    $ auralis similar title:heron --limit 3
    score  artist            album               title                       length
    0.948  Ada Lindqvist T…  Slow Lake           After the Rain Came           0:36
    0.903  The Tape Machin…  Groove Along the…   Needle Drop                   0:42
    0.891  Ada Lindqvist T…  Slow Lake           Ferry, 6 a.m.                 0:35
    $ auralis duplicates
    the same audio
        keep   …/01 Whole of June.flac: not named as a copy
        trash  …/Downloads/whole of june (1).flac: the same audio, sample for sample
    1 recording more than once; 1 file (… MiB): --apply moves to the trash
""",
    ),
    (
        "A MASTER",
        """\
One track, to begin with; the path of any file will do.

    $ song=$(auralis list title:heron --limit 1 -f '$path')
    $ auralis analyze "$song"
    …/02 Blue Heron.flac
    flac, 16 bit, 44.1 kHz, stereo, 0:38

      loudness            -23.8  LUFS
      short-term max      -20.9  LUFS
      momentary max       -16.3  LUFS
      loudness range        6.5  LU
      true peak            -1.5  dBTP
    …
    $ auralis recommend "$song"
    …/02 Blue Heron.flac

      preset         adaptive
      intensity      1
      confidence     0.70
      because        …

It is mastered for streaming services where nothing else is said, under a ceiling that holds between the samples too.

    $ auralis master "$song" heron.flac
    …/02 Blue Heron.flac
    → heron.flac

                          before      after
      loudness             -23.8      -14.0  LUFS    +9.8
      loudness range         6.5        6.3  LU      -0.2
      true peak             -1.5       -1.1  dBTP    +0.4
      peak to loudness      22.3       12.9  dB      -9.4

      gain              +10.7 dB
      limiter           at most 9.6 dB, 0.3 dB on average
      held back by      nothing
    0:38 of music in … s, … times real time; the library had measured it
    $ auralis verify heron.flac --target streaming
    heron.flac passes streaming
      ok  loudness          -14.0  LUFS  -15.0 to -13.0
      ok  true peak          -1.1  dBTP  at most -1.0

The same warmer, gentler and quieter, with a page that says what was done and why: open it in a browser. And a whole
album as one, in which tracks stay as loud to each other as they were.

    $ auralis master "$song" warm.flac --preset warm --intensity 0.6 --loudness -16 --report warm.html
    …
      loudness             -23.8      -16.0  LUFS    +7.8
    …
    $ auralis master genre:jazz --out-dir masters --album
      LUFS   after    dBTP    gain  file
     -23.6   -14.0    -1.1    10.1  masters/01 Slow Lake.flac
     -23.8   -14.2    -1.1    10.1  masters/02 Blue Heron.flac
     -23.4   -13.8    -1.1    10.1  masters/03 After the Rain Came.flac
     -23.6   -14.0    -1.1    10.1  masters/04 Ferry, 6 a.m..flac
    Slow Lake: 4 tracks as one, from -23.6 to -14.0 LUFS
    4 of 4 done in …
""",
    ),
    (
        PLAYED,
        """\
The terminal player takes a query, too. Space pauses, x masters what plays, c compares both at the same loudness, ?
shows the keys of where you are, and q leaves: the music may go on.

    $ auralis play genre:jazz

While it plays, it can be driven from any other terminal, from scripts, and by the media keys of a desktop.

    $ auralis ctl next
    $ auralis ctl enhance on
    $ auralis ctl status
    playing: Ada Lindqvist Trio - Blue Heron
      album        Slow Lake
      position     …
    …
      mastering    on, adaptive at 1…
    …
    $ auralis ctl quit
""",
    ),
    (
        "A MIX TO TAKE ALONG",
        """\
What would be heard goes into a file as well, here overlapping by three seconds, but never within an album.

    $ auralis play --output evening.flac --crossfade 3 genre:jazz
    evening.flac: 2:27, … frames at 44100 Hz
""",
    ),
    (
        "ORDER",
        """\
Ratings, and a playlist that stays up to date, since it is a query.

    $ auralis rate 5 title:heron
       5             Ada Lindqvist Trio - Blue Heron
    1 track changed
    $ auralis playlist create best --smart rating:4..
    best: smart
    $ auralis playlist export best best.m3u8
    best.m3u8: 1 entry of best, m3u8

The best goes onto a stick, encoded for where it will play.

    $ auralis export rating:4.. --to stick --format opus
    1 encoded; … in stick, after … s

Tags are changed wherever a query says. With -n, as everywhere, it is only shown.

    $ auralis tag set -n genre+=Trio album:lake
    …/01 Slow Lake.flac
      genre             Jazz → Jazz; Trio
    …
    dry run: 4 to be changed
    $ auralis tag set genre+=Trio album:lake
    …
    4 changed
""",
    ),
    (
        "TAKEN BACK",
        """\
All that was done to the library or to files is kept, and can be taken back, the latest first or by its number. It
asks before it does; -y has answered.

    $ auralis history --limit 3
    …  tag set           genre of 4 files
    …
    $ auralis undo -y
    …
    undone: change … (tag set: genre of 4 files)
""",
    ),
    (
        "FROM HERE",
        """\
What you would say every time is said once, and kept; auralis-config(5) has all there is.

    $ auralis config set master.target apple
    $ auralis config get master.target
    apple

TAB completes commands, fields and what the library holds, where the shell knows how. Every command has a page of its
own, and --help.

    $ eval "$(auralis completion bash)"
    $ auralis doctor
    ok  python           …
    …
    $ auralis tag --help
    Usage: auralis tag [OPTIONS] COMMAND ...
    …
""",
    ),
)


def tour_page() -> str:
    """auralis-tour(7)."""
    sections: list[Section] = [
        ("DESCRIPTION", list(_body(TOUR_INTRO))),
        *((title, list(_body(text))) for title, text in TOUR),
        ("SEE ALSO", see_also([(PROGRAM, 1), (f"{PROGRAM}-query", 7), (f"{PROGRAM}-config", 5)])),
    ]
    return page(f"{PROGRAM}-tour", "the program in ten minutes", sections, part=7)


def _body(text: str) -> Iterator[str]:
    """Paragraphs that flow, and what is moved in line by line, what is typed of it in bold."""
    for number, (is_moved_in, some) in enumerate(groupby(_parts(text), key=lambda one: one.startswith(_INDENT))):
        if is_moved_in:
            lines = "\n\n".join(some).splitlines()
            yield from (".PP", ".RS 4", ".nf", *(_line(one.removeprefix(_INDENT)) for one in lines), ".fi", ".RE")
        else:
            yield from paragraphs(some) if number == 0 else (".PP", *paragraphs(some))


def _parts(text: str) -> list[str]:
    return text.rstrip().split("\n\n")


def _line(text: str) -> str:
    if not text:
        return ".sp"
    return f"\\fB{verbatim(text)}\\fR" if text.startswith("$ ") else verbatim(text)
