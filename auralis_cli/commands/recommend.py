"""`auralis recommend PATH`: which preset and intensity suit a track, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import typer

from auralis_cli.commands.inputs import Asked, inputs_of
from auralis_cli.commands.items import Display, Manner, Task, run_items
from auralis_cli.commands.mastering_text import analysis_origin, preferences_of
from auralis_cli.commands.options import (
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_DURATION_S,
    DEFAULT_STALL_TIMEOUT_S,
    AsJson,
    AsJsonLines,
    AudioFiles,
    FilesFrom,
    Jobs,
    MaxDuration,
    MaxSize,
    NamesEndInNul,
    StallTimeout,
)
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import InputError
from auralis_cli.model.degraded import degradations
from auralis_cli.model.recommendation import Recommended, RecommendReport
from auralis_cli.model.recommendation_rules import LEAST_INTENSITY, RESTRAINTS, SIGNS, SPEECH_LESS, TellingSign
from auralis_cli.model.source import DecodeLimits
from auralis_cli.output import Output
from auralis_cli.terminal_text import align, printable


def _signs_in_words() -> str:
    return " ".join(f"{preset}: {_bounds(signs)}." for preset, signs in SIGNS.items())


def _restraints_in_words() -> str:
    parts = [f"up to {one.less:g} for {_bounds(one.signs)}" for one in RESTRAINTS]
    return (
        f"{'; '.join(parts)}; and {SPEECH_LESS:g} for speech. It is never less than {LEAST_INTENSITY:g}, but 0 for "
        "what is silent or shorter than 0.4 s."
    )


def _bounds(signs: Sequence[TellingSign]) -> str:
    return ", ".join(f"{sign.measured} {sign.begins:g} to {sign.plain:g}" for sign in signs)


PAGE = Page(
    examples=(
        ("auralis recommend song.flac", "What suits it, and why."),
        ("auralis recommend --jsonl artist:air", "A line of JSON for each track of the library that a query finds."),
        (
            'auralis master --preset "$(auralis recommend --json in.wav | jq -r .preset)" in.wav out.flac',
            "Do as it says.",
        ),
    ),
    exit_status=(
        (0, "Something is recommended for every input."),
        (2, "Usage."),
        (3, "Some inputs failed; the others are done."),
        (4, "No input could be read: it is missing, damaged, not audio, a folder, a device or a named pipe."),
        (130, "Interrupted."),
    ),
    details=(
        "What was learnt of your choices for such tracks (see auralis-prefs(1)) is told beside it: that is what "
        "auralis master uses where no preset and no intensity are given.",
        "What scan --fingerprint or fingerprint have stored of a file's audio is not measured again.",
        "For each preset there are signs: things measured that speak for it, each not at all up to a first bound and "
        "fully from a second. A preset is worth what its weakest sign says. " + _signs_in_words(),
        "adaptive, which leans to no side, is worth what the best of the others lacks; speech, and more than two "
        "channels, are left to it.",
        "Intensity is 1, less what speaks against doing much, of which again the weakest sign counts: "
        + _restraints_in_words(),
        "Confidence is what the preset is worth, less half of what the second is worth; it is halved towards a length "
        "of 5 s, and whole from 30 s. The rules are arithmetic: nobody has listened to what comes of them.",
    ),
)

_WIDTHS = (8, 9, 10)
_TITLES = {Recommended.PRESET: "because", Recommended.INTENSITY: "held back, as"}


def recommend(
    context: typer.Context,
    paths: AudioFiles = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
    jobs: Jobs = None,
    stall_timeout: StallTimeout = DEFAULT_STALL_TIMEOUT_S,
    max_duration: MaxDuration = DEFAULT_MAX_DURATION_S,
    max_size: MaxSize = DEFAULT_MAX_BYTES,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> int:
    """Say which preset and intensity suit a track, and why.

    One track is shown with the reasons, several as one line each; --json has the reasons of all. Judged by the
    track's fingerprint and loudness: as the library has them, else measured now. Nothing is changed.
    """
    session = session_of(context)
    limits = DecodeLimits(max_duration, max_size)
    inputs = inputs_of(session, Asked(paths or (), files_from, null, limits, None, folders=False))
    output = session.output
    display = Display(document_of, partial(show, output), partial(show_row, output), partial(_show_head, output))
    work, library = _work(session, alone=inputs.alone), session.library_path
    tasks = [one if isinstance(one, InputError) else Task(one, work, (one, library)) for one in inputs.found]
    manner = Manner(json, jsonl, jobs, stall_timeout)
    return run_items(session, tasks, display.for_(len(tasks)), manner, alone=inputs.alone).exit_code


def _work(session: Session, *, alone: bool) -> Callable[..., RecommendReport]:
    from auralis_cli.services.preferences import learnt_taste
    from auralis_cli.services.recommend import recommend_file

    uses_taste = session.config.value("master.preferences")
    taste = learnt_taste(session.library_path, session.config.presets, now=int(time.time())) if uses_taste else None
    work = partial(recommend_file, taste=taste)
    # Streams stay with this process, and so does the work on them.
    return partial(work, streams=session.streams) if alone else work


def document_of(report: RecommendReport) -> Mapping[str, object]:
    """The JSON of one track."""
    found = report.recommendation
    return {
        "path": report.source.name,
        "preset": found.preset,
        "intensity": found.intensity,
        "confidence": found.confidence,
        "reasons": found.reasons,
        "scores": {one.preset: one.score for one in found.scores},
        "preferences": preferences_of(report.taste),
        "analysis": analysis_origin(is_stored=report.is_stored),
        "warnings": report.warnings,
        "degraded": degradations(report.warnings),
    }


def show(output: Output, report: RecommendReport) -> None:
    """The recommendation with its reasons."""
    found = report.recommendation
    output.detail(f"{report.source}: analysis {'of the library' if report.is_stored else 'made now'}")
    output.result(output.styled(printable(report.source.name), "bold"))
    output.result()
    for name, text in (
        ("preset", output.styled(found.preset, "bold")),
        ("intensity", f"{found.intensity:g}"),
        ("confidence", f"{found.confidence:.2f}"),
    ):
        output.result("  " + align((name, text), (13, 0)))
    for about, title in _TITLES.items():
        texts = [reason.text for reason in found.reasons if reason.about is about]
        for number, text in enumerate(texts):
            output.result("  " + align(("" if number else title, text), (13, 0)))
    for number, part in enumerate(() if report.taste is None else report.taste.parts):
        output.result("  " + align(("" if number else "your taste", part), (13, 0)))


def _show_head(output: Output) -> None:
    head = align(("preset", "intensity", "confidence"), _WIDTHS, right=(1, 2))
    output.result(output.styled(f"{head}  file", "dim"))


def show_row(output: Output, report: RecommendReport) -> None:
    """One line of several."""
    found = report.recommendation
    cells = (found.preset, f"{found.intensity:g}", f"{found.confidence:.2f}")
    output.result(f"{align(cells, _WIDTHS, right=(1, 2))}  {printable(report.source.name)}")
