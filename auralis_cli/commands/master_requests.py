"""From the words of `auralis master` to requests: what goes where, and what is refused before any work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.commands.inputs import Asked, Input, inputs_of, is_folder
from auralis_cli.commands.standard_streams import check_standard_output
from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, OutputError, RefusedError, UsageError
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import AudioSource, Destination

# Of a batch, unless --to says otherwise: whatever comes in, nothing more is lost.
BATCH_FORMAT = "flac"


def request_of_one(
    session: Session, asked: Asked, wishes: MasterRequest, *, as_json: bool, dry_run: bool
) -> MasterRequest:
    """The request of `master IN OUT`. Raises UsageError where that is not what was asked."""
    if asked.names_from is not None or asked.names_end_in_nul:
        raise UsageError("--files-from", "many inputs need a folder for the results", "give --out-dir")
    if len(asked.sources) != 2:
        hint = "name IN and OUT, or any number of IN and --out-dir"
        why = "is missing" if len(asked.sources) < 2 else f"{len(asked.sources)} names were given"
        raise UsageError("IN" if not asked.sources else "OUT", why, hint)
    named, out = asked.sources
    inputs = inputs_of(session, replace(asked, sources=(named,)))
    if named.path is not None and is_folder(named.path):
        raise RefusedError(named.name, "is a folder", "--out-dir masters all in it")
    if len(inputs.found) != 1:
        raise UsageError(named.name, f"holds {len(inputs.found)} tracks", "--out-dir takes many results")
    source = inputs.found[0]
    if isinstance(source, AuralisError):
        raise source
    request = replace(wishes, source=source, destination=Destination(out.path))
    check_wishes(request)
    if out.path is None:
        # A dry run writes no audio.
        if not dry_run:
            check_standard_output(session, as_json=as_json)
    else:
        if out.path.is_dir():
            raise RefusedError(str(out.path), "is a folder", "name a file in it, or give --out-dir")
        check_folder(out.path)
    return request


def requests_of_batch(
    session: Session, asked: Asked, wishes: MasterRequest, out_dir: Path
) -> list[MasterRequest | AuralisError]:
    """One request for every input below `out_dir`; inputs that cannot be worked on keep their place."""
    from auralis_cli.audio.formats import format_named
    from auralis_cli.services.mirror import mirrored

    if out_dir.exists() and not out_dir.is_dir():
        raise RefusedError(str(out_dir), "is not a folder")
    everything = inputs_of(session, asked)
    inputs = _without_repeats(session, everything.found)
    sources = [one for one in inputs if isinstance(one, AudioSource)]
    if any(source.path is None for source in sources):
        raise UsageError("-", "standard input has no name to call the result after", "name OUT instead of --out-dir")
    key = wishes.format or BATCH_FORMAT
    if not sources:
        return [one for one in inputs if isinstance(one, AuralisError)]
    extension = format_named(key).extensions[0]
    outputs = iter(mirrored(sources, out_dir, extension, everything.folders))
    taken = {_real(source.path) for source in sources if source.path is not None}
    wishes = replace(wishes, format=key, make_folders=True)
    check_wishes(replace(wishes, source=sources[0], destination=Destination(out_dir / f"any{extension}")))
    return [one if isinstance(one, AuralisError) else _request(one, next(outputs), wishes, taken) for one in inputs]


def check_wishes(request: MasterRequest) -> None:
    """Raises UsageError where the format cannot be written, or not as wished."""
    from auralis_cli.audio.output_choice import output_choice

    output_choice(request)


def check_folder(path: Path) -> None:
    """Raises OutputError where the folder of `path` does not exist."""
    if not path.parent.is_dir():
        raise OutputError(str(path), "its folder does not exist")


def _request(
    source: AudioSource, output: Path, wishes: MasterRequest, inputs: set[Path]
) -> MasterRequest | AuralisError:
    if _real(output) in inputs:
        return RefusedError(
            source.name, f"its result {output} would take the place of an input", "use another --out-dir"
        )
    return replace(wishes, source=source, destination=Destination(output))


def _without_repeats(session: Session, inputs: Sequence[Input]) -> list[Input]:
    """The same file named twice is one input."""
    kept: dict[object, Input] = {}
    for one in inputs:
        kept.setdefault((one.path and _real(one.path), one.cue) if isinstance(one, AudioSource) else id(one), one)
    if repeats := len(inputs) - len(kept):
        session.output.note(f"named more than once, and done once: {repeats} of {len(inputs)} inputs")
    return list(kept.values())


def _real(path: Path) -> Path:
    return path.resolve()
