"""Playlists as other programs write them, byte by byte: line ends, encodings, separators, URIs and extras of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class PlayersList:
    """A playlist file of another program, in a folder with some music."""

    program: str
    name: str
    # `{folder}` stands for the folder as a path, `{uri}` for it in a URI.
    data: bytes
    # What is in the folder and meant, in order.
    files: tuple[str, ...]
    titles: tuple[str | None, ...] = ()
    # What is said of entries that are none of this machine's files.
    left_out: tuple[str, ...] = ()
    title: str | None = None
    durations_s: tuple[float | None, ...] = field(default=())

    def put(self, folder: Path) -> Path:
        """Makes the folder, the music, which is empty, and the playlist."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        data = self.data.replace(b"{folder}", str(folder).encode()).replace(b"{uri}", str(folder).encode())
        path = folder / self.name
        path.write_bytes(data)
        return path


def _lines(*lines: str, end: str = "\n", encoding: str = "utf-8") -> bytes:
    return "".join(line + end for line in lines).encode(encoding)


LISTS = [
    PlayersList(
        "VLC", "vlc.m3u",
        _lines("#EXTM3U", "#EXTINF:213,Björk - Jóga #1", "file://{uri}/B%20%231/J%C3%B3ga%20100%25.mp3",
               "#EXTINF:-1,Loose", "Loose%20one.ogg"),
        ("B #1/Jóga 100%.mp3", "Loose one.ogg"), ("Jóga #1", "Loose"),
    ),
    PlayersList(
        "VLC", "vlc.xspf",
        _lines('<?xml version="1.0" encoding="UTF-8"?>',
               '<playlist xmlns="http://xspf.org/ns/0/" xmlns:vlc="http://www.videolan.org/vlc/playlist/ns/0/"'
               ' version="1">',
               "\t<title>Playlist</title>", "\t<trackList>", "\t\t<track>",
               "\t\t\t<location>file://{uri}/a%26b/One%3B%20two.flac</location>", "\t\t\t<title>One; two</title>",
               "\t\t\t<creator>A &amp; B</creator>", "\t\t\t<album>&lt;C&gt;</album>", "\t\t\t<trackNum>1</trackNum>",
               "\t\t\t<image>file:///cache/art.jpg</image>", "\t\t\t<duration>281300</duration>",
               '\t\t\t<extension application="http://www.videolan.org/vlc/playlist/0">', "\t\t\t\t<vlc:id>0</vlc:id>",
               "\t\t\t</extension>", "\t\t</track>", "\t</trackList>",
               '\t<extension application="http://www.videolan.org/vlc/playlist/0">', '\t\t<vlc:item tid="0"/>',
               "\t</extension>", "</playlist>"),
        ("a&b/One; two.flac",), ("One; two",), title="Playlist", durations_s=(281.3,),
    ),
    PlayersList(
        "foobar2000", "foobar.m3u8",
        b"\xef\xbb\xbf" + _lines("#EXTM3U", "#EXTINF:183,Кино - Группа крови", "Кино\\Группа крови.flac", end="\r\n"),
        ("Кино/Группа крови.flac",), ("Группа крови",), durations_s=(183.0,),
    ),
    PlayersList(
        "Winamp", "winamp.m3u",
        _lines("#EXTM3U", "#EXTINF:240,Café Tacvba - Ñandú", "Café\\Ñandú – live.mp3", end="\r\n", encoding="cp1252"),
        ("Café/Ñandú – live.mp3",), ("Ñandú",), durations_s=(240.0,),
    ),
    PlayersList(
        "Winamp", "winamp.pls",
        _lines("[playlist]", "File1=Music\\One.mp3", "Title1=A - One", "Length1=12", "File2=http://example.com:8000/",
               "Title2=Radio", "Length2=-1", "NumberOfEntries=2", "Version=2", end="\r\n"),
        ("Music/One.mp3",), ("One",), ("http://example.com:8000/",), durations_s=(12.0,),
    ),
    PlayersList(
        "iTunes", "itunes.m3u",
        _lines("#EXTM3U", "#EXTINF:281,So What - Miles Davis", "{folder}/Miles Davis/01 So What.m4a", end="\r"),
        ("Miles Davis/01 So What.m4a",), ("Miles Davis",), durations_s=(281.0,),
    ),
    PlayersList(
        "Rhythmbox", "rhythmbox.pls",
        _lines("[playlist]", "X-GNOME-Title=Evening", "NumberOfEntries=2", "File1=file://{uri}/Bj%C3%B6rk/J%C3%B3ga.ogg",
               "Title1=Jóga", "File2=file://{uri}/50%25.ogg", "Title2=50%"),
        ("Björk/Jóga.ogg", "50%.ogg"), ("Jóga", "50%"), title="Evening",
    ),
    PlayersList(
        "Strawberry", "strawberry.xspf",
        _lines('<?xml version="1.0" encoding="UTF-8"?>', '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
               "    <trackList>", "        <track>", "            <location>A/%D0%9F.flac</location>",
               "            <title>П</title>", "            <creator>Кино</creator>", "            <album>Б</album>",
               "            <duration>1500</duration>", "            <trackNum>2</trackNum>", "        </track>",
               "        <track>", "            <location>https://example.com/stream?x=1#y</location>",
               "        </track>",
               "    </trackList>", "</playlist>"),
        ("A/П.flac",), ("П",), ("https://example.com/stream?x=1#y",), durations_s=(1.5,),
    ),
    PlayersList("MPD", "mpd.m3u", _lines("Air/#1 hit.flac", "./#2.flac", "Air/a b.flac"),
                ("Air/#1 hit.flac", "#2.flac", "Air/a b.flac")),
    PlayersList(
        "Kodi", "kodi.m3u", _lines("#EXTCPlayListM3U::M3U", "#EXTINF:0,One", "{folder}/One.mp3"), ("One.mp3",),
        ("One",), durations_s=(0.0,),
    ),
    PlayersList(
        "Quod Libet", "quodlibet.m3u", _lines("#EXTM3U", "#EXTINF:7,a, b - c, d", "a, b.ogg"), ("a, b.ogg",), ("c, d",),
        durations_s=(7.0,),
    ),
    # As the tests of Mopidy have them.
    PlayersList("Mopidy", "comment-ext.m3u", b"#EXTM3U\n# test\n#EXTINF:-1,Song #1\n# test\nsong1.mp3\n",
                ("song1.mp3",), ("Song #1",)),
    PlayersList("Mopidy", "two-ext.m3u", b"#EXTM3U\n#EXTINF:-1,Song #1\nsong1.mp3\n#EXTINF:60,Song #2\nsong2.mp3\n",
                ("song1.mp3", "song2.mp3"), ("Song #1", "Song #2"), durations_s=(None, 60.0)),
    PlayersList("Mopidy", "encoding-ext.m3u", b"#EXTM3U\n#EXTINF:-1,\xe6\xf8\xe5\n\xe6\xf8\xe5.mp3\n",
                ("æøå.mp3",), ("æøå",)),
    PlayersList("Mopidy", "playlist.m3u", b"http://example.com/\n", (), (), ("http://example.com/",)),
    PlayersList("Mopidy", "empty-ext.m3u", b"#EXTM3U\n", ()),
    PlayersList("Mopidy", "empty.m3u", b"", ()),
]  # fmt: skip
