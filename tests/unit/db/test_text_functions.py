"""Our words are those of SQLite's index, wherever we say so."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter

import pytest

from auralis_cli.db.store import Store
from auralis_cli.db.text_functions import TextFunctions, folded_words, reads_alike


def test_letters_that_read_alike_are_the_same_words_to_the_index() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5vocab (words, 'row')")
    alike = [letter for letter in map(chr, range(32, 0x300)) if reads_alike(letter)]
    for letter in alike:
        text = f"a{letter}b {letter}"
        connection.execute("DELETE FROM words")
        connection.execute("INSERT INTO words VALUES (?)", (text,))
        terms = {term for (term,) in connection.execute("SELECT term FROM found")}
        assert terms == set(folded_words(text).split()), letter
    connection.close()
    assert len(alike) > 250
    assert not any(map(reads_alike, "ßıﬁſ½²日"))


@pytest.mark.invariant("S2-u5")
def test_a_pattern_that_is_asked_for_again_and_again_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others are asked for between: what goes is what nobody has asked for longest."""
    made: Counter[str] = Counter()
    compiled = re.compile

    def noted(pattern: str) -> re.Pattern[str]:
        made[pattern] += 1
        return compiled(pattern)

    monkeypatch.setattr(re, "compile", noted)
    with Store.empty(program="test", now=1) as store:
        TextFunctions(store.database)
        for number in range(300):
            for pattern in ("again and again", f"once {number}"):
                assert list(store.database.all("SELECT pattern_found(?, ?)", (pattern, pattern))) == [(1,)]
    assert made["again and again"] == 1
    assert made["once 0"] == 1
