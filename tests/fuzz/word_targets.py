"""Words of the command line, of settings and of the terminal player: queries, formats, edits, values, keys."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from fuzz.judging import Target
from libraries import opened
from library_of import NOW, put, record

from auralis_cli.audio.path_names import names_in
from auralis_cli.commands.options import parse_path, parse_source
from auralis_cli.commands.parsers import Parser
from auralis_cli.db.store import Store
from auralis_cli.errors import UsageError
from auralis_cli.kinds import HostNames, WebAddress
from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.cluster_address import ClusterAddress
from auralis_cli.model.fields import TRACK_FIELDS
from auralis_cli.model.library import Track
from auralis_cli.model.pattern_bounds import check_pattern
from auralis_cli.model.query_words import (
    Surroundings,
    names_field,
    parse_query,
    parse_sort,
    parse_text,
    text_of,
    whole_likeness,
    words_of,
)
from auralis_cli.model.tag_edits import edited
from auralis_cli.model.templates import parse_template
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.listing import ListRequest, counted, listed
from auralis_cli.services.name_templates import NameRules, filled_path, parse_name_pattern, parse_name_template
from auralis_cli.services.tag_words import parse_edits, parse_fields, parted_words
from auralis_cli.services.web_hosts import AllowedHosts, host_of
from auralis_cli.settings import KEY_PRESETS, SETTINGS
from auralis_cli.tui.commands import read_line
from auralis_cli.tui.key_names import key_named, key_pressed, keys_named, shown_key
from auralis_cli.tui.keymap import keymap_of

_HAYSTACKS = ("a" * 60, "ab" * 40, "aaaa bbbb " * 10 + "!", "Ada & Bob (feat. Cy) [live] 1984 - 01 / 02", "")
_NAMES = ("/m/a/01 - b.flac", "/" + "-" * 240 + ".mp3", "/x/" + "a - " * 60 + "!.mp3", "/m/" + "1_" * 100, "/\udcff")


def text_of_bytes(data: bytes) -> str:
    """As a command line has it: bytes that are no UTF-8 survive."""
    return data.decode("utf-8", "surrogateescape")


@cache
def library() -> Store:
    """A small library, which stays open."""
    path = Path(tempfile.mkdtemp(prefix="auralis-fuzz-")) / "library.db"
    store = opened(path)
    put(
        store,
        [record(f"/m/{name}.flac", title=name, artist="Ada", year=1984, track=3, genres=("Rock",)) for name in "abc"],
    )
    return store


@cache
def track() -> Track:
    return next(one for one in listed(library(), ListRequest(limit=1)) if isinstance(one, Track))


def query(data: bytes) -> None:
    text = text_of_bytes(data)
    words = words_of(text)
    assert words_of(text_of(words)) == words
    around = Surroundings(NOW)
    for word in words:
        names_field(word)
        assert parse_text(text_of([whole_likeness(word)]), around) == parse_query([whole_likeness(word)], around)
    found = parse_query(words, around)
    assert found == parse_text(text_of(words), around)
    if not found.like:
        request = ListRequest(query=found)
        assert counted(library(), request) == len(list(listed(library(), request)))


def sort_keys(data: bytes) -> None:
    parse_sort(text_of_bytes(data), TRACK_FIELDS)


def pattern(data: bytes) -> None:
    text = text_of_bytes(data)
    try:
        found = check_pattern(text)
    except ValueError as error:
        raise UsageError(text, str(error)) from error
    for haystack in _HAYSTACKS:
        found.search(haystack)


def template(data: bytes) -> None:
    text = text_of_bytes(data)
    parse_template(text, TRACK_FIELDS).fill(track(), lambda word, _is_path: word)
    made = parse_name_template(text, TRACK_FIELDS)
    for rules in (NameRules(), NameRules(portable=False, unknown="Unknown")):
        path = filled_path(made, track(), rules, ".flac")
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert all(len(os.fsencode(part)) <= 255 for part in path.parts)


def name_pattern(data: bytes) -> None:
    words, _, name = text_of_bytes(data).partition("\n")
    found = parse_name_pattern(words)
    for path in (*_NAMES, "/" + name.replace("\0", "")[:4000]):
        found.values_in(path)


def path_names(data: bytes) -> None:
    # Longer ones no system has.
    path = "/" + text_of_bytes(data.replace(b"\0", b"")[:4000])
    found = names_in(path, "/music")
    assert found.title
    assert found.title.encode()


def tag_edits(data: bytes) -> None:
    words = text_of_bytes(data).split("\n")
    edits, others = parted_words(words)
    assert len(edits) + len(others) == len(words)
    made = parse_edits(edits)
    parse_edits([word for word in edits if word])
    for values in ({}, {"title": ("a",), "genre": ("Rock", "Pop"), "track": ("3",)}):
        for changed in edited(values, made).values():
            assert all(value.encode() and "\0" not in value for value in changed)


def tag_fields(data: bytes) -> None:
    parse_fields(text_of_bytes(data))


def setting_values(data: bytes) -> None:
    """A value of every setting and of every argument of an action, by option, variable and socket alike."""
    word = text_of_bytes(data)
    kinds = {key: setting.kind for key, setting in SETTINGS.items()}
    kinds |= {f"{one.id}.{argument.name}": argument.kind for one in ACTIONS.values() for argument in one.arguments}
    for name, kind in kinds.items():
        try:
            value = Parser(name, kind)(word)
        except UsageError:
            continue
        assert value is None or value == kind.parse(word)
        plain = kind.plain(word)
        if type(plain) in kind.toml_types:
            assert kind.parse(kind.word_of(plain)) == value, (name, plain)


def places(data: bytes) -> None:
    """What stands for a file, a scheduler, a server or a token."""
    word = text_of_bytes(data)
    for parse in (parse_path, parse_source, lambda text: AccessToken(text, "token").hidden_in(f"a {text} b")):
        _unless_refused(parse, word)
    _unless_refused(Parser("--cluster", _Cluster()), word)
    address = _unless_refused(Parser("server", WebAddress()), word)
    if address:
        names = _unless_refused(Parser("hosts", HostNames()), host_of(str(address)))
        assert names is None or AllowedHosts(str(names).split("\n")).permits("https", "example.org", None) in (
            True,
            False,
        )


class _Cluster(WebAddress):
    def parse(self, word: str) -> str:
        found = ClusterAddress.parse(word)
        assert ClusterAddress.parse(str(found)) == found
        return found.url


def _unless_refused(parse: object, word: str) -> object:
    try:
        return parse(word)  # type: ignore[operator]
    except UsageError:
        return None


def key_lines(data: bytes) -> None:
    """Lines of the settings' [keys]: `line = keys`."""
    own = dict(one.split("\t", 1) for one in text_of_bytes(data).split("\n") if "\t" in one)
    for line, written in own.items():
        for word in (line, written):
            key = keys_named(word)
            assert key is None or keys_named(key.replace(",", "comma")) == key
            assert key is None or shown_key(key)
            key_named(word)
            key_pressed(word, word[:1] or None)
        _unless_refused(read_line, line)
    keys = keymap_of(KEY_PRESETS[0], own)
    for one in keys.bindings:
        keys.line_of(one.key, "library")
        keys.going_on(one.key.split(" ")[0], "queue")


_FIELDS = tuple(name.encode() for name in sorted(TRACK_FIELDS.by_name))
_QUERY_SEEDS = (
    b'artist:"Pink Floyd" year:1970.. , genre:=Rock ^title:~x added:-3w.. duration:..4:30 year- title+',
    b"like:7~0.2 path:/m/a.flac title::^a.*b$ size:10M.. bpm:90..110 favourite:true",
    b"a b c , d -e rating:4.. played:2024-05..2024-06-17T10:11:12 lufs:-9.0 like:~/x.flac",
)
_QUERY_WORDS = (
    *(name + b":" for name in _FIELDS), b"like:", b" ", b" , ", b",", b'"', b"\\", b"^", b"-", b"+", b"=", b"=~", b"::",
    b"..", b"~", b"~0.2", b"1984", b"-9.0", b"4:30", b"1:02:03", b"10M", b"256k", b"-3w", b"2024-05-03T10:11", b"9999",
    b"true", b"/m", b"~nobody/x", b".", b"(a+)+", b"a*", b"[", b"%", b"_", b"*", b"a", b"NEAR(", b"OR ", b"x.cue", b"'",
)  # fmt: skip
_PATTERN_WORDS = (
    b"a", b"b", b".", b"*", b"+", b"?", b"{2,}", b"{1,9}", b"{,1}", b"(", b")", b"(?:", b"(?i)", b"(?=", b"(?!",
    b"(?<=",
    b"(?P<x>", b"(?P=x)", b"\\1", b"|", b"[", b"]", b"[^", b"a-z", b"\\", b"\\d", b"\\b", b"^", b"$", b"(?>", b"*+",
    b"(?(1)",
    b"(?x)", b"(?#", b"{", b"}", b"1", b",", b" ", b"\\s*",
)  # fmt: skip
_TEMPLATE_WORDS = (
    *(b"$" + name for name in _FIELDS[:40]), b"${", b"}", b"|", b"'", b"'x'", b":02", b":", b"$$", b"$", b"/", b"../",
    b"title", b"track", b"artist", b" - ", b"..", b"~", b"path", b"year", b" ", b"\0",
)  # fmt: skip
_NAME_WORDS = (b"$artist", b"$title", b"$track", b"$album", b"$_", b"$year", b"$date", b" - ", b"-", b"/", b"_",
    b" ", b".",
               b"a", b"01", b"\n", b"${track}", b"a - b", b"-------------", b"(", b"\\")  # fmt: skip
_TAG_WORDS = (
    b"title", b"artist", b"genre", b"track", b"year", b"date", b"bpm", b"compilation", b"lyrics", b"comment", b"rating",
    b"=", b"+=", b"-=", b"\n", b"Rock", b"1984-05-03", b"3/12", b"yes", b" ", b",", b"all", b"/", b":", b"\xc2\xa0",
    b"0",
)  # fmt: skip
_VALUE_WORDS = (
    b"0", b"1", b"-1", b"0.5", b"90s", b"15m", b"1:30", b"1:30:00", b"24h", b"500M", b"32GiB", b"128k", b"true", b"off",
    b"nan", b"inf", b"-inf", b"1e9", b"1_0", b" ", b".", b":", b"+", b"-", b"%", b"50%", b"auto", b"none", b"adaptive",
    b"~", b"~nobody", b"/x", b"\n", b"*.tmp", b"!", b"https://example.org", b"default", b"toggle", b"3 5-7", b"5-",
    b",",
    b"flac", b"24", b"9", b"99999999999", b"one", b"track", b"warm", b"-14", b"streaming",
)  # fmt: skip
_PLACE_WORDS = (
    b"dask://", b"host", b":8786", b":", b"[::1]", b"https://", b"http://", b"localhost", b"127.0.0.1", b"/", b"-",
    b"~",
    b"example.org", b"user:pass@", b"?q", b"#", b"a", b".", b"65536", b"1", b"token", b"\n",
)  # fmt: skip
_KEY_WORDS = (
    b"play", b"seek +5", b"view library", b"volume -5", b"quit", b"\t", b"\n", b", ", b"ctrl+", b"alt+", b"shift+",
    b"x",
    b"g g", b"comma", b"space", b"escape", b"f1", b"left", b"+", b" ", b"'", b'"', b"G", b"\\", b"pgup", b"toggle",
    b"rate 5",
)  # fmt: skip

TARGETS = (
    Target("query", query, _QUERY_SEEDS, _QUERY_WORDS, weight=1),
    Target("query-sort", sort_keys, (b"year-,title+", b"artist, album"), (*_FIELDS, b"+", b"-", b",", b" ")),
    Target("query-pattern", pattern, (rb"(?i)^a.*b$", rb"(a|b)c{2,3}\d+[^x]"), _PATTERN_WORDS),
    Target("format", template, (b"$artist - $title", b"${albumartist|artist|'Unknown'}/${track:02} $$"),
    _TEMPLATE_WORDS),
    Target("name-pattern", name_pattern, (b"$artist/$album/$track - $title\na/b/1 - c.mp3", b"$_-$title"), _NAME_WORDS,
           weight=1),
    Target("path-names", path_names, (b"music/Ada/One (1984)/CD2/01 - Ada - Two.flac", b"1-03 x.mp3"),
           (b"/", b" - ", b"01", b"(1984)", b"[1999]", b"CD2", b"a", b"_", b".flac", b"1-03 ", b".", b"Disc 1")),
    Target("tag-edits", tag_edits, (b"genre=Rock\ngenre+=Live\ncomment=", b"track=3\ndate=1984-05\nbpm-=1"),
    _TAG_WORDS),
    Target("tag-fields", tag_fields, (b"title,artist", b"all"), _TAG_WORDS),
    Target("values", setting_values, (b"1:30:00", b"500M", b"-14.5", b"https://example.org:8443/x"),
           _VALUE_WORDS, weight=2),
    Target("places", places, (b"dask://host:8786", b"https://example.org:8443/x", b"a/b.flac"), _PLACE_WORDS),
    Target("keys", key_lines, (b"seek +5\tright, l\nview library\t1, g l\n", b"play\tspace"), _KEY_WORDS, weight=1),
)  # fmt: skip
