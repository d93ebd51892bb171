"""Which hosts may be asked: those of the servers that are set, those named beside them, and no other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


class AllowedHosts:
    """A list of hosts: `example.org` (at the usual port), `example.org:8443`, `.example.org` with all below it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name.lower() for name in names)

    def permits(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether that server may be asked: by https, or by http where it is on this machine."""
        host = host.lower()
        if scheme != "https" and not (scheme == "http" and is_loopback(host)):
            return False
        host = f"[{host}]" if ":" in host else host
        number = _PORTS[scheme] if port is None else port
        at = f":{number}"
        if host + at in self._names:
            return True
        if number != _PORTS["https"]:
            return False
        below = (host[index:] for index, letter in enumerate(host) if letter == ".")
        return host in self._names or any(name in self._names for name in below)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone: no server of names is asked."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(address: str) -> str:
    """`example.org:443`, of a checked address (see `kinds.WebAddress`)."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or _PORTS[parts.scheme]}"
