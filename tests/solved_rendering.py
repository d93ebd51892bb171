"""A track rendered by a plan that was solved for something else: an album, of which it is the uncut recording."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from auralis_cli.audio import replay
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.replay import ReplayableAudio
from auralis_cli.model.mastering import MasteringPlan, MasterRequest, SolvedPlan
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services.passes import BlockWriter, Rendering


def render_as_solved(request: MasterRequest, solved: SolvedPlan, writer: BlockWriter) -> None:
    """Writes the master of the request's source into `writer`."""

    def as_solved(_plan: MasteringPlan, *_others: object) -> MasteringPlan:
        return solved.plan

    undrawn = replace(solved.plan, levels=None)
    with (
        closing(ReplayableAudio(lambda: open_audio(request.source))) as audio,
        closing(Rendering(audio, undrawn, request, SilentProgress(), CancelToken(), as_solved)) as rendering,
    ):
        # How long it is has to be known.
        for _ in audio.blocks(replay.BLOCK_FRAMES):
            pass
        rendering.solve()
        rendering.write(solved, writer)
