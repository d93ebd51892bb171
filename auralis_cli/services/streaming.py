"""A master to standard output: WAV as it is rendered, everything else once it is complete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from auralis_cli.audio.wav_pipe import WavPipeWriter, write_all
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.errors import OutputError
from auralis_cli.model.audio import OutputFormat
from auralis_cli.model.mastering import MasterRequest, SolvedPlan
from auralis_cli.model.source import AudioSource
from auralis_cli.services.encoding import Encoded, encode

if TYPE_CHECKING:
    from auralis_cli.services.passes import Rendering

_PIECE_BYTES = 1 << 20


def write_stream(
    rendering: Rendering,
    solved: SolvedPlan,
    request: MasterRequest,
    output: OutputFormat,
    frames: int,
    stdout: BinaryIO | None,
) -> Encoded:
    """Renders to `stdout`; returns what was measured on the result, and warnings.

    Raises OutputError where it is closed or full, BrokenPipeError where nobody reads any more: no further
    block is then rendered.
    """
    if stdout is None:
        raise OutputError("standard output", "is closed")
    if output.format == "wav":
        pipe = WavPipeWriter(stdout, output, frames)
        measured = rendering.write(solved, pipe)
        pipe.close()
        return Encoded(measured, solved)
    # Other formats go back to their beginning in the end, and tags go in front.
    with AtomicWriter(None, output, expected_frames=frames) as writer:
        encoded = encode(rendering, solved, writer, output, lambda: rendering.measure_written(writer.temporary_path))
        warnings = copy_source_tags(request.source, writer.temporary_path)
        with writer.finish(expected_frames=frames).open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                write_all(stdout, piece)
    return replace(encoded, warnings=(*encoded.warnings, *warnings))


def copy_source_tags(source: AudioSource, temporary: Path) -> tuple[str, ...]:
    """Puts the tags of a source that has any onto a finished file; returns warnings."""
    if source.path is None or source.raw is not None:
        return ()
    from auralis_cli.audio.tags import copy_tags

    if source.cue is None:
        return copy_tags(source.path, temporary)
    # Of a track the sheet knows more than the file.
    return copy_tags(source.path, temporary, source.cue.tags, of_part=not source.cue.is_whole_file)
