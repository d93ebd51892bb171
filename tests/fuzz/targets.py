"""All parsers of ours that are fuzzed, by name."""

from __future__ import annotations

from fuzz import document_targets, list_targets, protocol_targets, word_targets
from fuzz.judging import Target

TARGETS: dict[str, Target] = {
    one.name: one
    for one in (*list_targets.TARGETS, *word_targets.TARGETS, *document_targets.TARGETS, *protocol_targets.TARGETS)
}
