"""A server on this machine that answers as it is told, and writes down all that it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from patience import PATIENCE_S


@dataclass(frozen=True)
class Asked:
    """One request, byte for byte as far as it tells anything."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Told:
    """An answer: whole, or in pieces for each of which the server waits until it may go on."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    # Between the bytes of the body, and of the head where `slow_head` is set.
    pause_s: float = 0.0
    slow_head: bool = False
    # Announces this many bytes, whatever comes.
    announced: int | None = None


Answering = Callable[[Asked], Told]


class WebServer:
    """Serves until it is closed; `requests` grows meanwhile."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.requests: list[Asked] = []
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                asked = Asked(self.requestline, dict(self.headers.items()), self.rfile.read(length))
                outer.requests.append(asked)
                with suppress(OSError):
                    self._tell(outer.answer(asked))
                self.close_connection = True

            def _tell(self, told: Told) -> None:
                size = len(told.body) if told.announced is None else told.announced
                fields = {"Content-Length": str(size), "Connection": "close", **told.headers}
                head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
                whole = f"HTTP/1.1 {told.status} so\r\n{head}\r\n".encode()
                for slow, data in ((told.slow_head, whole), (told.pause_s > 0.0, told.body)):
                    for piece in (data[at : at + 1] for at in range(len(data))) if slow else (data,):
                        self.wfile.write(piece)
                        self.wfile.flush()
                        if slow and outer.closing.wait(told.pause_s):
                            return

            do_GET = do_POST = do_CONNECT = _serve  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.requests]

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)


@contextmanager
def web_server(answer: Answering | Told | None = None) -> Iterator[WebServer]:
    """A server that answers so; without an answer, with `{}`."""
    told = answer if isinstance(answer, Told) else Told()
    server = WebServer(answer if callable(answer) else lambda _asked: told)
    try:
        yield server
    finally:
        server.close()
