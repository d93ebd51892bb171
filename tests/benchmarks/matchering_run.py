"""Runs matchering, in its own environment.    Usage: matchering_run.py TARGET REFERENCE OUT"""

from __future__ import annotations

import sys

import matchering

matchering.process(target=sys.argv[1], reference=sys.argv[2], results=[matchering.pcm24(sys.argv[3])])
