"""The words of a query on the command line, as they are meant here and now."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from auralis_cli.model.fields import TRACK_FIELDS, FieldTable
from auralis_cli.model.query import Query
from auralis_cli.model.query_words import Surroundings, parse_query


def asked_query(words: Sequence[str] | None, sorted_fields: FieldTable = TRACK_FIELDS) -> Query:
    """The query that they write; without any, everything. Raises UsageError where it cannot be served."""
    return parse_query(words or (), Surroundings(int(time.time()), os.path.exists, sorted_fields))
