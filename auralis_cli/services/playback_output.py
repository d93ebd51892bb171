"""A queue as it would be heard, in a file or on standard output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auralis_cli.audio.pipes import WhileRead
from auralis_cli.audio.wav_pipe import WavPipeWriter
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError
from auralis_cli.model.audio import OutputFormat
from auralis_cli.model.playback import PlayerSettings
from auralis_cli.model.presets import Preset
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.queue import Queue, ShuffleMode
from auralis_cli.model.source import Destination, StandardStreams
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.live_plans import LivePlans, plans_folder
from auralis_cli.services.playback_rendering import PlaybackRender, RenderedPlayback
from auralis_cli.services.publishing import publish
from auralis_cli.services.shuffling import QueueShuffler
from auralis_cli.services.track_lookup import LibraryTrackLookup


@dataclass(frozen=True, slots=True)
class PlaybackOutputRequest:
    """What is to be written."""

    queue: Queue
    settings: PlayerSettings
    # At the rate of the first track where `rate_hz` is None, whatever rate stands in it.
    output: OutputFormat
    destination: Destination
    rate_hz: int | None = None
    shuffle: ShuffleMode | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class WrittenPlayback:
    """What was rendered, and the file it became."""

    rendered: RenderedPlayback
    rate_hz: int
    # None on standard output.
    published: PublishedFile | None


def write_playback(
    request: PlaybackOutputRequest,
    library: Path | None,
    presets: Mapping[str, Preset],
    streams: StandardStreams,
    progress: ProgressSink,
    cancel: CancelToken,
) -> WrittenPlayback:
    """Renders the queue from its first item on; what fails leaves nothing.

    Raises InputError where nothing can be played, OutputError where it cannot be written, and BrokenPipeError where
    nobody reads any more: nothing further is rendered then.
    """
    stdout = streams.stdout
    if request.destination.path is None:
        if stdout is None:
            raise OutputError("standard output", "is closed")
        cancel = WhileRead(cancel, stdout)
    queue = request.queue
    if request.shuffle is not None:
        shuffler = QueueShuffler(library)
        queue = queue.jump(shuffler.start_in(queue, request.shuffle))
        queue = queue.shuffle(shuffler(queue, request.shuffle))
    plans = LivePlans(presets, plans_folder(), library)
    try:
        render = PlaybackRender(queue, request.settings, LibraryTrackLookup(library), plans, progress, cancel)
        rate_hz = request.rate_hz or render.natural_rate_hz()
        output = replace(request.output, sample_rate_hz=rate_hz)
        if request.destination.path is None and stdout is not None:
            pipe = WavPipeWriter(stdout, output, None)
            rendered = render.write(rate_hz, pipe)
            pipe.close()
            return WrittenPlayback(rendered, rate_hz, None)
        assert request.destination.path is not None
        return _into_file(render, output, request.destination.path, force=request.force)
    finally:
        plans.close()


def _into_file(render: PlaybackRender, output: OutputFormat, path: Path, *, force: bool) -> WrittenPlayback:
    with AtomicWriter(path, output) as writer:
        rendered = render.write(output.sample_rate_hz, writer)
        published = publish(writer, path, rendered.frames, force=force)
    return WrittenPlayback(rendered, output.sample_rate_hz, published)
