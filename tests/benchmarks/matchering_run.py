"""Runs matchering, in its own environment.

Usage: matchering_run.py TARGET REFERENCE OUT [UNLIMITED]        UNLIMITED: before its limiter, its peak at full scale
"""

from __future__ import annotations

import sys

import matchering

results = [matchering.pcm24(sys.argv[3])]
if len(sys.argv) > 4:
    results.append(matchering.Result(sys.argv[4], "PCM_24", use_limiter=False, normalize=True))
matchering.process(target=sys.argv[1], reference=sys.argv[2], results=results)
