"""The one door to the network: known hosts only, by https, bounded in time and size; a token goes into its header.

A request runs on a thread of its own. Where it does not come to its end in time, or is not wanted any more, it is left
behind: a server that sends a byte now and then, or a name that nobody resolves, holds nobody up.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from auralis_cli.errors import AuralisError, OnlineError, UsageError
from auralis_cli.model.progress import CancelToken
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.access_token import AccessToken
from auralis_cli.services.remedies import how_to_get_extra
from auralis_cli.services.web_hosts import AllowedHosts, is_loopback
from auralis_cli.units import bytes_in_words
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    import ssl

    import httpx

USER_AGENT = f"auralis-cli/{VERSION}"
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_SLICE_S = 0.05
_LONGEST_PROBLEM = 200
_LONGEST_WAIT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class WebBounds:
    """How long an answer may take, and how large it may be."""

    connect_s: float = 10.0
    read_s: float = 15.0
    # All of it, redirects included.
    total_s: float = 30.0
    max_bytes: int = 1 << 20


DEFAULT_BOUNDS = WebBounds()


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a server answered in the end."""

    # The address that it came from, without what was asked.
    place: str
    status: int
    # By names in small letters.
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether the server did what it was asked for."""
        return 200 <= self.status < 300

    @property
    def wait_s(self) -> float | None:
        """How long the server wants to be left alone; None where it does not say so."""
        for name in ("retry-after", "x-ratelimit-reset-in"):
            word = self.headers.get(name, "").strip()
            if word.isascii() and word.isdigit() and len(word) < 10:
                return min(float(word), _LONGEST_WAIT_S)
        return None

    def document(self) -> Any:
        """The JSON in it; raises OnlineError where it holds none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise OnlineError(self.place, "the answer is no JSON") from error

    def problem(self) -> str:
        """What went wrong, in one line: the number, with the server's own words where it gives any."""
        try:
            told = self.document()
        except OnlineError:
            told = None
        words = told.get("error") or told.get("message") if isinstance(told, dict) else None
        return f"answers {self.status}" + (f" ({str(words)[:_LONGEST_PROBLEM]})" if words else "")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    token: AccessToken | None
    bounds: WebBounds
    ends_at_s: float


@dataclass(slots=True)
class _Exchange:
    """A request under way, as its thread and whoever waits for it see it."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: WebAnswer | None = None
    error: AuralisError | None = None
    client: httpx.Client | None = None
    is_left: bool = False


class WebClient:
    """Asks servers; as many threads as there are may ask at once."""

    def __init__(
        self,
        allowed: AllowedHosts,
        said: Callable[[str], None] = lambda _line: None,
        cancel: CancelToken | None = None,
    ) -> None:
        """`said` is told of every request, from any thread. Raises UsageError where the package for it is missing."""
        try:
            import httpx  # noqa: F401
        except ImportError as error:
            raise UsageError("online", "the package httpx is not installed", how_to_get_extra("online")) from error
        self._allowed = allowed
        self._said = said
        self._cancel = cancel or CancelToken()

    def get(
        self,
        url: str,
        asked: Mapping[str, str] | None = None,
        *,
        accept: str = "application/json",
        token: AccessToken | None = None,
        bounds: WebBounds = DEFAULT_BOUNDS,
    ) -> WebAnswer:
        """What the server answers, whatever it is; redirects to hosts that are known are followed.

        Raises OnlineError where nothing comes, or not in time, or too much.
        """
        url = f"{url}?{urlencode(asked)}" if asked else url
        return self._asked(_Request("GET", url, {"Accept": accept}, None, token, bounds, _end(bounds)))

    def post(
        self, url: str, document: object, *, token: AccessToken | None = None, bounds: WebBounds = DEFAULT_BOUNDS
    ) -> WebAnswer:
        """What the server answers to a JSON document; a redirect is none. Raises OnlineError as `get` does."""
        content = json.dumps(document, ensure_ascii=True, allow_nan=False).encode("ascii")
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._asked(_Request("POST", url, headers, content, token, bounds, _end(bounds)))

    def _asked(self, request: _Request) -> WebAnswer:
        self._cancel.raise_if_cancelled()
        self._check(request.url)
        exchange = _Exchange()
        threading.Thread(target=self._run, args=(request, exchange), name="web request", daemon=True).start()
        try:
            while not exchange.done.wait(_SLICE_S):
                self._cancel.raise_if_cancelled()
                if time.monotonic() > request.ends_at_s:
                    raise _too_slow(request)
        finally:
            exchange.is_left = True
            if not exchange.done.is_set() and (client := exchange.client) is not None:
                client.close()
        if exchange.answer is None:
            raise exchange.error or OnlineError(_place(request.url), "the request failed")
        return exchange.answer

    # On the request's own thread

    def _run(self, request: _Request, exchange: _Exchange) -> None:
        import httpx

        try:
            exchange.answer = self._followed(request, exchange)
        except AuralisError as error:
            exchange.error = error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, RuntimeError) as error:
            exchange.error = _translated(request, error)
        finally:
            exchange.done.set()

    def _followed(self, request: _Request, exchange: _Exchange) -> WebAnswer:
        """The answer where the redirects, each to a host that is known, come to their end."""
        import httpx

        url, token = httpx.URL(request.url), request.token
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._one(request, url, token, exchange)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None:
                return answer
            if request.method != "GET":
                raise OnlineError(answer.place, "sends on to another address, and what is told stays here")
            following = url.join(location)
            self._check(str(following))
            if (following.host, following.port) != (url.host, url.port):
                # A token is for the server that it is of.
                token = None
            url = following
        raise OnlineError(_place(request.url), "sends on from address to address")

    def _one(self, request: _Request, url: httpx.URL, token: AccessToken | None, exchange: _Exchange) -> WebAnswer:
        import httpx

        if exchange.is_left:
            raise _too_slow(request)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        headers |= token.header() if token is not None else {}
        bounds, begun_s = request.bounds, time.monotonic()
        # Proxies of the environment are for other machines: what is said to this one stays on it.
        with httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(bounds.read_s, connect=bounds.connect_s),
            verify=self._tls,
            trust_env=not is_loopback(url.host),
        ) as client:
            exchange.client = client
            with client.stream(request.method, url, content=request.content) as response:
                body = _body(request, response, exchange)
        place = _place(str(url))
        took = f"{bytes_in_words(len(body))} in {time.monotonic() - begun_s:.1f} s"
        self._said(f"{request.method} {place}: {response.status_code}, {took}")
        return WebAnswer(place, response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpx

        return httpx.create_ssl_context()

    def _check(self, address: str) -> None:
        import httpx

        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError) as error:
            raise OnlineError("online", "that is no address") from error
        place = _place(address)
        if url.userinfo:
            raise OnlineError(place, "an address with a name or password in it is not asked")
        if not self._allowed.permits(url.scheme, url.host, url.port):
            raise OnlineError(place, "is none of the servers that may be asked", "online.hosts names further ones")


def _body(request: _Request, response: httpx.Response, exchange: _Exchange) -> bytes:
    most, place = request.bounds.max_bytes, _place(request.url)
    too_large = OnlineError(place, f"sends more than {bytes_in_words(most)}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise OnlineError(place, "packs its answer, which it was asked not to")
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > most:
        raise too_large
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > most:
            raise too_large
        if exchange.is_left or time.monotonic() > request.ends_at_s:
            raise _too_slow(request)
    return bytes(body)


def _end(bounds: WebBounds) -> float:
    return time.monotonic() + bounds.total_s


def _too_slow(request: _Request) -> OnlineError:
    return OnlineError(_place(request.url), f"no whole answer within {request.bounds.total_s:g} s")


def _translated(request: _Request, error: Exception) -> OnlineError:
    import httpx

    match error:
        case httpx.ConnectTimeout():
            why = f"does not answer within {request.bounds.connect_s:g} s"
        case httpx.TimeoutException():
            why = f"says nothing for {request.bounds.read_s:g} s"
        case httpx.ConnectError() | OSError():
            why = f"cannot be reached ({error})"
        case httpx.RemoteProtocolError():
            why = "breaks off, or does not speak as servers do"
        case _:
            why = f"cannot be asked ({type(error).__name__})"
    failed = OnlineError(_place(request.url), request.token.hidden_in(why) if request.token is not None else why)
    failed.__cause__ = error
    return failed


def _place(url: str) -> str:
    """An address as it is named to people: what was asked for stays out, and so does who asks."""
    scheme, found, rest = url.partition("?")[0].partition("#")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if found else scheme
