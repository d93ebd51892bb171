"""The process that ranks a library by what `like:` names, for an interface that stays without NumPy.

    python -m auralis_cli.services.likeness_ranking LIBRARY like:7 …

writes the ids of fingerprints to standard output as a JSON list, the nearest first; or why there are none.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError
from auralis_cli.json_form import failure, json_text
from auralis_cli.model.query import Query
from auralis_cli.model.query_words import Surroundings, parse_query
from auralis_cli.services.likeness import ranked
from auralis_cli.version import VERSION


def ranking_of(library: Path, words: list[str]) -> list[int]:
    """The ids; AuralisError where they cannot be had."""
    now = int(time.time())
    query = Query(like=parse_query(words, Surroundings(now)).like)
    with Store.open(library, program=VERSION, now=now, read_only=True) as store:
        return list(ranked(store, query).ranking or ())


def main() -> int:
    """The process."""
    try:
        said = json_text(ranking_of(Path(sys.argv[1]), sys.argv[2:]))
    except AuralisError as error:
        said = json_text(failure(None, error))
    sys.stdout.write(said)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    # At once: what was imported need not be taken apart.
    os._exit(main())
