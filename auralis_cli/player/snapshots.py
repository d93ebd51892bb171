"""The player as one frozen value."""

from __future__ import annotations

from auralis_cli.model.playback import Snapshot
from auralis_cli.player.engine import Engine
from auralis_cli.player.transport import Transport


def snapshot_of(transport: Transport, engine: Engine, device: str | None, rate_hz: int | None) -> Snapshot:
    """What can be seen at this moment; the player's lock has to be held."""
    now, sound, play_queue = transport.now(), transport.sound, transport.play_queue
    mark = now.mark
    queue = play_queue.queue
    return Snapshot(
        revision=transport.revision,
        state=transport.state,
        item=queue.current,
        track=now.track,
        stream=None if mark is None else mark.stream,
        position_s=now.position_s,
        duration_s=now.duration_s,
        volume=sound.volume,
        is_muted=sound.is_muted,
        normalize=sound.normalize,
        normalize_db=0.0 if mark is None else mark.normalize_db,
        is_enhanced=sound.is_enhanced,
        wish=sound.wish,
        plan_stage=mark.plan_stage if mark is not None and sound.hears_master else None,
        compared=sound.compared,
        repeat=queue.repeat,
        is_shuffled=queue.is_shuffled,
        consume=play_queue.consume,
        stop_after_current=play_queue.stop_after_current,
        crossfade_s=sound.crossfade_s,
        queue_index=queue.index,
        queue_length=len(queue.items),
        queue_revision=play_queue.revision,
        device=device,
        sample_rate_hz=rate_hz,
        underruns=engine.underruns,
        problem=transport.problem,
        levels=None if mark is None else mark.levels,
        mastered_levels=mark.mastered_levels if mark is not None and sound.hears_master else None,
        plan=None if mark is None else mark.plan,
        goes_by_taste=sound.goes_by_taste,
    )
