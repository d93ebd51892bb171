"""`auralis play [QUERY/PATH…]`: parses the wishes; the player is another's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import typer

from auralis_cli.commands.options import FilesFrom, NamesEndInNul, PlaylistWord
from auralis_cli.commands.play_options import (
    Bits,
    Crossfade,
    Device,
    Enhance,
    ExactRate,
    Force,
    Headless,
    Intensity,
    Latency,
    New,
    Normalize,
    OutputFile,
    Places,
    PresetWord,
    QuitAtEnd,
    Rate,
    ReferenceWord,
    Repeat,
    Shuffle,
    ShuffleAlbums,
    ShuffleSmart,
    Tilt,
    UsesTaste,
    Volume,
    Web,
    Width,
)
from auralis_cli.commands.play_tracks import tracks_named
from auralis_cli.commands.verb import Page, Session, is_said, session_of
from auralis_cli.config import find_preset
from auralis_cli.errors import NoPlayerError, UsageError
from auralis_cli.model.play_request import DeviceWishes, PlayRequest, PlayWishes
from auralis_cli.model.queue import ShuffleMode
from auralis_cli.model.source import STANDARD_STREAM, DecodeLimits, Destination

PAGE = Page(
    examples=(
        ("auralis play", "The terminal player, going on where the last one stopped, or over the one that runs."),
        ("auralis play ~/Music/album", "Play a folder in it."),
        ("auralis play --headless ~/Music/album", "Without a screen; ctl drives what plays."),
        ("auralis play --headless --shuffle genre:jazz year:1955..1965", "Tracks of the library, in any order."),
        ("auralis play --headless", "Go on where the last player stopped."),
        ("auralis play --headless --enhance --preset warm --normalize album live.flac", "Mastered while it plays."),
        ("auralis play --shuffle --playlist Running", "A playlist of the library."),
        ("auralis play ~/old/best.m3u", "A playlist of another program."),
        ("find . -name '*.flac' -print0 | auralis play --files-from - -0 --headless", "A list of any names."),
        ("auralis play album --output album.flac", "Write what would be heard, faster than it is heard."),
        ("auralis play album --enhance --output - | opusenc - album.opus", "The same, into a pipe."),
    ),
    exit_status=(
        (0, "Played until it was told to quit; left; handed to the player that runs; --output is written."),
        (1, "--output cannot be written, or the player failed."),
        (2, "Usage; or the --output FILE exists (see --force); or there is no terminal for the terminal player."),
        (3, "With --output: some tracks could not be played, and are left out."),
        (4, "Nothing of what was named can be played."),
        (5, "The library cannot be used."),
        (6, "There is no audio device."),
        (130, "Interrupted by Ctrl-C; of --output nothing stays."),
    ),
    details=(
        "In a terminal play shows what plays, the library, the queue and more, and plays in a process of its own, so "
        "that nothing that befalls the screen is heard. ? shows the keys (see also auralis-keys(1)), : takes commands, "
        "ctrl+p finds them, the mouse works. Where a player runs already, the screen is one over that, and tracks that "
        "are named are handed to it. q closes the screen; a player that was started with it ends as well, unless you "
        "want it to play on, which is asked while it plays (play.at_quit says it once for all). Where the terminal is "
        "lost, as when ssh breaks, the music does not stop: the player plays on, unless play.at_quit is end, and "
        "auralis play opens the screen again. What the player says is in player.log in the "
        "state folder. With --files-from - the keys come from the terminal.",
        "--web prints the address of a page that shows the same screen in a browser of this machine, until Ctrl-C. The "
        "address holds a key without which nobody, no other user and no other page, is let in. It needs "
        "the extra web, auralis-cli[web]: auralis-doctor(1) says how to get it.",
        "Tracks are played without a gap, and those of one album without a fade between them. Without QUERY or PATH "
        "the queue of the last time goes on at the track and the position where it stopped, also after a crash.",
        "One player runs for each user. Where it does, play hands its tracks to it: they are put behind its queue, and "
        "the first of them is played. Without tracks it is told to play on. Volume, mastering and whatever else is "
        "given on the command line holds for it as well. --new starts another player beside it, which ctl "
        "reaches by --player with its process number, and which keeps nothing: no queue, no position, no plays.",
        "--headless says each track on standard error when it begins, and stays when the queue has come to its end, "
        "stopped, until `auralis ctl quit`, Ctrl-C, SIGTERM or SIGHUP; --quit-at-end leaves then. Queue, position and "
        "settings are kept on every way out. A track that cannot be played is said and passed over; five in a row stop "
        "the player.",
        "A unit for systemd's user services comes along, share/systemd/user/auralis.service in the place of "
        "installation, which runs auralis play --headless from the login on: systemctl --user enable --now auralis. "
        "Where systemd does not look in that place, as with pipx or an environment of Python, it is made known first: "
        "systemctl --user link ~/.local/share/pipx/venvs/auralis-cli/share/systemd/user/auralis.service. It finds "
        "auralis in ~/.local/bin, /usr/local/bin and /usr/bin; journalctl --user -u auralis shows what it says.",
        "Volume, mastering, normalising, repeating and crossfade stay as they were the last time unless they are given "
        "here or set (see auralis-config(5)).",
        "What is mastered goes by what was learnt of your choices (see auralis-prefs(1)), as with auralis master, in "
        "what is neither given nor was changed before; auralis ctl status says what of that is heard. What you change "
        "while a track plays mastered, and hear for half a minute of it, is a choice for tracks of its kind. "
        "--no-preferences, ctl preferences off, or master.preferences in the settings, does without; --output never "
        "goes by it.",
        "--output writes what would be heard, with the mastering and the volume asked for, as fast as it can be "
        "computed: every track is analysed before it is rendered, and the result is the same on any machine. Volume "
        "is 100 and nothing is mastered or normalised unless asked for; of what the player keeps the queue alone is "
        "used, where no tracks are named, and nothing is changed. FILE is wav or flac by its name; - is WAV of 24 bits "
        "on standard output, with sizes of 0xFFFFFFFF, "
        "as its length is not known beforehand. Samples of up to 24 bits come through untouched; --bits 16 dithers. "
        "All is at the rate of the first track, unless --rate says otherwise, in stereo.",
    ),
    usage="[QUERY/PATH...]",
)

_OF_THE_PLAYER = ("headless", "quit_at_end", "device", "latency", "exact_rate", "new", "preferences")
_OF_OUTPUT = ("bits", "force")
_NOT_OF_THE_WEB = (*_OF_OUTPUT, "output", "headless", "quit_at_end", "new", "files_from")


def play(
    context: typer.Context,
    places: Places = None,
    headless: Headless = False,
    quit_at_end: QuitAtEnd = False,
    shuffle: Shuffle = False,
    shuffle_albums: ShuffleAlbums = False,
    shuffle_smart: ShuffleSmart = False,
    repeat: Repeat = None,
    enhance: Enhance = None,
    preset: PresetWord = None,
    intensity: Intensity = None,
    tilt: Tilt = None,
    width: Width = None,
    preferences: UsesTaste = None,
    reference: ReferenceWord = None,
    volume: Volume = None,
    normalize: Normalize = None,
    crossfade: Crossfade = None,
    device: Device = None,
    latency: Latency = 100.0,
    rate: Rate = None,
    exact_rate: ExactRate = False,
    new: New = False,
    web: Web = False,
    output: OutputFile = None,
    bits: Bits = None,
    force: Force = False,
    playlist: PlaylistWord = None,
    files_from: FilesFrom = None,
    null: NamesEndInNul = False,
) -> int:
    """Play tracks, without gaps, mastered while they play where that is asked for.

    Shows the terminal player. With --headless it is driven by auralis ctl, auralis queue and media keys alone;
    --output writes what would be heard. A second play hands its tracks to the player that runs.
    """
    session = session_of(context)
    kinds = {ShuffleMode.TRACKS: shuffle, ShuffleMode.ALBUMS: shuffle_albums, ShuffleMode.SMART: shuffle_smart}
    wishes = PlayWishes(volume, enhance, preset, intensity, normalize, repeat, crossfade, _one_of(kinds))
    wishes = replace(wishes, tilt_db=tilt, width_db=width, preferences=preferences)
    if preset is not None:
        find_preset(session.config, "--preset", preset)
    devices = DeviceWishes(device, latency / 1000.0, rate, exact_rate)
    _check_words(context, devices, writes=output is not None)
    if web:
        return _serve(context, session)
    if output is None and not headless:
        if quit_at_end:
            raise UsageError("--quit-at-end", "is for --headless only", "give --headless as well")
        from auralis_cli.commands.play_ui import can_show_a_screen, open_screen

        reads_names = files_from == STANDARD_STREAM
        if new or can_show_a_screen(session, reads_names=reads_names):
            return open_screen(context, session, new=new, reads_names=reads_names)
    tracks = tracks_named(session, places or (), files_from, names_end_in_nul=null, playlist=playlist)
    if reference is not None:
        wishes = _towards(context, wishes, reference)
    request = PlayRequest(tracks, wishes, devices)
    if output is not None:
        from auralis_cli.commands.play_output import write_output

        destination = Destination(None if str(output) == "-" else output)
        return write_output(session, request, destination, bits, force=force)
    return _play(context, session, request, new=new, begins=headless, quit_at_end=quit_at_end)


def _one_of(kinds: dict[ShuffleMode, bool]) -> ShuffleMode | None:
    wanted = [kind for kind, is_wanted in kinds.items() if is_wanted]
    if len(wanted) > 1:
        raise UsageError("--shuffle", "--shuffle-albums and --shuffle-smart exclude each other", "give one of them")
    return wanted[0] if wanted else None


def _check_words(context: typer.Context, devices: DeviceWishes, *, writes: bool) -> None:
    """Raises UsageError for options that are not for what is to be done."""
    if writes:
        _check_given(context, _OF_THE_PLAYER, "is not for --output")
    else:
        _check_given(context, _OF_OUTPUT, "is for --output only")
    if devices.rate_hz is not None and devices.exact_rate:
        raise UsageError("--exact-rate", "--rate says which rate it is", "give one of them")


def _serve(context: typer.Context, session: Session) -> int:
    """The screen in a browser."""
    _check_given(context, _NOT_OF_THE_WEB, "is not for --web")
    from auralis_cli.commands.play_ui import LOG_FILE, words_behind_verb
    from auralis_cli.commands.play_web import serve_screen

    words = (word for word in words_behind_verb(context, session.words) if word != "--web")
    return serve_screen(session, tuple(words), LOG_FILE)


def _towards(context: typer.Context, wishes: PlayWishes, reference: str) -> PlayWishes:
    """The wishes with what a master is to sound like; who names that means to hear it, whatever is merely set."""
    from auralis_cli.commands.master_sound import reference_named

    is_enhanced = wishes.is_enhanced if is_said(context, "enhance") else True
    named = reference_named(session_of(context), reference, DecodeLimits())
    return replace(wishes, reference=named, is_enhanced=is_enhanced)


def _check_given(context: typer.Context, options: Sequence[str], why: str) -> None:
    """Raises UsageError for the first of `options` that stands on the command line."""
    for option in options:
        if is_said(context, option):
            raise UsageError(f"--{option.replace('_', '-')}", why, "leave it out")


def _play(
    context: typer.Context, session: Session, request: PlayRequest, *, new: bool, begins: bool, quit_at_end: bool
) -> int:
    """Hands it to the player that runs, else plays where that is to begin one."""
    from auralis_cli.player.control_place import ControlClaim, claim_name, new_name
    from auralis_cli.services.hand_over import claim_or_reach, hand_over

    variables = session.output.variables
    found = (
        claim_name(new_name(os.getpid()), variables)
        if new
        else claim_or_reach(variables, session.cancel.raise_if_cancelled)
    )
    assert found is not None, "no other process has this one's number"
    if not isinstance(found, ControlClaim):
        _check_given(context, ("latency", "rate", "exact_rate", "quit_at_end"), "is not for the player that runs")
        try:
            with found as player:
                session.output.note(hand_over(request, player))
            return 0
        except NoPlayerError:
            # It was about to end: once it has, this one may be the player.
            found = claim_or_reach(variables, session.cancel.raise_if_cancelled)
            if not isinstance(found, ControlClaim):
                found.close()
                raise
    if not begins:
        found.release()
        raise UsageError("play", "needs a terminal that has a screen", "--headless plays without")
    from auralis_cli.commands.play_headless import play_headless

    return play_headless(session, request, found, keeps=not new, quit_at_end=quit_at_end)
