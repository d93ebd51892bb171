"""`auralis prefs …`: what was learnt of one's choices, shown, forgotten and handed on."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auralis_cli.commands.exported_file import opened_export, target_of
from auralis_cli.commands.group import SubVerb
from auralis_cli.commands.library import opened_library
from auralis_cli.commands.options import AsJson, DryRun, parse_path
from auralis_cli.commands.parsers import Parser
from auralis_cli.commands.verb import Page, Session, session_of
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.json_form import FORMAT_VERSION
from auralis_cli.kinds import Choice
from auralis_cli.model.preferences import Aspect, LearntFigure, LearntPreset, certainty, value_in_words
from auralis_cli.model.track_kinds import TrackKind
from auralis_cli.units import count_in_words

if TYPE_CHECKING:
    from auralis_cli.services.preferences import LearntKind, PreferenceImport

ABOUT = """Show what was learnt of your choices, forget it, hand it on.

Whoever says --preset, --intensity, --tilt, --width or --loudness to auralis master chooses. Of five choices or more
for a kind of track something is learnt, and used for the next one of that kind where nothing is said."""

_EXIT_STATUS = (
    (0, "Done, or there is nothing to do."),
    (1, "The file cannot be written."),
    (2, "Usage; or refused: an existing file without --force."),
    (4, "The file to import cannot be read, or holds no preferences, or those of a newer program."),
    (5, "The library cannot be used."),
)
_DETAILS = (
    "The kinds are speech, and music that is dense or open (peaks less than 11 dB above the loudness, or more), "
    "percussive or flowing (1.5 onsets a second), bright or dark (centred above 1.3 kHz). A run of master counts "
    "each kind once. The newest choice of a kind counts most, each before it a twentieth less; those for tracks that "
    "are rated count 0.5 (no star) to 1.5 (five). A choice is kept for a year, and the newest 10,000 are.",
    "Of a preset the one that most fell on is learnt; of figures the middle, loudness against what the preset has. "
    "The confidence is n/(n + 5), 0.9 at most, n being how much all choices count, times how far they agree. From "
    "0.3 on a preset is used, and figures times the confidence. Never where something is said or set, nor towards a "
    "reference, nor with --as-played; --no-preferences, or master.preferences in the settings, does without.",
)
PAGE = Page(
    examples=(
        ("auralis prefs show", "What was learnt, and how certain it is."),
        ("auralis prefs forget speech", "Nothing is known of speech any more."),
        ("auralis prefs export --to taste.json", "For another machine."),
    ),
    exit_status=_EXIT_STATUS,
    details=_DETAILS,
    alone="show",
)


def show(context: typer.Context, json: AsJson = False) -> int:
    """Show what was learnt of your choices.

    By kind of track: what is used where nothing is said, how certain it is, and of how many choices.
    """
    from auralis_cli.services.preferences import learnt_kinds

    session = session_of(context)
    with opened_library(session, read_only=True) as store:
        kinds = learnt_kinds(store, now=int(time.time()))
    if json:
        session.output.document({"auralis": FORMAT_VERSION, "items": [_document(one) for one in kinds]})
        return 0
    for one in kinds:
        _show_kind(session, one)
    if not kinds:
        session.output.note("nothing was chosen yet: auralis master learns of --preset, --intensity, --tilt and others")
    return 0


def forget(
    context: typer.Context,
    kind: Annotated[
        TrackKind | None,
        typer.Argument(
            metavar="KIND",
            parser=Parser("KIND", Choice(TrackKind, TrackKind)),
            help="A kind of track, as prefs show names it.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="What was chosen for any kind.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Forget what was chosen.

    For one kind of track, or all; auralis undo takes it back.
    """
    from auralis_cli.services import preferences

    session = session_of(context)
    if kind is None and not everything:
        raise UsageError("KIND", "is missing", "name a kind, or give --all")
    if kind is not None and everything:
        raise UsageError("--all", "is every kind", "leave KIND out")
    with opened_library(session, read_only=dry_run) as store:
        count = preferences.forget(store, kind, lambda: int(time.time()), dry_run=dry_run)
    if json:
        session.output.document({"kind": kind, "forgotten": count, "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count_in_words(count, 'choice')} forgotten")
    return 0


def export(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", parser=parse_path, help="Write FILE, not standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE; the one there goes to the trash.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Write what was chosen, as JSON.

    auralis prefs import reads it again, here or elsewhere. It names no tracks.
    """
    from auralis_cli.services.preference_documents import document_of
    from auralis_cli.services.preferences import export_to_file

    session = session_of(context)
    now = int(time.time())
    target = target_of(to, {"--force": force, "--dry-run": dry_run, "--json": json})
    if target is None:
        with opened_library(session, read_only=True) as store:
            session.output.exact(document_of(store.preferences.all(now=now)).decode("ascii"), "")
        return 0
    if os.path.lexists(target) and not force:
        raise RefusedError(str(to), "exists", "--force moves it to the trash")
    with opened_library(session, create=not dry_run, read_only=dry_run) as store:
        count = export_to_file(store, target, lambda: now, dry_run=dry_run)
    if json:
        session.output.document({"path": str(to), "exported": count, "dry_run": dry_run})
    else:
        session.output.result(f"{'dry run: ' if dry_run else ''}{count_in_words(count, 'choice')} exported")
    return 0


def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=parse_path, help="What prefs export wrote; - is stdin.")
    ],
    force: Annotated[bool, typer.Option("--force", help="In the place of what was chosen here.")] = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> int:
    """Take over what was chosen elsewhere.

    It is added to what was chosen here, or takes its place: all of it, or nothing. auralis undo takes it back.
    """
    from auralis_cli.services.preference_documents import read_document
    from auralis_cli.services.preferences import import_observations

    session = session_of(context)
    now = int(time.time())
    with opened_export(session, str(file)) as stream:
        found = read_document(stream, str(file), now=now)
    with opened_library(session, create=not dry_run, read_only=dry_run) as store:
        done = import_observations(store, found, lambda: now, instead=force, dry_run=dry_run)
    if json:
        session.output.document(
            {"added": done.added, "known": done.known, "forgotten": done.forgotten, "dry_run": dry_run}
        )
    else:
        _tell_import(session, done, dry_run=dry_run)
    return 0


def _tell_import(session: Session, done: PreferenceImport, *, dry_run: bool) -> None:
    said = [f"{count_in_words(done.added, 'choice')} added"]
    said += [f"{done.known:,} were there"] if done.known else []
    said += [f"{done.forgotten:,} forgotten for them"] if done.forgotten else []
    session.output.result(f"{'dry run: ' if dry_run else ''}{', '.join(said)}")


def _learnt(one: LearntKind) -> Sequence[tuple[Aspect, LearntPreset | LearntFigure]]:
    found = ((aspect, getattr(one.taste, aspect.value)) for aspect in Aspect)
    return [(aspect, learnt) for aspect, learnt in found if learnt is not None]


def _value(learnt: LearntPreset | LearntFigure) -> str | float:
    return learnt.name if isinstance(learnt, LearntPreset) else learnt.value


def _document(one: LearntKind) -> Mapping[str, object]:
    learnt = {
        aspect.value: {"value": _value(found), "confidence": found.confidence, "choices": found.choices}
        for aspect, found in _learnt(one)
    }
    return {
        "kind": one.taste.kind,
        "choices": one.choices,
        **{aspect.value: learnt.get(aspect.value) for aspect in Aspect},
    }


def _show_kind(session: Session, one: LearntKind) -> None:
    output = session.output
    kind = output.styled(one.taste.kind.value, "bold")
    output.result(f"{kind}  {output.styled(count_in_words(one.choices, 'choice'), 'dim')}")
    learnt = _learnt(one)
    for aspect, found in learnt:
        output.result(f"  {value_in_words(aspect, _value(found))}, {certainty(found.confidence, found.choices)}")
    if not learnt:
        output.result("  nothing that is certain enough")


VERBS = {
    "show": SubVerb(
        "Show what was learnt of your choices.",
        show,
        Page(
            (("auralis prefs show", "By kind of track."), ("auralis prefs show --json | jq .items", "For a program.")),
            _EXIT_STATUS,
        ),
    ),
    "forget": SubVerb(
        "Forget what was chosen.",
        forget,
        Page(
            (
                ("auralis prefs forget open-flowing-dark", "For one kind of track."),
                ("auralis prefs forget --all -n", "How much all of it is."),
            ),
            _EXIT_STATUS,
        ),
    ),
    "export": SubVerb(
        "Write what was chosen, as JSON.",
        export,
        Page((("auralis prefs export --to taste.json", "Into a file."),), _EXIT_STATUS),
    ),
    "import": SubVerb(
        "Take over what was chosen elsewhere.",
        import_,
        Page(
            (
                ("auralis prefs import taste.json -n", "What that would add."),
                ("auralis prefs import taste.json --force", "In the place of what was chosen here."),
            ),
            _EXIT_STATUS,
        ),
    ),
}
