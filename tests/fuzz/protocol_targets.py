"""What comes through pipes and sockets: WAV from stdin, requests to a player, answers of one,
of servers and browsers."""

from __future__ import annotations

import io
import json
import os
import re
import socket
from dataclasses import asdict
from typing import cast

from fuzz.judging import Target
from player_fakes import PlayerRig, tracks
from wav_bytes import chunk, ds64, fmt, wav

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.wav_stream import read_wav_header
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import json_text
from auralis_cli.model.actions import ACTIONS
from auralis_cli.model.audio import MAX_CHANNELS
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile
from auralis_cli.model.source import AudioSource
from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control_connection import Connection
from auralis_cli.player.control_protocol import (
    QUERIES,
    LatestEvents,
    error_of,
    read_line,
    read_request,
    snapshot_event,
)
from auralis_cli.player.control_requests import answer
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.cover_lookup import AlbumNames, _is_named, _listed
from auralis_cli.services.listenbrainz import ListenServer
from auralis_cli.services.web_client import WebAnswer, WebClient

_MOST_FRAMES = 1 << 16


def wav_header(data: bytes) -> None:
    source = ByteInput(io.BytesIO(data), "stdin", 1 << 30)
    layout = read_wav_header(source)
    if layout is None:
        assert source.position == 0
        return
    assert source.position <= len(data)
    assert layout.info.channels > 0
    assert layout.data_bytes is None or layout.data_bytes >= 0


def wav_pipe(data: bytes) -> None:
    """All of a plain WAV as it comes through stdin, to the last frame; the others are foreign decoders'."""
    if read_wav_header(ByteInput(io.BytesIO(data), "stdin", 1 << 30)) is None:
        return
    with open_audio(AudioSource(None), io.BytesIO(data)) as reader:
        assert 0 < reader.info.channels <= MAX_CHANNELS
        frames = 0
        for block in reader.blocks(4096):
            frames += len(block)
            if frames > _MOST_FRAMES:
                break


def control(data: bytes) -> None:
    """Lines of one client, answered by a real player on fakes: each gets one line of JSON, and the player lives on."""
    rig = PlayerRig()
    rig.player.set_queue(tracks(2))
    rig.turn()
    ours, theirs = socket.socketpair()
    try:
        client = Connection(ours, 0.0)
        client._incoming += data + b"\n"
        while (line := client.next_line()) is not None:
            try:
                request = read_request(line)
            except AuralisError:
                continue
            if request.action == "tap":
                continue
            told = json.loads(answer(PlayerActions(rig.player, lambda: None), client, request).line)
            assert told.keys() in ({"id", "ok"}, {"id", "error"})
            assert told.get("error", {"code": "usage"})["code"] in ("usage", "refused", "unreadable"), told
        for item in rig.player.queue.items:
            assert b"\0" not in os.fsencode(item.track.path)
        # Files on strings have numbers for names.
        if all(re.fullmatch(r"/m/\d{1,3}\.flac", item.track.path) for item in rig.player.queue.items):
            rig.turn()
        snapshot_event(1, PlayerStatus.of(rig.snapshot))
    finally:
        ours.close()
        theirs.close()


def told_by_player(data: bytes) -> None:
    """What a client is told, by whatever answers there."""
    latest = LatestEvents()
    for line in data.split(b"\n"):
        said = read_line(line)
        if isinstance(said.get("error"), dict):
            str(error_of(said["error"]))
        json_text(latest.take(said))


def web_answer(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    words = head.decode("latin-1").split(" ")
    headers = {"retry-after": words[0], "x-ratelimit-reset-in": words[-1]}
    answered = WebAnswer("example.org", 500, headers, body)
    assert answered.wait_s is None or 0.0 <= answered.wait_s <= 86_400.0
    assert len(answered.problem()) < 300
    told = WebAnswer("example.org", 200, headers, body)
    server = ListenServer(cast(WebClient, _ServerThatSays(told)), "https://example.org", AccessToken("secret", "token"))
    for submitted in (server.check(), server.playing_now({"track_name": "a"})):
        assert "secret" not in submitted.why
    names = AlbumNames("One", "Ada")
    for release in _listed(told.document(), "releases"):
        _is_named(release, names)


class _ServerThatSays:
    """Answers the same, whatever it is asked."""

    def __init__(self, answer: WebAnswer) -> None:
        self._answer = answer

    def get(self, _url: str, **_asked: object) -> WebAnswer:
        return self._answer

    def post(self, _url: str, _document: object, **_how: object) -> WebAnswer:
        return self._answer


_CURVE = (-60.0,) * len(PROFILE_FREQUENCIES_HZ)
_PROFILE = SoundProfile(
    180.0, 44_100, 2, _CURVE, _CURVE, _CURVE, None, -14.0, -1.0, 13.0, 12.0, 6.0, -9.0, 0.0,
)  # fmt: skip
_REFERENCE = {"name": "a", "tracks": 1, "profile": asdict(_PROFILE)}


def _request(action: str, **arguments: object) -> bytes:
    return json.dumps({"id": 1, "action": action, "args": arguments}).encode()


_REQUESTS = (
    _request("seek", to="+10"), _request("volume", level=80), _request("set-queue", tracks=["/m/1.flac", "/m/2.flac"]),
    _request("add", tracks=[{"path": "/m/3.flac", "cue_number": 2, "track_id": 7}]), _request("remove",
    positions="1-2"),
    _request("stage", tracks=["/m/1.flac"]) + b"\n" + _request("add"), _request("queue", first=1), _request("status"),
    _request("move", origin=1, target=2), _request("rate", rating=4.5), _request("device", name="default"),
    _request("reference", profile=_REFERENCE, mode="hybrid"), _request("preset", name="warm"), _request("plan"),
    _request("shuffle", order="albums"), _request("jump", position=2), _request("crossfade", seconds=3),
    _request("enhance", enhance=True) + b"\n" + _request("intensity", amount=0.5) + b"\n" + _request("tilt", tilt_db=1),
)  # fmt: skip
_REQUEST_WORDS = (
    b'{"action": "', b'"}', b'", "args": {', b"}}", b'"id": ', b"{", b"}", b"[", b"]", b",", b":", b'"', b"\n",
    b"null", b"1",
    b"true", b"1.5", b'"/m/1.flac"', b"\\ud800", b"\\u0000", *(name.encode() for name in (*ACTIONS, *QUERIES)),
    *(f'"{argument.name}": '.encode() for one in ACTIONS.values() for argument in one.arguments), b" ",
)  # fmt: skip


def _events() -> tuple[bytes, ...]:
    rig = PlayerRig()
    rig.playing(1)
    event = snapshot_event(41, PlayerStatus.of(rig.snapshot)).strip()
    return (
        event,
        event + b"\n" + snapshot_event(42, PlayerStatus.of(rig.snapshot)).strip(),
        b'{"id": 1, "error": {"code": "usage", "message": "no", "hint": "x"}}\n{"seq": 57, "event": "quit"}',
    )


_ANSWERS = (
    b'60 5\n{"error": "no"}', b'x\n{"message": ["a"], "code": 1}', b'\n{"valid": true, "user_name": "secret"}',
    b'\n{"releases": [{"id": "x", "score": 100, "title": "One", "artist-credit": [{"name": "Ada", "joinphrase": ""}], '
    b'"release-group": {"id": "y"}}]}',
)  # fmt: skip
_AUDIO = b"\1\2\3\4" * 100
_WAVS = (
    wav(_AUDIO), b"RIFF\xff\xff\xff\xffWAVE" + fmt() + chunk(b"LIST", b"INFO" * 5) + b"data\xff\xff\xff\xff" + _AUDIO,
    b"RF64\xff\xff\xff\xffWAVE" + ds64(len(_AUDIO)) + fmt() + b"data\xff\xff\xff\xff" + _AUDIO,
)  # fmt: skip
_WAV_WORDS = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"WAVE", b"fmt ", b"data", b"ds64", b"LIST", b"\x10\0\0\0",
    b"\0\0\0\0", b"\1\0",
              b"\2\0", b"\xfe\xff", b"\3\0", b"\x44\xac\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\4\0\x10\0", fmt(),
              b"\xff\xff\xff\x7f", _AUDIO[:40])  # fmt: skip

TARGETS = (
    Target("wav-header", wav_header, _WAVS, _WAV_WORDS),
    Target("wav-pipe", wav_pipe, _WAVS, _WAV_WORDS),
    Target("control-requests", control, _REQUESTS, _REQUEST_WORDS, is_json=True, weight=1),
    Target("control-answers", told_by_player, _events(), _REQUEST_WORDS, is_json=True),
    Target("web-answers", web_answer, _ANSWERS, _REQUEST_WORDS, is_json=True),
)
