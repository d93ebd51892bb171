"""Where the scheduler of a cluster is: `dask://host:port`, as people write it."""

from __future__ import annotations

import re

from auralis_cli.quick_dataclasses import dataclass

_SCHEME = "dask://"
# A name or a number of a machine; one of IPv6 in brackets.
_PLACE = re.compile(r"(?P<host>[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """A scheduler, by its machine and port."""

    host: str
    port: int

    @classmethod
    def parse(cls, word: str) -> ClusterAddress:
        """The address in `word`. Raises ValueError where there is none."""
        found = _PLACE.fullmatch(word.removeprefix(_SCHEME)) if word.startswith(_SCHEME) else None
        if found is None or not 1 <= int(found["port"]) <= _HIGHEST_PORT:
            raise ValueError(f"{word!r} is no address such as {_SCHEME}host:8786")
        return cls(found["host"], int(found["port"]))

    @property
    def url(self) -> str:
        """The address as dask writes it."""
        return f"tcp://{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{_SCHEME}{self.host}:{self.port}"
