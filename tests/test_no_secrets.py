"""Nothing that opens a door lies in the tree or in what is packed from it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import REPOSITORY

# Keys and tokens as those who give them out shape them, and values given to names that say what they are.
SHAPES = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|pypi-AgE[\w-]{50,})"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}\b|\bxox[abprs]-[\w-]{10,}"),
    "a name and a password in an address": re.compile(
        r"\b[a-z]+://(?!\S*[@.](?:example|invalid|test|localhost))[^/\s:@'\"{}<>]+:[^/\s:@'\"{}<>]{3,}@"
    ),
}
NAMED = re.compile(r"(?i)\b[\w.]*(?:password|passwd|secret|api_?key|token)\b\s*[:=]\s*[\"']([^\"'\s]{16,})[\"']")
# Text of a token has more than this of disorder a letter; words and paths have less.
_LEAST_BITS = 4.0
_LEFT_OUT = {".git", "build", "__pycache__", ".hypothesis", "node_modules"}
_TEXT = {
    ".py",
    ".toml",
    ".md",
    ".sh",
    ".txt",
    ".cfg",
    ".yml",
    ".yaml",
    ".json",
    ".service",
    ".fish",
    ".bash",
    ".svg",
    "",
}


def files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        is_cache = path.name.startswith(".") and path.name.endswith("_cache")
        if path.name in _LEFT_OUT or is_cache or path.name.startswith(".venv"):
            continue
        if path.is_dir():
            yield from files_of(path)
        elif path.suffix in _TEXT or path.suffix.removeprefix(".").isdigit():
            yield path


def disorder_bits(text: str) -> float:
    """Shannon's entropy of its letters."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def secrets_in(text: str) -> list[str]:
    found = [name for name, shape in SHAPES.items() if shape.search(text)]
    found += [f"a value of {match[0][:24]}" for match in NAMED.finditer(text) if disorder_bits(match[1]) > _LEAST_BITS]
    return found


@pytest.mark.invariant("S0-M02")
def test_no_key_and_no_token_lies_in_the_tree() -> None:
    """What is packed is a part of it."""
    paths = list(files_of(REPOSITORY))
    assert len(paths) > 500
    found = {str(path): secrets_in(path.read_text(errors="replace")) for path in paths if path != Path(__file__)}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        "ghp_" + "a1B2" * 9,
        "AKIA" + "ABCDEFGH12345678",
        "https://me:letmein" + "@music.org/",
        'API_KEY = "' + "q9Zx7Lm2Vb8Tn4Rk6Wj1" + '"',
    ],
)
def test_such_things_are_found(text: str) -> None:
    assert secrets_in(text)


@pytest.mark.parametrize(
    "text", ['token = "the-token-of-a-test-server"', "see https://example.org:8080/a@b", "Token {TOKEN}"]
)
def test_words_are_no_secrets(text: str) -> None:
    assert secrets_in(text) == []
