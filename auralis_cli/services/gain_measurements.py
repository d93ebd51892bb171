"""What many files measure: what is known of their audio, the rest by worker processes, in the order of the files."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from auralis_cli.audio.track_file import full_hash
from auralis_cli.errors import AuralisError, CancelledError, InputError
from auralis_cli.model.progress import BatchProgressSink, CancelToken, OneOfBatch
from auralis_cli.model.replaygain import GainMeasurement
from auralis_cli.services.gain_albums import GainFile
from auralis_cli.services.measured_gains import MeasuredGains

Measured = GainMeasurement | AuralisError


def measurements(
    files: Sequence[GainFile],
    kept: MeasuredGains,
    sink: BatchProgressSink,
    cancel: CancelToken,
    *,
    again: bool,
    jobs: int,
    stall_s: float,
) -> Generator[Measured]:
    """One for each file; what is `kept` is not measured, unless `again`. What fails is a value.

    Raises CancelledError when asked to stop.
    """
    # Only whether it is known: thousands of measurements are not held at once.
    known = {} if again else dict(_kept(files, kept, cancel))
    unknown = [file for file in files if file.path not in known]
    with closing(_new(unknown, sink, cancel, jobs=jobs, stall_s=stall_s)) as new:
        for file in files:
            cancel.raise_if_cancelled()
            if file.path in known:
                yield _known(file, known[file.path], kept, sink, cancel)
                continue
            measured = next(new)
            if isinstance(measured, GainMeasurement):
                kept.put(file.content_id, measured)
            yield measured


def _kept(files: Sequence[GainFile], kept: MeasuredGains, cancel: CancelToken) -> Iterator[tuple[str, str]]:
    """The paths of those that are kept, each with the hash that proves it."""
    for file in files:
        cancel.raise_if_cancelled()
        proof: list[str] = []

        def audio_hash(path: str = file.path, proof: list[str] = proof) -> str | None:
            try:
                proof.append(full_hash(path, cancel.raise_if_cancelled))
            except InputError:
                # Gone, or changed just now: as measuring it will tell.
                return None
            return proof[0]

        if kept.get(file.content_id, audio_hash) is not None:
            yield file.path, proof[0]


def _known(
    file: GainFile, audio_hash: str, kept: MeasuredGains, sink: BatchProgressSink, cancel: CancelToken
) -> Measured:
    # The cache is bounded, and may have let go of it since.
    return kept.get(file.content_id, lambda: audio_hash) or _alone(file, sink, cancel)


def _new(
    files: Sequence[GainFile], sink: BatchProgressSink, cancel: CancelToken, *, jobs: int, stall_s: float
) -> Generator[Measured]:
    if len(files) == 1:
        yield _alone(files[0], sink, cancel)
    elif files:
        # They bring NumPy, which a run that measures nothing can do without.
        from auralis_cli.services.batch import Item, run_batch
        from auralis_cli.services.gain_measuring import measure_for_gain

        items = [Item(file.source.name, measure_for_gain, (file.source,)) for file in files]
        with closing(run_batch(items, jobs, stall_s, sink, cancel)) as outcomes:
            yield from _values(outcome.result if outcome.error is None else outcome.error for outcome in outcomes)


def _values(found: Iterator[GainMeasurement | AuralisError | None]) -> Iterator[Measured]:
    for one in found:
        assert one is not None
        yield one


def _alone(file: GainFile, sink: BatchProgressSink, cancel: CancelToken) -> Measured:
    """In this process: starting another would take longer than most files do."""
    from auralis_cli.services.gain_measuring import measure_for_gain

    try:
        return measure_for_gain(file.source, OneOfBatch(file.source.name, sink), cancel)
    except CancelledError:
        raise
    except AuralisError as error:
        return error
