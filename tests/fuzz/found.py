"""Every case that ever made a parser of ours crash or hang, made as small as it goes; by target, with what it did."""

from __future__ import annotations

import json
from dataclasses import fields

from auralis_cli.model.preferences import Aspect
from auralis_cli.model.sound_profile import SoundProfile
from auralis_cli.model.track_kinds import TrackKind

_KIND = next(iter(TrackKind)).value
_CHOICE = {"observed_at": 1, "kind": _KIND, "weight": 1, **{str(one): None for one in Aspect}, "preset": "\ud800"}
_PREFERENCES = {"format": "auralis preferences", "version": 1, "choices": [_CHOICE]}
_LONG = {one.name: 10**400 if one.name == "duration_s" else None for one in fields(SoundProfile)}
_REFERENCE = {
    "action": "reference",
    "args": {"profile": {"name": "a", "tracks": 1, "profile": _LONG}, "mode": "hybrid"},
}

FOUND: tuple[tuple[str, str, bytes], ...] = (
    ("playlist-xspf", "an encoding that nobody knows", b'<?xml version="1.0" encoding="x"?><playlist/>'),
    ("playlist-xspf", "an encoding of several bytes", b'<?xml version="1.0" encoding="big5"?><playlist/>'),
    ("playlist-xspf", "an encoding that is none", b'<?xml version="1.0" encoding="undefined"?><playlist/>'),
    ("playlist-m3u", "a NUL in a name in UTF-16", b"\xff\xfea\0\0\0b\0"),
    ("playlist-pls", "a NUL in a name in UTF-16", b"\xff\xfe" + "File1=a\0b\n".encode("utf-16-le")),
    ("lyrics", "a line that begins as a moment does, written and read again",
     "[00:01.50]\u2028[00:01.50]la".encode()),
    ("query", "bytes that are no UTF-8 in a part of a path", b"path:\xff"),
    ("query", "bytes that are no UTF-8 in a pattern of a folder", b"folder::\xff"),
    ("format", "quotes that are not closed, in all the ways they may be", b"${" + b"'" * 61),
    ("name-pattern", "a name of dashes, parted in all ways", b"$_-$_-$_-$_-$_-$_-$track\n" + b"-" * 250),
    ("tag-edits", "a field that is set over and over", b"genre=Rock" + b"\ngenre=Rock" * 20_000),
    ("ignore-file", "a range that is none", b"[b-a]"),
    ("ignore-file", "stars and a long name", b"*a*a*a*a*a*a*a*a*a*a*b"),
    ("ignore-file", "stars alone", b"*" * 200),
    ("ignore-file", "folders in between", b"**/a/**/a/**/a/**/a/**/b"),
    ("settings", "a line of blanks", b" " * 30_000 + b"\n"),
    ("settings", "a bracket and blanks in a list", b"[scan]\nignore = [\n'''[" + b" " * 30_000 + b"''']\n"),
    ("preferences", "a name of a preset that is no text", json.dumps(_PREFERENCES).encode()),
    ("plays", "a rating longer than any float", b'{"path": "/a", "rating": 1' + b"0" * 400 + b"}"),
    ("export-manifest", "a path that is no text",
     b'{"path": "\\ud800", "key": "x", "made": "copy", "source_size": 1, "source_mtime_ns": 1}'),
    ("job-record", "an end that is no time",
     b'{"verb": "scan", "words": [], "cwd": "/", "pid": 1, "process_began": "", "begun_at": 1.0, "state": "failed", '
     b'"ended_at": []}'),
    ("control-requests", "a path that is no text", b'{"action": "add", "args": {"tracks": ["/\\ud800"]}}'),
    ("control-requests", "a figure of a reference longer than any float", json.dumps(_REFERENCE).encode()),
    ("control-requests", "a device that is no text", b'{"action": "device", "args": {"name": "\\ud800"}}'),
)  # fmt: skip
