"""A fake player that listens on a control socket in a folder of its own, for tests of whoever drives it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from fake_player import FakePlayer
from patience import PATIENCE_S

from auralis_cli.player.actions import PlayerActions
from auralis_cli.player.control import ControlServer
from auralis_cli.player.control_place import DEFAULT_NAME, claim_name, socket_path
from auralis_cli.services.remote_player import RemotePlayer, watch


@contextmanager
def short_home() -> Iterator[dict[str, str]]:
    """Variables with an AURALIS_HOME whose path leaves room for a socket's; a test's own folder may be too long."""
    folder = tempfile.mkdtemp(prefix="auralis-")
    try:
        yield {"AURALIS_HOME": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Controlled:
    """A fake player behind a real socket."""

    def __init__(self, environ: Mapping[str, str], name: str = DEFAULT_NAME, **how: Any) -> None:
        self.player = FakePlayer()
        self.quit_asked = threading.Event()
        # Why clients were let go.
        self.said: list[str] = []
        claim = claim_name(name, environ)
        assert claim is not None
        self.claim = claim
        actions = PlayerActions(self.player.as_player, self.quit_asked.set)
        # A machine that halts keeps it longer from its end than a player waits for that.
        how = {"ends_within_s": PATIENCE_S, **how}
        self.server = ControlServer(claim, actions, said=self.said.append, **how)
        self.server.start()

    @property
    def path(self) -> Path:
        return self.claim.socket_path

    def close(self) -> None:
        self.server.close()


@contextmanager
def controlled(environ: Mapping[str, str], name: str = DEFAULT_NAME, **how: Any) -> Iterator[Controlled]:
    """One that is closed at the end. Who drives it from this process waits for it however long the machine halts."""
    one = Controlled(environ, name, **how)
    try:
        with ExitStack() as patient:
            for drives in (vars(RemotePlayer)["__init__"], watch):
                patient.enter_context(mock.patch.dict(drives.__kwdefaults__, patience_s=PATIENCE_S))
            yield one
    finally:
        one.close()


class RawClient:
    """Speaks to the socket byte for byte."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(os.fspath(path))
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> Any:
        """The next line; None at the end."""
        try:
            line = self.file.readline()
        except ConnectionResetError:  # it was hung up on with something unread
            return None
        return json.loads(line) if line else None

    def ask(self, action: str, **arguments: object) -> Any:
        self.send(json.dumps({"id": 7, "action": action, "args": arguments}).encode() + b"\n")
        return self.read()

    def close(self) -> None:
        self.file.close()
        self.socket.close()


__all__ = ["Controlled", "RawClient", "controlled", "short_home", "socket_path"]
