"""Our words are those of SQLite's index, wherever we say so."""

from __future__ import annotations

import sqlite3

from auralis_cli.db.text_functions import folded_words, reads_alike


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
